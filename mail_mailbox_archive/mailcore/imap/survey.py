"""How much mail a mailbox holds, before any of it is fetched."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..errors import FolderGone
from .arguments import is_safe
from .folder import Folder
from .session import Session
from .uids import MAX_UID, count
from .wire import CommandRefused

#: Seconds that a person waits for it; what is not counted by then is estimated.
SECONDS = 8
#: Messages whose sizes stand for those of all.
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found.

    :param messages: in all folders that are read
    :param size: their bytes, by the average of a sample; 0 for unknown
    :param since: day → how many reached the server that day or later
    """

    messages: int
    size: int
    since: dict[date, int]


def take_survey(
    session: Session,
    folders: Iterable[Folder],
    skipped: frozenset[str],
    days: Sequence[date],
) -> Survey:
    """Count what lies in the folders that are read.

    :param days: dates; how much came since each
    :raises Unreachable: the line broke
    """
    end = time.monotonic() + SECONDS
    read = [f for f in folders if f.selectable and f.readable]
    read = [f for f in read if f.wire_name not in skipped and is_safe(f.wire_name)]
    asked = _with_counts(session, read, end)
    total = sum(map(_held, asked))
    since, counted = dict.fromkeys(days, 0), 0
    sizes: list[int] = []
    for folder in asked:
        if not _held(folder) or time.monotonic() > end:
            continue
        try:
            since = _add(since, _count_since(session, folder, days))
            if len(sizes) < SAMPLE:
                sizes += _sample(session, folder)
        except (FolderGone, CommandRefused):
            continue
        counted += _held(folder)
    share = total / counted if counted else 0
    average = sum(sizes) / len(sizes) if sizes else 0
    since = {day: min(total, round(number * share)) for day, number in since.items()}
    return Survey(total, round(total * average), since)


def _with_counts(session: Session, folders: list[Folder], end: float) -> list[Folder]:
    """Return ``folders`` with their status, those that hold most first."""
    counted = [folder for folder in folders if folder.status]
    asked = [folder for folder in folders if not folder.status]
    for start in range(0, len(asked), 10):
        if time.monotonic() > end:
            break
        batch = asked[start : start + 10]
        statuses = session.fetch_statuses(batch)
        counted += [
            replace(folder, status=statuses[folder.wire_name])
            for folder in batch
            if folder.wire_name in statuses
        ]
    return sorted(counted, key=lambda folder: -_held(folder))


def _held(folder: Folder) -> int:
    """Return how many messages the folder holds, as far as its server said."""
    return folder.status.messages or 0 if folder.status else 0


def _count_since(
    session: Session, folder: Folder, days: Sequence[date]
) -> dict[date, int]:
    session.examine(folder.wire_name)
    everything = ((1, MAX_UID),)
    return {day: count(session.search(everything, since=day)) for day in days}


def _sample(session: Session, folder: Folder) -> list[int]:
    """Return the sizes of some messages of the open folder, the newest ones."""
    alive = session.search(((1, MAX_UID),))
    left, newest = SAMPLE, []
    for first, last in reversed(alive):
        low = max(first, last - left + 1)
        newest.append((low, last))
        left -= last - low + 1
        if left <= 0:
            break
    items = session.fetch_sizes(tuple(reversed(newest)))
    return [item.size for item in items.values()]


def _add(one: dict[date, int], other: dict[date, int]) -> dict[date, int]:
    return {day: number + other[day] for day, number in one.items()}
