"""What became of a message at each recipient, from the report that came back.

Delivery status notifications (RFC 3464, in the frame of RFC 3462), and the older kinds
that state it in words only. Anybody can write such a report: it may change the state of
a delivery that is known by Message-ID and recipient, and nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cached_property

from ..addresses.address import is_valid, normalise, parse_addresses
from ..errors import Unreadable
from ..read.body import read_body
from ..read.fields import date_of, first_id, reference_ids
from ..read.node import Headers, Node
from ..read.structure import read_structure
from ..text import decode_header, safe_text, unfold
from .delivery import DeliveryEvent, State
from .dsn_words import ARRIVED, DELAYED, FAILED

#: Bytes of a report that are read; what it returns of the message may be cut.
MAX_SOURCE = 2 * 2**20
MAX_STATUS = 262_144
MAX_RECIPIENTS = 200

#: Bytes of a header in which a report says that it is one.
_MAX_HEADER = 2**14
#: What stands in the header of every report, and of little else.
_MARKS = (
    b"multipart/report",
    b"x-failed-recipients",
    b"mailer-daemon",
    b"postmaster",
    b"return-path: <>",
    b"\nfrom: <>",
)
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
_ACTIONS: dict[str, State] = {
    "failed": "bounced",
    "delayed": "deferred",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_FIELD = re.compile(
    r"^([!-9;-~]{1,76})[ \t]*:[ \t]*(.{0,4000}(?:\n[ \t].{0,1000})*)", re.M
)
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_MESSAGE_ID = re.compile(
    r"^[> \t]*Message-ID:[ \t]*(?:\n[ \t]*)?(<[^<>\s]{1,900}>)", re.I | re.M
)
_BOUNCER = re.compile(
    r"mailer-daemon|postmaster|mail.?delivery|mailerdaemon|maildaemon|mmdf|bounce"
    r"|delivery-?(?:system|status|reports)|^mail$|^mailsystem|^system",
    re.I,
)
_COPY = re.compile(
    r"^[-=_* >\t]{0,40}(?:Below this line|This is a copy|Original message"
    r"|Returned message|Unsent message|Message headers follow|Received: |Header"
    r"|Return-Path: )",
    re.I | re.M,
)
_ADDRESS = re.compile(
    r"[\w.+=!#$%&'*/?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
)
_ENHANCED = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.#-])([45])[0-5]\d[ -](?=[#A-Za-z<'(\[])")
#: The header of a message begins, where it is copied into the words.
_COPIED = re.compile(
    r"^(?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)*:[ \t]\S.{0,1000}\n"
    r"(?:[ \t].{0,1000}\n){0,20}){4}",
    re.M,
)
_ANSWER = re.compile(
    r"\s*(?:re|aw|antw|odp|sv|vs|ynt|rif|res)\s*(?:\[\d+\])?\s*:", re.I
)
#: Reports about something else than whether a message arrived (RFC 8098, RFC 5965).
_OTHER_REPORTS = ("disposition-notification", "feedback-report")


def may_be_report(source: bytes) -> bool:
    """Return whether the header of ``source`` looks like that of a report."""
    end = source.find(b"\n\r\n", 0, _MAX_HEADER)
    header = source[: end if end > 0 else _MAX_HEADER].lower()
    return any(mark in header for mark in _MARKS)


def parse(source: bytes) -> tuple[DeliveryEvent, ...]:
    """Return what a report tells, one event for each recipient; () for other mail.

    ``message_id`` is that of the returned message, "" when the report keeps it to
    itself. Never raises.
    """
    source = source[:MAX_SOURCE].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        root, _defects = read_structure(source)
    except Unreadable:
        return ()
    report = _Report(source, root)
    events = tuple(report.stated()) or tuple(report.described())
    return tuple({event.event_id: event for event in events}.values())


class _Report:
    def __init__(self, source: bytes, root: Node) -> None:
        self._source = source
        self._root = root
        self._date = date_of(root.headers)

    def stated(self) -> Iterator[DeliveryEvent]:
        """Yield what the machine-readable part states (RFC 3464, 2.3)."""
        for node in self._root.walk():
            if node.mimetype in _STATUS_TYPES:
                text = self._text(node, MAX_STATUS)
                for block in re.split(r"\n[ \t]*\n", text)[: MAX_RECIPIENTS + 1]:
                    fields = _fields(block)
                    event = self._recipient(fields)
                    if event:
                        yield event

    def _recipient(self, fields: dict[str, str]) -> DeliveryEvent | None:
        action = fields.get("action", "").partition("(")[0].strip().lower()
        status = _ENHANCED.search(fields.get("status", ""))
        state = _ACTIONS.get(action) or _by_class(status[1] if status else "")
        recipient = _recipient_of(fields)
        if not state or not recipient:
            return None
        words = fields.get("diagnostic-code", "").partition(";")
        reason = (words[2] or words[0]).strip()
        if status and status[0] not in reason:
            reason = f"{status[0]} {reason}".strip()
        when = _date(fields.get("last-attempt-date", "")) or self._date
        return self._event(recipient, state, reason, when)

    def described(self) -> Iterator[DeliveryEvent]:
        """Yield what a report without such a part tells people."""
        if not self._is_bounce():
            return
        headers = self._root.headers
        recipients = _failed_recipients(headers, self._told) or self._returned_to()
        # who answers automatically has got it
        writers = _known(_first(headers, "from"))
        recipients = [one for one in recipients if one not in writers]
        state, reason = _verdict(self._told, self._subject)
        if state:
            for recipient in recipients[:MAX_RECIPIENTS]:
                yield self._event(recipient, state, reason, self._date)

    def _is_bounce(self) -> bool:
        """Return whether a mail system wrote this about a message that it returns.

        By its form, which is the same in every language: a system as its sender, and
        the message itself or a server's reply in it. Words count where neither is.
        """
        headers = self._root.headers
        if "x-failed-recipients" in headers:
            return True
        if self._root.parameters.get("report-type", "").lower() in _OTHER_REPORTS:
            return False
        system = _is_system(_first(headers, "from"))
        if not system and _first(headers, "return-path").strip() != "<>":
            return False
        if FAILED.search(self._subject) or DELAYED.search(self._subject):
            return True
        replied = bool(_ENHANCED.search(self._told) or _REPLY_CODE.search(self._told))
        returned = bool(_COPIED.search(self._words)) or any(self._returned())
        # a person's automatic answer has the null return path as well, and a person may
        # answer as the postmaster
        if not system or _ANSWER.match(self._subject):
            return replied and returned
        return replied or returned

    @cached_property
    def _subject(self) -> str:
        return decode_header(_first(self._root.headers, "subject"))

    def _event(
        self, recipient: str, state: State, reason: str, when: datetime | None
    ) -> DeliveryEvent:
        message_id = self._message_id
        own = first_id(self._root.headers, "message-id") or str(self._date)
        content = f"{own}|{message_id}|{recipient}|{state}"
        return DeliveryEvent(
            hashlib.sha256(content.encode("utf-8", "replace")).hexdigest(),
            message_id,
            recipient,
            state,
            safe_text(reason, 500),
            when or datetime.fromtimestamp(0, timezone.utc),
        )

    @cached_property
    def _message_id(self) -> str:
        for text in self._returned():
            if match := _MESSAGE_ID.search(text):
                return match[1]
        # some keep the whole copy in their own text, others only answer to it
        if match := _MESSAGE_ID.search(self._words):
            return match[1]
        headers = self._root.headers
        return first_id(headers, "in-reply-to") or next(
            iter(reference_ids(headers)), ""
        )

    def _returned(self) -> Iterator[str]:
        for node in self._root.walk():
            if node.mimetype in _RETURNED_TYPES:
                yield self._text(node, MAX_STATUS)

    def _returned_to(self) -> list[str]:
        copied = self._words[len(self._told) :].lstrip("\n")
        for text in (*self._returned(), copied):
            if recipients := _known(_fields(text.partition("\n\n")[0]).get("to", "")):
                return recipients
        return []

    @cached_property
    def _words(self) -> str:
        return read_body(self._source).text[:MAX_STATUS]

    @cached_property
    def _told(self) -> str:
        """What stands before the copy of the message."""
        copies = (_COPY.search(self._words, 80), _COPIED.search(self._words, 1))
        starts = [copy.start() for copy in copies if copy]
        return self._words[: min(starts, default=len(self._words))]

    def _text(self, node: Node, limit: int) -> str:
        return node.content(self._source, limit).decode("utf-8", "replace")


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(block):
        fields.setdefault(name.lower(), " ".join(unfold(value).split()))
    return fields


def _recipient_of(fields: dict[str, str]) -> str:
    """Return the address that we sent to, or the one that it led to."""
    for name in ("original-recipient", "final-recipient"):
        value = fields.get(name, "")
        address = value.partition(";")[2] or value
        if name == "original-recipient":
            # RFC 3461, 4.2
            address = _XTEXT.sub(lambda match: chr(int(match[1], 16)), address)
        known = _known(address)
        if known:
            return known[0]
    return ""


def _known(text: str) -> list[str]:
    addresses = (normalise(one.addr_spec) for one in parse_addresses(text[:20_000]))
    return [address for address in addresses if is_valid(address)]


def _by_class(digit: str) -> State | None:
    classes: dict[str, State] = {"2": "delivered", "4": "deferred", "5": "bounced"}
    return classes.get(digit)


def _is_system(sender: str) -> bool:
    """Return whether a From is that of a mail system, or nobody's."""
    local = ",".join(one.addr_spec.partition("@")[0] for one in parse_addresses(sender))
    nobody = sender.strip() == "<>"
    return nobody or bool(_BOUNCER.search(local) or _BOUNCER.search(sender))


def _first(headers: Headers, name: str) -> str:
    return headers.get(name, [""])[0]


def _failed_recipients(headers: Headers, text: str) -> list[str]:
    # Exim's own
    if named := _known(_first(headers, "x-failed-recipients")):
        return named
    own = {*_known(_first(headers, "from")), *_known(_first(headers, "to"))}
    addresses = (normalise(address) for address in _ADDRESS.findall(text[:20_000]))
    return [
        one
        for one in dict.fromkeys(addresses)
        if is_valid(one) and one not in own and not _BOUNCER.search(one.split("@")[0])
    ][:5]


def _verdict(text: str, subject: str) -> tuple[State | None, str]:
    """Return the state, and the line that tells it."""
    match = _ENHANCED.search(text) or _REPLY_CODE.search(text)
    if match:
        start = text.rfind("\n", 0, match.start()) + 1
        line = text[start : start + 500].partition("\n\n")[0]
        state = _by_class(match[1])
        return ("deferred" if DELAYED.search(subject) else state), line
    if DELAYED.search(subject):
        return "deferred", subject
    if ARRIVED.search(subject) and not FAILED.search(subject):
        # it says so, and nobody asked
        return None, subject
    return "bounced", subject


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(
            timezone.utc
        )
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
