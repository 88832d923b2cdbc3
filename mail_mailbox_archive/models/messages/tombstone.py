from odoo import api, fields, models
from odoo.fields import Domain

from ..mailbox.fields import aware_utc


class MailMailboxTombstone(models.Model):
    """A message that was removed from a mailbox and must not come back into it.

    The server may still have it; when its folder is renumbered, or somebody moves it,
    it is recognised here by its identity.
    """

    _name = "mail.mailbox.tombstone"
    _inherit = "mail.mailbox.ruled"
    _description = "Removed Email"
    _written_by_system = True

    # none: it was erased everywhere
    mailbox_id = fields.Many2one("mail.mailbox", ondelete="cascade")
    identity = fields.Char(required=True)
    # why it was erased, on request; nobody did where it was only removed
    reason = fields.Text(readonly=True)

    _identity_uniq = models.UniqueIndex("(mailbox_id, identity)")

    @api.model
    def _without_known(self, mailbox, fetched):
        """Return those of ``fetched`` that may come into ``mailbox``."""
        fetched = self._without_removed(mailbox, fetched)
        fetched = self._without_former(mailbox, fetched)
        return self._without_erased(mailbox, fetched)

    @api.model
    def _without_removed(self, mailbox, fetched):
        """Return those of ``fetched`` that were not removed from ``mailbox``."""
        known = self.search_fetch(
            [
                ("mailbox_id", "=", mailbox.id),
                ("identity", "in", [one.message.identity for one in fetched]),
            ],
            ["identity"],
        )
        gone = set(known.mapped("identity"))
        return [one for one in fetched if one.message.identity not in gone]

    @api.model
    def _without_former(self, mailbox, fetched):
        """Return those that version 1 did not remove, with another identity.

        What came after the removal was not removed, though it may look the same.
        """
        former = self.env["mail.mailbox.message"]._get_former_identities(fetched)
        known = self.search_fetch(
            [
                ("mailbox_id", "=", mailbox.id),
                ("identity", "in", list(former.values())),
            ],
            ["identity", "create_date"],
        )
        buried = {row.identity: aware_utc(row.create_date) for row in known}
        return [
            one
            for one in fetched
            if not (moment := buried.get(former.get(one.message.identity)))
            or one.internal_date > moment
        ]

    @api.model
    def _without_erased(self, mailbox, fetched):
        """Return those of ``fetched`` that nobody erased from ``mailbox``.

        What is erased everywhere is so by a mail administrator, who does not decide
        about private mailboxes: only what was erased from one is kept out of it.
        """
        former = self.env["mail.mailbox.message"]._get_former_identities(fetched)
        keys = [key for pair in former.items() for key in pair]
        keys += [one.message.identity for one in fetched]
        erased = Domain("mailbox_id", "=", mailbox.id) & Domain("reason", "!=", False)
        if not mailbox.private:
            erased |= Domain("mailbox_id", "=", False)
        known = self.search_fetch(erased & Domain("identity", "in", keys), ["identity"])
        gone = set(known.mapped("identity"))
        return [
            one
            for one in fetched
            if not {one.message.identity, former.get(one.message.identity)} & gone
        ]

    @api.model
    def _bury(self, arrivals):
        """Remember the messages of ``arrivals`` as gone from their mailboxes."""
        left = {(a.mailbox_id.id, a.mailbox_message_id.identity) for a in arrivals}
        # some left before: a message detached from its last record comes back once more
        known = self.search_fetch(
            [
                ("mailbox_id", "in", [mailbox for mailbox, _identity in left]),
                ("identity", "in", [identity for _mailbox, identity in left]),
            ],
            ["mailbox_id", "identity"],
        )
        left -= {(one.mailbox_id.id, one.identity) for one in known}
        self.create(
            [
                {"mailbox_id": mailbox, "identity": identity}
                for mailbox, identity in left
            ]
        )
