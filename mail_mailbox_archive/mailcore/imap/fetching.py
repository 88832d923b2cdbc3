"""Getting a batch of messages, whatever the server or one of them does.

No message is given up because of its neighbour, and none is called absent because an
answer left it out: that is asked (RFC 3501 lets a server answer for fewer messages, and
servers do when they cannot read one).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from ..errors import FolderGone, MailCoreError, Unreachable, Unreadable
from ..message import parse, parse_headers
from .events import Fetched, Missing
from .session import Item, Session
from .uids import expand, to_ranges
from .wire import CommandRefused

_logger = logging.getLogger(__name__)

#: New connections that one poll may spend on finding out which message breaks the line.
MAX_RECONNECTS = 20
#: Messages in a row that the server does not give before the folder counts as failed.
MAX_WITHHELD = 10


class Fetcher:
    """Fetches batches from the open folder of a session."""

    def __init__(self, session: Session, max_size: int) -> None:
        self._session = session
        self._max_size = max_size
        self._reconnects = 0
        self._withheld = 0

    def fetch(
        self, batch: Sequence[Item]
    ) -> tuple[tuple[Fetched, ...], tuple[Missing, ...]]:
        """Return the messages of ``batch``, and those that are proven absent.

        :raises Unreachable: the line broke, and not because of one message
        :raises FolderGone: the server gives none of its messages
        """
        large = {item.uid for item in batch if item.size > self._max_size}
        found = self._get({i.uid: i for i in batch if i.uid not in large})
        headers = self._session.fetch_headers(large) if large else {}
        left = [i for i in batch if i.uid not in found and not _given(headers, i.uid)]
        here = set(expand(self._session.search(to_ranges(i.uid for i in left))))
        messages, missing = [], []
        for item in batch:
            if item.uid in found:
                messages.append(found[item.uid])
            elif _given(headers, item.uid):
                messages.append(_read(headers[item.uid], oversize=True))
            elif item.uid in here:
                messages.append(self._get_alone(item))
            else:
                missing.append(Missing(item.uid))
        return tuple(messages), tuple(missing)

    def _get(self, items: dict[int, Item]) -> dict[int, Fetched]:
        """Return what the server gives of ``items``; halved when the line breaks."""
        if not items:
            return {}
        # sizes are only advisory, and unknown of what the server first left out
        total = max(2 * sum(item.size for item in items.values()), self._max_size)
        try:
            got = self._session.fetch_sources(items, self._max_size, total)
        except (Unreachable, Unreadable, CommandRefused) as error:
            self._recover(error)
        else:
            return {uid: _read(item) for uid, item in got.items() if item.source}
        if len(items) == 1:
            return {uid: self._get_alone(item) for uid, item in items.items()}
        uids = sorted(items)
        lower = {uid: items[uid] for uid in uids[: len(uids) // 2]}
        upper = {uid: items[uid] for uid in uids[len(uids) // 2 :]}
        return {**self._get(lower), **self._get(upper)}

    def _get_alone(self, item: Item) -> Fetched:
        """Return one message that was withheld before, or why it is not to be had."""
        error: MailCoreError = Unreadable("empty")
        try:
            got = self._session.fetch_sources(
                [item.uid], self._max_size, self._max_size
            )
        except (Unreachable, Unreadable, CommandRefused) as caught:
            self._recover(caught)
            error = caught if isinstance(caught, Unreadable) else _withheld(caught)
        else:
            if got.get(item.uid) and got[item.uid].source:
                self._withheld = 0
                return _read(got[item.uid])
            item = replace(got.get(item.uid, item), source=b"")
        self._withheld += 1
        if self._withheld > MAX_WITHHELD:
            raise FolderGone("folder", error.detail)
        return _to_fetched(item, error=error)

    def _recover(self, error: MailCoreError) -> None:
        """Make the session usable after ``error``, or raise it.

        A server that answers no more is not asked again now; neither is one that tells
        us to wait.
        """
        if isinstance(error, CommandRefused):
            return
        if isinstance(error, Unreachable) and error.code not in ("closed", "protocol"):
            raise error
        self._reconnects += 1
        if self._reconnects > MAX_RECONNECTS:
            raise error
        self._session.resume()


def _given(items: dict[int, Item], uid: int) -> bool:
    return uid in items and bool(items[uid].source)


def _withheld(error: MailCoreError) -> Unreadable:
    return Unreadable("empty", error.detail)


def _read(item: Item, oversize: bool = False) -> Fetched:
    """Return ``item`` parsed; a message that cannot be read keeps its bytes."""
    reader = parse_headers if oversize else parse
    try:
        return replace(_to_fetched(item, oversize), message=reader(item.source or b""))
    except Unreadable as error:
        return _to_fetched(item, oversize, error)
    except Exception as error:
        # ours to mend, and no reason to stop the mailbox: the bytes are kept
        _logger.exception("A message could not be parsed")
        return _to_fetched(
            item, oversize, Unreadable("structure", type(error).__name__)
        )


def _to_fetched(
    item: Item, oversize: bool = False, error: MailCoreError | None = None
) -> Fetched:
    return Fetched(
        uid=item.uid,
        internal_date=item.internal_date,
        seen=item.seen,
        size=item.size,
        source=item.source or b"",
        error=error,
        oversize=oversize,
    )
