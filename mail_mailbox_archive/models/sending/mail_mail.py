import contextlib
import logging
from datetime import timedelta, timezone

import psycopg2
import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...mailcore.addresses.address import normalise
from ...mailcore.errors import MailCoreError, SendRefused
from .ir_mail_server import MailboxSession
from .mail_mail_outcome import Journal, Outcome
from .sent import LAST_TRY, POLICY
from .signature import to_text

_logger = logging.getLogger(__name__)

#: How long a worker holds a mail; if it dies, others take the mail after that.
CLAIM = timedelta(minutes=15)
#: Mails that are sent between two commits.
CHUNK = 100


class MailMail(models.Model):
    """Odoo's mail queue, for mail that leaves from a mailbox.

    Such a mail passes the send gate when it is queued and when it is sent, is delivered
    by its mailbox, to each recipient once, and waits while the provider says
    "later".
    """

    _name = "mail.mail"
    _inherit = ["mail.mail", "mail.mailbox.system.fields"]

    mailbox_claimed_until = fields.Datetime(
        readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    mailbox_tries = fields.Integer(
        readonly=True, copy=False, groups=fields.NO_ACCESS, default=0
    )
    mailbox_tried_since = fields.Datetime(
        readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    mailbox_accepted = fields.Text(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The recipients who already got it, one per line.",
    )

    # Sending

    def _fail(self, reason, failure_type="unknown"):
        # sudo: the queue is the system's
        self.sudo().write(
            {
                "state": "exception",
                "failure_type": failure_type,
                "failure_reason": reason,
            }
        )

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        if not isinstance(smtp_session, MailboxSession):
            return super()._send(
                auto_commit,
                raise_exception,
                smtp_session,
                alias_domain_id,
                mail_server,
                post_send_callback,
            )
        for ids in split_every(CHUNK, self.ids):
            errors = self.browse(ids)._send_chunk(smtp_session, auto_commit)
            if raise_exception and errors:
                raise MailDeliveryException(errors[0])
            if post_send_callback:
                post_send_callback(ids)
        return True

    def _send_chunk(self, session, auto_commit):
        """Send some mails; return why the failed ones did not leave.

        Where one may commit, each message is noted by a cursor of its own before it
        leaves and when it left, and the mails' states are committed together: a commit
        empties all caches.
        """
        # before the claim is written, which is nobody's doing
        people = {mail.id: mail._get_senders() for mail in self}
        claimed = self._claim()
        if auto_commit:
            # before the provider hears of it, so that nobody else sends it
            self.env.cr.commit()  # pylint: disable=invalid-commit
        outcomes, entries, found = {}, [], {}
        with self._open_journal(auto_commit) as journal:
            for mail in claimed:
                outcome = mail._send_from_mailbox(
                    session, people[mail.id], journal, found
                )
                outcomes[mail] = outcome
                entries += outcome.entries
        if not auto_commit:
            # sudo: what was sent is kept, whoever sent it
            self.env["mail.mailbox.dispatch"].sudo()._keep_or_log(entries)
        # sudo: see _claim
        self.env["mail.mailbox.dispatch"].sudo()._take_intents(claimed.ids)
        for mail, outcome in outcomes.items():
            mail._note_outcome(outcome)
        session.uncounted = 0
        if auto_commit:
            # as core does: what was sent must not be forgotten by a later fault
            self.env.cr.commit()  # pylint: disable=invalid-commit
            while self.env["mail.mailbox"]._transact(
                lambda env: env["mail.mailbox.dispatch"]._keep_noted(claimed.ids)
            ):
                pass
        return [outcome.reason for outcome in outcomes.values() if outcome.reason]

    @contextlib.contextmanager
    def _open_journal(self, auto_commit):
        """Give what notes a message for good, whatever becomes of this transaction."""
        if not auto_commit:
            yield Journal(None)
            return
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            yield Journal(env["mail.mailbox.dispatch"])

    def _claim(self):
        """Take these mails for sending; return those that are ours.

        Whoever finds an old claim knows that its holder died in between, and asks what
        was noted: which recipients have the mail already, and whether it may have left
        for others. That is never repeated unless somebody says so.
        """
        now = fields.Datetime.now()
        # sudo: the queue is the system's
        mails = self.sudo()._lock_for_sending()
        ours = mails.filtered(
            lambda mail: mail.state == "outgoing"
            and not (mail.mailbox_claimed_until and mail.mailbox_claimed_until > now)
        )
        for mail in ours.filtered("mailbox_claimed_until"):
            # sudo: see above
            dispatched = self.env["mail.mailbox.dispatch"].sudo()
            accepted = set((mail.mailbox_accepted or "").split())
            accepted |= dispatched._get_accepted(mail.id)
            mail.mailbox_accepted = "\n".join(sorted(accepted))
            if dispatched._take_intents(mail.ids):
                mail.mailbox_claimed_until = False
                mail._fail(self.env["mail.mailbox"]._get_uncertain_sentence())
                ours -= mail
        ours.filtered(lambda m: not m.mailbox_tried_since).mailbox_tried_since = now
        ours.mailbox_claimed_until = now + CLAIM
        ours.flush_recordset()
        return ours

    def _lock_for_sending(self):
        """Lock those of these mails that nobody else sends or has sent meanwhile."""
        try:
            with self.env.cr.savepoint():
                locked = self.try_lock_for_update()
        except psycopg2.errors.SerializationFailure:
            # another worker sent one of them since this transaction began
            if len(self) == 1:
                return self.browse()
            return self.browse(
                [id_ for mail in self for id_ in mail._lock_for_sending().ids]
            )
        locked.invalidate_recordset()
        return locked

    def _send_from_mailbox(self, session, people, journal, found):
        """Send this mail; return what came of it.

        :param people: who answers for it
        :param journal: :class:`Journal`, told before each message and after it
        :param found: as for :meth:`_pass_gate`, of this chunk's transaction
        """
        self.ensure_one()
        # sudo: the queue is the system's
        mail, outcome = self.sudo(), Outcome()
        try:
            mailbox = session.admit(mail._pass_gate(people, found))
            emails = mail._prepare_outgoing_list(
                mailbox.mail_server_id, mail._get_doc_to_followers()
            )
            for email in emails:
                mail._send_one(email, mailbox, people[:1], session, outcome, journal)
            if not emails:
                error = SendRefused("recipients")
                outcome.fail(mailbox._explain_sending(error), "mail_email_missing")
        except psycopg2.Error:
            raise
        except UserError as refusal:
            outcome.fail(str(refusal), "mail_from_invalid")
        except Exception as fault:
            # one mail must never stop the others
            _logger.warning("Mail %s was not sent", mail.id, exc_info=True)
            outcome.fail(str(fault))
        return outcome

    def _get_doc_to_followers(self):
        if "/mail/unfollow" not in (self.body_html or ""):
            return {}
        return self.env["mail.followers"]._get_mail_doc_to_followers(self.ids)

    def _send_one(self, email, mailbox, person, session, outcome, journal):
        """Send one of the messages that this mail consists of.

        :param email: what ``_prepare_outgoing_list`` prepared
        :param outcome: :class:`Outcome` to add to
        """
        accepted = (self.mailbox_accepted or "").split()
        servers = self.env["ir.mail_server"].with_context(
            send_validated_to=email["email_to_normalized"]
        )
        message = self._build_one__(email, mailbox, person, servers)
        everybody = servers._prepare_smtp_to_list(message, session)
        recipients = [one for one in everybody if normalise(one) not in accepted]
        if everybody and not recipients:
            outcome.succeed(email)
            return
        try:
            with journal.about(self.id) as note:
                sending = mailbox._deliver(
                    message, recipients, person, session, about_to_send=note.intend
                )
                # what Odoo sends on its own is none of the mailbox's people's business
                own = self._is_odoos_own()
                note.left_open = bool(own and sending.entry)
                note.entry = entry = None if own else sending.entry
                if entry:
                    entry.mail_id = self.id
                    entry.again = bool(accepted or self.mailbox_tries)
                    outcome.entries.append(entry)
        except MailCoreError as error:
            outcome.add_error(error, mailbox._explain_sending(error))
            return
        outcome.add(email, sending)

    @api.model
    def _build_one__(self, email, mailbox, person, servers):
        """Return ``email`` for the wire, from ``mailbox`` and with its signature."""
        # before it is built: a message that is built is slow to change
        body = mailbox._sign_html(email["body"], person)
        alternative = email["body_alternative"]
        if body != email["body"]:
            alternative = to_text(body)
        sent_as = mailbox._get_sent_as([email["email_from"] or ""])
        sender = mailbox._get_from(person, sent_as)
        return servers._build_email__(
            email_from=sender,
            email_to=email["email_to"],
            subject=email["subject"],
            body=body,
            body_alternative=alternative,
            email_cc=email["email_cc"],
            reply_to=sender,
            attachments=email["attachments"],
            message_id=email["message_id"],
            references=email["references"],
            object_id=email["object_id"],
            subtype="html",
            subtype_alternative="plain",
            headers=email["headers"],
        )

    def _note_outcome(self, outcome):
        """Make this mail sent, failed or waiting; tell its notifications."""
        accepted = [*(self.mailbox_accepted or "").split(), *outcome.accepted]
        values = {
            "mailbox_claimed_until": False,
            "mailbox_accepted": "\n".join(accepted),
        }
        again = outcome.again and self._get_next_try(outcome.again)
        if again:
            # what waits is not failed: its notifications stay as they are
            self.write(
                values
                | {
                    "mailbox_tries": self.mailbox_tries + 1,
                    "scheduled_date": again,
                    "failure_reason": outcome.reason,
                }
            )
            # sudo: any user may wake the queue, which does what it always does
            queue = self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()
            queue._trigger(again)
            return
        failed = bool(outcome.reason)
        self.write(
            values
            | {
                "state": "exception" if failed else "sent",
                "failure_type": failed and outcome.failure_type,
                "failure_reason": outcome.reason or False,
                "mailbox_tries": 0,
                "mailbox_tried_since": False,
            }
        )
        self._postprocess_sent_message(
            success_pids=outcome.partners,
            success_emails=outcome.emails,
            failure_reason=outcome.reason,
            failure_type=outcome.failure_type if failed else None,
        )

    def _get_next_try(self, error):
        """Return when to try again after ``error``; None after five days."""
        now = fields.Datetime.now()
        if now > (self.mailbox_tried_since or now) + LAST_TRY:
            return None
        moment = POLICY.decide(
            self.mailbox_tries + 1, error, now.replace(tzinfo=timezone.utc)
        )
        return moment and moment.replace(tzinfo=None, microsecond=0)
