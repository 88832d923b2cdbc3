"""Mailboxes of before: what was proven stays so, what was carried is carried."""

from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, api

from odoo.addons.mail_mailbox_archive.mailcore.vault import (
    PREFIX,
    SecretUnreadable,
    host_of,
)
from odoo.addons.mail_mailbox_archive.models.sending.claim import DAYS_OF_OWN_MAIL


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    # a mailbox that was ready had its address and its settings proven by one code
    cr.execute(
        "UPDATE mail_mailbox SET proven_address = email_normalized"
        " WHERE state = 'ready' AND proven_address IS NULL"
    )
    bind_secrets(env)
    since = datetime.now() - timedelta(days=DAYS_OF_OWN_MAIL)
    env["mail.mailbox"]._switch_on_where_carried(since)


def bind_secrets(env):
    """Seal each secret for the host that it is used at now."""
    for provider in (
        env["mail.mailbox.oauth.provider"].with_context(active_test=False).search([])
    ):
        hosts = [*provider._get_secret_hosts(), host_of(provider.issuer or "")]
        _bind(env, provider, "client_sealed", hosts)
    for account in (
        env["mail.mailbox.sending.account"].with_context(active_test=False).search([])
    ):
        for name in ("key_secret", "second_secret"):
            _bind(env, account, name, [account._get_host()])
        for name in ("hook_secret", "hook_key_secret"):
            _bind(env, account, name, [])
    _bind_mailboxes(env)
    # sign-ins of the last minutes, and dialogues nobody finished
    env.cr.execute("DELETE FROM mail_mailbox_oauth_state")
    env.cr.execute("UPDATE mail_mailbox_setup_wizard SET sealed = NULL")


def _bind_mailboxes(env):
    mailboxes = env["mail.mailbox"].with_context(active_test=False)
    sealed = ["|", "|", ("imap_secret", "!=", False), ("smtp_secret", "!=", False)]
    for mailbox in mailboxes.search([*sealed, ("oauth_token_ids", "!=", False)]):
        _bind(env, mailbox, "imap_secret", [mailbox.imap_host])
        _bind(env, mailbox, "smtp_secret", [mailbox.smtp_host])
        for token in mailbox.oauth_token_ids:
            _bind(env, token, "sealed", mailbox._get_token_hosts())


def _bind(env, record, name, hosts):
    """Reseal one secret; one whose key is lost stays as it is."""
    sealed = record[name]
    if not (sealed or "").startswith(PREFIX):
        return
    try:
        bound = env["mail.mailbox"]._vault__().bind(sealed, *(h for h in hosts if h))
    except SecretUnreadable:
        return
    if bound != sealed:
        # past the ORM: no setting changed
        env.cr.execute(
            f'UPDATE "{record._table}" SET "{name}" = %s WHERE id = %s',
            (bound, record.id),
        )
        record.invalidate_recordset([name])
