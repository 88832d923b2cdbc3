"""One way to send, whoever carries the message; the registry of those who can.

Another provider is one file: a subclass of :class:`Provider` with :func:`register`
above it, imported by its add-on. It says what an account is asked for, how a message is
sent, what errors mean, and what its webhook tells; the forms, the secrets and the
address of the webhook follow from that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import ClassVar, Literal, TypeVar

from ...addresses.sender_domain import COMMON_SELECTORS
from ...errors import SendRefused, Unreadable, Unsupported
from ..delivery import DeliveryEvent
from ..outgoing import OutgoingMessage

Status = Literal["accepted", "deferred", "refused"]


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What the provider said about one recipient.

    :param reason: its own words, "" for accepted
    :param provider_id: its name for this recipient's copy, when it gives one
    """

    address: str
    status: Status
    reason: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class SendResult:
    """What the provider said, in the order of the message's recipients.

    :param retry_after: seconds to wait before the deferred are tried again, None when
        the provider did not say
    """

    recipients: tuple[RecipientResult, ...]
    provider_message_id: str = ""
    retry_after: float | None = None

    def having(self, status: Status) -> tuple[RecipientResult, ...]:
        """Return the recipients of that status."""
        return tuple(one for one in self.recipients if one.status == status)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can express; what it cannot is refused before it is asked.

    :param max_recipients: of one message
    :param null_sender: whether the envelope sender may be empty (RFC 5321, 4.5.5)
    """

    max_recipients: int
    null_sender: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What an account at a provider is asked for: a line of the account's form.

    :param name: under which the provider gets it
    :param label: for people; needed unless the form has a field of that ``name``
        (``api_key``, ``secret_key``, ``region``, ``hook_public_key``, ``hook_key``)
    :param secret: stored encrypted for the provider's host, and never shown again
    :param required: without it nothing is sent
    :param hook: it is about the webhook, and is sent to nobody
    """

    name: str
    label: str = ""
    help: str = ""
    secret: bool = False
    required: bool = False
    default: str = ""
    hook: bool = False


class Settings(dict[str, str]):
    """The values of an account by the names of its settings, "" for what is empty."""

    def __repr__(self) -> str:
        # secrets are among them
        return f"Settings({', '.join(sorted(self))})"


class Provider(ABC):
    """Carries messages over one connection or account; a context manager.

    Not for two threads at once. No method shows or logs a secret.
    """

    code: ClassVar[str]
    label: ClassVar[str]
    #: Bytes of a message with all its parts encoded.
    max_bytes: ClassVar[int]
    capabilities: ClassVar[Capabilities]
    #: Whether it calls :attr:`_about_to_send` itself, at the last moment: after a
    #: conversation that may fail while nothing is handed over yet.
    tells_when: ClassVar[bool] = False
    #: What an account is asked for.
    settings: ClassVar[tuple[Setting, ...]] = ()
    #: Whether it reports by webhook what became of a message.
    reports: ClassVar[bool] = False
    #: What SPF of the sender's domain must include; "": whatever is there is right.
    spf_include: ClassVar[str] = ""
    #: Names under which DKIM keys of a sender's domain stand.
    dkim_selectors: ClassVar[tuple[str, ...]] = COMMON_SELECTORS

    @classmethod
    def open(cls, values: Settings) -> Provider:
        """Return the provider for an account with these settings.

        :raises BadArgument: one of them cannot be used
        """
        return cls(values)  # type: ignore[call-arg]

    @classmethod
    def host_of(cls, values: Settings) -> str:
        """Return the server that an account's secrets go to, "" where there is none.

        :param values: the settings that are no secrets
        """
        return ""

    @classmethod
    def verify_events(
        cls, raw: bytes, headers: Mapping[str, str], values: Settings, now: datetime
    ) -> bool:
        """Return whether the provider itself sent this to the webhook, lately.

        By default the secret address of the webhook alone is the proof.

        :param raw: the body as it came
        :param values: the settings that are about the webhook, with their secrets
        :param now: with a time zone
        """
        return True

    @classmethod
    def parse_events(cls, raw: bytes) -> tuple[DeliveryEvent, ...]:
        """Return what a call of the webhook tells about delivery.

        :raises Unreadable: it is not what the provider sends
        """
        raise Unreadable("structure", "no events")

    def send(
        self,
        outgoing: OutgoingMessage,
        about_to_send: Callable[[], object] = lambda: None,
    ) -> SendResult:
        """Hand over one message; return what was said about each recipient.

        An error is raised only when it is the same for all of them; nobody was taken
        then, save for ``SendDeferred("uncertain")``.

        :param about_to_send: called before the first byte of the message leaves; what
            it raises keeps the message here
        :raises SendDeferred: try again, after ``retry_after`` seconds when it is set
        :raises SendRefused: final
        :raises SendLoginRefused: the account is not accepted
        :raises Unsupported: found before anything was sent
        """
        self._check_expressible(outgoing)
        self._about_to_send = about_to_send
        if not self.tells_when:
            about_to_send()
        return self._send(outgoing)

    def _check_expressible(self, outgoing: OutgoingMessage) -> None:
        if not outgoing.recipients:
            raise SendRefused("recipients", "The message has no recipient.")
        if len(outgoing.recipients) > self.capabilities.max_recipients:
            raise Unsupported(
                "recipients",
                f"{len(outgoing.recipients)} recipients; {self.label} takes"
                f" {self.capabilities.max_recipients} at once.",
            )
        self.check_size(len(outgoing.as_bytes()))

    def check_size(self, size: int) -> None:
        """Refuse what is too large.

        :param size: bytes of the whole message
        :raises Unsupported:
        """
        if size > self.max_bytes:
            raise Unsupported(
                "size",
                f"The message has {size / 1e6:.1f} MB; {self.label} takes"
                f" {self.max_bytes / 1e6:.1f} MB.",
            )

    @abstractmethod
    def _send(self, outgoing: OutgoingMessage) -> SendResult: ...

    @abstractmethod
    def check(self) -> str:
        """Prove the login or key without sending; return the provider's own words.

        :raises SendError: as :meth:`send`
        """

    def close(self) -> None:  # noqa: B027 - nothing to close is an answer
        """Let the connection go; the next message opens a new one."""

    def abort(self) -> None:  # noqa: B027 - time-outs of their own are an answer
        """Break the line at once; the one method that another thread may call."""

    def __enter__(self) -> Provider:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


_P = TypeVar("_P", bound=type[Provider])
_registry: dict[str, type[Provider]] = {}


def register(provider: _P) -> _P:
    """Class decorator: make the provider known under its code."""
    known = _registry.setdefault(provider.code, provider)
    if known.__qualname__ != provider.__qualname__:
        raise ValueError(f"two providers are called {provider.code}")
    _registry[provider.code] = provider
    return provider


def get(code: str) -> type[Provider]:
    """Return the provider of that code.

    :raises KeyError: nobody has that code
    """
    return _registry[code]


def codes() -> tuple[str, ...]:
    """Return the codes in the order of registration."""
    return tuple(_registry)


def reporting() -> tuple[str, ...]:
    """Return the codes of the providers that report by webhook."""
    return tuple(code for code, provider in _registry.items() if provider.reports)


def same_for_all(
    addresses: Iterable[str], status: Status, reason: str = "", provider_id: str = ""
) -> tuple[RecipientResult, ...]:
    """Return one result for each address."""
    return tuple(
        RecipientResult(address, status, reason, provider_id) for address in addresses
    )
