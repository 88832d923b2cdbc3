"""Getting a batch of messages, whatever the server or one of them does.

No message is given up because of its neighbour, and none is called absent because an
answer left it out: that is asked (RFC 3501 lets a server answer for fewer messages, and
servers do when they cannot read one).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..errors import FolderGone, MailCoreError, Unreachable, Unreadable
from ..message import parse, parse_headers
from .events import Fetched, Missing
from .session import Item, Session
from .uids import expand, to_ranges
from .wire import CommandRefused

_logger = logging.getLogger(__name__)

#: New connections that a folder may cost to find out which message breaks the line.
MAX_RECONNECTS = 20

#: Takes UIDs, and the bytes that all may have together.
_Fetch = Callable[[Iterable[int], int], dict[int, Item]]


class Fetcher:
    """Fetches batches from the open folder of a session."""

    def __init__(self, session: Session, max_size: int) -> None:
        self._session = session
        self._max_size = max_size
        self._reconnects = 0
        #: the server gave something of this folder
        self._gave = False

    def fetch(
        self, batch: Sequence[Item]
    ) -> tuple[tuple[Fetched, ...], tuple[Missing, ...]]:
        """Return the messages of ``batch``, and those that are proven absent.

        :raises Unreachable: the line broke, and not because of one message
        :raises FolderGone: the server gives none of several
        """
        normal = {item.uid: item for item in batch if item.size <= self._max_size}
        large = {item.uid: item for item in batch if item.size > self._max_size}
        found = self._get(normal, self._sources)
        found |= self._get(large, self._headers)
        left = to_ranges(item.uid for item in batch if item.uid not in found)
        here = set(expand(self._session.search(left)))
        for item in batch:
            if item.uid in here:
                way = self._sources if item.uid in normal else self._headers
                found[item.uid] = self._get_alone(item, way)
        withheld = [one.error for one in found.values() if one.error and not one.source]
        if withheld and not self._gave and len(batch) > 1:
            # the fault is the server's, not that of each message
            raise FolderGone("folder", withheld[0].detail)
        uids = [item.uid for item in batch]
        return (
            tuple(found[uid] for uid in uids if uid in found),
            tuple(Missing(uid) for uid in uids if uid not in found),
        )

    def _sources(self, uids: Iterable[int], total: int) -> dict[int, Item]:
        # sizes are only advisory, and unknown of what the server first left out
        bounds = (self._max_size, max(total, self._max_size))
        return self._session.fetch_sources(uids, *bounds)

    def _headers(self, uids: Iterable[int], _total: int) -> dict[int, Item]:
        return self._session.fetch_headers(uids)

    def _get(self, items: dict[int, Item], fetch: _Fetch) -> dict[int, Fetched]:
        """Return what the server gives of ``items``; halved when the line breaks."""
        if not items:
            return {}
        try:
            got = self._ask(fetch, items, sum(item.size for item in items.values()))
        except (Unreachable, Unreadable, CommandRefused) as error:
            self._recover(error)
        else:
            return {uid: self._read(item) for uid, item in got.items() if item.source}
        if len(items) == 1:
            return {uid: self._get_alone(item, fetch) for uid, item in items.items()}
        uids = sorted(items)
        lower = {uid: items[uid] for uid in uids[: len(uids) // 2]}
        upper = {uid: items[uid] for uid in uids[len(uids) // 2 :]}
        return {**self._get(lower, fetch), **self._get(upper, fetch)}

    def _get_alone(self, item: Item, fetch: _Fetch) -> Fetched:
        """Return a message that was withheld before, or why it is not to be had."""
        got, error = self._try([item.uid], fetch)
        if item.uid in got and got[item.uid].source:
            return self._read(got[item.uid])
        # its headers help people to find it, and show that the server works
        headers, _ = self._try([item.uid], self._headers)
        item = headers.get(item.uid, got.get(item.uid, item))
        fetched = _to_fetched(item, error=error or Unreadable("empty"))
        # its size may be unknown; that of a message without a byte is not
        given = got.get(item.uid)
        empty = given is not None and given.source == b"" and not given.size
        return replace(fetched, withheld=not empty)

    def _try(
        self, uids: list[int], fetch: _Fetch
    ) -> tuple[dict[int, Item], Unreadable | None]:
        try:
            return self._ask(fetch, uids, 0), None
        except Unreadable as error:
            self._recover(error)
            return {}, error
        except (Unreachable, CommandRefused) as error:
            self._recover(error)
            return {}, Unreadable("empty", error.detail)

    def _ask(self, fetch: _Fetch, uids: Iterable[int], total: int) -> dict[int, Item]:
        got = fetch(uids, 2 * total)
        self._gave |= any(item.source is not None for item in got.values())
        return got

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

    def _read(self, item: Item) -> Fetched:
        return read_item(item, self._max_size)


def read_item(item: Item, max_size: int) -> Fetched:
    """Return ``item`` parsed; a message that cannot be read keeps its bytes."""
    oversize = item.size > max_size
    reader = parse_headers if oversize else parse
    try:
        message = reader(item.source or b"", item.arrived)
    except Unreadable as error:
        return _to_fetched(item, error=error)
    except Exception as error:
        # ours to mend, and no reason to stop the mailbox: the bytes are kept
        _logger.exception("A message could not be parsed")
        error = Unreadable("fault", type(error).__name__)
        return _to_fetched(item, error=error)
    return _to_fetched(item, message=message, oversize=oversize)


def _to_fetched(item: Item, **more: object) -> Fetched:
    return Fetched(
        uid=item.uid,
        internal_date=item.internal_date,
        seen=item.seen,
        size=item.size,
        source=item.source or b"",
        **more,
    )
