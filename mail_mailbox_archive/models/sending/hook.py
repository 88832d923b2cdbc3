import hashlib
import secrets
from datetime import datetime, timezone

from odoo import api, fields, models

from ...mailcore.send import providers
from ...mailcore.vault import SecretUnreadable

PATH = "/mail_mailbox_archive/hook"


class MailMailboxSendingAccount(models.Model):
    """Webhooks: a provider reports delivery events of an account's emails.

    Its address holds a token that nobody can guess; what comes in changes the delivery
    state of what this account sent, and nothing else.
    """

    _inherit = "mail.mailbox.sending.account"

    hook_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    hook_digest = fields.Char(
        groups=fields.NO_ACCESS, copy=False, index="btree_not_null"
    )
    hook_url = fields.Char(
        "Webhook address",
        compute="_compute_hook_url",
        groups="mail_mailbox_archive.group_manager",
        help="Enter this URL at the provider as the webhook for delivery events.",
    )
    reports = fields.Boolean(compute="_compute_reports")
    hook_public_key = fields.Char(
        "Public key of the webhook",
        help="From SendGrid's settings, 'Signed event webhook'. If set, only events "
        "signed by SendGrid count.",
    )
    hook_key_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    hook_key = fields.Char(
        "Secret of the webhook",
        compute="_compute_hook_key",
        inverse="_inverse_hook_key",
        copy=False,
        help="If set, only calls with EmailLabs' checksum count. You can set or "
        "replace it, but not view it.",
    )
    hook_panel = fields.Char("Panel name", help="Part of EmailLabs' checksum.")

    @api.depends("provider")
    def _compute_reports(self):
        for account in self:
            account.reports = account.provider in providers.reporting()

    def _compute_hook_key(self):
        self.hook_key = False

    def _inverse_hook_key(self):
        self._seal("hook_key")

    def _compute_hook_url(self):
        vault = self.env["mail.mailbox"]._vault__()
        for account in self:
            # sudo: the administrators of mail, whom the field is for, give it away
            sealed = account.sudo().hook_secret
            try:
                token = sealed and vault.open(sealed)
            except SecretUnreadable:
                token = None
            base = account.get_base_url()
            account.hook_url = token and f"{base}{PATH}/{account.provider}/{token}"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._renew_hook()
        return accounts

    def action_new_hook(self):
        """Generate a new URL; the old one stops working."""
        self.check_access("write")
        self._renew_hook()

    def _renew_hook(self):
        vault = self.env["mail.mailbox"]._vault__()
        for account in self:
            token = secrets.token_urlsafe(32)
            # sudo: a secret is written by those who may not read it
            account.sudo().write(
                {
                    "hook_secret": vault.seal(token),
                    "hook_digest": _digest(token),
                }
            )

    @api.model
    def _find_by_hook(self, provider, token):
        """Return the account, with all rights, that a webhook's address is of.

        By a digest of the token, so that the time it takes tells nothing about it.
        """
        # sudo: who calls has no account here; the token is their proof
        return self.sudo().search(
            [("hook_digest", "=", _digest(token)), ("provider", "=", provider)]
        )

    def _is_genuine(self, raw, headers):
        """Return whether the provider itself sent this, recently.

        Without a key the secret address alone is the proof.
        """
        values = self._read_settings__(lambda setting: setting.hook)
        kind = providers.get(self.provider)
        return kind.verify_events(raw, headers, values, datetime.now(timezone.utc))

    def _take_in(self, raw):
        """Note the events in a webhook's body; return how many there were and are new.

        :raises Unreadable: it is not what the provider sends
        """
        self.ensure_one()
        events = providers.get(self.provider).parse_events(raw)
        deliveries = self.env["mail.mailbox.delivery"]
        new = deliveries._take_in(events, [("account_id", "=", self.id)])
        return len(events), new


def _digest(token):
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
