"""A mailbox on a server, in memory: what RFC 3501 and RFC 7162 say, and its faults.

:class:`ModelServer` is changed by a test at any moment, also while a poll reads it
through a :class:`ModelSession`, which stands in for a ``Session`` of mailcore. A folder
shows what is there now, at each command; one that is numbered anew or removed while it
is open costs the line, as servers do it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    FolderGone,
    UidValidityChanged,
    Unreachable,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import (
    Folder,
    FolderStatus,
    guess_roles,
    role_of,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.items import Item
from odoo.addons.mail_mailbox_archive.mailcore.imap.responses import Namespaces
from odoo.addons.mail_mailbox_archive.mailcore.imap.uids import Ranges, to_ranges
from odoo.addons.mail_mailbox_archive.mailcore.imap.wire import CommandRefused

#: How a server does not give a message: it is left out of the answer, has no content
#: in it, is refused in so many words, or breaks the line.
FAULTS = ("left out", "nil", "refused", "cut")
#: All mail of the model reached its server on this day or the one before.
TODAY = datetime(2026, 11, 5, 10, tzinfo=timezone.utc)
HEAD = (
    "From: a@firma.example\r\nMessage-ID: <{0}@firma.example>\r\nSubject: {0}\r\n\r\n"
)


@dataclass(frozen=True)
class ModelMessage:
    """A message at one place; copies of it have the same ``number``."""

    number: int
    seen: bool = False
    modseq: int = 0
    day: datetime = TODAY
    length: int = 10
    #: without it the bytes are no message
    headed: bool = True

    @property
    def source(self) -> bytes:
        head = HEAD.format(self.number) if self.headed else "\x01"
        return (head + "x" * self.length).encode()

    @property
    def headers(self) -> bytes:
        return HEAD.format(self.number).encode() if self.headed else b"\x01"


@dataclass
class ModelFolder:
    """A folder of the model server; ``messages`` by UID."""

    uid_validity: int
    messages: dict[int, ModelMessage] = field(default_factory=dict)
    uid_next: int = 1
    modseq: int = 1

    def status(self, condstore: bool) -> FolderStatus:
        return FolderStatus(
            messages=len(self.messages),
            uid_next=self.uid_next,
            uid_validity=self.uid_validity,
            unseen=sum(not message.seen for message in self.messages.values()),
            highest_modseq=self.modseq if condstore else 0,
        )


class ModelServer:
    """Folders by name, and all that may happen to them.

    :param condstore: it keeps RFC 7162
    :param list_status: it tells the status of folders in its list (RFC 5819)
    """

    def __init__(self, condstore: bool = True, list_status: bool = True) -> None:
        self.condstore, self.list_status = condstore, list_status
        self.folders: dict[str, ModelFolder] = {}
        #: goes up with each change, so that a test knows whether there was one
        self.version = 0
        #: number of a message → how it is not given, and how often still
        self.faults: dict[int, tuple[str, int]] = {}
        #: numbers of messages that the next answer with their size leaves out
        self.without_size: set[int] = set()
        self._validity = 100
        self._number = 0

    def create(self, name: str) -> None:
        self._validity += 1
        self.folders[name] = ModelFolder(self._validity)
        self.version += 1

    def delete(self, name: str) -> None:
        del self.folders[name]
        self.version += 1

    def append(self, name: str, **values) -> int:
        """Put a new message into a folder; return its number."""
        self._number += 1
        self._put(name, ModelMessage(self._number, **values))
        return self._number

    def copy(self, name: str, uid: int, target: str) -> None:
        self._put(target, self.folders[name].messages[uid])

    def move(self, name: str, uid: int, target: str) -> None:
        self.copy(name, uid, target)
        self.expunge(name, uid)

    def expunge(self, name: str, uid: int) -> None:
        del self.folders[name].messages[uid]
        self._touch(name)

    def mark(self, name: str, uid: int, seen: bool) -> None:
        modseq = self._touch(name)
        messages = self.folders[name].messages
        messages[uid] = replace(messages[uid], seen=seen, modseq=modseq)

    def renumber(self, name: str) -> None:
        """Give all messages of a folder new UIDs, which may be old ones of others."""
        messages = self.folders[name].messages.values()
        self.create(name)
        for message in messages:
            self._put(name, message)

    def harm(self, number: int, fault: str, times: int = 2**31) -> None:
        self.faults[number] = fault, times
        self.version += 1

    def heal(self) -> None:
        self.faults.clear()
        self.version += 1

    def fault(self, number: int) -> str:
        """Return how a message is not given now, "" when it is."""
        fault, times = self.faults.get(number, ("", 0))
        if times:
            self.faults[number] = fault, times - 1
        return fault if times else ""

    def _put(self, name: str, message: ModelMessage) -> None:
        folder = self.folders[name]
        modseq = self._touch(name)
        folder.messages[folder.uid_next] = replace(message, modseq=modseq)
        folder.uid_next += 1

    def _touch(self, name: str) -> int:
        self.version += 1
        self.folders[name].modseq += 1
        return self.folders[name].modseq


class ModelSession:
    """What a poll asks of a ``Session``, answered by a :class:`ModelServer`."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._selected, self._uid_validity = "", 0
        self._broken = False
        self.fresh = True
        #: the statuses that were told, by folder
        self.told: dict[str, FolderStatus] = {}

    def list_folders(self) -> tuple[Folder, ...]:
        folders = tuple(
            Folder(name, name, "/", role_of(name, ()), status=self._status(name))
            for name in self._server.folders
        )
        return guess_roles(folders)

    def namespaces(self) -> Namespaces:
        return Namespaces()

    def _status(self, name: str) -> FolderStatus | None:
        return self._tell(name) if self._server.list_status else None

    def _tell(self, name: str) -> FolderStatus:
        folder = self._server.folders[name]
        self.told[name] = folder.status(self._server.condstore)
        return self.told[name]

    def fetch_statuses(self, folders: Iterable[Folder]) -> dict[str, FolderStatus]:
        return {folder.wire_name: self._tell(folder.wire_name) for folder in folders}

    def examine(self, wire_name: str) -> FolderStatus:
        folder = self._server.folders.get(wire_name)
        if folder is None:
            raise FolderGone("folder", "no such folder")
        status = folder.status(self._server.condstore)
        self._selected, self._uid_validity = wire_name, status.uid_validity
        return replace(status, unseen=0)

    def leave(self) -> None:
        self._selected = ""

    def resume(self) -> None:
        self._broken = False
        uid_validity = self._uid_validity
        if self.examine(self._selected).uid_validity != uid_validity:
            raise UidValidityChanged()

    def _messages(self) -> dict[int, ModelMessage]:
        """Return what lives in the open folder, if it still is the one opened."""
        folder = self._server.folders.get(self._selected)
        if self._broken or not folder or folder.uid_validity != self._uid_validity:
            self._broken = True
            raise Unreachable("closed")
        return folder.messages

    def _alive(self, ranges: Ranges) -> dict[int, ModelMessage]:
        return {
            uid: message
            for uid, message in self._messages().items()
            if any(first <= uid <= last for first, last in ranges)
        }

    def search(
        self, ranges: Ranges, unseen: bool = False, since: date | None = None
    ) -> Ranges:
        return to_ranges(
            uid
            for uid, message in self._alive(ranges).items()
            if not (unseen and message.seen)
            and not (since and message.day.date() < since)
        )

    def fetch_sizes(self, ranges: Ranges) -> dict[int, Item]:
        found = {}
        for uid, message in self._alive(ranges).items():
            if message.number in self._server.without_size:
                self._server.without_size.discard(message.number)
            else:
                found[uid] = self._item(uid, message)
        return found

    def fetch_flags(self, first: int, last: int, since: int) -> tuple[Ranges, Ranges]:
        if not self._server.condstore:
            raise CommandRefused("BAD", "CHANGEDSINCE")
        changed = {
            uid: message
            for uid, message in self._alive(((first, last),)).items()
            if message.modseq > since
        }
        return (
            to_ranges(uid for uid, message in changed.items() if message.seen),
            to_ranges(uid for uid, message in changed.items() if not message.seen),
        )

    def fetch_sources(
        self, uids: Iterable[int], max_size: int, max_total: int
    ) -> dict[int, Item]:
        return self._fetch(uids, headers=False)

    def fetch_headers(self, uids: Iterable[int]) -> dict[int, Item]:
        return self._fetch(uids, headers=True)

    def _fetch(self, uids: Iterable[int], headers: bool) -> dict[int, Item]:
        found: dict[int, Item] = {}
        for uid, message in sorted(self._alive(to_ranges(uids)).items()):
            fault = self._server.fault(message.number)
            source = message.headers if headers else message.source
            if fault == "cut":
                self._broken = True
                raise Unreachable("closed")
            if fault == "refused":
                if found:
                    break
                raise CommandRefused("NO", "cannot read it")
            if fault != "left out":
                item = self._item(uid, message)
                found[uid] = item if fault else replace(item, source=source)
        return found

    @staticmethod
    def _item(uid: int, message: ModelMessage) -> Item:
        return Item(uid, message.day, message.seen, len(message.source))
