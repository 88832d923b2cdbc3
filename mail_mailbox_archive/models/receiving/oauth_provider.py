from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...mailcore.connect import oauth
from ...mailcore.errors import MailCoreError
from ...mailcore.vault import SecretUnreadable, host_of

CALLBACK = "/mail_mailbox_archive/oauth/callback"
#: Where Odoo's own settings keep what is registered at Google and at Microsoft.
ODOO_SETTINGS = {
    "google": "google_gmail_client",
    "microsoft": "microsoft_outlook_client",
}
MICROSOFT = "https://login.microsoftonline.com/%s/oauth2/v2.0/%s"
#: Where the client in Odoo's own settings was registered, and may be sent.
ODOO_HOSTS = {
    "google": {
        "accounts.google.com",
        "oauth2.googleapis.com",
        "openidconnect.googleapis.com",
        "www.googleapis.com",
    },
    "microsoft": {
        "graph.microsoft.com",
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
    },
}
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")


class MailMailboxOauthProvider(models.Model):
    """A service that people sign in at instead of giving us a password.

    One way for all of them. Odoo's own add-ons for Gmail and Outlook keep a token in
    the transaction that refreshed it, and lose one that was replaced when it is rolled
    back.
    """

    _name = "mail.mailbox.oauth.provider"
    _inherit = "mail.mailbox.guarded"
    _description = "Mail Sign-in Service"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("google", "Google"),
            ("microsoft", "Microsoft 365"),
            ("yahoo", "Yahoo"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    tenant = fields.Char(
        default="common",
        help="The directory of the company at Microsoft: its ID or its domain, or "
        "“common” for any.",
    )
    issuer = fields.Char(
        "OpenID address",
        help="The address of the provider, whose discovery document names the rest.",
    )
    authorization_endpoint = fields.Char("Authorization endpoint")
    token_endpoint = fields.Char("Token endpoint")
    userinfo_endpoint = fields.Char("Userinfo endpoint")
    scope = fields.Char(required=True, default="openid email offline_access")
    client_id = fields.Char("Client ID")
    client_sealed = fields.Char(groups=fields.NO_ACCESS, copy=False)
    client_secret = fields.Char(
        "Client secret",
        compute="_compute_client_secret",
        inverse="_inverse_client_secret",
        copy=False,
        help="You can set or replace it, but not view it.",
    )
    has_client_secret = fields.Boolean(compute="_compute_ready", compute_sudo=True)
    from_odoo = fields.Boolean(compute="_compute_ready", compute_sudo=True)
    ready = fields.Boolean(compute="_compute_ready", compute_sudo=True)
    redirect_uri = fields.Char("Redirect address", compute="_compute_redirect_uri")
    imap_host = fields.Char("IMAP server")
    smtp_host = fields.Char("SMTP server")

    def _compute_client_secret(self):
        self.client_secret = False

    def _inverse_client_secret(self):
        for provider in self.filtered("client_secret"):
            seal = self.env["mail.mailbox"]._seal__
            hosts = *provider._get_secret_hosts(), host_of(provider.issuer or "")
            # sudo: a secret is written by those who may not read it
            provider.sudo().client_sealed = seal(provider.client_secret, *hosts)

    def _get_secret_hosts(self):
        """Return the hosts that the secret, and what it gets, are sent to."""
        self.ensure_one()
        hosts = (
            host_of(self.token_endpoint or ""),
            host_of(self.userinfo_endpoint or ""),
        )
        return [host for host in hosts if host]

    @api.depends("kind", "client_id", "client_sealed")
    def _compute_ready(self):
        for provider in self:
            known = provider._get_odoo_registration__()
            provider.from_odoo = bool(known) and not provider.client_id
            provider.has_client_secret = bool(provider.client_sealed)
            provider.ready = bool(provider.client_id or known)

    def _compute_redirect_uri(self):
        for provider in self:
            provider.redirect_uri = provider.get_base_url() + CALLBACK

    @api.constrains("issuer", *ENDPOINTS)
    def _check_addresses(self):
        guard = self.env["mail.mailbox"]._get_net_guard()
        for provider in self:
            for name in ("issuer", *ENDPOINTS):
                url = provider[name] or "https://"
                # without encryption only where odoo.conf allows it; said when used
                if not url.startswith(("https://", "http://")) or (
                    url.startswith("http://") and not guard.allows_inside
                ):
                    raise ValidationError(
                        self.env._(
                            "“%(url)s” does not begin with https://. Enter an address "
                            "that does.",
                            url=url,
                        )
                    )

    @api.model
    def _get_neutral_name(self):
        return self.env._("Sign-in service")

    @api.onchange("kind", "tenant")
    def _onchange_kind(self):
        if self.kind == "microsoft":
            tenant = (self.tenant or "common").strip()
            self.authorization_endpoint = MICROSOFT % (tenant, "authorize")
            self.token_endpoint = MICROSOFT % (tenant, "token")

    def write(self, vals):
        result = super().write(vals)
        if "tenant" in vals and not {*ENDPOINTS} & vals.keys():
            for provider in self.filtered(lambda p: p.kind == "microsoft"):
                provider._onchange_kind()
        return result

    def action_discover(self):
        """Fill the endpoints in from the provider's discovery document."""
        self.ensure_one()
        self.check_access("write")
        try:
            endpoints = oauth.discover(
                self.env["mail.mailbox"]._get_net_guard(), self.issuer or ""
            )
        except MailCoreError as error:
            raise UserError(
                self.env._(
                    "There is no OpenID discovery document at %s. Check the address, "
                    "or type the addresses of the provider in.",
                    self.issuer,
                )
            ) from error
        self.write(endpoints)
        self._follow_issuer()

    def _follow_issuer(self):
        """Have the secret open where the issuer says that it was entered for."""
        # sudo: a secret is written by those who may not read it
        provider, vault = self.sudo(), self.env["mail.mailbox"]._vault__()
        try:
            secret = vault.open(provider.client_sealed or "", host_of(self.issuer))
        except SecretUnreadable:
            return
        hosts = *self._get_secret_hosts(), host_of(self.issuer)
        provider.client_sealed = vault.seal(secret, *hosts)

    def _get_odoo_registration__(self):
        """Return client ID and secret from Odoo's settings, () when there are none."""
        name = ODOO_SETTINGS.get(self.kind)
        if not name:
            return ()
        # sudo: what an administrator registered serves everybody's sign-in
        parameter = self.env["ir.config_parameter"].sudo().get_param
        registration = parameter(f"{name}_id"), parameter(f"{name}_secret")
        at_home = set(self._get_secret_hosts()) <= ODOO_HOSTS[self.kind]
        return registration if all(registration) and at_home else ()

    def _client__(self):
        """Return what we are to this provider, with the secret.

        :raises UserError: an administrator has not registered us there yet
        :raises SecretElsewhere: the secret was entered for another server
        :raises SecretUnreadable: the key that sealed the secret is missing
        """
        self.ensure_one()
        # sudo: everybody may sign in, and nobody reads the secret
        provider = self.sudo()
        client_id, secret = provider.client_id, ""
        if client_id and provider.client_sealed:
            vault = self.env["mail.mailbox"]._vault__()
            for host in provider._get_secret_hosts() or [""]:
                secret = vault.open(provider.client_sealed, host)
        elif not client_id:
            client_id, secret = provider._get_odoo_registration__() or ("", "")
        if not (client_id and provider.authorization_endpoint):
            raise UserError(
                self.env._(
                    "%s does not know this system yet. Ask a mail administrator to "
                    "register it under Mail, Configuration, Sign-in services.",
                    self.name,
                )
            )
        return oauth.Client(
            client_id=client_id,
            authorize=provider.authorization_endpoint,
            token=provider.token_endpoint,
            scope=provider.scope,
            redirect=provider.redirect_uri,
            secret=secret,
            userinfo=provider.userinfo_endpoint or "",
            # Microsoft's ID tokens name the tenant of whoever signed in
            issuer=(provider.kind != "microsoft" and provider.issuer) or "",
            # Google gives a refresh token only when asked, and with a new consent
            extra={"access_type": "offline", "prompt": "consent"}
            if provider.kind == "google"
            else {},
        )
