"""For Odoo's shell: make the demonstration look like a company's week."""

from odoo.tools import file_open

#: Record's name, and what the subjects of its mail contain.
ARCHIVED = {
    "Spostex S.A.": ("when do the foundations start", "Umowa nr 44", "Photos, section"),
    "Müller Logistik GmbH": ("Angebot 2026", "Zamówienie 88"),
    "Żółw i Syn Sp. z o.o.": ("Faktura nr",),
}
#: Colours of a dark screen, which Odoo Community does not have.
DARK = "mail_mailbox_archive_tests/static/src/dark.scss"


def archive(env):
    for company, subjects in ARCHIVED.items():
        record = env["res.partner"].search([("name", "=", company)], limit=1)
        for subject in subjects:
            arrivals = env["mail.mailbox.arrival"].search(
                [("subject", "ilike", subject)]
            )
            arrivals.mailbox_message_id._archive(record)


def dress_mailboxes(env):
    """Show settings as a real server has them; nothing asks it any more."""
    mailboxes = env["mail.mailbox"].search([("imap_enabled", "=", True)])
    mailboxes.message_ids.filtered("tracking_value_ids").unlink()
    # not by write: another server would make all folders unread ones
    env.cr.execute(
        "UPDATE mail_mailbox SET imap_host = 'imap.spedbud.example', imap_port = 993,"
        " imap_security = 'ssl' WHERE id IN %s",
        [tuple(mailboxes.ids)],
    )


def add_dark_colours(env):
    path = "/setup/dark.scss"
    env["ir.attachment"].create(
        {
            "name": "dark.scss",
            "url": path,
            "raw": file_open(DARK, "rb").read(),
            "mimetype": "text/scss",
            "public": True,
        }
    )
    env["ir.asset"].create(
        {
            "name": "dark",
            "bundle": "web.assets_web_dark",
            "directive": "prepend",
            "path": path,
        }
    )


def add_services(env):
    """Sign-in services and accounts as an administrator has set them up."""
    parameters = env["ir.config_parameter"]
    parameters.set_param("web.base.url", "https://odoo.spedbud.example")
    parameters.set_param("web.base.url.freeze", "True")
    for kind, client in (
        ("google", "123456789012-spedbud.apps.googleusercontent.com"),
        ("microsoft", "5b0e2c1a-7d3f-4f6e-9a51-0c2d4e6f8a90"),
    ):
        service = env["mail.mailbox.oauth.provider"].search([("kind", "=", kind)])
        service.write({"client_id": client, "client_secret": "x"})
    return env["mail.mailbox.sending.account"].create(
        [
            {"name": "Spedbud at SendGrid", "provider": "sendgrid", "api_key": "SG.x"},
            {
                "name": "Spedbud at EmailLabs",
                "provider": "emaillabs",
                "smtp_account": "1.spedbud.smtp",
                "api_key": "x",
                "secret_key": "x",
            },
        ]
    )


def add_mailboxes(env, accounts):
    """Mailboxes that send in each way, with the code on its way."""
    server = env["ir.mail_server"].search([], limit=1)
    ways = {
        "invoices": {"provider": "sendgrid", "sending_account_id": accounts[0].id},
        "offers": {"provider": "emaillabs", "sending_account_id": accounts[1].id},
        "orders": {
            "provider": "smtp",
            "smtp_host": server.smtp_host,
            "smtp_port": server.smtp_port,
            "smtp_security": "none",
            "smtp_login": "orders@spedbud.example",
            "smtp_password": "x",
        },
    }
    mailboxes = env["mail.mailbox"].create(
        [
            {
                "name": f"Spedbud, {name}",
                "email": f"{name}@spedbud.example",
                "responsible_id": env.user.id,
                "user_ids": [(6, 0, env.user.ids)],
                "imap_enabled": False,
                **values,
            }
            for name, values in ways.items()
        ]
    )
    # a code is mailed in a transaction of its own
    env.cr.commit()
    for mailbox in mailboxes:
        mailbox.action_request_code()
    # not by write: another server would have to be proven
    env.cr.execute(
        "UPDATE mail_mailbox SET smtp_host = 'smtp.spedbud.example', smtp_port = 465,"
        " smtp_security = 'ssl' WHERE id = %s",
        [mailboxes[-1].id],
    )


office = env["res.users"].search([("login", "=", "office")])  # noqa: F821
archive(env(user=office))  # noqa: F821
dress_mailboxes(env)  # noqa: F821
add_dark_colours(env)  # noqa: F821
admin = env(user=env.ref("base.user_admin"))  # noqa: F821
add_mailboxes(admin, add_services(admin))
env.cr.commit()  # noqa: F821
