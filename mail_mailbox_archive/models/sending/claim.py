from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...mailcore.addresses import address
from .send import SENDING_FIELDS
from .sending_account import OWN_FIELDS

APPROVAL_ACTIVITY = "mail_mailbox_archive.mail_activity_address_approval"
#: Settings that say through whose hands the mail of a mailbox goes.
ROAD_FIELDS = {
    *SENDING_FIELDS[1:],
    "smtp_security",
    "smtp_verify_certificate",
    "auth_method",
    "oauth_provider_id",
    "oauth_account",
}
#: Administrators who are asked to approve an address.
ASKED = 5
#: An upgrade leaves Odoo's own mail with mailboxes that sent in so many last days.
DAYS_OF_OWN_MAIL = 30


class MailMailbox(models.Model):
    """Claiming an address: whose a mailbox may be, and whether it carries Odoo's mail.

    Without approval a person claims only an address that is their own. Until a mail
    administrator approves it, a mailbox of any other address has no say: it neither
    sends, nor keeps others from sending, nor holds the address.
    """

    _inherit = "mail.mailbox"

    approval = fields.Selection(
        [
            ("own", "The address of its user"),
            ("needed", "Waits for approval"),
            ("approved", "Approved"),
        ],
        string="Address",
        default="approved",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="An address that is not your own must be approved by a mail "
        "administrator.",
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    settings_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        help="Who entered the settings used to send its emails.",
    )
    odoo_mail = fields.Boolean(
        "Carries Odoo's own emails",
        copy=False,
        tracking=True,
        help="Invitations, password resets, notifications and digests with this "
        "address as their sender are sent through this mailbox. Off: through "
        "Odoo's own outgoing servers. A Settings administrator decides this; it "
        "is turned off when anybody else enters another server, login or "
        "account. Whoever runs that server could read such emails.",
    )

    odoo_mail_missing = fields.Boolean(
        compute="_compute_odoo_mail_missing",
        help="Odoo has no outgoing server of its own, and no mailbox sends its emails.",
    )

    def _compute_odoo_mail_missing(self):
        # sudo: whether there is any, which says nothing of it
        carried = self.sudo().search_count(
            [("odoo_mail", "=", True), ("state", "=", "ready")], limit=1
        )
        served = carried or self.env["ir.mail_server"]._has_server_of_odoo()
        self.odoo_mail_missing = not served

    def _refuse_values(self, vals):
        super()._refuse_values(vals)
        self._refuse_switch(vals)

    def _after_create(self):
        super()._after_create()
        self._judge_claim()
        self.filtered("provider")._note_who_set_it()

    def _before_write(self, vals):
        before = super()._before_write(vals)
        before["renamed"] = self.filtered(
            lambda m: "email" in vals
            and address.normalise(vals["email"] or "") != m.email_normalized
        )
        before["rerouted"] = self.filtered(lambda m: m._differs(vals, ROAD_FIELDS))
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        before["renamed"]._judge_claim()
        (before["renamed"] | before["rerouted"])._note_who_set_it()

    @api.model
    def _refuse_switch(self, vals):
        """Refuse to reroute Odoo's emails for people who could not set its server."""
        if vals.get("odoo_mail") and not (self.env.su or self._is_system()):
            raise AccessError(
                self.env._(
                    "Only a Settings administrator can decide which server sends "
                    "Odoo's own emails."
                )
            )

    @api.model
    def _is_system(self):
        return self.env.user.has_group("base.group_system")

    def _note_who_set_it(self):
        """Note who entered the sending settings; take Odoo's own emails from them.

        But where a Settings administrator did, who could set Odoo's server as well.
        """
        values = {"settings_by_id": self.env.uid}
        if not (self.env.su or self._is_system()):
            values["odoo_mail"] = False
        if self:
            # sudo: noted by the system, and written by nobody
            self.sudo().write(values)

    @api.model
    def _switch_on_where_carried(self, since):
        """Leave Odoo's own mail with the mailboxes that carried it, and say so.

        The Settings administrators are told.

        For an upgrade: until then, whatever had a mailbox's address left through it.
        """
        sent = self.env["mail.mailbox.sent"].search([("sent_at", ">=", since)])
        users = self.env["res.users"]
        mailboxes = sent.mailbox_id.filtered(
            lambda m: m._is_able_to_send()
            and not m.odoo_mail
            and users._are_odoos_addresses({m.email_normalized})
        )
        if not mailboxes:
            return
        mailboxes.odoo_mail = True
        system = self.env.ref("base.group_system").all_user_ids
        people = system.filtered(lambda user: user._is_internal() and user.active)
        self.env["mail.thread"].message_notify(
            partner_ids=people.partner_id.ids,
            subject=self.env._("Odoo's own emails are sent through mailboxes"),
            body=self.env._(
                "Invitations, password resets and notifications are still sent "
                "through %s, as before this upgrade. Whoever runs the servers of "
                "these mailboxes could read them. You can turn this off under Mail, "
                "Email mailboxes, Sending.",
                ", ".join(mailboxes.mapped("email")),
            ),
        )

    def _is_set_by_system(self):
        """Return whether who entered the settings could set Odoo's server as well."""
        self.ensure_one()
        # sudo: what somebody is does not depend on who asks
        person = self.sudo().settings_by_id
        return person._is_superuser() or person.has_group("base.group_system")

    # Whose the address is

    @api.model
    def _may_claim(self, email):
        """Return ``own`` or ``approved`` where the user may claim an address by now."""
        if self.env.su or self._is_manager() or self._is_system():
            return "approved"
        claims = {address.normalise(email or "")}
        return self.env.user._are_own_addresses(claims) and "own"

    def _judge_claim(self):
        """Decide again whether each address needs somebody's approval."""
        for mailbox in self:
            answer = self._may_claim(mailbox.email)
            # sudo: decided by the system, and written by nobody
            mailbox.sudo().write(
                {
                    "approval": answer or "needed",
                    "approved_by_id": answer == "approved" and self.env.uid,
                }
            )
            if not answer:
                mailbox._ask_for_approval()

    def _ask_for_approval(self, email=None):
        """Ask the mail administrators whether its user may have this address.

        :param email: another address than its main one
        """
        # sudo: who is asked does not depend on who asks
        mailbox = self.sudo()
        group = mailbox.env.ref("mail_mailbox_archive.group_manager")
        people = group.all_user_ids.filtered(
            lambda user: user._is_internal()
            and (mailbox.company_id or user.company_id) in user.company_ids
        )
        for person in people[:ASKED]:
            mailbox.activity_schedule(
                APPROVAL_ACTIVITY,
                user_id=person.id,
                note=Markup("<p>%s</p>")
                % self.env._(
                    "%(person)s wants to set up the mailbox %(email)s. Approve it if "
                    "they may send emails from this address.",
                    person=self.env.user.name,
                    email=email or self.email,
                ),
            )

    def action_approve(self):
        """Approve the address: its people may send from it once it is verified."""
        self._check_approver()
        for mailbox in self:
            values = {"approval": "approved", "approved_by_id": self.env.uid}
            if mailbox._find_code_road() is None:
                # nothing could carry a code past those who set the mailbox up
                values["proven_address"] = mailbox.email_normalized
            # sudo: decided by who may, written by the system
            mailbox.sudo().write(values)
            # sudo: the question is answered for all who were asked
            mailbox.sudo()._unask_for_approval()
        self._wake_verification()

    def action_refuse_address(self):
        """Reject the address: deactivate the mailbox and notify its users."""
        self._check_approver()
        self.filtered(lambda m: m.approval == "needed")._give_way()

    def _check_approver(self):
        self.check_access("read")
        if not (self._is_manager() or self._is_system()):
            raise AccessError(
                self.env._(
                    "Only a mail administrator can approve another person's address."
                )
            )

    def _give_way(self):
        """Deactivate a mailbox that nobody approved; notify its users."""
        for mailbox in self:
            # sudo: also of a private mailbox, of which this tells nothing
            mailbox = mailbox.sudo()
            mailbox.active = False
            mailbox.activity_unlink([APPROVAL_ACTIVITY])
            mailbox.message_post(
                body=self.env._(
                    "The address %s was not approved for this mailbox, so the mailbox "
                    "is deactivated.",
                    mailbox.email,
                ),
                partner_ids=mailbox.user_ids.partner_id.ids,
                subtype_xmlid="mail.mt_comment",
            )

    def _refuse_taken(self, email):
        # what only waits for approval holds no address
        waiting = self.env["mail.mailbox.address"]._look_up(
            [address.normalise(email or "")],
            [
                *(("in_use", "=", True), ("mailbox_id", "not in", self.ids)),
                *("|", ("approval", "=", "needed")),
                ("mailbox_id.approval", "=", "needed"),
            ],
        )
        if waiting and self._may_claim(email):
            waiting.filtered("is_main").mailbox_id._give_way()
            waiting.filtered(lambda one: not one.is_main).unlink()
        return super()._refuse_taken(email)


