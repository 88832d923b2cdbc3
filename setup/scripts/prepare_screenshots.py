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


office = env["res.users"].search([("login", "=", "office")])  # noqa: F821
archive(env(user=office))  # noqa: F821
dress_mailboxes(env)  # noqa: F821
add_dark_colours(env)  # noqa: F821
env.cr.commit()  # noqa: F821
