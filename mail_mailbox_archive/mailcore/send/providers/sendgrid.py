"""Twilio SendGrid: Mail Send v3 with its own client, and the signed event webhook.

202 means taken, not delivered; what becomes of a message comes by webhook, where our
Message-ID is among the custom arguments. Tracking of opens and clicks is off.
"""

from __future__ import annotations

import base64
import http.client
import logging
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn
from urllib.error import URLError

import python_http_client
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers import mail

from ...addresses.address import Address
from ...errors import BadArgument, SendDeferred, SendLoginRefused, Unsupported
from ...text import safe_text
from ..delivery import DeliveryEvent
from ..outgoing import OutgoingMessage
from . import content, http_errors
from .base import (
    Capabilities,
    Provider,
    SendResult,
    Setting,
    Settings,
    register,
    same_for_all,
)
from .http_request import read_json
from .sendgrid_events import MESSAGE_ID_ARGUMENT, parse_events, verify_events

__all__ = ["SendGridProvider", "SendGridSettings", "parse_events", "verify_events"]

#: Header fields that SendGrid keeps for itself, or that would command it.
RESERVED = frozenset("x-sg-id x-sg-eid x-smtpapi received dkim-signature bcc".split())
REGIONS = ("global", "eu")

# It writes each request with the key and the message into the debug log.
logging.getLogger("python_http_client").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class SendGridSettings:
    """An account at SendGrid.

    :param region: ``eu`` keeps mail in the EU; the account must be of that region
    :param base_url: another host, for tests
    :param timeout: seconds of silence
    """

    api_key: str = field(repr=False)
    region: str = "global"
    base_url: str = ""
    timeout: float = 60


@register
class SendGridProvider(Provider):
    """Sends by Mail Send v3; a message is taken for all its recipients or for none."""

    code = "sendgrid"
    label = "SendGrid"
    max_bytes = 30_000_000
    capabilities = Capabilities(max_recipients=1000)
    settings = (
        Setting("api_key", secret=True, required=True),
        Setting("region", default="global"),
        Setting("hook_public_key", hook=True),
    )
    reports = True
    # its own domain, delegated to it, carries SPF
    spf_include = "sendgrid.net"
    dkim_selectors = ("s1", "s2")

    @classmethod
    def open(cls, values: Settings) -> SendGridProvider:
        """Return the provider for an account."""
        return cls(SendGridSettings(values["api_key"], values["region"]))

    @classmethod
    def host_of(cls, values: Settings) -> str:
        """Return where the key of an account of its region goes."""
        return "api.eu.sendgrid.com" if values["region"] == "eu" else "api.sendgrid.com"

    @classmethod
    def verify_events(
        cls, raw: bytes, headers: Mapping[str, str], values: Settings, now: datetime
    ) -> bool:
        """Return whether the signature is right, where its key is known."""
        key = values["hook_public_key"]
        return not key or verify_events(raw, headers, key, now)

    @classmethod
    def parse_events(cls, raw: bytes) -> tuple[DeliveryEvent, ...]:
        """Return what the events tell."""
        return parse_events(raw)

    def __init__(self, settings: SendGridSettings) -> None:
        http_errors.guard_secret(settings.api_key, "API key")
        if settings.region not in REGIONS:
            raise BadArgument("region", settings.region)
        api = SendGridAPIClient(settings.api_key)
        api.set_sendgrid_data_residency(settings.region)
        self._api = api
        api.client = _Client(
            host=settings.base_url or api.host,
            request_headers=api._default_headers,
            version=3,
            timeout=settings.timeout,
        )

    def check(self) -> str:
        """Ask for the key's rights; it must be allowed to send."""
        answer = self._request(lambda: self._api.client.scopes.get())
        scopes = read_json(answer.body).get("scopes", [])
        if "mail.send" not in scopes:
            raise SendLoginRefused("login_disabled", "The key lacks mail.send.")
        return f"{answer.status_code}: {len(scopes)} scopes, mail.send among them"

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        payload = build(outgoing)
        answer = self._request(
            lambda: self._api.client.mail.send.post(request_body=payload)
        )
        name = safe_text(answer.headers.get("X-Message-Id") or "", 200)
        return SendResult(
            same_for_all(outgoing.recipients, "accepted", provider_id=name), name
        )

    def _request(self, ask: Any) -> python_http_client.client.Response:
        try:
            return ask()
        except HTTPError as error:
            _raise(error)
        except URLError as error:
            raise http_errors.unreachable(error.reason) from None
        except (OSError, http.client.HTTPException) as error:
            # sent in full, and no answer, or half of one
            words = "timeout" if isinstance(error, TimeoutError) else str(error)
            raise SendDeferred("uncertain", words) from None


