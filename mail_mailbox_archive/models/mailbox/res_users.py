from odoo import api, fields, models
from odoo.tools import SQL, config

from ...mailcore.addresses.address import normalise
from ...mailcore.addresses.sender_claim import without_tag


class ResUsers(models.Model):
    """Which addresses are a person's own, and which are Odoo's.

    A person's own are their login and the e-mail that an administrator gave them. An
    e-mail that they wrote into their profile themselves proves nothing.
    """

    _name = "res.users"
    _inherit = ["res.users", "mail.mailbox.system.fields"]

    mailbox_own_address = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The email address as set or confirmed by an administrator.",
    )
    mailbox_address_is_own = fields.Boolean(
        "Email address is confirmed",
        compute="_compute_mailbox_address_is_own",
        compute_sudo=True,
        help="This email address is the login or was set by an administrator: a "
        "mailbox with it needs no approval.",
    )

    @api.depends("login", "email", "mailbox_own_address")
    def _compute_mailbox_address_is_own(self):
        for user in self:
            claims = {normalise(user.email or "")} - {""}
            user.mailbox_address_is_own = user._are_own_addresses(claims)

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users.filtered("email")._note_own_address()
        return users

    def action_confirm_mailbox_address(self):
        """Confirm that the e-mail of these users is theirs."""
        self.check_access("write")
        self._note_own_address()

    def _note_own_address(self):
        """Note the e-mails as these people's own, if an administrator is at work."""
        if self.env.user.has_group("base.group_erp_manager"):
            for user in self:
                # sudo: noted by the system, and written by nobody
                user.sudo().mailbox_own_address = normalise(user.email or "")

    def _are_own_addresses(self, claims):
        """Return whether all of ``claims`` are this person's own; none are nobody's."""
        self.ensure_one()
        # sudo: whose an address is depends on nobody's rights
        user = self.sudo()
        own = {normalise(user.login or "")}
        if user.mailbox_own_address == normalise(user.email or ""):
            own.add(user.mailbox_own_address)
        return bool(claims) and {without_tag(one) for one in claims} <= {
            without_tag(one) for one in own if one and "@" in one
        }

    @api.model
    def _are_odoos_addresses(self, claims):
        """Return whether Odoo itself writes mail from each of ``claims``.

        The addresses of companies, aliases and Odoo's configuration, and the own ones
        of people, in whose name it notifies others.
        """
        rest = {without_tag(one) for one in claims} - self._get_system_addresses()
        # sudo: whose an address is depends on nobody's rights
        aliases = self.env["mail.alias"].sudo()
        taken = aliases.search([("alias_full_name", "in", list(rest))])
        rest -= {normalise(one) for one in taken.mapped("alias_full_name")}
        return not rest or rest <= self._find_own_addresses(rest)

    @api.model
    def _get_system_addresses(self):
        # sudo: settings of the system, not secrets
        companies = self.env["res.company"].sudo().search([("email", "!=", False)])
        domains = self.env["mail.alias.domain"].sudo().search([("name", "!=", False)])
        robot = self.env.ref("base.partner_root").sudo()
        addresses = [
            config.get("email_from") or "",
            robot.email or "",
            *(one.email or "" for one in companies),
            *(one.bounce_email or "" for one in domains),
            *(one.catchall_email or "" for one in domains),
            *(one.default_from_email or "" for one in domains),
        ]
        return {without_tag(normalise(one)) for one in addresses if "@" in one}

    @api.model
    def _find_own_addresses(self, addresses):
        """Return those of ``addresses`` that are a person's own."""
        self.flush_model(["login", "mailbox_own_address"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_users WHERE active AND"
                " (lower(login) = ANY(%s) OR mailbox_own_address = ANY(%s))",
                list(addresses),
                list(addresses),
            )
        )
        users = self.browse(row[0] for row in rows)
        return {
            one
            for one in addresses
            if any(user._are_own_addresses({one}) for user in users)
        }


class ResUsersSettings(models.Model):
    """How a person has the lists of emails: on each of their screens, until changed."""

    _inherit = "res.users.settings"

    mailbox_list_pane = fields.Selection(
        [("beside", "Beside the list"), ("below", "Below the list"), ("none", "None")],
        "Open email",
        default="beside",
        required=True,
    )
    mailbox_list_compact = fields.Boolean("One row for each email")
    mailbox_conversations = fields.Boolean(
        "One line per conversation",
        help="The Queue and the Archives list conversations instead of single emails.",
    )
