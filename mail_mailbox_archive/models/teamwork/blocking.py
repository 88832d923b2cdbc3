from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.addresses import address
from ..mailbox.arguments import checked
from .conversation import AWAY, STORED_WITHIN

#: Emails of a blocked sender that are filed in one transaction: in the click, and in
#: each turn of the scheduled action.
BATCH = 1000


class MailMailboxBlockedSender(models.Model):
    """Blocking files what came of a sender, unblocking brings it back."""

    _inherit = "mail.mailbox.blocked.sender"

    @api.model
    def _block(self, places, lines):
        """Return the blocked senders of ``places``, made where there is none yet.

        :param lines: the emails that were chosen; with them what is still to be done
            is filed at once, and all others in the background
        """
        new = sorted(places - self._find(places).keys())
        if new:
            mailbox_ids, emails = map(list, zip(*new, strict=True))
            # of two people at the same moment the second begins once more
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO mail_mailbox_blocked_sender
                           (mailbox_id, email, user_id, create_uid, create_date)
                    SELECT mailbox_id, email, %(uid)s, %(uid)s, %(now)s::timestamp
                      FROM unnest(%(mailboxes)s::int[], %(emails)s::text[])
                        AS place(mailbox_id, email)
                        ON CONFLICT DO NOTHING
                    """,
                    uid=self.env.uid,
                    now=fields.Datetime.now(),
                    mailboxes=mailbox_ids,
                    emails=emails,
                )
            )
            self.env["mail.mailbox"].invalidate_model(["blocked_ids"])
        blocked = self.union(*self._find(places).values())
        for one in blocked:
            one._file_of(lines)
            one._file(Domain("put_away", "=", False))
        blocked.write({"looking": True, "looked_id": 0})
        # sudo: any user may wake the action, which does what it always does
        self.env.ref("mail_mailbox_archive.ir_cron_return").sudo()._trigger()
        return blocked

    def _file(self, domain, order="id desc"):
        """File emails of this sender; return what was looked at, a batch of it."""
        lines = self._find_arrivals(domain, BATCH, order)
        self._file_of(lines)
        return lines

    def _file_of(self, lines):
        """File those of ``lines`` that this sender sent to this mailbox."""
        lines = lines.filtered(lambda one: one.mailbox_id == self.mailbox_id)
        found = self._filter_arrivals(lines.filtered(lambda one: not one.blocked_id))
        if found:
            found._note_blocked(self)
            # the lines stay where they are; the circles of all count them no more
            mailbox = self.mailbox_id
            mailbox._notify_worked(mailbox._get_readers())

    @api.model
    def _file_missed(self):
        """File what was stored while its sender was being blocked.

        Neither transaction saw the other. It is looked for in what is blocked lately.
        """
        lately = fields.Datetime.now() - STORED_WITHIN
        for one in self.search([("create_date", ">", lately)]):
            since = Domain("fetched_at", ">", one.create_date - STORED_WITHIN)
            one._file(since & Domain("put_away", "=", False))

    @api.model
    def _file_rest(self):
        """File all that blocked senders sent before, batch by batch."""
        cron = self.env["ir.cron"]
        while one := self.search([("looking", "=", True)], limit=1, order="id"):
            # somebody unblocks it at this moment: the next run looks again
            if not (one := one.try_lock_for_update()):
                return
            lines = one._file(Domain("id", ">", one.looked_id), "id")
            one.looking = len(lines) == BATCH
            one.looked_id = lines[-1:].id
            if not cron._commit_progress(len(lines)):
                return

    @checked()
    def action_unblock(self):
        """List the emails of these senders among those to be done again."""
        self.check_access("read")
        # sudo: written by the system, for who was found to read the mailbox
        blocked = self.sudo()
        mailboxes, arrivals = blocked.mailbox_id, blocked.arrival_ids
        mailboxes._refuse_guest()
        arrivals._note_blocked(blocked.browse())
        blocked.unlink()
        mailboxes._notify_changed()
        return True


class MailMailboxConversation(models.Model):
    _inherit = "mail.mailbox.conversation"

    @api.model
    def _cron_return(self):
        result = super()._cron_return()
        blocked = self.env["mail.mailbox.blocked.sender"]
        blocked._file_missed()
        blocked._file_rest()
        return result


class MailMailboxArrival(models.Model):
    _inherit = "mail.mailbox.arrival"

    @api.model
    def _file_blocked(self, blocked):
        return {**super()._file_blocked(blocked), "put_away": True}

    def _note_blocked(self, blocked):
        """Note at these emails that their sender is blocked, or with none that not."""
        if not self:
            return
        self.blocked_id = blocked
        self.flush_recordset(["blocked_id"])
        self.env["mail.mailbox.conversation"].flush_model(["state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_mailbox_arrival AS changed
                   SET put_away = %s
                  FROM mail_mailbox_arrival AS arrival
                  LEFT JOIN mail_mailbox_conversation AS conversation
                    ON conversation.id = arrival.conversation_id
                 WHERE arrival.id = ANY(%s) AND changed.id = arrival.id
                """,
                AWAY,
                self.ids,
            )
        )
        self.invalidate_recordset(["put_away"])
        if blocked:
            self.conversation_id._expect_nothing_of_blocked()
        else:
            self.conversation_id._expect_again()

    @checked()
    def action_block(self):
        """Block the senders of these emails, each in the mailbox it came to.

        :return: dict of ``senders``, their addresses, and ``blocked_ids``, to undo it
        :raises UserError: there is none that can be blocked
        """
        self._check_working()
        # sudo: written by the system, for who was found to read these emails
        lines = self.sudo().filtered(lambda one: one.direction == "incoming")
        places = {
            (one.mailbox_id.id, sender)
            for one in lines
            if address.is_valid(sender := one.mailbox_message_id._get_sender())
            and not one.mailbox_id._is_own(sender)
        }
        if not places:
            raise UserError(
                self.env._("These emails have no sender that could be blocked.")
            )
        # sudo: as above
        blocked = self.env["mail.mailbox.blocked.sender"].sudo()._block(places, lines)
        return {
            "senders": sorted(set(blocked.mapped("email"))),
            "blocked_ids": blocked.ids,
        }

    @checked()
    def action_unblock(self):
        """Unblock the senders of these emails."""
        self._check_working()
        # sudo: which they are, of who was found to read these emails
        return self.sudo().blocked_id.sudo(False).action_unblock()


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    blocked_ids = fields.One2many(
        "mail.mailbox.blocked.sender", "mailbox_id", "Blocked senders", readonly=True
    )

    def _refuse_guest(self):
        """Refuse who has temporary access, which is for reading."""
        if self.env.user in self._get_guests():
            raise AccessError(
                self.env._("Temporary access to a private mailbox is for reading.")
            )
