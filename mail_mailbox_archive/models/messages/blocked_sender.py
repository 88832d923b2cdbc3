from odoo import api, fields, models
from odoo.fields import Domain


class MailMailboxBlockedSender(models.Model):
    """A sender whose emails one mailbox does not want to see among those to be done.

    Nothing of theirs is removed or refused: it is filed where it is looked at when
    somebody wants to. Who reads the mailbox blocks and unblocks; anybody can write an
    address into From, so it decides nothing else.
    """

    _name = "mail.mailbox.blocked.sender"
    _inherit = "mail.mailbox.content"
    _description = "Blocked Sender"
    _order = "email, id"
    _rec_name = "email"
    _written_by_system = True

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    email = fields.Char(
        "Sender", required=True, help="In the form used to compare addresses."
    )
    user_id = fields.Many2one("res.users", "Blocked by", ondelete="set null")
    arrival_ids = fields.One2many("mail.mailbox.arrival", "blocked_id")

    _email_uniq = models.UniqueIndex(
        "(mailbox_id, email)", "This sender is blocked already."
    )

    @api.model
    def _find(self, places):
        """Return those that are blocked, by place.

        :param places: pairs of a mailbox's id and a sender
        """
        if not places:
            return {}
        mailboxes, senders = map(set, zip(*places, strict=True))
        rows = self.search(
            [("mailbox_id", "in", list(mailboxes)), ("email", "in", list(senders))]
        )
        return {(one.mailbox_id.id, one.email): one for one in rows}

    def _find_arrivals(self):
        """Return what came of this sender to its mailbox.

        By the words of the address, which have an index, then by the address itself.
        """
        self.ensure_one()
        messages = self.env["mail.mailbox.message"]
        named = messages._get_words_domain(self.email, in_attachments=False)
        if named.is_false():
            return self.arrival_ids
        found = self.env["mail.mailbox.arrival"].search(
            Domain("mailbox_id", "=", self.mailbox_id.id)
            & Domain("direction", "=", "incoming")
            & Domain("mailbox_message_id", "any", named)
        )
        return found.filtered(
            lambda one: one.mailbox_message_id._get_sender() == self.email
        )


class MailMailboxArrival(models.Model):
    """New emails of a blocked sender are filed as they are stored."""

    _inherit = "mail.mailbox.arrival"

    blocked_id = fields.Many2one(
        "mail.mailbox.blocked.sender",
        "Blocked sender",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    # the circle of what is unread on the server leaves these out
    _blocked_unread_idx = models.Index(
        "(folder_id) WHERE blocked_id IS NOT NULL AND seen IS NOT TRUE"
    )

    @api.model
    def _create_new(self, vals_list):
        return super()._create_new(self._with_blocked(vals_list))

    @api.model
    def _with_blocked(self, vals_list):
        """Return values of new arrivals, those of blocked senders filed; one query."""
        # sudo: who sent what is being stored, whoever has it fetched
        messages = self.env["mail.mailbox.message"].sudo()
        messages = messages.browse([vals["mailbox_message_id"] for vals in vals_list])
        places = [
            (vals["mailbox_id"], message._get_sender())
            if vals["direction"] == "incoming"
            else (False, "")
            for vals, message in zip(vals_list, messages, strict=True)
        ]
        # sudo: who is blocked is the mailbox's, whoever has its emails fetched
        blocked = self.env["mail.mailbox.blocked.sender"].sudo()
        by_place = blocked._find({place for place in places if place[1]})
        return [
            {**vals, **self._file_blocked(by_place[place])}
            if place in by_place
            else vals
            for vals, place in zip(vals_list, places, strict=True)
        ]

    @api.model
    def _file_blocked(self, blocked):
        """Return the values of a new email of a blocked sender: for other rooms."""
        return {"blocked_id": blocked.id}
