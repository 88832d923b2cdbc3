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
    looking = fields.Boolean(
        readonly=True, help="Older emails of this sender are still to be filed."
    )
    looked_id = fields.Integer(
        readonly=True, help="The last email that was looked at for it."
    )

    _email_uniq = models.UniqueIndex(
        "(mailbox_id, email)", "This sender is blocked already."
    )
    _looking_idx = models.Index("(id) WHERE looking")
    _blocked_idx = models.Index("(create_date)")

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

    def _find_arrivals(self, domain, limit, order):
        """Return what may have come of this sender to its mailbox, by an index.

        By the words of the address; :meth:`_filter_arrivals` goes by itself.
        """
        self.ensure_one()
        messages = self.env["mail.mailbox.message"]
        named = messages._get_words_domain(self.email, in_attachments=False)
        here = Domain("mailbox_id", "=", self.mailbox_id.id)
        here &= Domain("direction", "=", "incoming")
        here &= Domain("mailbox_message_id", "any", named) & domain
        return self.env["mail.mailbox.arrival"].search(here, limit=limit, order=order)

    def _filter_arrivals(self, arrivals):
        """Return those of ``arrivals`` that this sender sent."""
        return arrivals.filtered(
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

    # the circle of what is unread on the server leaves the first out; where there are
    # very many of them it counts the others
    _other_unread_idx = models.Index(
        "(folder_id) WHERE blocked_id IS NULL AND seen IS NOT TRUE"
    )
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
