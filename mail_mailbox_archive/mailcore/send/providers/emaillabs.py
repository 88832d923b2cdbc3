"""EmailLabs: the classic API, ``new_sendmail`` (Vercom's; there is no client for it).

An answer of 200 tells each recipient's own fate. Where the published pages and what
clients do differ, the name of a field is a setting; to be verified on a live account:
``text`` or ``txt``, ``reply_to`` or ``replay_to``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from ...addresses.address import Address, normalise
from ...errors import SendDeferred, SendRefused, SendUnreachable, Unsupported
from ...text import safe_text
from ..outgoing import OutgoingMessage
from . import content, http_errors
from .base import Capabilities, Provider, RecipientResult, SendResult, register
from .emaillabs_events import parse_events, verify_events

__all__ = ["EmailLabsProvider", "EmailLabsSettings", "parse_events", "verify_events"]

BASE_URL = "https://api.emaillabs.net.pl/api/"
#: Characters of a subject and of a name.
MAX_TEXT = 128
#: Bytes of an answer that are read.
MAX_ANSWER = 2**20

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

    @classmethod
    def host_of(cls, region: str) -> str:
        """Return where the keys go."""
        return urlsplit(BASE_URL).hostname or ""

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
        try:
            with self._session.request(
                method,
                url,
                data=form,
                timeout=self._settings.timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = answer.raw.read(MAX_ANSWER, decode_content=True)
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as no:
            raise SendUnreachable("timeout", _cause(no)) from None
        except requests.exceptions.ConnectionError as error:
            raise _broken(error) from None
        except (requests.exceptions.RequestException, OSError) as error:
            raise SendDeferred("uncertain", _cause(error)) from None
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


def _cause(error: BaseException) -> str:
    """Return the words at the bottom, without address and form that wrap them."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return _cause(reason)
    return safe_text(getattr(error, "strerror", None) or type(error).__name__, 200)


def _broken(error: requests.exceptions.ConnectionError) -> SendDeferred:
    """Return whether the line never stood, or broke behind what was written."""
    words = f"{error!r}"
    if "NameResolution" in words or "getaddrinfo" in words or "Name or" in words:
        return SendUnreachable("dns", "the name does not resolve")
    if "NewConnectionError" in words:
        return SendUnreachable("refused", _cause(error))
    return SendDeferred("uncertain", _cause(error))


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
    status = "deferred" if _LATER.search(words) else "refused"
    return RecipientResult(address, status, words)