class MailMailboxSendingAccount(models.Model):
    """A changed key of an account reroutes the emails of its mailboxes."""

    _inherit = "mail.mailbox.sending.account"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"provider", *OWN_FIELDS}:
            names = vals.keys() & OWN_FIELDS.keys()
            self.filtered(lambda account: account._leads(vals, names))._note_reroute()
        return result

    def _leads(self, vals, names):
        """Return whether ``vals`` say through whose hands the account's mail goes."""
        settings = map(self._find_setting, names)
        return "provider" in vals or any(one and not one.hook for one in settings)

    def _note_reroute(self):
        """Have private mailboxes of others wait, whose mail somebody else leads now."""
        for account in self:
            # sudo: also of mailboxes that the person cannot see
            mailboxes = account.sudo().with_context(active_test=False).mailbox_ids
            mailboxes = mailboxes.sudo(self.env.su)
            mailboxes._note_who_set_it()
            if not self.env.su:
                others = mailboxes._filtered_run_by_others()
                others._wait_for_their_people(account)


class MailMailboxSendingSetting(models.Model):
    _inherit = "mail.mailbox.sending.setting"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"value", "typed"}:
            for line in self:
                setting = line.account_id._find_setting(line.name)
                if setting and not setting.hook:
                    line.account_id._note_reroute()
        return result
