from odoo import api, fields, models


class MailMailboxTombstone(models.Model):
    """A message that was removed from a mailbox and must not come back into it.

    The server may still have it; when its folder is renumbered, or somebody moves it,
    it is recognised here by its identity.
    """

    _name = "mail.mailbox.tombstone"
    _inherit = "mail.mailbox.guarded"
    _description = "Removed Email"
    _written_by_system = True

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    identity = fields.Char(required=True)

    _identity_uniq = models.UniqueIndex("(mailbox_id, identity)")

    @api.model
    def _without_known(self, mailbox, fetched):
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
