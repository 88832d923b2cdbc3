"""The automatic answer: what it says and how machines know it (RFC 3834, 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from ..addresses import sender_name
from ..read.fields import addresses, first_id, reference_ids
from ..read.node import Headers
from ..text import decode_header

#: What a subject or content may hold; more could let senders say more with our name.
VARIABLES = (*sender_name.VARIABLES, "subject", "sender")
MAX_SUBJECT = 200
MAX_VALUE = 100
MAX_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Template:
    """An answer with its variables unfilled.

    :param content: HTML
    :param prefix: put before the subject unless it is there already
    """

    subject: str
    content: str
    prefix: str = ""


def values_of(headers: Headers, names: Mapping[str, str]) -> dict[str, str]:
    """Return what the variables stand for in the answer to a message.

    :param names: the first and last name of the person who replies
    """
    sender = next(iter(addresses(headers, "from")), None)
    subject = decode_header(headers.get("subject", [""])[0], MAX_VALUE)
    return {
        **names,
        "subject": " ".join(subject.split()),
        "sender": (sender.display_name or sender.addr_spec)[:MAX_VALUE]
        if sender
        else "",
    }


def fill(template: Template, values: Mapping[str, str]) -> tuple[str, str]:
    """Return subject (text) and content (HTML) with the variables filled, escaped."""
    subject = sender_name.fill_line(template.subject, values, MAX_SUBJECT)
    prefix = template.prefix.strip()
    if prefix and not subject.lower().startswith(prefix.lower()):
        subject = f"{prefix} {subject}"
    return subject, sender_name.fill_html(template.content, values)


def build(
    headers: Headers, recipient: str, subject: str, html: str, text: str
) -> EmailMessage:
    """Return the answer to the message with those ``headers``; its From is missing."""
    message = EmailMessage(policy=SMTP)
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    if answered := first_id(headers, "message-id"):
        earlier = [one for one in reference_ids(headers) if one != answered]
        message["In-Reply-To"] = answered
        message["References"] = " ".join([*earlier[1 - MAX_REFERENCES :], answered])
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message
