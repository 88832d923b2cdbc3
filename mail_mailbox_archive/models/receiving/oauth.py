import time
from dataclasses import replace
from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...mailcore.addresses import address
from ...mailcore.connect import oauth
from ...mailcore.errors import LoginRefused, MailCoreError, Unreachable
from ...mailcore.imap.session import OAuthToken, Session
from ...mailcore.vault import SecretElsewhere, SecretUnreadable, host_of
from ..mailbox.fields import naive_utc


class MailMailboxOauthToken(models.Model):
    """The tokens of a mailbox, in a row of their own.

    That row is locked while a provider is asked for new ones, and the mailbox stays
    free for everybody else meanwhile.
    """

    _name = "mail.mailbox.oauth.token"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _description = "Mailbox Sign-in"
    _written_by_system = True

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    sealed = fields.Char(required=True, groups=fields.NO_ACCESS)
    account = fields.Char(required=True, help="Whose token it is.")
    username = fields.Char(help="What its provider calls them, as it says itself.")
    good_until = fields.Datetime(help="Of the refresh token, where its provider says.")

    _mailbox_uniq = models.UniqueIndex("(mailbox_id)")


class MailMailbox(models.Model):
    """Signing in by OAuth instead of a password."""

    _inherit = "mail.mailbox"

    auth_method = fields.Selection(
        selection_add=[("oauth2", "Sign in with the provider (OAuth)")],
        ondelete={"oauth2": "set default"},
    )
    oauth_provider_id = fields.Many2one(
        "mail.mailbox.oauth.provider", "Sign-in service", tracking=True
    )
    oauth_account = fields.Char(
        "Signs in as",
        tracking=True,
        help="Only if an account other than the email address opens this mailbox, as "
        "with a shared mailbox of Microsoft 365. A mail administrator sets it.",
    )
    oauth_token_ids = fields.One2many(
        "mail.mailbox.oauth.token", "mailbox_id", groups=fields.NO_ACCESS
    )
    oauth_signed_in_as = fields.Char(
        "Signed in as", compute="_compute_oauth", compute_sudo=True
    )
    oauth_good_until = fields.Datetime(
        "Sign-in ends", compute="_compute_oauth", compute_sudo=True
    )
    oauth_problem = fields.Char(readonly=True, copy=False)

    @api.depends("oauth_token_ids.account", "oauth_token_ids.good_until")
    def _compute_oauth(self):
        for mailbox in self:
            token = mailbox.oauth_token_ids[:1]
            mailbox.oauth_signed_in_as = token.account
            mailbox.oauth_good_until = token.good_until

    @api.onchange("oauth_provider_id")
    def _onchange_oauth_provider_id(self):
        if self.oauth_provider_id.imap_host:
            self.imap_host = self.oauth_provider_id.imap_host
            self.imap_security, self.imap_port = "ssl", 993

    def _refuse_values(self, vals):
        super()._refuse_values(vals)
        self._refuse_other_account(vals)

    def _before_write(self, vals):
        before = super()._before_write(vals)
        names = {"email", "imap_host", "oauth_provider_id", "oauth_account"}
        changed = self.filtered(lambda m: m._differs(vals, names))
        reconnecting = self.browse() if self.env.su else changed
        reconnecting |= self.filtered(lambda m: m._differs(vals, {"auth_method"}))
        reconnecting._end_sign_in()
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if vals.get("auth_method") == "oauth2":
            # sudo: no password is kept where none is needed
            self.sudo().imap_secret = False

    @api.model
    def _refuse_other_account(self, vals):
        if vals.get("oauth_account") and not (self.env.su or self._is_manager()):
            raise AccessError(
                self.env._(
                    "Only a mail administrator may let another account open a mailbox."
                )
            )

    def _end_sign_in(self):
        """Delete the tokens; notify the person whose change ends the sign-in.

        A token for one server or account is not handed to another, where whoever
        changes the setting could read it.
        """
        # sudo: tokens are removed by those who may not read them
        for mailbox in self.sudo().filtered("oauth_token_ids"):
            mailbox.oauth_token_ids.unlink()
            if not self.env.su:
                self._warn_person(
                    self.env._(
                        "The sign-in of %s ended with this change. Sign in again.",
                        mailbox.email,
                    )
                )

    # Signing in

    def action_oauth_sign_in(self):
        """Send the person to the provider; they come back to this form."""
        self.ensure_one()
        self.check_access("write")
        if not self.oauth_provider_id:
            raise UserError(self.env._("Choose a sign-in service first."))
        try:
            client = self.oauth_provider_id._client__()
        except SecretElsewhere as error:
            raise UserError(self._get_sentence("elsewhere")) from error
        except SecretUnreadable as error:
            raise UserError(self._get_sentence("key_missing")) from error
        start = oauth.begin(client, self.oauth_account or self.email)
        self.env["mail.mailbox.oauth.state"]._keep(self, start)
        return {"type": "ir.actions.act_url", "url": start.url, "target": "self"}

    @api.model
    def _finish_oauth(self, state, code, refusal):
        """Take what a person brings back from the provider; return their mailbox.

        :param refusal: the provider's word when it gives no code
        :return: no mailbox when the person did not begin this sign-in
        """
        taken = self.env["mail.mailbox.oauth.state"]._take(state)
        mailbox = self.browse(taken[0] if taken else ()).exists()
        if not mailbox:
            return mailbox
        mailbox.check_access("write")
        provider = mailbox.oauth_provider_id
        try:
            if not code or provider.id != taken[1]:
                raise LoginRefused("sign_in", refusal)
            tokens, addresses = oauth.finish(
                provider._client__(), mailbox._get_net_guard(), code, taken[2]
            )
            owner = mailbox._get_token_owner(addresses)
            mailbox._keep_tokens(tokens, owner, addresses[0])
        except (MailCoreError, SecretUnreadable) as error:
            code = getattr(error, "code", "key_missing")
            if isinstance(error, SecretElsewhere):
                code = "elsewhere"
            # sudo: the result of what the person did, in a field that only shows it
            mailbox.sudo().oauth_problem = mailbox._get_sentence(
                code, getattr(error, "detail", "")
            )
        return mailbox

    def _get_token_owner(self, addresses):
        """Return the address of ``addresses`` that this mailbox is opened by.

        :raises LoginRefused: the person signed in as somebody else
        """
        wanted = address.normalise(self.oauth_account or self.email)
        for one in addresses:
            if address.normalise(one) == wanted:
                return one
        raise LoginRefused("wrong_account", ", ".join(addresses))

    def _keep_tokens(self, tokens, account, username=False):
        values = self._prepare_token_values(tokens, self._get_token_hosts())
        values |= {"account": account, "username": username}
        # sudo: nobody reads or writes tokens; the person could sign in here
        mailbox = self.sudo()
        mailbox.oauth_token_ids.unlink()
        mailbox.oauth_token_ids.create({**values, "mailbox_id": self.id})
        mailbox._revoke_claim()
        mailbox.write(
            {
                "oauth_problem": False,
                "stopped": False,
                "failed_checks": 0,
                "refused_logins": 0,
                "error_code": False,
                "error_detail": False,
                "next_poll_at": False,
            }
        )

    def _get_token_hosts(self):
        """Return the hosts that a sign-in of now is good for: who gives tokens, who
        takes them."""
        self.ensure_one()
        provider = self.oauth_provider_id
        hosts = host_of(provider.token_endpoint or ""), self.imap_host
        return [host for host in (*hosts, provider.smtp_host) if host]

    @api.model
    def _prepare_token_values(self, tokens, hosts):
        until = tokens.refresh_expires
        return {
            "sealed": self._vault__().seal(tokens.to_json(), *hosts),
            "good_until": until
            and naive_utc(datetime.fromtimestamp(until, timezone.utc)).replace(
                microsecond=0
            ),
        }

    # Using it

    def _session__(self, kind=Session):
        if self.auth_method != "oauth2":
            return super()._session__(kind)
        account = self._imap_account()
        get_token = self._token_source__(account.host)
        return lambda: _open(kind, account, get_token)

    def _with_sign_in__(self, settings):
        """Return SMTP settings with the sign-in, at the server that belongs to it."""
        there = (self.oauth_provider_id.smtp_host or "").strip().lower()
        if self.auth_method != "oauth2" or settings.host.lower() != there:
            return settings
        login = self._get_oauth_login()
        return replace(settings, login=login, oauth_token=self._token_source__(there))

    def _get_oauth_login(self):
        """Return as whom a token signs in at the SMTP server.

        As the account that it is of, which Microsoft may know by another name than the
        address (its UPN). Where another account opens a shared mailbox, as the mailbox.
        """
        given = (self.smtp_login or "").strip()
        own = address.normalise(self.email)
        if given and address.normalise(given) != own:
            return given
        shared = self.oauth_account and address.normalise(self.oauth_account) != own
        # sudo: the name alone, of an account that the mailbox was signed in with
        username = self.sudo().oauth_token_ids[:1].username
        return username if username and not shared else self.email.strip()

    def _token_source__(self, host):
        """Return a callable that gives an access token, to be called without a cursor.

        Given the token that a server refused, it gets another one.

        :param host: the server that the token is shown to
        """
        self.ensure_one()

        def get_token(refused=""):
            return self._transact(
                lambda env: env["mail.mailbox"]
                .browse(self.id)
                ._get_access_token__(refused, host)
            )

        return get_token

    def _get_access_token__(self, refused, host):
        """Return an access token; ask for a new one where it is time.

        One worker asks, the others wait for the lock and find what it got. The new
        refresh token is committed before the access token beside it is used, so that no
        failure after that loses it.

        :raises LoginRefused: somebody has to sign in again, also because the server or
            the provider is another one than was signed in for
        :raises Unreachable: the provider does not answer now
        """
        self.env.cr.execute(
            SQL(
                "SELECT id FROM mail_mailbox_oauth_token WHERE mailbox_id = %s"
                " FOR UPDATE",
                self.id,
            )
        )
        row = self.env.cr.fetchone()
        if not row:
            raise LoginRefused("token_missing")
        token = self.env["mail.mailbox.oauth.token"].browse(row)
        try:
            vault, provider = self._vault__(), self.oauth_provider_id
            tokens = oauth.Tokens.from_json(vault.open(token.sealed, host))
            if tokens.access != refused and tokens.is_fresh(time.time()):
                return tokens.access
            vault.open(token.sealed, host_of(provider.token_endpoint or ""))
            client = provider._client__()
        except SecretElsewhere as error:
            raise LoginRefused("elsewhere") from error
        except SecretUnreadable as error:
            raise Unreachable("key_missing") from error
        except UserError as error:
            raise LoginRefused("oauth_client", str(error)) from error
        renewed = oauth.refresh(client, self._get_net_guard(), tokens)
        hosts = vault.hosts_of(token.sealed) or ()
        token.write(self._prepare_token_values(renewed, hosts))
        return renewed.access


def _open(kind, account, get_token):
    token = get_token()
    try:
        return kind.open(account, OAuthToken(token))
    except LoginRefused as error:
        if error.code != "token":
            raise
        # withdrawn before its time
        return kind.open(account, OAuthToken(get_token(token)))
