"""Getting a batch of messages, whatever the server or one of them does.

No message is given up because of its neighbour, and none is called absent because an
answer left it out: that is asked (RFC 3501 lets a server answer for fewer messages, and
servers do when they cannot read one).
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import (
    FolderGone,
    MailCoreError,
    UidValidityChanged,
    Unreachable,
    Unreadable,
)
from ..read.filing import hide, read_tags
from ..read.message import parse, parse_headers
from .events import Fetched, Missing
from .responses import MAX_COUNT
from .session import Item, Session
from .uids import Ranges, expand, to_ranges
from .wire import CommandRefused, TooLarge

_logger = logging.getLogger(__name__)

#: Errors after which a new line may work.
BROKEN = frozenset({"closed", "protocol", "timeout"})
#: New connections that a folder may cost to find out which message breaks the line.
MAX_RECONNECTS = 20
#: Silences after which a folder that gave nothing is the cause, and no message of it.
MAX_SILENCES = 3

#: Refusals after which a folder that gave nothing is the cause, and no message of it.
MAX_REFUSALS = 20

#: Broken lines in one batch after which it is gone through in steps of so many.
MANY, STEP = 3, 5

#: Takes UIDs, and the bytes that all may have together.
_Fetch = Callable[[Iterable[int], int], dict[int, Item]]


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch.

    :param messages: those that came, or why they did not, in the batch's order
    :param missing: those that are proven absent
    :param error: why nothing is known of the rest; None when there is no rest
    """

    messages: tuple[Fetched, ...]
    missing: tuple[Missing, ...]
    error: MailCoreError | None = None


