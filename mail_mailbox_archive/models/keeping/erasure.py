from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..mailbox.arguments import checked, text

#: Letters that a reason has at least.
MIN_REASON = 5
#: What is asked for, by activity, where only the people of a mailbox may decide.
TO_DECIDE = "mail_mailbox_archive.mail_activity_erasure"


class MailMailboxTombstone(models.Model):
    """What was erased on request: when, by whom and why; nothing of what it said."""

    _inherit = "mail.mailbox.tombstone"
    _order = "id desc"
    _rec_name = "reason"

    user_id = fields.Many2one("res.users", "Erased by", readonly=True)
    private = fields.Boolean(
        readonly=True, help="Some mailbox that had it is private, and so is the reason."
    )

    @api.model
    def _get_read_domain(self):
        """Return the domain of one's own, and of what was of no private mailbox."""
        own = Domain("user_id", "=", self.env.uid)
        if self.env["mail.mailbox"]._is_manager():
            own |= Domain("private", "=", False)
        return own

    @api.model
    def _note_erased(self, messages, mailboxes, reason):
        """Note that ``messages`` were erased in ``mailboxes``, of none in all.

        All that are not private are a mail administrator's to decide about: else
        whoever has a mail first would keep it from the mailboxes that have not fetched
        it yet.
        """
        self.create(
            [
                {
                    "mailbox_id": mailbox.id,
                    "identity": message.identity,
                    "reason": reason,
                    "user_id": self.env.uid,
                    "private": any(message._get_keeping_mailboxes().mapped("private")),
                }
                for message in messages
                for mailbox in mailboxes or self._get_erased_mailboxes(message)
                if not self._find(mailbox, message)
            ]
        )

    @api.model
    def _get_erased_mailboxes(self, message):
        """Return the mailboxes a message is erased from; empty for all."""
        mailboxes = message._get_keeping_mailboxes()
        if not (mailboxes._is_manager() or self.env.uid == SUPERUSER_ID):
            return mailboxes
        return [mailboxes.browse(), *mailboxes.filtered("private")]

    @api.model
    def _find(self, mailbox, message):
        domain = [("mailbox_id", "=", mailbox.id), ("identity", "=", message.identity)]
        return self.search_count(domain, limit=1)


class MailMailboxMessage(models.Model):
    """Erasure on request: the contents go, the record of the erasure stays.

    The people of a private mailbox decide about its mail, mail administrators about all
    other. Of a message that is in mailboxes of both, each erases in their own; it is
    gone when nobody has it any more. There is no other way to delete a message: also
    what another part of Odoo deletes, as the system, goes this way.
    """

    _inherit = "mail.mailbox.message"

    @checked(reason=text)
    def erase(self, reason):
        """Erase messages for the user, who states a reason.

        :raises AccessError: the user decides about none of the mailboxes they are in
        :raises UserError: one of them is on hold, or no reason is given
        """
        self.check_access("read")
        reason = reason.strip()
        if sum(map(str.isalpha, reason)) < MIN_REASON:
            raise UserError(self.env._("Enter a reason: it stays on record."))
        self._erase(reason)
        return True

    def unlink(self):
        if self.env.uid == SUPERUSER_ID:
            self._remove(self.env._("Removed by the system"))
            return super().unlink()
        self._erase(self.env._("Deleted by another part of Odoo"))
        return True

    def _erase(self, reason):  # pylint: disable=missing-return
        # sudo: also mailboxes that one may not see count; who decides is asked next
        for message in self.sudo().exists():
            mailboxes = message._get_keeping_mailboxes()
            mine = mailboxes.filtered(lambda m: m._decides_about_erasure())
            if not mine and (mailboxes or not mailboxes._is_manager()):
                raise AccessError(
                    self.env._(
                        "Only a mail administrator can erase an email; in a private "
                        "mailbox, only its users."
                    )
                )
            message._check_no_hold()
            if mine == mailboxes:
                message._remove(reason)
                super(MailMailboxMessage, message).unlink()
            else:
                message._erase_in(mine, reason)
                message._ask_to_decide(mailboxes - mine)

    def _get_keeping_mailboxes(self):
        """Return the mailboxes that have a message, or that it was archived from."""
        return self.arrival_ids.mailbox_id | self.link_ids.mailbox_id

    def _erase_in(self, mailboxes, reason):
        """Erase a message in some of the mailboxes that have it."""
        self.env["mail.mailbox.tombstone"]._note_erased(self, mailboxes, reason)
        self.link_ids.filtered(lambda link: link.mailbox_id in mailboxes).unlink()
        self.arrival_ids.filtered(lambda a: a.mailbox_id in mailboxes).unlink()

    def _remove(self, reason):
        """Remove all that belongs to these messages, before the messages."""
        self._check_no_hold()
        self._check_not_on_its_way()
        # sudo: where it is listed, also for who may not see it
        messages = self.sudo()
        by_system = self.env.uid == SUPERUSER_ID
        for message in messages:
            mailboxes = message.arrival_ids.mailbox_id
            if mailboxes or not by_system:
                everywhere = mailboxes if by_system else mailboxes.browse()
                tombstones = messages.env["mail.mailbox.tombstone"]
                tombstones._note_erased(message, everywhere, reason)
        messages._erase_copies(messages._find_copies())
        messages.arrival_ids.unlink()

    def _ask_to_decide(self, mailboxes):
        """Ask the users of mailboxes to decide about this message."""
        for mailbox in mailboxes:
            mailbox._ask_about_erasure(self)

    @api.model
    def _get_person_domain(self, email, name):
        """Return the domain of all messages about a person, by the given details."""
        words = [word.strip() for word in (email, name) if word and word.strip()]
        return Domain.OR(Domain("content", "ilike", word) for word in words)


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    def _decides_about_erasure(self):
        """Return whether the user decides what is erased in this mailbox.

        Not who has temporary access to a private one: they may look, not remove.
        """
        self.ensure_one()
        if self.private:
            return self.env.user in self._get_own_people()
        return self._is_manager()

    def _ask_about_erasure(self, message):
        """Notify a mailbox's users that somebody asks to erase a message."""
        for person in self.user_ids.filtered("active"):
            if not self._is_asked(person, message):
                self.activity_schedule(
                    TO_DECIDE,
                    user_id=person.id,
                    summary=self.env._("Erasure of an email requested"),
                    note=self.env._(
                        "The users of this mailbox decide whether it is erased. You "
                        "find it at /odoo/mail.mailbox.message/%s",
                        message.id,
                    ),
                )

    def _is_asked(self, person, message):
        return self.env["mail.activity"].search_count(
            [
                ("activity_type_id", "=", self.env.ref(TO_DECIDE).id),
                ("user_id", "=", person.id),
                ("note", "like", f"/mail.mailbox.message/{message.id}<"),
            ],
            limit=1,
        )
