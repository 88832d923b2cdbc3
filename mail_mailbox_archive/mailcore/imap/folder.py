"""Folders: what the server tells of them, what we hold of them, which are skipped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from .customary import NAMES
from .utf7 import decode_utf7, encode_utf7

__all__ = [
    "Folder",
    "FolderState",
    "FolderStatus",
    "Role",
    "decode_utf7",
    "encode_utf7",
    "guess_roles",
    "role_of",
    "skipped_folders",
]


class Role(str, Enum):
    """What a folder is for: INBOX, or its SPECIAL-USE attribute (RFC 6154, 2)."""

    NONE = ""
    INBOX = "inbox"
    SENT = "sent"
    TRASH = "trash"
    JUNK = "junk"
    DRAFTS = "drafts"
    ARCHIVE = "archive"
    ALL = "all"
    FLAGGED = "flagged"
    IMPORTANT = "important"


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """The answer to STATUS (RFC 3501, 6.3.10); 0 for what the server did not say.

    :param messages: number of messages
    :param uid_next: lower bound of the next message's UID
    :param uid_validity: UIDs of another value mean other messages
    :param unseen: number of messages without ``\\Seen``
    :param highest_modseq: grows with every change (RFC 7162, 3.1.2); 0 = not kept
    """

    messages: int = 0
    uid_next: int = 0
    uid_validity: int = 0
    unseen: int = 0
    highest_modseq: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as LIST tells it (RFC 3501, 7.2.2).

    :param wire_name: the server's bytes as latin-1 text; the identity of the folder
    :param name: the same for people
    :param delimiter: between the levels of its name, "" = flat
    :param selectable: whether it can hold messages at all
    :param status: None when it was not asked for or the server gave none
    :param shared: another person's, or shared by several (RFC 2342)
    :param readable: False for a line of the list whose name cannot be told; the line
        stands for the name then
    """

    wire_name: str
    name: str
    delimiter: str = ""
    role: Role = Role.NONE
    selectable: bool = True
    status: FolderStatus | None = None
    shared: bool = False
    readable: bool = True


@dataclass(frozen=True, slots=True)
class FolderState:
    """How far we have read a folder.

    Every UID in [``backfill_uid``, ``next_uid``) is decided: stored, in quarantine, or
    proven absent. ``next_uid`` 0 = the folder was never opened.

    :param highest_modseq: as of the last completed round; 0 = none
    :param message_count: messages on the server, as of the last completed round
    :param unseen_count: those without ``\\Seen``, as of the last completed round
    :param waiting_count: messages below ``backfill_uid`` that are to be read still
    :param older_count: messages left out because they are older than what is wanted
    :param settled: nothing was stored since that round; otherwise the counts and the
        MODSEQ are of a time before some of what is stored
    :param probe: what the newest messages looked like, see ``probe``; "" for unknown
    """

    wire_name: str
    uid_validity: int = 0
    backfill_uid: int = 0
    next_uid: int = 0
    highest_modseq: int = 0
    message_count: int = 0
    unseen_count: int = 0
    waiting_count: int = 0
    older_count: int = 0
    settled: bool = False
    probe: str = ""


#: SPECIAL-USE attribute → role; INBOX is none.
_BY_ATTRIBUTE = {
    f"\\{role.value}": role for role in Role if role not in (Role.NONE, Role.INBOX)
}

#: Folders that only show messages of other folders (Gmail's labels).
VIRTUAL = frozenset({Role.ALL, Role.FLAGGED, Role.IMPORTANT})

#: Usual names of the roles that can be skipped by role: naming one in the list of
#: skipped folders means the folder of that role, whatever its language.
USUAL_NAMES = {
    Role.TRASH: frozenset({"trash", "deleted"}),
    Role.JUNK: frozenset({"junk", "spam"}),
    Role.DRAFTS: frozenset({"drafts"}),
}


def _plain(name: str) -> str:
    """Return ``name`` as it is compared: one form of each letter, in lower case."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


_CUSTOMARY = {
    _plain(name): Role(role) for role, names in NAMES.items() for name in names
}


def guess_roles(folders: tuple[Folder, ...]) -> tuple[Folder, ...]:
    """Return ``folders`` with roles by their names, where the server told none.

    Role by role: a server that tells one (RFC 6154) need not tell the others, and mail
    programs make folders of their own beside it. Only at the top or right below INBOX,
    where such folders are. There is one Sent folder, so a name says nothing where the
    server tells which it is.
    """
    has_sent = any(one.role is Role.SENT and not one.shared for one in folders)
    guessed = tuple(_guessed(one, has_sent) for one in folders)
    return guessed if guessed != folders else folders


def _guessed(folder: Folder, sent_told: bool) -> Folder:
    if folder.role is not Role.NONE or folder.shared or not folder.readable:
        return folder
    path = folder.name.casefold()
    if folder.delimiter:
        path = path.removeprefix(f"inbox{folder.delimiter}")
    role = customary_role(path)
    if role is Role.NONE or (role is Role.SENT and sent_told):
        return folder
    return replace(folder, role=role)


def role_of(name: str, attributes: Iterable[str]) -> Role:
    """Return the role of the folder ``name`` with LIST's ``attributes``.

    INBOX is compared without case (RFC 3501, 5.1).
    """
    if name.upper() == "INBOX":
        return Role.INBOX
    roles = (_BY_ATTRIBUTE.get(attribute.lower()) for attribute in attributes)
    return next(filter(None, roles), Role.NONE)


@lru_cache(4096)
def customary_role(name: str) -> Role:
    """Return the role that a folder of this name has, in whatever language."""
    return _CUSTOMARY.get(_plain(name), Role.NONE)


def skipped_folders(
    folders: Iterable[Folder],
    skip_names: frozenset[str],
    chosen: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Return the ``wire_name`` of each folder left out: by name, role, or a parent.

    :param skip_names: as people write them; a whole path or its last part, any case
    :param chosen: the ``wire_name`` of other people's folders that are wanted
    """
    folders = tuple(folders)
    names = frozenset(name.strip().casefold() for name in skip_names)
    roots = tuple(folder for folder in folders if _is_named(folder, names))
    # a server that has nothing but \All would otherwise yield no mail at all
    virtual = VIRTUAL if any(map(_holds_mail, folders)) else VIRTUAL - {Role.ALL}
    return frozenset(
        folder.wire_name
        for folder in folders
        if folder.role in virtual
        or (folder.shared and folder.wire_name not in chosen)
        or any(folder is root or _is_below(folder, root) for root in roots)
    )


def _holds_mail(folder: Folder) -> bool:
    return folder.selectable and folder.role not in VIRTUAL


def _is_named(folder: Folder, names: frozenset[str]) -> bool:
    path = folder.name.casefold()
    last = path.rpartition(folder.delimiter)[2] if folder.delimiter else path
    usual = USUAL_NAMES.get(folder.role, frozenset())
    return path in names or last in names or not names.isdisjoint(usual)


def _is_below(folder: Folder, parent: Folder) -> bool:
    start = parent.wire_name + parent.delimiter
    return bool(parent.delimiter) and folder.wire_name.startswith(start)
