"""Proving who we are (RFC 3501, 6.2; RFC 4616; RFC 7628; XOAUTH2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from imapclient import IMAPClient

from ..connect.oauth import sasl
from ..errors import MAX_DETAIL, LoginRefused, MailCoreError, Unreachable
from ..text import safe_text
from .arguments import guard, quote
from .connection import Account, offered
from .responses import read_code
from .wire import CommandRefused, Wire

#: What we say of ourselves where a server wants to know (RFC 2971): no more than that.
CLIENT_ID = 'ID ("name" "mail_mailbox_archive" "version" "19.0")'

#: Codes of a server that cannot decide at the moment.
NOT_NOW = {"UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT"}
_REFUSED = {
    **dict.fromkeys(
        ("AUTHORIZATIONFAILED", "CONTACTADMIN", "NOPERM"), "login_disabled"
    ),
    "AUTHENTICATIONFAILED": "password",
    "EXPIRED": "expired",
}
#: What a server says that gives no code and means another time, not another password.
_PASSING = re.compile(
    r"temporar|unavailable|internal|server error|overload|maintenance|timed? ?out",
    re.I,
)
#: The same, unless the words speak of the password as well: some servers name all that
#: may be the reason ("password is incorrect, or system is busy").
_LATER = re.compile(r"\blater\b|in use|try again in |\bbusy", re.I)
_WRONG = re.compile(
    r"invalid|incorrect|wrong|bad (?:user|login|password|credential)|credential"
    r"|authenticat\w+ fail|fail\w* to authenticat|not match|unknown user|password",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Password:
    """A password; never shown."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """An OAuth 2 access token, for OAUTHBEARER or XOAUTH2; never shown."""

    value: str = field(repr=False)


Secret = Password | OAuthToken


def guard_account(account: Account, secret: Secret) -> None:
    """Refuse what no command can carry.

    :raises BadArgument: login or secret holds CR, LF or NUL
    """
    for text in (account.login, secret.value):
        guard(_as_latin1(text))


def log_in(
    wire: Wire, client: IMAPClient, account: Account, secret: Secret
) -> frozenset[str]:
    """Log in on ``wire``; return the server's capabilities from now on.

    :raises LoginRefused: the server does not accept the account or the secret
    :raises Unreachable: it does not want to decide now
    """
    try:
        before = offered(client)
        if "ID" in before:
            # 163.com and others open no folder to who did not say it
            introduce(wire)
        texts = _authenticate(wire, account, secret, before)
    except MailCoreError as error:
        raise _explain(error, secret) from None
    capabilities = _told_capabilities(wire, [*texts, wire.completion])
    if "ID" in capabilities - before:
        introduce(wire)
    # what was offered before the login may be asked for after it as well
    return capabilities | (before & {"ID"})


def introduce(wire: Wire) -> None:
    """Tell the server which program we are; whatever it answers."""
    list(wire.run(CLIENT_ID, tolerant=True))


def _told_capabilities(wire: Wire, texts: Iterable[str]) -> frozenset[str]:
    for text in texts:
        code, argument = read_code(text)
        if code == "CAPABILITY":
            return _capabilities(argument.split())
    answers = wire.run("CAPABILITY", tolerant=True)
    texts = [answer.text for answer in answers if answer.kind == "CAPABILITY"]
    return _capabilities(" ".join(texts).split())


def _capabilities(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.upper() for word in words)


def _authenticate(
    wire: Wire, account: Account, secret: Secret, before: frozenset[str]
) -> list[str]:
    """Log in; return what the server told meanwhile, as texts with codes."""
    login, proof = account.login, secret.value
    if isinstance(secret, OAuthToken):
        mechanism = "OAUTHBEARER" if "AUTH=OAUTHBEARER" in before else "XOAUTH2"
        message = sasl(mechanism, login, proof, account.host, account.port)
        # what says that the reason for a refusal was understood (RFC 7628, 3.2.3)
        done = b"\1" if mechanism == "OAUTHBEARER" else b""
        wire.authenticate(mechanism, message, done)
        return []
    # LOGIN knows no charset (RFC 3501, 6.2.3); PLAIN is UTF-8 (RFC 4616)
    disabled = "LOGINDISABLED" in before
    plain = "AUTH=PLAIN" in before
    if plain and (disabled or not (login + proof).isascii()):
        return _log_in_plainly(wire, login, proof)
    if disabled and account.security == "none" and "STARTTLS" in before:
        raise Unreachable("needs_tls")
    if disabled:
        raise LoginRefused("login_disabled")
    try:
        answers = list(wire.run(f"LOGIN {_utf8(login)} {_utf8(proof)}"))
    except CommandRefused as error:
        if not plain or error.status != "BAD" or _WRONG.search(error.text):
            raise
        # a server that knows no such command, and has said nothing of the password
        return _log_in_plainly(wire, login, proof)
    return [
        f"[CAPABILITY {answer.text}]" if answer.kind == "CAPABILITY" else answer.text
        for answer in answers
    ]


def _log_in_plainly(wire: Wire, login: str, proof: str) -> list[str]:
    wire.authenticate("PLAIN", f"\0{login}\0{proof}".encode())
    return []


def _utf8(text: str) -> str:
    return quote(_as_latin1(text))


def _as_latin1(text: str) -> str:
    """Return ``text`` so that the bytes on the wire are its UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _explain(error: MailCoreError, secret: Secret) -> MailCoreError:
    """Return why the login failed, without the secret, which some servers repeat."""
    words = error.text if isinstance(error, CommandRefused) else error.detail
    for form in filter(None, (secret.value, _utf8(secret.value)[1:-1])):
        words = words.replace(form, "***")
    detail = safe_text(words, MAX_DETAIL)
    if not isinstance(error, CommandRefused):
        return type(error)(error.code, detail, retry_after=error.retry_after)
    if told := explain_code(error.code, detail):
        if told.code not in ("password", "expired"):
            return told
    if _is_passing(error.code, detail):
        return Unreachable("throttled", detail)
    if isinstance(secret, OAuthToken):
        return LoginRefused("token", detail)
    return told or LoginRefused("password", detail)


def explain_code(code: str, detail: str) -> MailCoreError | None:
    """Return what a code of RFC 5530 says of an account; None where it says nothing.

    At the login or, of servers that look later, at the first command that needs it.
    """
    if code == "PRIVACYREQUIRED":
        return Unreachable("needs_tls", detail)
    if code in NOT_NOW:
        return Unreachable("throttled", detail)
    refused = _REFUSED.get(code)
    return LoginRefused(refused, detail) if refused else None


def _is_passing(code: str, words: str) -> bool:
    """Return whether a refused login says nothing of login or secret.

    The code decides (RFC 5530); only where there is none that tells, the words do. What
    tells nothing counts as refused: it stops after some, before the account is locked.
    """
    if code in _REFUSED:
        return False
    if _PASSING.search(words):
        return True
    return bool(_LATER.search(words)) and not _WRONG.search(words)
