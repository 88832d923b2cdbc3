"""Any SMTP submission server (RFC 5321, 6409, 3207, 4954, 1870, 8314).

The certificate is verified before a byte that proves who we are is written; STARTTLS is
never optional. One connection carries one message after the other.
"""

from __future__ import annotations

import base64
import contextlib
import smtplib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from ...addresses.idn import ascii_or_same
from ...connect.net_guard import NetGuard, tls_context
from ...connect.oauth import sasl
from ...errors import (
    BadArgument,
    LoginRefused,
    SendDeferred,
    SendError,
    SendLoginRefused,
    SendUnreachable,
    Unreachable,
    Unsupported,
)
from ..outgoing import OutgoingMessage
from . import smtp_replies as replies
from .base import (
    Capabilities,
    Provider,
    RecipientResult,
    SendResult,
    Status,
    register,
    same_for_all,
)
from .smtp_line import Line

#: Messages over one connection.
MAX_MESSAGES = 1000


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A submission server and an account there.

    :param security: ``ssl`` (RFC 8314, 3.3), ``starttls`` (RFC 3207) or ``none``
    :param login: "" for a server that asks nobody
    :param oauth_token: gives an access token when one is needed; goes before the
        password
    :param verify_certificate: False keeps the encryption and checks nobody
    :param timeout: seconds of silence
    :param name: the domain that we call ourselves by (RFC 5321, 4.1.1.1), "" for the
        address that we come from; a server may refuse who comes from a private one
    :param connect: opens the line: a guard's, which takes ``plain=True`` when what
        proves who we are would cross it in clear
    """

    host: str
    port: int
    security: str = "ssl"
    login: str = ""
    password: str | None = field(default=None, repr=False)
    oauth_token: Callable[[], str] | None = field(default=None, repr=False)
    verify_certificate: bool = True
    timeout: float = 60
    name: str = ""
    connect: Callable[..., socket.socket] = NetGuard().connect


@register
class SmtpProvider(Provider):
    """Sends by SMTP; the recipients' results are the server's replies to RCPT."""

    code = "smtp"
    label = "SMTP"
    max_bytes = 100 * 2**20
    tells_when = True
    capabilities = Capabilities(max_recipients=1000, null_sender=True)

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._line: Line | None = None
        self._opening: Line | None = None
        self._aborted = False
        self._sent = 0
        _check(settings)

    def check(self) -> str:
        """Log in and say NOOP; return the server's greeting."""
        line = self._ready()
        with self._explained():
            replies.expect(line.noop(), 250)
        return line.greeting

    def close(self) -> None:
        """Say QUIT and hang up."""
        line, self._line = self._line, None
        if line:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                line.hurry()
                line.docmd("QUIT")
            line.close()

    def abort(self) -> None:
        """Break the line at once, also one that is only being opened."""
        self._aborted = True
        for line in (self._line, self._opening):
            if line:
                line.abort()

    def _send(self, outgoing: OutgoingMessage) -> SendResult:
        source = outgoing.as_bytes()
        line = self._begin(outgoing, len(source))
        with self._explained():
            results = self._rcpt_to(line, outgoing.recipients)
            if not any(one.status == "accepted" for one in results):
                self._reset(line)
                return SendResult(tuple(results))
            code, words = self._data(line, source)
        return self._after_data(results, code, words)

    def _begin(self, outgoing: OutgoingMessage, size: int) -> Line:
        """Return a line on which the server awaits the recipients."""
        used = self._line is not None
        try:
            return self._mail_from(outgoing.envelope_from, size)
        except SendUnreachable:
            # Many servers count the messages of a line, and end it so.
            if not used:
                raise
        return self._mail_from(outgoing.envelope_from, size)

    def _check_server_size(self, line: Line, size: int) -> None:
        limit = line.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < size:
            raise Unsupported(
                "size",
                f"The message has {size / 1e6:.1f} MB; the server takes"
                f" {int(limit) / 1e6:.1f} MB.",
            )

    def _mail_from(self, envelope_from: str, size: int) -> Line:
        line = self._ready()
        self._check_server_size(line, size)
        self._sent += 1
        option = f" SIZE={size}" if line.has_extn("size") else ""
        with self._explained():
            code, words = line.docmd(f"MAIL FROM:<{envelope_from}>{option}")
            if code != 250:
                self._reset(line)
                raise replies.error_of(code, words, "mail")
        return line

    def _rcpt_to(
        self, line: Line, recipients: tuple[str, ...]
    ) -> list[RecipientResult]:
        results = []
        for address in recipients:
            code, words = line.docmd(f"RCPT TO:<{address}>")
            if code == 421:
                raise replies.error_of(code, words, "rcpt")
            results.append(replies.recipient_result(address, code, words))
        return results

    def _data(self, line: Line, source: bytes) -> tuple[int, bytes]:
        try:
            self._about_to_send()
        except BaseException:
            self._reset(line)
            raise
        code, words = line.docmd("DATA")
        if code != 354:
            self._reset(line)
            return code, words
        try:
            line.write_message(source)
            return line.getreply()
        except (OSError, smtplib.SMTPException, SendUnreachable) as error:
            self._drop()
            # whether the server took it, nobody knows (RFC 5321, 4.5.3.2.6)
            raise SendDeferred("uncertain", replies.words_of(error)) from None

    def _after_data(
        self, results: list[RecipientResult], code: int, words: bytes
    ) -> SendResult:
        if code == 421:
            self._drop()
        text = replies.text_of(words)
        if 200 <= code < 300:
            return SendResult(
                tuple(results), replies.queue_id(text), replies.retry_after(results)
            )
        error = replies.error_of(code, words, "data")
        if all(one.status == "accepted" for one in results):
            raise error
        later = isinstance(error, SendDeferred)
        status: Status = "deferred" if later else "refused"
        taken = [
            *same_for_all(
                (one.address for one in results if one.status == "accepted"),
                status,
                error.detail,
            )
        ]
        by_address = {one.address: one for one in taken}
        return SendResult(tuple(by_address.get(one.address, one) for one in results))

    def _reset(self, line: Line) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if line.docmd("RSET")[0] == 250:
                return
        self._drop()

    def _ready(self) -> Line:
        """Return a line that is logged in, the one of the last message if it lives."""
        if self._line and self._sent % MAX_MESSAGES == 0 and self._sent:
            self.close()
        if self._line and not self._alive():
            self._drop()
        if not self._line:
            self._sent = 0
            with self._explained():
                self._line = self._opened()
        return self._line

    def _alive(self) -> bool:
        # A server that hung up left its farewell, or the end, to be read.
        return bool(self._line and self._line.is_quiet())

    def _opened(self) -> Line:
        settings = self._settings
        if self._aborted:
            raise SendUnreachable("timeout")
        line = Line(_dialler(settings), settings.timeout, settings.name)
        self._opening = line
        try:
            if settings.security == "ssl":
                line.tls = tls_context(settings.verify_certificate)
            line.open(ascii_or_same(settings.host), settings.port)
            if settings.security == "starttls":
                line.start_tls(tls_context(settings.verify_certificate))
            if settings.login:
                self._log_in(line)
        except BaseException:
            line.close()
            raise
        finally:
            self._opening = None
        return line

    def _log_in(self, line: Line) -> None:
        secret = ""
        try:
            mechanisms = line.esmtp_features.get("auth", "").upper().split()
            settings = self._settings
            if settings.oauth_token:
                secret = settings.oauth_token()
                _guard(secret, "token")
                code, words = _by_token(line, settings, mechanisms, secret)
            else:
                secret = settings.password or ""
                code, words = _by_password(line, settings.login, secret, mechanisms)
        except (smtplib.SMTPException, OSError) as error:
            raise SendUnreachable(
                "closed", _without(replies.words_of(error), secret)
            ) from None
        if code != 235:
            raise replies.login_error(code, _without(replies.text_of(words), secret))

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self._drop()
            raise replies.explain(error) from None
        except SendUnreachable:
            self._drop()
            raise
        except Unreachable as error:
            raise SendUnreachable(error.code, error.detail) from None
        except SendError:
            raise
        except LoginRefused as error:
            # of who gives us the token
            raise SendLoginRefused(error.code, error.detail) from None

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line:
            line.close()


