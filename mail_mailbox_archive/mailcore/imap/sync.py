"""The poll of one mailbox, as a generator of events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..errors import (
    BadArgument,
    FolderGone,
    MailCoreError,
    UidValidityChanged,
    Unreachable,
)
from .arguments import is_safe
from .events import (
    Event,
    Fetched,
    FlagsSeen,
    FolderDone,
    FolderFailed,
    FolderReset,
    FoldersListed,
    MessagesFetched,
    Missing,
    PresentUids,
    TurnTaken,
)
from .folder import (
    Folder,
    FolderState,
    FolderStatus,
    Role,
    guess_roles,
    skipped_folders,
)
from .plan import (
    Known,
    Limits,
    Listed,
    Visit,
    count_waiting,
    plan_probes,
    plan_visits,
)
from .reading import Reading
from .responses import read_code
from .session import Session
from .wire import CommandRefused

__all__ = [
    "End",
    "Event",
    "Fetched",
    "FlagsSeen",
    "FolderDone",
    "FolderFailed",
    "FolderReset",
    "FoldersListed",
    "Known",
    "Limits",
    "Listed",
    "MessagesFetched",
    "Missing",
    "PresentUids",
    "TurnTaken",
    "list_folders",
    "poll",
]

#: Seconds in which folders are asked for their status in one poll, where the server
#: answers for each on its own; the others have their turn in the next polls.
STATUS_SECONDS = 1
#: Folders for which that is enough; where there are more, the time grows with them.
USUAL = 7_000
#: Folders that are asked for together, of a server that is slow.
PORTION = 40


@dataclass(slots=True)
class End:
    """When a run of polls ends; :class:`.plan.Limits` ask :meth:`is_over`.

    :param at: on the monotonic clock
    """

    at: float

    def is_over(self) -> bool:
        """Whether nothing more is to be begun."""
        return time.monotonic() >= self.at

    def bring_forward(self) -> None:
        """End now, where the end is later."""
        self.at = min(self.at, time.monotonic())


def list_folders(session: Session) -> tuple[Folder, ...]:
    """Return all folders, with whose they are."""
    return _with_owners(session, session.list_folders(), Known({}))


def poll(session: Session, known: Known, limits: Limits) -> Iterator[Event]:
    """Yield what changed in the mailbox since ``known``.

    Between two events nothing is held but the current batch: the consumer stores an
    event, commits, and asks for the next. Abandoned anywhere, the next poll from the
    stored state tells the rest, each message exactly once.

    :raises Unreachable: the connection is lost; what was told stays valid
    """
    folders = _with_owners(session, session.list_folders(), known)
    skipped = skipped_folders(folders, known.skip_names, known.chosen)
    folders, unasked = _with_status(session, folders, skipped, known.turn)
    if known.listing is None or known.listing != _listing(folders, skipped):
        yield FoldersListed(folders, skipped)
    if unasked:
        yield TurnTaken(unasked.last)
    states, placed = dict(known.folders), dict(known.placed)
    visits = _choose_visits(session, folders, skipped, states, unasked, limits)
    limited = 0
    for number, visit in enumerate(visits):
        if number and limits.deadline():
            return
        name = visit.folder.wire_name
        state = states.get(name)
        reading = Reading(session, limits, visit, state, placed.get(name, ()))
        try:
            if not visit.folder.readable:
                raise FolderGone("folder", name)
            yield from reading.events()
        except (FolderGone, UidValidityChanged, BadArgument, CommandRefused) as error:
            waiting = count_waiting(state, visit.folder.status) - reading.fetched
            yield FolderFailed(name, error, _not_gone(error, max(0, waiting)))
            limited += read_code(error.detail)[0] == "LIMIT"
            if limited > 1:
                # a limit of the account, not of one folder (RFC 5530 tells no more)
                raise Unreachable("throttled", error.detail) from error
        # of a folder renumbered, the UIDs held before mean other messages
        states[name], placed[name] = reading.state, reading.placed
        if reading.stopped:
            return
    if all(visit.probe for visit in visits):
        session.leave()


def _choose_visits(
    session: Session,
    folders: tuple[Folder, ...],
    skipped: frozenset[str],
    states: Mapping[str, FolderState],
    unasked: _Unasked,
    limits: Limits,
) -> tuple[Visit, ...]:
    visits = plan_visits(folders, skipped, states, unasked.names)
    if session.fresh:
        visits += plan_probes(folders, states, visits)
    if limits.past:
        return visits
    return tuple(visit for visit in visits if not _is_past(visit, states))


def _is_past(visit: Visit, states: Mapping[str, FolderState]) -> bool:
    state = states.get(visit.folder.wire_name)
    return visit.whole and (state is None or state.backfill_uid != 1)


def _not_gone(error: MailCoreError, waiting: int) -> int:
    """Return how many messages wait in a folder that is listed, yet may not exist."""
    return 0 if read_code(error.detail)[0] == "NONEXISTENT" else waiting


def _with_owners(
    session: Session, folders: tuple[Folder, ...], known: Known
) -> tuple[Folder, ...]:
    """Return ``folders`` with whose they are, and their roles, which depend on it.

    The server is asked only for folders that it was not asked about before.
    """
    shared = {one.wire_name: one.shared for one in known.listing or ()}
    if _has_unknown(folders, known, shared):
        namespaces = session.namespaces()
        shared = {f.wire_name: namespaces.is_foreign(f.wire_name) for f in folders}
    if not any(shared.values()):
        return folders
    return guess_roles(
        tuple(
            replace(folder, shared=True) if shared.get(folder.wire_name) else folder
            for folder in folders
        )
    )


def _listing(folders: tuple[Folder, ...], skipped: frozenset[str]) -> frozenset[Listed]:
    return frozenset(
        Listed(
            folder.wire_name,
            folder.name,
            folder.role.value,
            folder.wire_name in skipped or not folder.selectable,
            folder.shared,
        )
        for folder in folders
    )


@dataclass(frozen=True, slots=True)
class _Unasked:
    """Folders whose status is for another poll; ``last`` was asked as the last one."""

    names: frozenset[str] = frozenset()
    last: str = ""

    def __bool__(self) -> bool:
        return bool(self.names)


def _has_unknown(
    folders: tuple[Folder, ...], known: Known, shared: Mapping[str, bool | None]
) -> bool:
    """Return whether a folder would be read of which nobody asked whose it is."""
    if all(shared.get(folder.wire_name) is not None for folder in folders):
        return False
    skipped = skipped_folders(folders, known.skip_names)
    read = (f for f in folders if f.selectable and f.role is not Role.INBOX)
    names = {folder.wire_name for folder in read} - skipped
    return any(
        shared[name] is None if name in shared else name not in known.folders
        for name in names
    )


def _with_status(
    session: Session, folders: tuple[Folder, ...], skipped: frozenset[str], turn: str
) -> tuple[tuple[Folder, ...], _Unasked]:
    """Return ``folders`` with the status of those that are read, and of no other."""
    read = {f.wire_name for f in folders if f.selectable} - skipped
    # a name that cannot be sent fails at its visit, and does not stop the others
    wanted = [
        folder
        for folder in folders
        if folder.wire_name in read
        and folder.readable
        and not folder.status
        and is_safe(folder.wire_name)
    ]
    statuses = {f.wire_name: f.status for f in folders if f.wire_name in read}
    unasked = _Unasked()
    if wanted:
        answered, unasked = _ask_by_turns(session, wanted, turn)
        statuses |= answered
    asked = tuple(_replaced(f, statuses.get(f.wire_name)) for f in folders)
    return asked, unasked


def _ask_by_turns(
    session: Session, folders: list[Folder], turn: str
) -> tuple[dict[str, FolderStatus], _Unasked]:
    """Return the status of ``folders``, of as many as there is time for.

    INBOX and Sent each time; of the others those after ``turn``.
    """
    first = [one for one in folders if one.role in (Role.INBOX, Role.SENT)]
    others = [one for one in folders if one not in first]
    names = [one.wire_name for one in others]
    start = names.index(turn) + 1 if turn in names else 0
    waiting = [*first, *others[start:], *others[:start]]
    statuses: dict[str, FolderStatus] = {}
    end = time.monotonic() + STATUS_SECONDS * max(1, len(waiting) / USUAL)
    asked = 0
    while asked < len(waiting) and (not asked or time.monotonic() < end):
        statuses |= session.fetch_statuses(waiting[asked : asked + PORTION])
        asked += PORTION
    left = frozenset(one.wire_name for one in waiting[asked:])
    return statuses, _Unasked(left, waiting[min(asked, len(waiting)) - 1].wire_name)


def _replaced(folder: Folder, status: FolderStatus | None) -> Folder:
    # what is as it was need not be made again at each check
    return folder if folder.status is status else replace(folder, status=status)
