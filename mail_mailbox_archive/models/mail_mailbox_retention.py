from datetime import timedelta

from odoo import api, fields, models

#: Arrivals that one transaction of the nightly cleaning removes.
BATCH = 1000


class MailMailboxTombstone(models.Model):
    """A message that left the Queue of a mailbox and must not come back into it.

    The server still has it; when its folder is renumbered, or somebody moves it, it is
    recognised here by its identity.
    """

    _name = "mail.mailbox.tombstone"
    _description = "E-mail That Left the Queue"

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    identity = fields.Char(required=True)

    _identity_uniq = models.UniqueIndex("(mailbox_id, identity)")

    @api.model
    def _without_known(self, mailbox, fetched):
        """Return those of ``fetched`` that did not leave the Queue of ``mailbox``."""
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


class MailMailboxArrival(models.Model):
    """Leaving the Queue: what was fetched long enough ago is not listed any more."""

    _inherit = "mail.mailbox.arrival"

    _fetched_at_idx = models.Index("(fetched_at)")

    @api.autovacuum
    def _gc_queue(self):
        """Remove arrivals from the Queue, and messages that nobody archived.

        :return: how many were removed and whether more are left
        """
        days = self.env["mail.mailbox"]._get_queue_days()
        limit = fields.Datetime.now() - timedelta(days=days)
        old = self.search([("fetched_at", "<", limit)], order="fetched_at", limit=BATCH)
        messages = old.mailbox_message_id
        known = self.env["mail.mailbox.tombstone"]
        known._bury(old)
        old.unlink()
        messages.filtered(lambda m: not m.link_ids and not m.arrival_ids).unlink()
        return len(old), len(old) == BATCH


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    @api.model
    def _get_queue_days(self):
        # sudo: a setting of the system, not a secret
        parameter = self.env["ir.config_parameter"].sudo().get_param
        return int(parameter("mail_mailbox_archive.queue_days") or 30)
