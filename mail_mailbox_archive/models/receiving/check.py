from odoo import api, models
from odoo.exceptions import UserError

#: Seconds that a person waits for the check of one mailbox; the rest goes on behind.
PATIENCE = 20


class MailMailbox(models.Model):
    """ "Check for new emails": a check that a person asks for."""

    _inherit = "mail.mailbox"

    def action_check(self):
        """Check these mailboxes now: one at once, several in the background."""
        self.check_access("read")
        # sudo: whoever sees a mailbox may have it checked, also without changing it
        mailboxes = self.sudo().filtered(lambda m: m.active and m.imap_enabled)
        if not mailboxes:
            raise UserError(
                self.env._(
                    "There is nothing to check: no active mailbox receives emails. "
                    "Set one up under Mail, Email mailboxes."
                )
            )
        if len(mailboxes) == 1:
            return mailboxes._check_at_once()
        mailboxes._request_check(self.env.uid)
        # sudo: any user may wake the scheduled action, which does what it always does
        self.env.ref("mail_mailbox_archive.ir_cron_poll_1").sudo()._trigger()
        return self._get_notification(
            "info",
            self.env._(
                "%s mailboxes are being checked. You will be notified of the result.",
                len(mailboxes),
            ),
        )

    @api.model
    def action_check_all(self):
        """Check every mailbox whose contents the user may read."""
        return self.search(self._get_readable_domain()).action_check()

    def _request_check(self, user_id):
        """Make the mailboxes due now, also those that had stopped."""

        def work(env):
            env["mail.mailbox"].browse(self.ids).write(
                {"next_poll_at": False, "stopped": False, "check_requested_by": user_id}
            )

        self._transact(work)

    def _check_at_once(self):
        self._request_check(False)
        polls = self._poll(PATIENCE, only=self.ids)
        if not polls:
            return self._get_notification(
                "info", self.env._("%s is already being checked.", self.email)
            )
        person, arrived = self.env.uid, sum(poll.arrived for poll in polls)
        lang = self.env.lang

        def work(env):
            mailbox = env["mail.mailbox"].browse(self.ids).with_context(lang=lang)
            # sudo: in the words that this person may read, who may see the mailbox
            mailbox = mailbox.with_user(person).sudo()
            failing = mailbox.filtered("error_code")
            return bool(failing), mailbox._get_result_sentence(arrived, failing)

        # in a new transaction: this request's one does not see the result yet
        failed, sentence = self._transact(work)
        return self._get_notification("warning" if failed else "success", sentence)

    @api.model
    def _get_notification(self, kind, message, following=None):
        """Return an action that shows ``message``, then does ``following``.

        :param kind: success, info, warning or danger
        :param following: an action; what is seen is read again unless given
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": following
                or {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _tell_askers(self, polls):
        """Tell people who asked for a check in the background what came of it."""
        by_user = {}
        for poll in polls:
            if poll.asked_by:
                by_user.setdefault(poll.asked_by, []).append(poll)
        for user_id, asked in by_user.items():
            self._transact(
                lambda env, user_id=user_id, asked=asked: env["mail.mailbox"]
                .browse([poll.mailbox_id for poll in asked])
                ._tell_result(user_id, sum(poll.arrived for poll in asked))
            )

    def _tell_result(self, user_id, arrived):
        user = self.env["res.users"].browse(user_id)
        # sudo: in the words that this person may read; they asked when they saw it
        mailboxes = self.with_context(lang=user.lang).with_user(user).sudo()
        failing = mailboxes.filtered("error_code")
        user._bus_send(
            "simple_notification",
            {
                "type": "warning" if failing else "success",
                "message": mailboxes._get_result_sentence(arrived, failing),
            },
        )

    def _get_result_sentence(self, arrived, failing):
        parts = [
            self.env._("No new emails.")
            if not arrived
            else self.env._("1 new email.")
            if arrived == 1
            else self.env._("%s new emails.", arrived)
        ]
        parts += [f"{mailbox.email}: {mailbox.last_error}" for mailbox in failing]
        parts += [
            f"{mailbox.email}: {mailbox.last_error}"
            for mailbox in self - failing
            if mailbox.last_error
        ]
        if unreadable := sum(self.mapped("unreadable_count")):
            parts.append(
                self.env._("%s emails could not be read: see Unreadable.", unreadable)
            )
        return "\n".join(parts)
