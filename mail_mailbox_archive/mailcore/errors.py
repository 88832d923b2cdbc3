"""What can go wrong, as few classes as callers tell apart, each with a stable code."""

from __future__ import annotations

from typing import Any, ClassVar

from .text import safe_text

#: Characters of a server's own words that are kept.
MAX_DETAIL = 500


class MailCoreError(Exception):
    """Root of all errors that leave mailcore.

    :param code: stable word, one of the class's ``codes``; the sentence for people is
        chosen by it
    :param detail: the server's own words, never a secret; cleaned and cut at 500
        characters
    :param retry_after: seconds the server asks us to wait, None when it did not say
    """

    failure_type: ClassVar[str] = ""
    codes: ClassVar[tuple[str, ...]] = ()
    #: Of one that ended a FETCH: what came before it, by UID; else not there.
    came: dict[int, Any]

    def __init__(
        self,
        code: str = "",
        detail: str | bytes = "",
        *,
        retry_after: float | None = None,
    ) -> None:
        self.code = code or (self.codes[0] if self.codes else "")
        if isinstance(detail, bytes):
            detail = detail.decode("utf-8", "replace")
        self.detail = safe_text(detail, MAX_DETAIL)
        self.retry_after = retry_after
        super().__init__(self.code, self.detail)

    @property
    def reason(self) -> str:
        """The server's or provider's own words, never a secret."""
        return self.detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class Unreachable(MailCoreError):
    """The server could not be used: name, line, TLS, greeting, or it will not serve."""

    failure_type = "connection"
    codes: ClassVar[tuple[str, ...]] = (
        "protocol",
        "dns",
        "refused",
        "timeout",
        "closed",
        "not_tls",
        "needs_tls",
        "certificate",
        "certificate_expired",
        "certificate_self_signed",
        "certificate_host",
        "tls_version",
        "starttls_missing",
        "preauth",
        "throttled",
        "address_refused",
        "port_refused",
        "plain_refused",
        "oauth_provider",
        "key_missing",
        "copy",
    )


class LoginRefused(MailCoreError):
    """The server does not accept who we say we are."""

    failure_type = "login"
    codes: ClassVar[tuple[str, ...]] = (
        "password",
        "login_disabled",
        "expired",
        "token",
        "token_dead",
        "token_missing",
        "wrong_account",
        "sign_in",
        "oauth_client",
        "elsewhere",
    )


class FolderGone(MailCoreError):
    """A folder that was listed cannot be opened."""

    failure_type = "folder"
    codes: ClassVar[tuple[str, ...]] = ("folder",)


class UidValidityChanged(MailCoreError):
    """The server renumbered a folder's messages (RFC 3501, 2.3.1.1)."""

    failure_type = "folder"
    codes: ClassVar[tuple[str, ...]] = ("uid_validity",)


class Unreadable(MailCoreError):
    """Not a message, or one built to exhaust its reader, or a fault of our own."""

    failure_type = "unreadable"
    codes: ClassVar[tuple[str, ...]] = (
        "structure",
        "empty",
        "depth",
        "parts",
        "fault",
        "refused",
        "reaction",
    )


class PartMissing(MailCoreError, KeyError):
    """The message has no part under that path."""

    failure_type = "unreadable"
    codes: ClassVar[tuple[str, ...]] = ("part",)


class SendError(MailCoreError):
    """A message did not leave; nothing is known to have been taken from us."""

    failure_type = "refused"
    codes: ClassVar[tuple[str, ...]] = ("refused",)


class SendDeferred(SendError):
    """Not sent now; the same message may be tried again (RFC 5321, 4.2.1: 4yz).

    ``uncertain``: the line broke between the message and the answer to it, so that the
    next try may double it. It is not made before somebody decides; the Message-ID stays
    the same.
    """

    failure_type = "deferred"
    codes: ClassVar[tuple[str, ...]] = ("deferred", "rate", "quota", "uncertain")


class SendUnreachable(SendDeferred, Unreachable):
    """The server could not be used, with the codes of :class:`Unreachable`."""

    failure_type = "connection"
    codes: ClassVar[tuple[str, ...]] = Unreachable.codes


class SendRefused(SendError):
    """Not sent, and trying again would not help (RFC 5321, 4.2.1: 5yz)."""

    failure_type = "refused"
    codes: ClassVar[tuple[str, ...]] = (
        "refused",
        "relay",
        "sender",
        "recipients",
        "address",
        "header",
        "structure",
        "size",
    )


class SendLoginRefused(SendError, LoginRefused):
    """The server or provider does not accept our password, token or key."""

    failure_type = "login"
    codes: ClassVar[tuple[str, ...]] = LoginRefused.codes


class Unsupported(SendError):
    """The server or provider cannot express what was asked; found before it was."""

    failure_type = "unsupported"
    codes: ClassVar[tuple[str, ...]] = (
        "unsupported",
        "size",
        "recipients",
        "header",
        "address",
    )


class BadArgument(MailCoreError, ValueError):
    """An argument that must not reach a server, found before a byte was written."""

    failure_type = "argument"
    codes: ClassVar[tuple[str, ...]] = ("control_character", "too_long")
