from odoo import api, fields, models
from odoo.exceptions import UserError

from ...mailcore.addresses import address
from ...mailcore.addresses.sender_claim import without_tag
from ...mailcore.errors import Unreadable
from ...mailcore.read.structure import read_headers
from ...mailcore.read.written_to import written_to


class MailMailboxDraft(models.Model):
    """From which address of its mailbox a mail leaves."""

    _inherit = "mail.mailbox.draft"

    address_id = fields.Many2one(
        "mail.mailbox.address",
        "Address",
        compute="_compute_address_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        help="The address that recipients see, of the mailbox it is sent from.",
    )

    @api.depends("mailbox_id")
    def _compute_address_id(self):
        for draft in self:
            rows = draft.mailbox_id._origin._get_sendable_addresses()
            if draft.address_id._origin not in rows:
                draft.address_id = rows[:1]

    @api.constrains("address_id", "mailbox_id")
    def _check_address(self):
        for draft in self:
            # sudo: whose it is, whoever writes from there
            of_mailbox = draft.address_id.sudo().mailbox_id
            if of_mailbox and of_mailbox != draft.mailbox_id:
                raise UserError(
                    self.env._("This is not an address of the chosen mailbox.")
                )

    def _get_sent_as(self):
        """Return the address this leaves from; False for the mailbox's main one."""
        # sudo: what recipients see of a mailbox that one may send from
        chosen = self.address_id.sudo()
        return not chosen.is_main and chosen.email


class MailMailboxMessage(models.Model):
    """An answer leaves from the address that was written to."""

    _inherit = "mail.mailbox.message"

    def _find_written_to(self, mailbox):
        """Return the row of the address of ``mailbox`` that this message came to.

        Or was sent from; else of its main one, and none where there is no choice.
        """
        choice = mailbox._get_sendable_addresses()
        rows = {one.email_normalized: one for one in choice.sudo()}  # sudo: see there
        headers = (self.email_from, self.email_to, self.email_cc) if rows else ()
        for header in headers:
            for one in address.parse_addresses(header or ""):
                form = address.normalise(one.addr_spec)
                if form in rows or without_tag(form) in rows:
                    return rows.get(form) or rows[without_tag(form)]
        return (rows and mailbox._find_delivered_to(self)) or choice[:1]


class MailMailbox(models.Model):
    """Its address that a message was written to, as only its own copy may say."""

    _inherit = "mail.mailbox"

    def _find_delivered_to(self, message):
        """Return the row of the address to send from that a message was written to.

        Of a copy that the user may not read nothing is said.
        """
        rows = self._get_sendable_addresses()
        arrivals = self.env["mail.mailbox.arrival"].search(
            [("mailbox_message_id", "=", message.id), ("mailbox_id", "=", self.id)]
        )
        if not (rows and arrivals):
            return rows.browse()
        try:
            headers = read_headers(arrivals[:1]._read_source())[0].headers
        except Unreadable:
            return rows.browse()
        # sudo: what recipients see of a mailbox that one may send from
        by_form = {one.email_normalized: one for one in rows.sudo()}
        found = written_to(headers, by_form, self.sudo().email_normalized)
        return by_form.get(found, rows.browse()).sudo(False)
