"""The poll of one mailbox, as a generator of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..errors import BadArgument, FolderGone, UidValidityChanged
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
)
from .folder import Folder, FolderStatus, skipped_folders
from .plan import Known, Limits, Listed, plan_visits
from .reading import Reading
from .session import Session
from .wire import CommandRefused

__all__ = [
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
    "poll",
]


def poll(session: Session, known: Known, limits: Limits) -> Iterator[Event]:
    """Yield what changed in the mailbox since ``known``.

    Between two events nothing is held but the current batch: the consumer stores an
    event, commits, and asks for the next. Abandoned anywhere, the next poll from the
    stored state tells the rest, each message exactly once.

    :raises Unreachable: the connection is lost; what was told stays valid
    """
    folders = session.list_folders()
    skipped = skipped_folders(folders, known.skip_names)
    folders = _with_status(session, folders, skipped)
    if known.listing is None or known.listing != _listing(folders, skipped):
        yield FoldersListed(folders, skipped)
    states, placed = dict(known.folders), dict(known.placed)
    for number, visit in enumerate(plan_visits(folders, skipped, states)):
        if number and limits.deadline():
            return
        name = visit.folder.wire_name
        reading = Reading(
            session, limits, visit, states.get(name), placed.get(name, ())
        )
        try:
            yield from reading.events()
        except (FolderGone, UidValidityChanged, BadArgument, CommandRefused) as error:
            yield FolderFailed(name, error)
        # of a folder numbered anew, the UIDs held before mean other messages
        states[name], placed[name] = reading.state, reading.placed
        if reading.stopped:
            return


def _listing(folders: tuple[Folder, ...], skipped: frozenset[str]) -> frozenset[Listed]:
    return frozenset(
        Listed(
            folder.wire_name,
            folder.name,
            folder.role.value,
            folder.wire_name in skipped or not folder.selectable,
        )
        for folder in folders
    )


def _with_status(
    session: Session, folders: tuple[Folder, ...], skipped: frozenset[str]
) -> tuple[Folder, ...]:
    """Return ``folders`` with the status of those that are read, and of no other."""
    read = {f.wire_name for f in folders if f.selectable} - skipped
    # a name that cannot be sent fails at its visit, and does not stop the others
    wanted = [
        folder
        for folder in folders
        if folder.wire_name in read and not folder.status and is_safe(folder.wire_name)
    ]
    statuses = {f.wire_name: f.status for f in folders if f.wire_name in read}
    if wanted:
        statuses |= session.fetch_statuses(wanted)
    return tuple(_replaced(f, statuses.get(f.wire_name)) for f in folders)


def _replaced(folder: Folder, status: FolderStatus | None) -> Folder:
    # what is as it was need not be made anew at each check
    return folder if folder.status is status else replace(folder, status=status)