class _Client(python_http_client.Client):
    """The client of the SendGrid package; it follows no redirection with our key."""

    def _build_client(self, name: str | None = None) -> _Client:
        return _Client(
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            append_slash=self.append_slash,
            timeout=self.timeout,
        )

    def _make_request(self, _opener: Any, request: Any, timeout: Any = None) -> Any:
        opener = urllib.request.build_opener(_NoRedirect)
        return super()._make_request(opener, request, timeout=timeout)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


def _raise(error: HTTPError) -> NoReturn:
    words = "; ".join(
        str(one.get("message", ""))
        for one in read_json(error.body).get("errors") or []
        if isinstance(one, dict)
    )
    headers = dict(error.headers.items()) if error.headers else {}
    raise http_errors.error_of(
        error.status_code, words or str(error.reason), headers
    ) from None


def build(outgoing: OutgoingMessage) -> dict[str, Any]:
    """Return the body of the request.

    :raises Unsupported: SendGrid cannot express the message
    """
    letter = content.read(outgoing, SendGridProvider.label)
    for name in letter.headers:
        if name.lower() in RESERVED:
            raise Unsupported("header", f"SendGrid does not take the field {name}.")
    if not letter.subject:
        raise Unsupported("header", "SendGrid takes no message without a subject.")
    request = mail.Mail()
    request.from_email = mail.From(*_email(letter.sender))
    if len(letter.reply_to) == 1:
        request.reply_to = mail.ReplyTo(*_email(letter.reply_to[0]))
    elif letter.reply_to:
        request.reply_to_list = [mail.ReplyTo(*_email(one)) for one in letter.reply_to]
    request.subject = mail.Subject(letter.subject)
    for one in _personalizations(letter, outgoing.message_id):
        request.add_personalization(one)
    _add_body(request, letter)
    # the package puts each one before the others
    for attachment in reversed(letter.attachments):
        request.add_attachment(_attachment(attachment))
    for name, value in letter.headers.items():
        request.add_header(mail.Header(name, value))
    request.tracking_settings = _no_tracking()
    made: dict[str, Any] = request.get()
    return made


def _email(address: Address) -> tuple[str, str | None]:
    return address.addr_spec, address.display_name or None


def _personalizations(
    letter: content.Content, message_id: str
) -> list[mail.Personalization]:
    """Return one for all, or one for each when all of them are blind recipients."""
    groups = [(letter.to, letter.cc, letter.bcc)]
    if not letter.to:
        # the API wants somebody in To; a copy of their own shows nobody else
        alone = (*letter.cc, *letter.bcc)
        groups = [((one,), (), ()) for one in alone]
    personalizations = []
    for to, cc, bcc in groups:
        one = mail.Personalization()
        for address in to:
            one.add_to(mail.To(*_email(address)))
        for address in cc:
            one.add_cc(mail.Cc(*_email(address)))
        for address in bcc:
            one.add_bcc(mail.Bcc(*_email(address)))
        one.add_custom_arg(mail.CustomArg(MESSAGE_ID_ARGUMENT, message_id))
        personalizations.append(one)
    return personalizations


def _add_body(request: mail.Mail, letter: content.Content) -> None:
    # text first, as the API demands; it takes no empty body
    if letter.text or not letter.html:
        request.add_content(mail.Content("text/plain", letter.text or " "))
    if letter.html:
        request.add_content(mail.Content("text/html", letter.html))


def _attachment(attachment: content.Attachment) -> mail.Attachment:
    if not attachment.data:
        raise Unsupported(
            "unsupported", f"SendGrid takes no empty attachment: {attachment.filename}"
        )
    return mail.Attachment(
        mail.FileContent(base64.b64encode(attachment.data).decode()),
        mail.FileName(attachment.filename),
        mail.FileType(attachment.mimetype),
        mail.Disposition("inline" if attachment.inline else "attachment"),
        mail.ContentId(attachment.cid) if attachment.cid else None,
    )


def _no_tracking() -> mail.TrackingSettings:
    settings = mail.TrackingSettings()
    settings.click_tracking = mail.ClickTracking(False, False)
    settings.open_tracking = mail.OpenTracking(False)
    settings.subscription_tracking = mail.SubscriptionTracking(False)
    settings.ganalytics = mail.Ganalytics(False)
    return settings
