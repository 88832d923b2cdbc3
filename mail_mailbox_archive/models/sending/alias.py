from odoo import api, fields, models
from odoo.exceptions import UserError

from ...mailcore.addresses import address
from .claim import APPROVAL_ACTIVITY


class MailMailboxAddress(models.Model):
    """Another address of a mailbox is claimed and proven as its main one is.

    Until it may be this mailbox's, it has no say; until a code that was emailed to it
    is entered, nothing is sent from it.
    """

    _inherit = "mail.mailbox.address"

    approval = fields.Selection(
        selection=lambda self: self.env["mail.mailbox"]._fields["approval"].selection,
        compute="_compute_approval",
        store=True,
        precompute=True,
        copy=False,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    proven_address = fields.Char(
        readonly=True, copy=False, help="The address verified by a code."
    )
    is_proven = fields.Boolean("Verified", compute="_compute_is_proven", store=True)
    state = fields.Selection(
        [
            ("needed", "Waits for approval"),
            ("verifying", "Not verified"),
            ("ready", "Ready to send"),
        ],
        compute="_compute_state",
    )

    @api.depends("is_main", "mailbox_id.approval")
    def _compute_approval(self):
        for one in self:
            # of another one it is judged once it is entered
            own = one.approval or "needed"
            one.approval = one.mailbox_id.approval if one.is_main else own

    @api.depends("is_main", "proven_address", "email_normalized")
    def _compute_is_proven(self):
        for one in self:
            # the main one is ready when its mailbox is
            proven = one.proven_address
            one.is_proven = one.is_main or bool(
                proven and proven == one.email_normalized
            )

    @api.depends("approval", "is_proven")
    def _compute_state(self):
        for one in self:
            proven = "ready" if one.is_proven else "verifying"
            one.state = "needed" if one.approval == "needed" else proven

    def write(self, vals):
        claimed = self.browse()
        if vals.keys() & {"email", "mailbox_id"}:
            form = address.normalise(vals.get("email") or "")
            claimed = self.filtered(
                lambda one: "mailbox_id" in vals or one.email_normalized != form
            )
        result = super().write(vals)
        claimed._judge_claim()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._judge_claim()
        return rows

    def _judge_claim(self):
        """Decide again whether each of these addresses needs somebody's approval."""
        for one in self.filtered(lambda row: not row.is_main):
            answer = one.mailbox_id._may_claim(one.email)
            # sudo: decided by the system, and written by nobody
            one.sudo().write(
                {
                    "approval": answer or "needed",
                    "approved_by_id": answer == "approved" and self.env.uid,
                    "proven_address": False,
                }
            )
            if not answer:
                one.mailbox_id._ask_for_approval(one.email)

    def action_approve(self):
        """Approve the address for its mailbox."""
        self.mailbox_id._check_approver()
        self.check_access("read")
        for one in self.filtered(lambda row: not row.is_main):
            values = {"approval": "approved", "approved_by_id": self.env.uid}
            if one.mailbox_id._find_code_road() is None:
                # nothing could carry a code past those who entered it
                values["proven_address"] = one.email_normalized
            # sudo: decided by who may, written by the system
            one.sudo().write(values)
        # sudo: the question is answered for all who were asked
        self.mailbox_id.sudo()._unask_for_approval()

    def action_request_code(self):
        """Email a code to this address; open the form to enter it."""
        self.ensure_one()
        self.check_access("write")
        if self.approval == "needed":
            raise UserError(
                self.env._(
                    "A mail administrator must approve the address %s first.",
                    self.email,
                )
            )
        if not self.is_main:
            self.mailbox_id._send_code(self)
        return self.action_enter_code()

    def action_enter_code(self):
        """Open the form where the code is entered."""
        self.ensure_one()
        action = self.mailbox_id.action_enter_code()
        action["name"] = self.env._("Enter the code emailed to %s", self.email)
        action["context"]["default_address_id"] = self.id
        return action

    def _verify_hash(self, tried):
        """Have this address proven by the code mailed to it, given its hash.

        :raises UserError: it is not that, or not any more
        """
        self.check_access("write")
        self.mailbox_id._try_code(tried, self)
        # sudo: what is proven is the system's to note
        self.sudo().proven_address = self.email_normalized


class MailMailbox(models.Model):
    """Which of its addresses a mailbox may be sent from."""

    _inherit = "mail.mailbox"

    def _get_aliases(self):
        # what waits for approval is nobody's yet
        return super()._get_aliases().filtered(lambda one: one.approval != "needed")

    def _has_for_certain(self, sender):
        # anybody may set up a mailbox of any address
        certain = sender != self.email_normalized or self.approval != "needed"
        return certain and super()._has_for_certain(sender)

    def _get_sendable_addresses(self):
        """Return the rows of the addresses to choose from, if there is a choice."""
        # sudo: what recipients see of a mailbox that one may send from
        rows = self.sudo().address_ids.filtered(
            lambda one: one.is_proven and (one.is_main or one.approval != "needed")
        )
        return rows.sudo(False) if len(rows) > 1 else rows.browse()

    def _unask_for_approval(self):
        """Take the questions of mailboxes back where nothing waits any more."""
        for mailbox in self:
            waiting = mailbox.alias_ids.filtered(lambda one: one.approval == "needed")
            if not waiting and mailbox.approval != "needed":
                mailbox.activity_unlink([APPROVAL_ACTIVITY])
