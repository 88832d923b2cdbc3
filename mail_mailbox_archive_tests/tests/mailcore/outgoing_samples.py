"""Messages to send."""

from email.message import EmailMessage
from email.policy import SMTP

from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import prepare


def message(to=("to@example.com",), subject="Order 7", text="Hello\n", html=""):
    """Return a message as Odoo builds it."""
    made = EmailMessage(policy=SMTP)
    made["From"] = '"Office" <office@example.com>'
    made["To"] = ", ".join(to)
    made["Subject"] = subject
    made["Message-ID"] = "<order-7@example.com>"
    made["Date"] = "Tue, 24 Nov 2026 10:00:00 +0000"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def outgoing(to=("to@example.com",), envelope_from="bounce@example.com", **values):
    """Return a message that may go on the wire."""
    return prepare(message(to, **values), envelope_from, to)
