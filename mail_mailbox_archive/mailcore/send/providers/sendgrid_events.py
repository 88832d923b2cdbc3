"""SendGrid's event webhook: who sent it, and what it tells."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ...addresses.address import normalise
from ...errors import Unreadable
from ...text import safe_text
from ..delivery import DeliveryEvent, State

#: Under this name our Message-ID comes back with each event.
MESSAGE_ID_ARGUMENT = "mailbox_message_id"
#: Seconds that a signed request may be old, or ahead of our clock.
WINDOW = 600
#: Events of one request that are read.
MAX_EVENTS = 10_000

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_STATES: dict[str, State] = {
    "processed": "accepted",
    "delivered": "delivered",
    "deferred": "deferred",
    "bounce": "bounced",
    "dropped": "bounced",
}


def verify_events(
    raw: bytes, headers: Mapping[str, str], public_key: str, now: datetime
) -> bool:
    """Return whether SendGrid signed these bytes within the last ten minutes.

    :param raw: the body as it came, not parsed and written again
    :param public_key: base64 of its DER, as the panel shows it
    :param now: with a time zone
    """
    values = {name.lower(): value for name, value in headers.items()}
    timestamp = values.get(TIMESTAMP, "")
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    if abs(now.timestamp() - int(timestamp)) > WINDOW:
        return False
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
        signature = base64.b64decode(values.get(SIGNATURE, ""), validate=True)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signature, timestamp.encode() + raw, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, binascii.Error, ValueError):
        return False
    return True


def parse_events(raw: bytes) -> tuple[DeliveryEvent, ...]:
    """Return what the events tell about delivery; opens, clicks and the like are not.

    :raises Unreadable: no JSON list
    """
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable("structure", "no JSON") from None
    if not isinstance(found, list):
        raise Unreadable("structure", "no list of events")
    events = (_event(one) for one in found[:MAX_EVENTS] if isinstance(one, dict))
    return tuple(event for event in events if event)


def _event(one: Mapping[str, Any]) -> DeliveryEvent | None:
    state = _STATES.get(str(one.get("event")))
    recipient = normalise(_text(one, "email", 254))
    event_id = _text(one, "sg_event_id", 200)
    if not state or not recipient or not event_id:
        return None
    message_id = _text(one, MESSAGE_ID_ARGUMENT, 998) or _text(one, "smtp-id", 998)
    reason = _text(one, "reason", 500) or _text(one, "response", 500)
    if (status := _text(one, "status", 20)) and state == "bounced":
        reason = f"{status} {reason}" if not reason.startswith(status) else reason
    return DeliveryEvent(event_id, message_id, recipient, state, reason, _time(one))


def _text(one: Mapping[str, Any], name: str, limit: int) -> str:
    value = one.get(name)
    return safe_text(value, limit) if isinstance(value, str) else ""


def _time(one: Mapping[str, Any]) -> datetime:
    value = one.get("timestamp")
    try:
        return datetime.fromtimestamp(float(value or 0), timezone.utc)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, timezone.utc)
