"""Folders: what the server tells of them, what we hold of them, which are skipped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from .utf7 import decode_utf7, encode_utf7

__all__ = [
    "Folder",
    "FolderState",
    "FolderStatus",
    "Role",
    "decode_utf7",
    "encode_utf7",
    "guess_roles",
    "is_skipped",
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
    """

    wire_name: str
    name: str
    delimiter: str = ""
    role: Role = Role.NONE
    selectable: bool = True
    status: FolderStatus | None = None


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


#: What people and programs call the folders of servers that tell no roles.
CUSTOMARY_NAMES = {
    Role.SENT: "sent|sent items|sent messages|sent mail|wysłane|elementy wysłane"
    "|gesendet|gesendete elemente|gesendete objekte|envoyés|éléments envoyés|enviados"
    "|elementos enviados|posta inviata|inviata|odeslané|odeslaná pošta|надіслані"
    "|отправленные|verzonden|verzonden items|itens enviados|skickat",
    Role.TRASH: "trash|deleted|deleted items|deleted messages|bin|kosz"
    "|elementy usunięte|papierkorb|gelöschte elemente|gelöschte objekte|corbeille"
    "|éléments supprimés|papelera|elementos eliminados|cestino|posta eliminata|koš"
    "|odstraněná pošta|кошик|видалені|корзина|удаленные|prullenbak"
    "|verwijderde items|lixeira|papperskorgen",
    Role.JUNK: "junk|spam|junk e-mail|junk email|bulk mail|niechciane|wiadomości-śmieci"
    "|junk-e-mail|spamverdacht|courrier indésirable|pourriel|correo no deseado"
    "|posta indesiderata|nevyžádaná pošta|спам|небажана пошта|ongewenste e-mail"
    "|lixo eletrônico|skräppost",
    Role.DRAFTS: "drafts|draft|szkice|kopie robocze|robocze|entwürfe|brouillons"
    "|borradores|bozze|koncepty|rozepsané|чернетки|черновики|concepten|rascunhos"
    "|utkast",
}
_CUSTOMARY = {
    name: role for role, names in CUSTOMARY_NAMES.items() for name in names.split("|")
}


def guess_roles(folders: tuple[Folder, ...]) -> tuple[Folder, ...]:
    """Return ``folders`` with roles by name, if the server told none (RFC 6154).

    Only at the top or right below INBOX, where servers keep such folders.
    """
    if any(folder.role not in (Role.NONE, Role.INBOX) for folder in folders):
        return folders
    return tuple(replace(f, role=f.role or _customary_role(f)) for f in folders)


def _customary_role(folder: Folder) -> Role:
    path = folder.name.casefold()
    if folder.delimiter:
        path = path.removeprefix(f"inbox{folder.delimiter}")
    return _CUSTOMARY.get(path, Role.NONE)


def role_of(name: str, attributes: Iterable[str]) -> Role:
    """Return the role of the folder ``name`` with LIST's ``attributes``.

    INBOX is compared without case (RFC 3501, 5.1).
    """
    if name.upper() == "INBOX":
        return Role.INBOX
    found = (_BY_ATTRIBUTE.get(attribute.lower()) for attribute in attributes)
    return next(filter(None, found), Role.NONE)


def is_skipped(
    folder: Folder, folders: Iterable[Folder], skip_names: frozenset[str]
) -> bool:
    """Return whether ``folder`` is left out: by name, by role, or by a parent.

    :param folders: all folders of the mailbox
    :param skip_names: as people write them; a whole path or its last part, any case
    """
    return folder.wire_name in skipped_folders(folders, skip_names)


def skipped_folders(
    folders: Iterable[Folder], skip_names: frozenset[str]
) -> frozenset[str]:
    """Return the ``wire_name`` of every folder that is left out."""
    folders = tuple(folders)
    names = frozenset(name.strip().casefold() for name in skip_names)
    roots = tuple(folder for folder in folders if _is_named(folder, names))
    # a server that has nothing but \All would otherwise yield no mail at all
    virtual = VIRTUAL if any(map(_holds_mail, folders)) else VIRTUAL - {Role.ALL}
    return frozenset(
        folder.wire_name
        for folder in folders
        if folder.role in virtual
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
