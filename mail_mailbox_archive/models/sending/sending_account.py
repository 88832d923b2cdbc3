from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...mailcore.errors import LoginRefused, MailCoreError, Unreachable
from ...mailcore.send import providers
from ...mailcore.vault import SecretElsewhere, SecretUnreadable
from ..receiving.sentences import Names
from .sentences import explain

#: Settings of providers that have a field of their own here → where they are stored.
#: Any other is a line in ``mail.mailbox.sending.setting``.
OWN_FIELDS = {
    "api_key": "key_secret",
    "secret_key": "second_secret",
    "region": "region",
    "smtp_account": "smtp_account",
    "text_field": "text_field",
    "reply_to_field": "reply_to_field",
    "hook_public_key": "hook_public_key",
    "hook_key": "hook_key_secret",
    "hook_panel": "hook_panel",
}


class MailMailboxSendingAccount(models.Model):
    """An account at a delivery provider that an administrator set up for everybody.

    Mailboxes choose one of them; its keys are typed once and never shown again.
    """

    _name = "mail.mailbox.sending.account"
    _description = "Sending Account"
    _inherit = ["mail.mailbox.guarded", "mail.thread"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, help="The name users choose it by.")
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    provider = fields.Selection(
        selection="_selection_provider",
        required=True,
        tracking=True,
        default=lambda self: next(iter(dict(self._selection_provider())), False),
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        # a company that is gone would leave its account to everybody
        ondelete="restrict",
        help="Whose mailboxes may send through it. Empty: everybody's.",
    )
    hourly_limit = fields.Integer(
        "Emails per hour",
        help="The maximum that all mailboxes together send per hour; the rest waits. "
        "0: no limit of ours.",
    )
    mailbox_ids = fields.One2many("mail.mailbox", "sending_account_id", readonly=True)
    mailbox_count = fields.Integer(compute="_compute_mailbox_count")

    region = fields.Selection(
        [("global", "Global"), ("eu", "European Union")],
        default="global",
        required=True,
        help="Where SendGrid keeps this account.",
    )
    smtp_account = fields.Char(
        "SMTP account", help="Its name in the EmailLabs panel, such as 1.company.smtp."
    )
    # EmailLabs' documentation and its own clients disagree about two names
    text_field = fields.Char("Field of the plain text", default="text", required=True)
    reply_to_field = fields.Char("Field of Reply-To", default="reply_to", required=True)
    key_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    second_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    api_key = fields.Char(
        "API key",
        compute="_compute_keys",
        inverse="_inverse_api_key",
        copy=False,
        help="SendGrid's API key, or EmailLabs' App Key. You can set or replace it, "
        "but not view it.",
    )
    secret_key = fields.Char(
        "Secret key",
        compute="_compute_keys",
        inverse="_inverse_secret_key",
        copy=False,
        help="EmailLabs' Secret Key. You can set or replace it, but not view it.",
    )
    has_api_key = fields.Boolean(compute="_compute_has_keys", compute_sudo=True)
    has_secret_key = fields.Boolean(compute="_compute_has_keys", compute_sudo=True)
    setting_ids = fields.One2many(
        "mail.mailbox.sending.setting",
        "account_id",
        "Settings of the provider",
        groups="mail_mailbox_archive.group_manager",
    )
    asked_for = fields.Char(
        compute="_compute_asked_for",
        help="The fields that the provider needs, each between two bars.",
    )

    @api.model
    def _get_neutral_name(self):
        return self.env._("Sending account")

    @api.model
    def _selection_provider(self):
        codes = [code for code in providers.codes() if code != "smtp"]
        return [(code, providers.get(code).label) for code in codes]

    def _compute_mailbox_count(self):
        counts = dict(
            self.env["mail.mailbox"]._read_group(
                [("sending_account_id", "in", self.ids)],
                ["sending_account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.mailbox_count = counts.get(account, 0)

    def _compute_keys(self):
        self.api_key = False
        self.secret_key = False

    @api.depends("provider")
    def _compute_asked_for(self):
        for account in self:
            names = [setting.name for setting in account._get_settings()]
            account.asked_for = f"|{'|'.join(names)}|"

    def _inverse_api_key(self):
        self._seal("api_key")

    def _inverse_secret_key(self):
        self._seal("secret_key")

    def _seal(self, name):
        """Store what was typed for a setting, sealed for those that it goes to."""
        for account in self.filtered(name):
            setting = account._find_setting(name)
            hosts = [account._get_host()] if setting and not setting.hook else []
            seal = self.env["mail.mailbox"]._seal__
            # sudo: a secret is written by those who may not read it
            account.sudo()[OWN_FIELDS[name]] = seal(account[name].strip(), *hosts)

    def _get_host(self):
        """Return the server of the provider that the keys of this account go to."""
        self.ensure_one()
        known = self._read_settings__(lambda setting: not setting.secret)
        return providers.get(self.provider).host_of(known)

    @api.depends("key_secret", "second_secret")
    def _compute_has_keys(self):
        for account in self:
            account.has_api_key = bool(account.key_secret)
            account.has_secret_key = bool(account.second_secret)

    @api.constrains("hourly_limit")
    def _check_hourly_limit(self):
        if any(account.hourly_limit < 0 for account in self):
            raise ValidationError(
                self.env._("Emails per hour must be a number; 0 means no limit.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._complete_settings()
        return accounts

    def write(self, vals):
        if not self.env.su and vals.get("provider"):
            # sudo: the key of one provider is not handed to another
            others = self.filtered(lambda a: a.provider != vals["provider"]).sudo()
            others.write({"key_secret": False, "second_secret": False})
            others.setting_ids.unlink()
        result = super().write(vals)
        if vals.get("provider"):
            self._complete_settings()
        return result

    # Settings for mailcore

    def _get_settings(self):
        """Return what the provider asks an account for; () while there is none."""
        known = self.provider in providers.codes()
        return providers.get(self.provider).settings if known else ()

    def _find_setting(self, name):
        return next((one for one in self._get_settings() if one.name == name), None)

    def _complete_settings(self):
        """Have a line for each setting of the provider that has no field, no others."""
        # sudo: the lines follow from the provider; who chose it may add none by hand
        for account in self.sudo():
            wanted = [
                setting
                for setting in account._get_settings()
                if setting.name not in OWN_FIELDS
            ]
            names = [setting.name for setting in wanted]
            lines = account.setting_ids
            lines.filtered(lambda line, names=names: line.name not in names).unlink()
            there = lines.exists().mapped("name")
            lines.create(
                [
                    {
                        "account_id": account.id,
                        "name": setting.name,
                        "sequence": number,
                        "value": not setting.secret and setting.default,
                    }
                    for number, setting in enumerate(wanted)
                    if setting.name not in there
                ]
            )

    def _read_settings__(self, chosen):
        """Return the values of the settings for which ``chosen`` holds.

        :raises LoginRefused: a required secret was not typed, or for another server
        :raises Unreachable: the key that sealed one is missing
        """
        self.ensure_one()
        values = providers.Settings()
        for setting in filter(chosen, self._get_settings()):
            stored = self._read_setting(setting) or ""
            if setting.secret and (stored or setting.required):
                host = "" if setting.hook else self._get_host()
                stored = self._open_sealed__(stored, host)
            values[setting.name] = stored.strip() or setting.default
        return values

    def _read_setting(self, setting):
        """Return a setting as it is stored, a secret sealed."""
        # sudo: sending needs settings and secrets that nobody may read
        account = self.sudo()
        if setting.name in OWN_FIELDS:
            return account[OWN_FIELDS[setting.name]]
        line = account.setting_ids.filtered(lambda one: one.name == setting.name)
        return line.value_secret if setting.secret else line.value

    def _open_sealed__(self, sealed, host):
        """Return a secret in clear.

        :raises LoginRefused: it was not typed yet, or for another server
        :raises Unreachable: the key that sealed it is missing
        """
        if not sealed:
            raise LoginRefused("no_key")
        try:
            return self.env["mail.mailbox"]._vault__().open(sealed, host)
        except SecretElsewhere as error:
            raise LoginRefused("elsewhere") from error
        except SecretUnreadable as error:
            # nobody was asked: it resumes automatically when the key is back
            raise Unreachable("key_missing") from error

    def _open_provider__(self):
        """Return the provider of this account, as ``mail.mailbox._open_provider__``.

        :raises LoginRefused: something that it needs was not entered
        """
        self.ensure_one()
        kind = providers.get(self.provider)
        values = self._read_settings__(lambda setting: not setting.hook)
        if any(one.required and not values.get(one.name) for one in kind.settings):
            raise LoginRefused("no_key")
        return kind.open(values)

    def action_test(self):
        """Try the account's keys, without sending anything."""
        self.ensure_one()
        self.check_access("write")
        mailboxes = self.env["mail.mailbox"]
        try:
            with self._open_provider__() as provider:
                answer = provider.check()
        except MailCoreError as error:
            names = Names(host=self.name, login=self.name, email=self.name)
            message = explain(self.env, error, names)
            return mailboxes._get_notification("danger", message)
        message = self.env._("The account works.")
        if answer:
            message += "\n" + self.env._("It says: %s", answer)
        return mailboxes._get_notification("success", message)

    def action_open_mailboxes(self):
        """List the mailboxes that send through this account."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_mailbox_archive.mail_mailbox_action"
        )
        return action | {"domain": [("sending_account_id", "=", self.id)]}
