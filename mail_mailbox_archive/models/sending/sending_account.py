from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...mailcore.errors import LoginRefused, MailCoreError, Unreachable
from ...mailcore.send import providers
from ...mailcore.send.providers.emaillabs import EmailLabsSettings
from ...mailcore.send.providers.sendgrid import SendGridSettings
from ...mailcore.vault import SecretElsewhere, SecretUnreadable
from ..receiving.sentences import Names
from .sentences import explain


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

    def _inverse_api_key(self):
        self._seal("api_key", "key_secret", "_get_host")

    def _inverse_secret_key(self):
        self._seal("secret_key", "second_secret", "_get_host")

    def _seal(self, typed, stored, get_host=None):
        """Store what was typed, sealed for the provider that it was typed for."""
        seal = self.env["mail.mailbox"]._seal__
        for account in self.filtered(typed):
            hosts = [getattr(account, get_host)()] if get_host else []
            # sudo: a secret is written by those who may not read it
            account.sudo()[stored] = seal(account[typed].strip(), *hosts)

    def _get_host(self):
        """Return the server of the provider that the keys of this account go to."""
        self.ensure_one()
        return providers.get(self.provider).host_of(self.region)

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

    def write(self, vals):
        if not self.env.su and vals.get("provider"):
            # sudo: the key of one provider is not handed to another
            others = self.filtered(lambda a: a.provider != vals["provider"]).sudo()
            others.write({"key_secret": False, "second_secret": False})
        return super().write(vals)

    # Settings for mailcore

    def _open_secret__(self, name):
        """Return a key in clear.

        :raises LoginRefused: it was not typed yet, or for another server
        :raises Unreachable: the key that sealed it is missing
        """
        self.ensure_one()
        # sudo: sending needs secrets that nobody may read
        sealed = self.sudo()[name]
        if not sealed:
            raise LoginRefused("no_key")
        try:
            vault = self.env["mail.mailbox"]._vault__()
            return vault.open(sealed, self._get_host())
        except SecretElsewhere as error:
            raise LoginRefused("elsewhere") from error
        except SecretUnreadable as error:
            # nobody was asked: it resumes automatically when the key is back
            raise Unreachable("key_missing") from error

    def _get_sendgrid_settings__(self):
        return SendGridSettings(
            api_key=self._open_secret__("key_secret"), region=self.region
        )

    def _get_emaillabs_settings__(self):
        return EmailLabsSettings(
            app_key=self._open_secret__("key_secret"),
            secret_key=self._open_secret__("second_secret"),
            smtp_account=(self.smtp_account or "").strip(),
            text_field=self.text_field,
            reply_to_field=self.reply_to_field,
        )

    def _open_provider__(self):
        """Return the provider of this account, as ``mail.mailbox._open_provider__``."""
        self.ensure_one()
        settings = getattr(self, f"_get_{self.provider}_settings__")()
        return providers.get(self.provider)(settings)

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
