"""Header fields as values: people, moments, identifiers. None of this raises."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_tz

from ..addresses.address import Address, parse_addresses
from ..text import safe_text, unfold
from .node import Headers

#: Short enough for a database index, whatever the characters.
MAX_MESSAGE_ID = 500
MAX_REFERENCES = 100
#: Letters of a handed-in Message-ID that are read: a line of a header is no longer.
MAX_WRITTEN = 998

_MESSAGE_ID = re.compile(r"<[^<>]+>")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_AHEAD = timedelta(days=2)


def addresses(
    headers: Headers, name: str, charset: str | None = None
) -> tuple[Address, ...]:
    """Return the addresses of a field, () when it is absent.

    :param charset: of 8-bit names, see :mod:`.header_charset`
    """
    values = headers.get(name)
    if not values:
        return ()
    # RFC 5322, 3.6 allows one; senders who repeat it mean all of them.
    value = values[0] if len(values) == 1 else ", ".join(values)
    return parse_addresses(value, charset)


def date_of(headers: Headers) -> datetime | None:
    """Return the Date field in UTC, None when absent, before 1970 or far ahead."""
    date = _moment(headers.get("date", [""])[0])
    now = datetime.now(timezone.utc)
    return date if date and _EPOCH <= date <= now + _AHEAD else None


def received(headers: Headers) -> datetime | None:
    """Return when the last server on the way took it: its Received is the topmost."""
    return _moment(headers.get("received", [""])[0].rpartition(";")[2])


def _moment(value: str) -> datetime | None:
    try:
        fields = parsedate_tz(unfold(value)[:100])
        if not fields:
            return None
        date = datetime(*fields[:6], tzinfo=timezone.utc)
        return date - timedelta(seconds=fields[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _ids(values: list[str]) -> list[str]:
    # Folding may stand inside an identifier (RFC 5322, 4.5.4).
    ids = _MESSAGE_ID.findall(" ".join(values))
    return [safe_text("".join(one.split()), MAX_MESSAGE_ID) for one in ids]


def first_id(headers: Headers, name: str) -> str:
    """Return the first identifier of a field, angle brackets kept (RFC 5322, 3.6.4)."""
    values = headers.get(name, [])
    if ids := _ids(values[:1]):
        return ids[0]
    words = [word for value in values[:1] for word in value.split() if "@" in word]
    return safe_text(words[0], MAX_MESSAGE_ID) if words else ""


def reference_ids(headers: Headers) -> tuple[str, ...]:
    """Return the identifiers of References, each once, at most 100."""
    ids = list(dict.fromkeys(_ids(headers.get("references", []))))
    if len(ids) > MAX_REFERENCES:
        # The root and the latest say where a message belongs.
        ids = ids[:1] + ids[1 - MAX_REFERENCES :]
    return tuple(ids)


def stored_forms(written: str) -> tuple[str, ...]:
    """Return how a handed-in Message-ID may be stored, () for what is none.

    :param written: decoded, with or without its angle brackets. Spaces go, as they do
        when an email is read; they may also be what a link made of ``+``.
    """
    words = written[:MAX_WRITTEN].split()
    forms: dict[str, None] = {}
    for name in (separator.join(words).strip("<>") for separator in ("", "+")):
        if name:
            # some senders leave the brackets out
            forms[safe_text(f"<{name}>", MAX_MESSAGE_ID)] = None
            forms[safe_text(name, MAX_MESSAGE_ID)] = None
    return tuple(form for form in forms if form)
