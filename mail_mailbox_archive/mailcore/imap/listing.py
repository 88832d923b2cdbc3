"""Folders: which there are, and what is told of each without opening it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from ..errors import Unreachable
from .arguments import quote
from .folder import Folder, FolderStatus, Role, guess_roles
from .line import Line
from .login import explain_code, introduce
from .responses import (
    NOT_SELECTABLE,
    Answer,
    Namespaces,
    read_folder,
    read_named_status,
    read_namespaces,
    read_or_none,
)
from .utf7 import decode_utf7
from .wire import CommandRefused

#: STATUS commands sent at once: Exchange drops clients that send more.
PIPELINE = 10
#: Seconds of silence after which a line that waited for this poll counts as dead.
WAITED = 10
#: Bytes of a folder in LIST that is remembered; more would take room for nothing.
REMEMBERED = 256
#: Characters of a line of the list that cannot be read.
MAX_LINE = 200
#: Folders of one mailbox; more would fill the database, and no person has so many.
MAX_FOLDERS = 50_000


class Listing(Line):
    """A line that lists folders."""

    def list_folders(self) -> tuple[Folder, ...]:
        """Return all folders, with their status where one command gives both.

        RFC 5258, RFC 5819 and RFC 6154 where offered, else RFC 3501's LIST.

        :raises Unreachable: the server lists nothing, so this is not a mailbox
        :raises LoginRefused: it says only now that the account may not be read
        """
        answers = self._first_list() if self._waited else self._list()
        listed = [answer.pieces for answer in answers]
        if listed != self._told:
            self._folders = self._with_inbox(self._read_folders(answers))
            self._told = listed
        return self._folders

    def _with_inbox(self, folders: tuple[Folder, ...]) -> tuple[Folder, ...]:
        """Return ``folders`` with INBOX, which is there also where no list names it."""
        if any(folder.role is Role.INBOX for folder in folders):
            return folders
        inbox = Folder("INBOX", "INBOX", role=Role.INBOX)
        # but not at a server that knows of none
        told = self.fetch_statuses([inbox]).values()
        return (*(replace(inbox, status=status) for status in told), *folders)

    @staticmethod
    def _read_folders(answers: list[Answer]) -> tuple[Folder, ...]:
        statuses = read_statuses(answers)
        listed = (_listed(a) for a in answers if a.kind == "LIST" and a.pieces[0])
        folders = {folder.wire_name: folder for folder in listed if folder}
        if not folders:
            raise Unreachable("protocol", "no folders")
        if len(folders) > MAX_FOLDERS:
            raise Unreachable("protocol", f"{len(folders)} folders")
        return guess_roles(
            tuple(
                replace(folder, status=statuses.get(name))
                for name, folder in folders.items()
            )
        )

    def _first_list(self) -> list[Answer]:
        """List the folders on a line that waited, which may be dead by now."""
        self._waited = False
        try:
            with self._wire.patience(WAITED):
                return self._list()
        except Unreachable:
            self._wire.close()
            self.reconnect()
        return self._list()

    def _list(self) -> list[Answer]:
        try:
            return list(self._wire.run(self._list_command()))
        except CommandRefused as error:
            if not (self._introduces_itself() or self._asks_for_less()):
                told = explain_code(error.code, error.detail)
                raise told or Unreachable("protocol", error.detail) from error
        return self._list()

    def _asks_for_less(self) -> bool:
        """Leave out of LIST what is offered and refused; return whether it can be."""
        more = self._list_status, self._list_extended
        self._list_status, self._list_extended = False, self._list_status
        return any(more)

    def _introduces_itself(self) -> bool:
        """Say once more which program this is; return whether the server wants it.

        Said before the login already, which some servers do not count.
        """
        if self._introduced or "ID" not in self.capabilities:
            return False
        self._introduced = True
        introduce(self._wire)
        return True

    def namespaces(self) -> Namespaces:
        """Return which folders are one's own (RFC 2342), asked for once on a line."""
        if self._namespaces is None:
            self._namespaces = Namespaces()
            if "NAMESPACE" in self.capabilities:
                for answer in self._wire.run("NAMESPACE", tolerant=True):
                    if answer.kind == "NAMESPACE":
                        namespaces = read_or_none(read_namespaces, answer)
                        self._namespaces = namespaces or self._namespaces
        return self._namespaces

    def _list_command(self) -> str:
        returned = []
        if "SPECIAL-USE" in self.capabilities:
            returned.append("SPECIAL-USE")
        if self._list_status:
            returned.append(f"STATUS {self._status_items()}")
        if not (returned and self._list_extended):
            return 'LIST "" "*"'
        return f'LIST "" "*" RETURN ({" ".join(returned)})'

    def _status_items(self) -> str:
        modseq = " HIGHESTMODSEQ" if self._condstore else ""
        return f"(MESSAGES UIDNEXT UIDVALIDITY UNSEEN{modseq})"

    def fetch_statuses(self, folders: Iterable[Folder]) -> dict[str, FolderStatus]:
        """Return the status of ``folders`` by name, several asked for at once.

        A folder whose status the server refuses is left out.
        """
        items = self._status_items()
        commands = [f"STATUS {quote(folder.wire_name)} {items}" for folder in folders]
        statuses: dict[str, FolderStatus] = {}
        for start in range(0, len(commands), PIPELINE):
            batch = commands[start : start + PIPELINE]
            statuses |= read_statuses(self._wire.run(*batch, tolerant=True))
        return statuses


def _listed(answer: Answer) -> Folder | None:
    if sum(map(len, answer.pieces)) > REMEMBERED:
        return _read_listed(answer.pieces)
    return _remembered(tuple(answer.pieces))


@lru_cache(2048)
def _remembered(pieces: tuple[bytes, ...]) -> Folder | None:
    # most mailboxes of a server have the same folders
    return _read_listed(pieces)


def _read_listed(pieces: Sequence[bytes]) -> Folder | None:
    """Return a folder, the line that cannot be read as one, None for no folder."""
    try:
        return read_folder(pieces)
    except ValueError:
        line = b"".join(pieces).decode("latin-1")
    if any(word in line.lower() for word in NOT_SELECTABLE):
        return None
    line = line[:MAX_LINE].replace("\0", "?")
    return Folder(line, decode_utf7(line) or "?", readable=False)


def read_statuses(answers: Iterable[Answer]) -> dict[str, FolderStatus]:
    """Return what STATUS answers tell, by the folder's name on the wire."""
    statuses: dict[str, FolderStatus] = {}
    for answer in answers:
        if answer.kind == "STATUS":
            with contextlib.suppress(ValueError):
                name, status = read_named_status(answer.pieces)
                statuses[name] = status
    return statuses
