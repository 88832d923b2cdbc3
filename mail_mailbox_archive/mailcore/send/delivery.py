"""What became of a message at one recipient, told by a webhook or a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["accepted", "delivered", "deferred", "bounced"]

#: A later event never makes less of an earlier one than this order allows.
RANK: dict[str, int] = {"accepted": 0, "deferred": 1, "delivered": 2, "bounced": 3}


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """One thing that happened to one recipient's copy.

    :param event_id: the provider's name of the event, or one made from its content, so
        that the same event twice is known
    :param message_id: our own Message-ID, with angle brackets; "" when it is not told
    :param recipient: normalised address
    :param reason: the words of the provider or the server, cleaned
    :param time: UTC
    """

    event_id: str
    message_id: str
    recipient: str
    state: State
    reason: str
    time: datetime
