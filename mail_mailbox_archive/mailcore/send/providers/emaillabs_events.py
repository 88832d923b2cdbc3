"""EmailLabs' classic webhook: who sent it, and what it tells.

The id in the header is an MD5 over time, type and a secret, not over the body: weak.
The caller keeps a secret in the path as well, and an event changes nothing but the
state of a delivery.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs

from ...addresses.address import normalise
from ...errors import Unreadable
from ...text import safe_text
from ..delivery import DeliveryEvent, State

#: Seconds that a request may be old, or ahead of our clock.
WINDOW = 600
MAX_EVENTS = 10_000

_STATES: dict[str, State] = {
    "injected": "accepted",
    "ok": "delivered",
    "delivered": "delivered",
    "deferred": "deferred",
    "softbounce": "deferred",
    "hardbounce": "bounced",
    "spambounce": "bounced",
    "dropped": "bounced",
}


def verify_events(
    raw: bytes, headers: Mapping[str, str], secret: str, now: datetime, panel: str = ""
) -> bool:
    """Return whether the headers hold the secret and are at most ten minutes old.

    :param raw: the body, which no part of the headers covers
    :param now: with a time zone
    :param panel: the panel's name, part of what is hashed
    """
    values = {name.lower(): value for name, value in headers.items()}
    stamp, kind = values.get("x-emaillabs-ts", ""), values.get("x-emaillabs-mt", "")
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12 or not secret:
        return False
    if abs(now.timestamp() - int(stamp)) > WINDOW:
        return False
    wanted = hashlib.md5(
        f"{stamp}|{kind}|{panel}|{secret}".encode(), usedforsecurity=False
    ).hexdigest()
    given = values.get("x-emaillabs-id", "").strip().lower()
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def parse_events(raw: bytes) -> tuple[DeliveryEvent, ...]:
    """Return what a request's form tells about delivery.

    :param raw: the body: ``p=`` and base64 of JSON, one event or a list
    :raises Unreadable: it is something else
    """
    try:
        form = parse_qs(raw.decode("ascii"), max_num_fields=20)
        coded = form["p"][0].replace(" ", "+").replace("-", "+").replace("_", "/")
        content = json.loads(base64.b64decode(coded + "=" * (-len(coded) % 4)))
    except (ValueError, KeyError, RecursionError, binascii.Error):
        raise Unreadable("structure", "no events") from None
    rows = _rows(content)[:MAX_EVENTS]
    events = (_event(one) for one in rows if isinstance(one, dict))
    return tuple(event for event in events if event)


def _rows(content: Any) -> list[Any]:
    if isinstance(content, dict):
        inside = content.get("data") or content.get("events")
        return inside if isinstance(inside, list) else [content]
    return content if isinstance(content, list) else []


def _event(one: Mapping[str, Any]) -> DeliveryEvent | None:
    word = _text(one, "status", "event", "type").lower()
    state = _STATES.get(word)
    recipient = normalise(_text(one, "to", "email", "recipient"))
    if not state or not recipient:
        return None
    name = _text(one, "message_id", "messageId", limit=996).strip("<>")
    stamp = _text(one, "timestamp", "ts", "time", "created_at", "date")
    # it names no event: the same one twice has the same content
    content = f"{name}|{recipient}|{word}|{stamp}"
    return DeliveryEvent(
        _text(one, "event_id", "id") or hashlib.sha256(content.encode()).hexdigest(),
        f"<{name}>" if name else "",
        recipient,
        state,
        _text(one, "reason", "message", "comment", "info", limit=500),
        _time(stamp),
    )


def _text(one: Mapping[str, Any], *names: str, limit: int = 254) -> str:
    for name in names:
        value = one.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return safe_text(str(value), limit)
    return ""


def _time(stamp: str) -> datetime:
    try:
        if stamp.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(stamp), timezone.utc)
        moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, timezone.utc)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
