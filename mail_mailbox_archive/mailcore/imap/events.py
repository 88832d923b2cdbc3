"""What a poll tells, in order. Each event is stored in one transaction.

::

    [FoldersListed]                      nothing, when the list is as it was
    [TurnTaken]                          where there are too many folders for one poll
    then for each folder that changed:
        [FolderReset]
        (MessagesFetched | PresentUids | FlagsSeen)*
        FolderDone | FolderFailed        neither, when the time was used up
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..errors import MailCoreError
from ..read.filing import Tag
from ..read.message import Message
from .folder import Folder, FolderState
from .uids import Ranges


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message of a folder, or what could be got of it.

    :param uid: its UID
    :param internal_date: when it reached the server (RFC 3501, 2.3.3), aware
    :param seen: whether the server has it as read
    :param size: of the source on the server, in bytes
    :param source: its bytes; the header block alone when ``oversize``
    :param message: the source parsed; None when it is unreadable
    :param error: why ``message`` is None
    :param oversize: larger than ``Limits.max_size``
    :param withheld: the server did not give it; ``source`` is its headers at most
    :param tags: filing addresses it was sent to; of their tokens ``source`` has none
    """

    uid: int
    internal_date: datetime
    seen: bool
    size: int
    source: bytes
    message: Message | None = None
    error: MailCoreError | None = None
    oversize: bool = False
    withheld: bool = False
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """A UID that was expected and is proven absent: expunged meanwhile."""

    uid: int


@dataclass(frozen=True, slots=True)
class FoldersListed:
    """All folders of the mailbox; those in ``skipped`` are not read.

    ``status`` is set for those that are read, where the server gave one.
    """

    folders: tuple[Folder, ...]
    skipped: frozenset[str]


@dataclass(frozen=True, slots=True)
class FolderReset:
    """The server renumbered the folder: forget the cursor, unplace the arrivals."""

    wire_name: str
    uid_validity: int


@dataclass(frozen=True, slots=True)
class MessagesFetched:
    """A batch, and the cursor after it: both belong into the same transaction.

    :param fresh: new mail; False = mail that was there before we first looked
    """

    state: FolderState
    messages: tuple[Fetched, ...]
    missing: tuple[Missing, ...]
    fresh: bool


@dataclass(frozen=True, slots=True)
class FlagsSeen:
    """Which of the messages we hold are read. UIDs in neither did not change.

    Never told of messages that are gone: PresentUids comes before it.
    """

    wire_name: str
    seen: Ranges
    unseen: Ranges


@dataclass(frozen=True, slots=True)
class PresentUids:
    """All that lives in [``first``, ``last``]; what else we hold there is gone."""

    wire_name: str
    first: int
    last: int
    present: Ranges


@dataclass(frozen=True, slots=True)
class FolderDone:
    """All changes of the folder were told; its cursor, MODSEQ and counts."""

    state: FolderState


@dataclass(frozen=True, slots=True)
class FolderFailed:
    """This folder could not be read now; the others go on.

    :param waiting: its messages that could not be read for that, as far as is known
    """

    wire_name: str
    error: MailCoreError
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """Not all folders were asked for their status: ``wire_name`` was the last one."""

    wire_name: str


Event = (
    FoldersListed
    | FolderReset
    | MessagesFetched
    | FlagsSeen
    | PresentUids
    | FolderDone
    | FolderFailed
    | TurnTaken
)
