"""The poll of one mailbox, as a generator of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

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
from .folder import FolderState
from .session import Session

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
    "MessagesFetched",
    "Missing",
    "PresentUids",
    "poll",
]

MEBIBYTE = 2**20


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read, and how much at a time.

    :param batch_bytes: of the sources in one batch; a single larger message is a batch
    :param batch_count: messages in one batch
    :param max_size: bytes; of a larger message only the headers are fetched
    :param since: older mail (by internal date) is not fetched; None = all
    :param newest_first: order of a first sync
    :param deadline: asked after each batch; True = stop there, the next poll goes on
    """

    batch_bytes: int = 8 * MEBIBYTE
    batch_count: int = 200
    max_size: int = 50 * MEBIBYTE
    since: date | None = None
    newest_first: bool = True
    deadline: Callable[[], bool] = _never


@dataclass(frozen=True, slots=True)
class Known:
    """What we hold of a mailbox.

    :param folders: by ``wire_name``
    :param skip_names: folders that people want left out
    """

    folders: Mapping[str, FolderState]
    skip_names: frozenset[str] = frozenset()


def poll(session: Session, known: Known, limits: Limits) -> Iterator[Event]:
    """Yield what changed in the mailbox since ``known``.

    Between two events nothing is held but the current batch: the consumer stores an
    event, commits, and asks for the next. Abandoned anywhere, the next poll from the
    stored state tells the rest, each message exactly once.

    :raises Unreachable: the connection is lost; what was told stays valid
    """
    raise NotImplementedError
    yield
