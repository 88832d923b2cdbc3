"""What to do with a folder, decided from values alone.

The states of a folder, by what we hold of it (``FolderState``)::

                    first batch                  backfill_uid = 1
    never opened ----------------> behind ---------------------------> complete
    (next_uid 0)                   |    ^                              |    ^
         ^                         |    | next batch, downwards        |    | new mail,
         |                         +----+                              +----+ flags
         |                         |                                   |
         +------- reset -----------+-----------------------------------+
                  uid_validity differs, or uid_next went down

    uid:   1 .................. backfill_uid ............ next_uid ........ uid_next
              older, not read yet |   decided: stored, in    | new since the
              (read downwards)    |   quarantine, or absent  | last look

A poll visits the complete folders that changed and the new mail of those behind; only
then it reads on in those behind, so that the past never delays the present.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from .folder import Folder, FolderState, FolderStatus, Role
from .items import Item
from .uids import Ranges, clip

MEBIBYTE = 2**20

#: Messages whose sizes are asked for at once.
WINDOW = 1000

#: Folders that are looked at once more on a new line.
PROBES = 6

_FIRST = {Role.INBOX: 0, Role.SENT: 1}
_NOTHING = FolderState("")


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read, and how much at a time.

    :param batch_bytes: of the sources in one batch; a single larger message is a batch
    :param batch_count: messages in one batch
    :param max_size: bytes; of a larger message only the headers are fetched
    :param since: older mail (by internal date) is not fetched; None = all
    :param past: False = only what is new; what was there before waits
    :param deadline: asked after each batch; True = stop there, the next poll goes on
    :param filing: addresses of ours that archive, in normal form; tokens of theirs are
        made unreadable, see :mod:`..read.filing`
    """

    batch_bytes: int = 4 * MEBIBYTE
    batch_count: int = 200
    max_size: int = 50 * MEBIBYTE
    since: date | None = None
    past: bool = True
    deadline: Callable[[], bool] = _never
    filing: frozenset[str] = frozenset()


class Listed(NamedTuple):
    """What a line of the list of folders says, without the folder's status.

    :param role: the value of a :class:`~.folder.Role`
    :param skipped: whether the folder is left out or cannot be opened
    :param shared: whether it is another person's; None = not asked yet
    """

    wire_name: str
    name: str
    role: str
    skipped: bool
    shared: bool | None = False


@dataclass(frozen=True, slots=True)
class Known:
    """What we hold of a mailbox.

    :param folders: by ``wire_name``
    :param skip_names: folders that people want left out
    :param placed: by ``wire_name``, the UIDs below ``backfill_uid`` that we hold
        although they are not decided: where a folder is gone through once more
    :param listing: the list of folders as it was told last; None = tell it again
    :param chosen: by ``wire_name``, folders of other people that are wanted
    :param turn: the folder after which the next ones are asked for their status, where
        there are too many for one poll
    """

    folders: Mapping[str, FolderState]
    skip_names: frozenset[str] = frozenset()
    placed: Mapping[str, Ranges] = field(default_factory=dict)
    listing: frozenset[Listed] | None = None
    chosen: frozenset[str] = frozenset()
    turn: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A folder to open.

    :param whole: read all there is; False = only what is new
    :param probe: nothing changed as far as the server tells: only look whether UIDs
        still mean what they meant
    """

    folder: Folder
    whole: bool
    probe: bool = False

    @property
    def rank(self) -> int:
        """INBOX before Sent, and that before all others."""
        return _FIRST.get(self.folder.role, len(_FIRST))


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of UIDs, and those in it that the server says are alive."""

    first: int
    last: int
    alive: Ranges


def plan_visits(
    folders: Iterable[Folder],
    skipped: frozenset[str],
    known: Mapping[str, FolderState],
    unasked: frozenset[str] = frozenset(),
) -> tuple[Visit, ...]:
    """Return the folders to open: first for news, and INBOX and Sent before others.

    :param unasked: folders whose status was not asked for in this poll
    """
    news, past = [], []
    for folder in folders:
        if not folder.selectable or folder.wire_name in skipped:
            continue
        state = known.get(folder.wire_name, FolderState(folder.wire_name))
        if state.backfill_uid == 1:
            asked = folder.wire_name not in unasked
            if asked and is_changed(state, folder.status):
                news.append(Visit(folder, whole=True))
            continue
        if _has_news(state, folder.status):
            news.append(Visit(folder, whole=False))
        past.append(Visit(folder, whole=True))
    rank = attrgetter("rank")
    return (*sorted(news, key=rank), *sorted(past, key=rank))


