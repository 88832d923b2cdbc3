"""EmailLabs: the classic API, ``new_sendmail`` (Vercom's; there is no client for it).

An answer of 200 tells each recipient's own fate. Where the published pages and what
clients do differ, the name of a field is a setting; to be verified on a live account:
``text`` or ``txt``, ``reply_to`` or ``replay_to``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from ...addresses.address import Address, normalise
from ...errors import SendDeferred, SendRefused, Unsupported
from ...text import safe_text
from ..delivery import DeliveryEvent
from ..outgoing import OutgoingMessage
from . import content, http_errors
from .base import (
    Capabilities,
    Provider,
    RecipientResult,
    SendResult,
    Setting,
    Settings,
    Status,
    register,
)
from .emaillabs_events import parse_events, verify_events
from .http_request import ask

__all__ = ["EmailLabsProvider", "EmailLabsSettings", "parse_events", "verify_events"]

BASE_URL = "https://api.emaillabs.net.pl/api/"
#: Characters of a subject and of a name.
MAX_TEXT = 128

_WORKS = re.compile(r"[\w.+=!-]{1,200}(?:@[\w.-]{1,200})?", re.ASCII)
_LATER = re.compile(r"try again|temporar|limit|later|timeout", re.I)


@dataclass(frozen=True, slots=True)
class EmailLabsSettings:
    """An account at EmailLabs.

    :param smtp_account: as ``1.name.smtp``
    :param text_field: name of the field with the plain text
    :param reply_to_field: name of the field with the Reply-To address; the header is
        set as well
    :param accounts_path: what lists the SMTP accounts, for the test of the keys
    :param timeout: seconds of silence
    """

    app_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    smtp_account: str = ""
    base_url: str = BASE_URL
    text_field: str = "text"
    reply_to_field: str = "reply_to"
    accounts_path: str = "smtp"
    timeout: float = 60


@register
class EmailLabsProvider(Provider):
    """Sends by ``new_sendmail``, with a result for each recipient."""

    code = "emaillabs"
    label = "EmailLabs"
    max_bytes = 20_000_000
    capabilities = Capabilities(max_recipients=200)
    settings = (
        Setting("api_key", secret=True, required=True),
        Setting("secret_key", secret=True, required=True),
        Setting("smtp_account", required=True),
        Setting("text_field", default="text"),
        Setting("reply_to_field", default="reply_to"),
        Setting("hook_key", secret=True, hook=True),
        Setting("hook_panel", hook=True),
    )
    reports = True
    spf_include = "_spf.emaillabs.net.pl"
    dkim_selectors = ("emaillabs", "el1", "el2", "k1")

    @classmethod
    def open(cls, values: Settings) -> EmailLabsProvider:
        """Return the provider for an account."""
        return cls(
            EmailLabsSettings(
                app_key=values["api_key"],
                secret_key=values["secret_key"],
                smtp_account=values["smtp_account"],
                text_field=values["text_field"],
                reply_to_field=values["reply_to_field"],
            )
        )

    @classmethod
    def host_of(cls, values: Settings) -> str:
        """Return where the keys go."""
        return urlsplit(BASE_URL).hostname or ""

    @classmethod
    def verify_events(
        cls, raw: bytes, headers: Mapping[str, str], values: Settings, now: datetime
    ) -> bool:
        """Return whether the checksum is right, where its secret is known."""
        key = values["hook_key"]
        return not key or verify_events(raw, headers, key, now, values["hook_panel"])

    @classmethod
    def parse_events(cls, raw: bytes) -> tuple[DeliveryEvent, ...]:
        """Return what the events tell."""
        return parse_events(raw)

    def __init__(self, settings: EmailLabsSettings) -> None:
        http_errors.guard_secret(settings.app_key, "App Key")
        http_errors.guard_secret(settings.secret_key, "Secret Key")
        self._settings = settings
        self._session = requests.Session()
        self._session.auth = (settings.app_key, settings.secret_key)

    def check(self) -> str:
        """Ask for the list of SMTP accounts; ours must be among them."""
        answer = self._request("GET", self._settings.accounts_path, None)
        names = json.dumps(answer.get("data"), ensure_ascii=False)
        if self._settings.smtp_account not in names:
            raise SendRefused(
                "sender", f"No SMTP account {self._settings.smtp_account} there."
            )
        return safe_text(str(answer.get("message") or answer.get("status") or "ok"))

    def close(self) -> None:
        """Let the connection go."""
        self._session.close()

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        form = build(outgoing, self._settings)
        answer = self._request("POST", "new_sendmail", form)
        said = _by_address(answer.get("data"))
        results = tuple(_result(one, said) for one in outgoing.recipients)
        name = next((one.provider_id for one in results if one.provider_id), "")
        return SendResult(results, safe_text(str(answer.get("req_id") or name), 200))

    def _request(
        self, method: str, path: str, form: list[tuple[str, str]] | None
    ) -> dict[str, Any]:
        url = self._settings.base_url.rstrip("/") + "/" + path
        answer, body = ask(
            self._session, method, url, data=form, timeout=self._settings.timeout
        )
        return self._read(answer, body)

    def _read(self, answer: requests.Response, body: bytes) -> dict[str, Any]:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        taken = 200 <= answer.status_code < 300
        if taken and not isinstance(found, dict):
            raise SendDeferred("uncertain", "The answer is no JSON.")
        told = found if isinstance(found, dict) else {}
        if taken and _succeeded(told):
            return told
        words = str(told.get("message", ""))
        for secret in (self._settings.secret_key, self._settings.app_key):
            words = words.replace(secret, "***")
        status = _code(told) if taken else answer.status_code
        raise http_errors.error_of(status, words or answer.reason, answer.headers)


def _succeeded(answer: dict[str, Any]) -> bool:
    return str(answer.get("status", "")).lower() in ("success", "ok") or (
        _code(answer) == 200
    )


def _code(answer: dict[str, Any]) -> int:
    try:
        return int(answer.get("code") or 400)
    except (TypeError, ValueError):
        return 400


def build(
    outgoing: OutgoingMessage, settings: EmailLabsSettings
) -> list[tuple[str, str]]:
    """Return the fields of the form.

    The API sends a copy of its own to each address in ``to``, so that only the first
    stands there and the other ones in ``cc``: everybody sees who else got the message.

    :raises Unsupported: EmailLabs cannot express the message
    """
    letter = content.read(outgoing, EmailLabsProvider.label)
    _check_lengths(letter)
    form = [
        ("smtp_account", settings.smtp_account),
        ("subject", letter.subject),
        ("from", letter.sender.addr_spec),
    ]
    if letter.sender.display_name:
        form.append(("from_name", letter.sender.display_name))
    form += _people(letter, outgoing.message_id)
    if letter.html:
        form.append(("html", letter.html))
    if letter.text or not letter.html:
        form.append((settings.text_field, letter.text or " "))
    if letter.reply_to:
        form.append((settings.reply_to_field, letter.reply_to[0].addr_spec))
    form += [
        (f"headers[{name}]", value)
        for name, value in _headers(letter, outgoing.message_id).items()
    ]
    for number, one in enumerate(letter.attachments):
        form += _file(f"files[{number}]", one)
    return form


def _check_lengths(letter: content.Content) -> None:
    for name, text in (
        ("subject", letter.subject),
        ("name of the sender", letter.sender.display_name),
    ):
        if len(text) > MAX_TEXT:
            raise Unsupported(
                "header", f"EmailLabs takes {MAX_TEXT} characters of a {name}."
            )
    if not letter.subject:
        raise Unsupported("header", "EmailLabs takes no message without a subject.")


def _people(letter: content.Content, message_id: str) -> list[tuple[str, str]]:
    shown = (*letter.to, *letter.cc)
    to = shown[:1] or letter.bcc
    form = [(f"to[{one.addr_spec}][message_id]", message_id.strip("<>")) for one in to]
    if shown:
        form += [*_copies("cc", shown[1:]), *_copies("bcc", letter.bcc)]
    return form


def _copies(kind: str, people: Iterable[Address]) -> list[tuple[str, str]]:
    copies = [(f"{kind}[{one.addr_spec}]", one.display_name) for one in people]
    return [(f"multi_{kind}", "1"), *copies] if copies else []


def _headers(letter: content.Content, message_id: str) -> dict[str, str]:
    headers = {**letter.headers, "Message-ID": message_id, "X-TRACKING-OFF": "1"}
    if letter.reply_to:
        headers["Reply-To"] = ", ".join(one.addr_spec for one in letter.reply_to)
    return headers


def _file(prefix: str, one: content.Attachment) -> list[tuple[str, str]]:
    form = [
        (f"{prefix}[name]", one.cid if one.inline else one.filename),
        (f"{prefix}[mime]", one.mimetype),
        (f"{prefix}[content]", base64.b64encode(one.data).decode()),
    ]
    return [*form, (f"{prefix}[inline]", "1")] if one.inline else form


def _by_address(data: Any) -> dict[str, str]:
    """Return what was said about each address: an id, or an error."""
    rows = data if isinstance(data, list) else [data]
    return {
        normalise(str(address)): safe_text(str(said), 500)
        for row in rows
        if isinstance(row, dict)
        for address, said in row.items()
    }


def _result(address: str, said: dict[str, str]) -> RecipientResult:
    words = said.get(normalise(address))
    if words is None:
        # a copy goes with the one in ``to``, under its id
        words = next(iter(said.values()), "")
    if not words or _WORKS.fullmatch(words):
        return RecipientResult(address, "accepted", provider_id=words)
    status: Status = "deferred" if _LATER.search(words) else "refused"
    return RecipientResult(address, status, words)