class Fetcher:
    """Fetches batches from the open folder of a session.

    A message at which the line breaks or falls silent is left for the end: what is
    after it comes first, and it alone is asked for once more.

    :param late: whether the time of this check is used up
    :param filing: as of :class:`~.plan.Limits`
    """

    def __init__(
        self,
        session: Session,
        max_size: int,
        late: Callable[[], bool] = lambda: False,
        filing: frozenset[str] = frozenset(),
    ) -> None:
        self._session = session
        self._max_size = max_size
        self._filing = filing
        self._late = late
        self._reconnects = self._silences = self._lines = self._count = 0
        self._refusals = 0
        self._patience = MANY
        #: the server gave something of this folder
        self._gave = False
        self._found: dict[int, Fetched] = {}
        self._decided: set[int] = set()
        #: at which the line broke, and how, each time
        self._suspects: dict[int, list[MailCoreError]] = {}

    def fetch(self, batch: Sequence[Item]) -> Batch:
        """Return the messages of ``batch``, and those that are proven absent.

        :raises FolderGone: the server gives none of several
        """
        self._found, self._decided, self._suspects = {}, set(), {}
        try:
            self._fetch(batch)
        except (Unreachable, UidValidityChanged) as error:
            # what came, came: the next check goes on behind it
            self._give_up(batch)
            decided = self._decided if self._gave or len(batch) == 1 else ()
            done = itertools.takewhile(lambda item: item.uid in decided, batch)
            return self._collect([item.uid for item in done], error)
        return self._collect([item.uid for item in batch])

    def look(self, ranges: Ranges, alive: Ranges) -> dict[int, Item]:
        """Return what lives in ``ranges``, without sources, as far as it is told.

        :param alive: what the server said of it before
        """
        try:
            return self._session.fetch_sizes(ranges)
        except Unreachable as error:
            self._recover(error)
            return getattr(error, "came", {})
        except (CommandRefused, FolderGone):
            if alive == ranges:
                raise
        # GNU's knows no set with a UID that nothing has
        return self._session.fetch_sizes(alive)

    def look_at_headers(self, uids: Iterable[int]) -> dict[int, bytes]:
        """Return the header blocks of messages that need not be to be had."""
        try:
            got, _error = self._try(list(uids), self._headers)
        except FolderGone:
            # GNU's knows no set with a UID that nothing has
            alive = list(expand(self._session.search(to_ranges(uids))))
            got, _error = self._try(alive, self._headers) if alive else ({}, None)
        return {uid: item.source for uid, item in got.items() if item.source}

    def _give_up(self, batch: Sequence[Item]) -> None:
        """Put aside what broke the line each time, of a server that gives the rest."""
        for item in batch if self._gave else ():
            errors = self._suspects.get(item.uid, [])
            enough = len(errors) > 1 or self._reconnects > MAX_RECONNECTS
            if errors and enough and item.uid not in self._decided:
                reason = Unreadable("empty", errors[-1].detail)
                self._note(replace(_to_fetched(item, error=reason), withheld=True))

    def _collect(self, uids: list[int], error: MailCoreError | None = None) -> Batch:
        fetched = self._found
        return Batch(
            tuple(fetched[uid] for uid in uids if uid in fetched),
            tuple(Missing(uid) for uid in uids if uid not in fetched),
            error,
        )

    def _fetch(self, batch: Sequence[Item]) -> None:
        self._lines, self._count = self._reconnects, len(batch)
        self._patience = MANY
        self._decide(batch)
        self._patience = MAX_RECONNECTS
        left = [item for item in batch if item.uid not in self._decided]
        for start in range(0, len(left), STEP):
            self._decide(left[start : start + STEP])

    def _is_troubled(self) -> bool:
        """Return whether these are too many at once, after what they broke so far.

        What breaks the line often is gone through in small steps, in the batch's order,
        so that each check gets on whatever it costs.
        """
        return self._reconnects - self._lines > self._patience

    def _decide(self, batch: Sequence[Item]) -> None:
        normal = {item.uid: item for item in batch if item.size <= self._max_size}
        large = {item.uid: item for item in batch if item.size > self._max_size}
        self._get(normal, self._sources)
        self._get(large, self._headers)
        if self._is_troubled():
            return
        left = to_ranges(item.uid for item in batch if item.uid not in self._found)
        here = set(expand(self._session.search(left)))
        self._decided |= set(expand(left)) - here
        for item in batch:
            if item.uid in here:
                way = self._sources if item.uid in normal else self._headers
                self._note(self._get_alone(item, way))
        alone = (self._found[uid] for uid in here)
        withheld = [one.error for one in alone if one.error and not one.source]
        if withheld and not self._gave and self._count > 1:
            # the fault is the server's, not that of each message
            raise FolderGone("folder", withheld[0].detail)

    def _note(self, fetched: Fetched) -> None:
        self._found[fetched.uid] = fetched
        self._decided.add(fetched.uid)

    def _sources(self, uids: Iterable[int], total: int) -> dict[int, Item]:
        # sizes are only advisory, and unknown of what the server first left out
        bounds = (self._max_size, max(total, self._max_size))
        return self._session.fetch_sources(uids, *bounds)

    def _headers(self, uids: Iterable[int], _total: int) -> dict[int, Item]:
        return self._session.fetch_headers(uids)

    def _get(self, items: dict[int, Item], fetch: _Fetch, blind: bool = False) -> None:
        """Note what the server gives of ``items``; one that breaks the line is left.

        :param blind: nothing came the last time either: the first need not be the one
        """
        if not items or self._is_troubled():
            return
        try:
            total = sum(item.size for item in items.values())
            self._take(self._ask(fetch, items, total))
            return
        except (CommandRefused, FolderGone) as error:
            self._note_refusal(error)
            came = False
            blind = True
        except (Unreachable, Unreadable) as error:
            came = self._take(getattr(error, "came", {}))
            blind = blind and not came
            if not blind:
                self._suspect(self._left(items)[:1], error)
            self._recover(error)
        left = self._left(items)
        if len(left) < 2 or (blind and len(left) <= STEP):
            return
        if blind:
            parts = [left[: len(left) // 2], left[len(left) // 2 :]]
        else:
            # servers answer in the order of UIDs: it is the first that did not come
            parts = [left[1:]]
        for part in parts:
            self._get({uid: items[uid] for uid in part}, fetch, not came)

    def _note_refusal(self, error: MailCoreError) -> None:
        """Look for the message that is refused; give up where all of them are."""
        self._refusals += 1
        if self._refusals > MAX_REFUSALS and not self._gave:
            raise FolderGone("folder", error.detail)

    def _left(self, items: Iterable[int]) -> list[int]:
        return sorted(uid for uid in items if uid not in self._found)

    def _suspect(self, uids: Iterable[int], error: MailCoreError) -> None:
        for uid in uids:
            self._suspects.setdefault(uid, []).append(error)

    def _take(self, got: dict[int, Item]) -> bool:
        """Note what came whole; return whether anything did."""
        whole = [item for item in got.values() if item.source]
        for item in whole:
            self._note(self._read(item))
        return bool(whole)

    def _get_alone(self, item: Item, fetch: _Fetch) -> Fetched:
        """Return a message that was withheld before, or why it is not to be had."""
        got: dict[int, Item] = {}
        error: MailCoreError | None = None
        if not (self._late() and self._silences):
            got, error = self._try_alone(item.uid, fetch)
        if item.uid in got and got[item.uid].source:
            return self._read(got[item.uid])
        # its headers help people to find it, and show that the server works
        headers, _ = self._try_alone(item.uid, self._headers)
        item = headers.get(item.uid, got.get(item.uid, item))
        if isinstance(error, TooLarge) and self._max_size < error.size <= MAX_COUNT:
            # its size was told wrongly; it is kept as any that is too large
            if item.source:
                return self._read(replace(item, size=error.size))
        fetched = _to_fetched(item, error=error or Unreadable("empty"))
        # its size may be unknown; that of a message without a byte is not
        given = got.get(item.uid)
        empty = given is not None and given.source == b"" and not given.size
        return replace(fetched, withheld=not empty)

    def _try_alone(
        self, uid: int, fetch: _Fetch
    ) -> tuple[dict[int, Item], Unreadable | None]:
        try:
            return self._try([uid], fetch)
        except FolderGone as error:
            if self._count == 1 and not self._gave:
                # not understood: that says nothing of the message
                raise
            self._note_refusal(error)
            return {}, Unreadable("empty", error.detail)

    def _try(
        self, uids: list[int], fetch: _Fetch
    ) -> tuple[dict[int, Item], Unreadable | None]:
        try:
            return self._ask(fetch, uids, 0), None
        except (Unreachable, Unreadable, CommandRefused) as error:
            self._suspect(uids, error)
            self._recover(error)
            if isinstance(error, Unreadable):
                return {}, error
            return {}, Unreadable("empty", error.detail)

    def _ask(self, fetch: _Fetch, uids: Iterable[int], total: int) -> dict[int, Item]:
        try:
            got = fetch(uids, 2 * total)
        except MailCoreError as error:
            self._note_given(getattr(error, "came", {}))
            raise
        self._note_given(got)
        return got

    def _note_given(self, got: dict[int, Item]) -> None:
        self._gave |= any(item.source is not None for item in got.values())

    def _recover(self, error: MailCoreError) -> None:
        """Make the session usable after ``error``, or raise it.

        A server that tells us to wait is not asked again now; neither is one that only
        ever falls silent.
        """
        if isinstance(error, CommandRefused):
            return
        if error.code == "timeout":
            self._silences += 1
            if self._silences > MAX_SILENCES and not self._gave:
                raise error
        elif isinstance(error, Unreachable) and error.code not in BROKEN:
            raise error
        self._reconnects += 1
        if self._reconnects > MAX_RECONNECTS:
            raise Unreachable("closed", error.detail)
        self._session.resume()

    def _read(self, item: Item) -> Fetched:
        return read_item(item, self._max_size, self._filing)


def read_item(
    item: Item, max_size: int, filing: frozenset[str] = frozenset()
) -> Fetched:
    """Return ``item`` parsed; a message that cannot be read keeps its bytes.

    :param filing: as of :class:`~.plan.Limits`
    """
    source = item.source or b""
    tags = read_tags(source) if filing else ()
    # a token is a secret of who copied the address
    item = replace(item, source=hide(source, filing, tags))
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
    return _to_fetched(item, message=message, oversize=oversize, tags=tags)


def _to_fetched(item: Item, **more: Any) -> Fetched:
    return Fetched(
        uid=item.uid,
        internal_date=item.internal_date,
        seen=item.seen,
        size=item.size,
        source=item.source or b"",
        **more,
    )