def plan_probes(
    folders: Iterable[Folder],
    known: Mapping[str, FolderState],
    visits: Iterable[Visit],
) -> tuple[Visit, ...]:
    """Return the folders to look at although nothing changed, INBOX first.

    Where nothing but the UIDs tells one message from another (RFC 7162 is missing),
    some of them in turn, by chance; INBOX also when it held nothing, since some servers
    tell a STATUS of before.
    """
    visited = {visit.folder.wire_name for visit in visits}
    probes = [
        Visit(folder, whole=True, probe=True)
        for folder in folders
        if folder.status
        and not folder.status.highest_modseq
        and folder.wire_name not in visited
        and _may_be_probed(folder, known.get(folder.wire_name, _NOTHING))
    ]
    random.shuffle(probes)
    return tuple(sorted(probes, key=attrgetter("rank"))[:PROBES])


def _may_be_probed(folder: Folder, state: FolderState) -> bool:
    return bool(state.probe or (folder.role is Role.INBOX and state.next_uid))


def count_waiting(state: FolderState | None, status: FolderStatus | None) -> int:
    """Return how many messages a folder has that were not read yet, as far as told."""
    if status is None:
        return 1
    if state is None or not state.next_uid:
        return status.messages
    new = max(0, min(status.uid_next - state.next_uid, status.messages))
    return new + state.waiting_count


def is_changed(state: FolderState, status: FolderStatus | None) -> bool:
    """Return whether a complete folder differs from when it was last read.

    HIGHESTMODSEQ proves it (RFC 7162, 3.1.2); without it a message that was marked read
    while another was marked unread stays unnoticed until the next change. Of a folder
    whose last round broke off nothing is proven: its counts are of before.
    """
    if status is None or not state.settled:
        return True
    reported = (status.uid_validity, status.uid_next, status.messages, status.unseen)
    held = (state.uid_validity, state.next_uid, state.message_count, state.unseen_count)
    modseqs = {status.highest_modseq, state.highest_modseq} - {0}
    return reported != held or len(modseqs) > 1


def _has_news(state: FolderState, status: FolderStatus | None) -> bool:
    return bool(state.next_uid and status and status.uid_next > state.next_uid)


def is_reset(state: FolderState, opened: FolderStatus) -> bool:
    """Return whether the UIDs that we hold mean nothing any more.

    A lower UIDVALIDITY counts too; UIDNEXT never goes down without a new one on servers
    that obey RFC 3501 (2.3.1.1).
    """
    return bool(state.next_uid) and (
        opened.uid_validity != state.uid_validity or opened.uid_next < state.next_uid
    )


def split_downwards(first: int, last: int, alive: Ranges) -> Iterator[Window]:
    """Yield windows that cover [``first``, ``last``] without a gap, from the top.

    Each but the lowest starts at a UID that is alive; so the server's list of what is
    alive decides how wide a window is, and never what is looked at.
    """
    left = list(clip(alive, first, last))
    while last >= first:
        taken = _take_from_top(left)
        low = taken[0][0] if left else first
        yield Window(low, last, taken)
        last = low - 1


def _take_from_top(ranges: list[tuple[int, int]]) -> Ranges:
    """Remove up to ``WINDOW`` UIDs from the end of ``ranges``; return them."""
    taken: list[tuple[int, int]] = []
    wanted = WINDOW
    while ranges and wanted:
        first, last = ranges.pop()
        low = max(first, last - wanted + 1)
        wanted -= last - low + 1
        taken.append((low, last))
        if low > first:
            ranges.append((first, low - 1))
    return tuple(reversed(taken))


def split_batches(
    items: Sequence[Item], batch_count: int, batch_bytes: int, max_size: int
) -> Iterator[tuple[Item, ...]]:
    """Yield ``items`` in batches of at most so many messages and bytes.

    Of those larger than ``max_size`` only headers will be fetched: they weigh little.
    """
    batch: list[Item] = []
    weight = 0
    for item in items:
        size = item.size if item.size <= max_size else 0
        if batch and (len(batch) >= batch_count or weight + size > batch_bytes):
            yield tuple(batch)
            batch, weight = [], 0
        batch.append(item)
        weight += size
    if batch:
        yield tuple(batch)