def _dialler(settings: SmtpSettings) -> Callable[..., socket.socket]:
    if settings.security == "none" and settings.login:
        return partial(settings.connect, plain=True)
    return settings.connect


def _check(settings: SmtpSettings) -> None:
    for text in (
        settings.host,
        settings.login,
        settings.password or "",
        settings.name,
    ):
        _guard(text, "host, login, password or name")
    if not 0 < len(settings.host) <= 253 or not 0 < settings.port < 65536:
        raise BadArgument("too_long", "host or port")
    if settings.security not in ("ssl", "starttls", "none"):
        raise BadArgument("security", settings.security)


def _guard(text: str, name: str) -> None:
    if any(character in text for character in "\r\n\0"):
        raise BadArgument("control_character", name)


def _by_token(
    line: Line, settings: SmtpSettings, mechanisms: list[str], token: str
) -> tuple[int, bytes]:
    standard = "OAUTHBEARER" in mechanisms and "XOAUTH2" not in mechanisms
    mechanism = "OAUTHBEARER" if standard else "XOAUTH2"
    start = sasl(mechanism, settings.login, token, settings.host, settings.port)
    return _one_step(line, mechanism, start)


def _by_password(
    line: Line, login: str, password: str, mechanisms: list[str]
) -> tuple[int, bytes]:
    if "PLAIN" in mechanisms:
        return _one_step(line, "PLAIN", f"\0{login}\0{password}".encode())
    if "LOGIN" in mechanisms:
        code, words = line.docmd("AUTH LOGIN")
        for secret in (login, password):
            if code != 334:
                break
            code, words = line.docmd(_base64(secret.encode()))
        return code, words
    raise SendLoginRefused(
        "login_disabled", "The server offers no login by password on this line."
    )


def _one_step(line: Line, mechanism: str, start: bytes) -> tuple[int, bytes]:
    code, words = line.docmd(f"AUTH {mechanism} {_base64(start)}")
    if code == 334:
        # the reason, as base64; an empty answer ends the exchange (RFC 7628, 3.2.3)
        code, words = line.docmd("")
    return code, words


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _without(words: str, secret: str) -> str:
    for form in filter(None, (secret, _base64(secret.encode()))):
        words = words.replace(form, "***")
    return words
