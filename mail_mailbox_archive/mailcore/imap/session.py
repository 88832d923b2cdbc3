"""One connection to a mailbox, read-only but for :meth:`Session.append`.

Folders are opened with EXAMINE and messages read with BODY.PEEK (RFC 3501, 6.3.2 and
6.4.5), so that reading changes nothing on the server, its ``\\Seen`` flags included;
but for a server that forgets what UIDs it told, see :meth:`Session.examine`.
Every argument passes one guard before a byte is sent. An answer counts only for
messages that were asked for, by UID: servers send others' changes in between, some
without a UID.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from ..errors import FolderGone, MailCoreError, UidValidityChanged, Unreachable
from .arguments import quote
from .connection import Account, Timeouts, connect, hang_up
from .folder import Folder, FolderStatus, encode_utf7, guess_roles
from .items import HEADERS, MARKS, SOURCES, Gathering, Item, is_seen, to_item
from .login import (
    NOT_NOW,
    OAuthToken,
    Password,
    Secret,
    guard_account,
    introduce,
    log_in,
)
from .responses import (
    NOT_SELECTABLE,
    Answer,
    Namespaces,
    Value,
    read_code,
    read_folder,
    read_named_status,
    read_namespaces,
    read_or_none,
    read_search,
    read_status,
)
from .uids import Ranges, clip, merge, to_ranges, write_sets
from .utf7 import decode_utf7
from .wire import SMALL, Bounds, CommandRefused, Wire

__all__ = [
    "Account",
    "Item",
    "OAuthToken",
    "Opener",
    "Password",
    "Session",
    "Timeouts",
]

#: STATUS commands sent at once: Exchange drops clients that send more.
PIPELINE = 10
#: Bytes of a header block that are fetched of an oversize message.
MAX_HEADERS = 2**18
#: A name that no folder has.
NO_FOLDER = '"No-such-folder-e7c1f5"'
#: A size is only advisory (RFC 3501, 2.3.4): servers that compute it are a little off.
SIZE_SLACK = 2**16
#: Bytes of what stands around the sources of a batch.
ANSWER_SLACK = 2**20
#: Seconds of silence after which a line that waited for this poll counts as dead.
WAITED = 10
#: Bytes of a folder in LIST that is remembered; more would take room for nothing.
REMEMBERED = 256
#: Bytes a second that a server gives of a message at least, once it begins.
SLOWEST = 2**20

#: Characters of a line of the list that cannot be read.
MAX_LINE = 200
#: Folders of one mailbox; more would fill the database, and no person has so many.
MAX_FOLDERS = 50_000
#: Words with which a command is refused that the server does not know.
_NOT_UNDERSTOOD = re.compile(
    r"not (?:supported|implemented|understood)|unsupported|unimplemented|unknown"
    r"|syntax|invalid (?:command|argument|search|criteri)|\[(?:CANNOT|CLIENTBUG)",
    re.I,
)

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Session:
    """A logged-in connection; a context manager that hangs up at its end.

    Use :meth:`open`. Methods raise :class:`Unreachable` when the line breaks; the
    session is useless then until :meth:`reconnect`.
    """

    def __init__(self, account: Account, secret: Secret) -> None:
        self._account = account
        self._secret = secret
        self._selected, self._uid_validity = "", 0
        self._aborted, self._waited = False, False
        #: of the messages that were looked at last, by UID
        self._sizes: dict[int, int] = {}
        #: nothing of this mailbox was read on the line before this poll
        self.fresh = True
        #: what the last LIST was answered, as it came, and read
        self._told: list[Sequence[bytes]] | None = None
        self._folders: tuple[Folder, ...] = ()
        self.capabilities: frozenset[str] = frozenset()
        self.reconnect()

    @classmethod
    def open(cls, account: Account, secret: Secret) -> Session:
        """Return a session that is connected, verified and logged in.

        :raises Unreachable: no usable server there
        :raises LoginRefused: it does not accept login or secret
        :raises BadArgument: before any byte is sent
        """
        return cls(account, secret)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session {self._account.host}:{self._account.port}>"

    @property
    def commands(self) -> int:
        """How many commands were sent on this line since the login."""
        return self._wire.commands - self._login_commands

    def close(self) -> None:
        """Say LOGOUT without waiting for the answer, and hang up."""
        self._wire.close()

    def wait(self) -> bool:
        """Get ready to wait for the next poll; return whether it may.

        It may not with a folder open, which the server would tell news of meanwhile.
        """
        self._waited = not (self._aborted or self._selected or self._wire.broken)
        self.fresh = False
        return self._waited

    def abort(self) -> None:
        """Break the line for good; another thread may call it.

        Whoever waits for the server at that moment gets :class:`Unreachable`.
        """
        self._aborted = True
        self._wire.cut()

    def reconnect(self) -> None:
        """Log in on a new line; no folder is open then.

        :raises Unreachable: and so on, as :meth:`open`; ``timeout`` after
            :meth:`abort`
        """
        if self._aborted:
            raise Unreachable("timeout")
        guard_account(self._account, self._secret)
        client = connect(self._account)
        self._wire = Wire(client, self._account.timeouts.command)
        try:
            self.capabilities = log_in(self._wire, client, self._account, self._secret)
        except BaseException:
            hang_up(client)
            raise
        self._login_commands = self._wire.commands
        self._condstore = "CONDSTORE" in self.capabilities
        self._forgetful, self._searches, self._introduced = False, True, False
        self._namespaces: Namespaces | None = None
        self.fresh = True
        self._list_status = "LIST-STATUS" in self.capabilities
        self._list_extended = self._list_status or "LIST-EXTENDED" in self.capabilities

    def resume(self) -> None:
        """Log in on a new line and open the same folder.

        :raises UidValidityChanged: its UIDs mean other messages now
        """
        name, uid_validity = self._selected, self._uid_validity
        self.close()
        self.reconnect()
        if self.examine(name).uid_validity != uid_validity:
            raise UidValidityChanged()

    # Folders

    def list_folders(self) -> tuple[Folder, ...]:
        """Return all folders, with their status where one command gives both.

        RFC 5258, RFC 5819 and RFC 6154 where offered, else RFC 3501's LIST.

        :raises Unreachable: the server lists nothing, which is no mailbox
        """
        answers = self._first_list() if self._waited else self._list()
        told = [answer.pieces for answer in answers]
        if told != self._told:
            self._folders = self._read_folders(answers)
            self._told = told
        return self._folders

    @staticmethod
    def _read_folders(answers: list[Answer]) -> tuple[Folder, ...]:
        statuses = _read_statuses(answers)
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
                code = "throttled" if error.code in NOT_NOW else "protocol"
                raise Unreachable(code, error.detail) from error
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
                        told = read_or_none(read_namespaces, answer)
                        self._namespaces = told or self._namespaces
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
            some = commands[start : start + PIPELINE]
            statuses |= _read_statuses(self._wire.run(*some, tolerant=True))
        return statuses

    def examine(self, wire_name: str) -> FolderStatus:
        """Open a folder, read-only; return its numbers, without ``unseen``.

        :raises FolderGone: the server does not open it
        """
        name = quote(wire_name)
        if not self._forgetful:
            status = self._examine_once(name)
            self._forgetful = not status.uid_next
        if self._forgetful:
            # Courier 5 names no UIDNEXT here, and keeps the UIDs that it tells only
            # after SELECT: until then each look numbers what is new by its age, or all
            # of the folder, so that a message may take the UID of one that we hold
            list(self._wire.run(f"SELECT {name}", tolerant=True))
            status = self._examine_once(name)
        self._selected, self._uid_validity = wire_name, status.uid_validity
        return status

    def leave(self) -> None:
        """Close the open folder, so that the line may wait for the next poll.

        By UNSELECT (RFC 3691), else by opening what is not there, which leaves none
        open (RFC 3501, 6.3.1). Not by CLOSE, which removes messages where a folder was
        opened for writing.
        """
        if self._selected:
            unselects = "UNSELECT" in self.capabilities
            command = "UNSELECT" if unselects else f"EXAMINE {NO_FOLDER}"
            # what was told is true, whatever the server thinks of being left
            with contextlib.suppress(Unreachable):
                list(self._wire.run(command, tolerant=True))
            self._selected = ""

    def _examine_once(self, name: str) -> FolderStatus:
        try:
            return self._examine(name, " (CONDSTORE)" if self._condstore else "")
        except FolderGone:
            introduced = self._introduces_itself()
            if not (self._condstore or introduced):
                raise
        if introduced:
            return self._examine_once(name)
        status = self._examine(name, "")
        self._condstore = False  # offered, yet refused
        return status

    def _examine(self, name: str, parameter: str) -> FolderStatus:
        found: dict[str, Value] = {}
        for answer in self._folder_command(f"EXAMINE {name}{parameter}"):
            if answer.kind == "EXISTS":
                found["MESSAGES"] = str(answer.number).encode()
            elif answer.kind == "OK":
                code, argument = read_code(answer.text)
                found[code] = argument.strip().encode()
        return read_status(found)

    # Messages

    def search(
        self,
        ranges: Ranges,
        unseen: bool = False,
        since: date | None = None,
    ) -> Ranges:
        """Return which UIDs of ``ranges`` live in the open folder.

        :param unseen: only those without ``\\Seen``
        :param since: only those that reached the server that day or later
        :raises FolderGone: the server refuses
        """
        if not self._searches:
            return self._look_through(ranges, unseen, since)
        try:
            return self._search(ranges, unseen, since)
        except CommandRefused as error:
            if not _is_not_understood(error):
                raise FolderGone("folder", error.detail) from error
            refused = error
        try:
            found = self._look_through(ranges, unseen, since)
        except (CommandRefused, FolderGone):
            raise FolderGone("folder", refused.detail) from refused
        # smtp4dev knows no sets of UIDs here
        self._searches = False
        return found

    def _look_through(self, ranges: Ranges, unseen: bool, since: date | None) -> Ranges:
        """Return what :meth:`search` does, from the messages themselves."""
        items = self._fetch(ranges, "(UID FLAGS INTERNALDATE)")
        return to_ranges(
            uid
            for uid, item in items.items()
            if not (unseen and item.seen)
            and not (since and item.internal_date.date() < since)
        )

    def _search(self, ranges: Ranges, unseen: bool, since: date | None) -> Ranges:
        returned = "RETURN (ALL) " if "ESEARCH" in self.capabilities else ""
        also = " UNSEEN" if unseen else ""
        if since:
            also += f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        commands = [
            f"UID SEARCH {returned}UID {uids}{also}" for uids in self._sets(ranges)
        ]
        found: list[tuple[int, int]] = []
        for answer in self._wire.run(*commands):
            if answer.kind in ("SEARCH", "ESEARCH"):
                found += _search_result(answer)
        alive = merge(found)
        return tuple(pair for low, high in ranges for pair in clip(alive, low, high))

    def fetch_sizes(self, ranges: Ranges) -> dict[int, Item]:
        """Return what lives in ``ranges``, without sources."""
        timeouts = self._account.timeouts
        with self._wire.patience(min(timeouts.read, 2 * timeouts.stall)):
            items = self._fetch(ranges, "(UID FLAGS INTERNALDATE RFC822.SIZE)")
        self._sizes = {uid: item.size for uid, item in items.items()}
        return items

    def fetch_sources(
        self, uids: Iterable[int], max_size: int, max_total: int
    ) -> dict[int, Item]:
        """Return messages with their sources; absent ones are left out.

        :param max_size: bytes that one source may have
        :param max_total: bytes that all may have together
        :raises Unreadable: the server sends more; the line is closed
        :raises CommandRefused: the server gives none of them
        :raises FolderGone: it does not understand
        """
        uids = tuple(uids)
        bounds = Bounds(max_size + SIZE_SLACK, max_total + ANSWER_SLACK)
        items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"
        with self._stalls_for(sum(self._sizes.get(uid, 0) for uid in uids)):
            return self._fetch(to_ranges(uids), items, bounds)

    def fetch_headers(self, uids: Iterable[int]) -> dict[int, Item]:
        """Return messages with their header blocks, cut at 256 KiB, as sources."""
        items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]"
        items += f"<0.{MAX_HEADERS}>)"
        bounds = Bounds(MAX_HEADERS + SIZE_SLACK)
        with self._stalls_for(0):
            return self._fetch(to_ranges(uids), items, bounds, HEADERS)

    def _stalls_for(self, size: int) -> contextlib.AbstractContextManager[None]:
        """Wait for messages of ``size`` bytes no longer than a server needs."""
        timeouts = self._account.timeouts
        return self._wire.patience(min(timeouts.read, timeouts.stall + size / SLOWEST))

    def fetch_marks(self, uids: Iterable[int]) -> dict[int, Item]:
        """Return messages with nothing but their Message-ID field, as sources."""
        items = "(UID INTERNALDATE RFC822.SIZE"
        items += " BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        return self._fetch(to_ranges(uids), items, names=MARKS)

    def fetch_flags(self, first: int, last: int, since: int) -> tuple[Ranges, Ranges]:
        """Return which UIDs' flags changed after MODSEQ ``since``: read, and unread.

        :raises CommandRefused: the server offers RFC 7162 and does not keep to it
        """
        command = f"UID FETCH {first}:{last} (UID FLAGS) (CHANGEDSINCE {since})"
        gathering = Gathering(((first, last),))
        for answer in self._wire.run(command):
            gathering.take(answer)
        told = gathering.found.items()
        changed = {uid: pairs for uid, pairs in told if "FLAGS" in pairs}
        seen = to_ranges(uid for uid, pairs in changed.items() if is_seen(pairs))
        unseen = to_ranges(uid for uid, pairs in changed.items() if not is_seen(pairs))
        return seen, unseen

    # What the server tells by itself

    def command(self, text: str) -> None:
        """Send a command whose answers nobody needs.

        :raises CommandRefused: the server says no
        """
        list(self._wire.run(text))

    def hear(self, seconds: float) -> Iterator[str]:
        """Yield the folders that the server tells of, after NOTIFY, in ``seconds``."""
        for answer in self._wire.hear(seconds):
            yield from _read_statuses([answer])

    def idle(self, seconds: float) -> Iterator[str]:
        """Yield the kinds of what the server tells of the open folder in ``seconds``.

        :raises CommandRefused: it tells nothing by itself
        """
        for answer in self._wire.idle(seconds):
            yield answer.kind

    # What was sent

    def place(self, name: str) -> str:
        """Return the wire name of a folder to be made under ``name``.

        Where folders lie below INBOX, as Courier's do, no other can be made: they begin
        with the prefix of the personal namespace (RFC 2342).

        :raises BadArgument: before any byte is sent, if ``name`` cannot be sent
        """
        wire_name = encode_utf7(name)
        quote(wire_name)
        return self.namespaces().prefix + wire_name

    def append(self, wire_name: str, source: bytes, moment: datetime) -> None:
        """Put a message into a folder, as read; make the folder where there is none.

        RFC 3501, 6.3.11. The one method that changes something on the server.

        :param source: with CRLF at the end of each line
        :param moment: what the server shows as its date, aware
        :raises FolderGone: the server does not take it
        :raises BadArgument: before any byte is sent
        """
        name = quote(wire_name)
        date = f"{moment.day:02}-{_MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S %z}"
        command = f'APPEND {name} (\\Seen) "{date}"'
        try:
            self._wire.upload(command, source)
        except CommandRefused as error:
            if error.code != "TRYCREATE":
                raise FolderGone("folder", error.detail) from error
            list(self._folder_command(f"CREATE {name}"))
            self._append_again(command, source)

    def _append_again(self, command: str, source: bytes) -> None:
        try:
            self._wire.upload(command, source)
        except CommandRefused as error:
            raise FolderGone("folder", error.detail) from error

    def _fetch(
        self,
        ranges: Ranges,
        items: str,
        bounds: Bounds = SMALL,
        names: tuple[str, ...] = SOURCES,
    ) -> dict[int, Item]:
        """Return what a FETCH gives; an error has what came before it as ``came``."""
        commands = [f"UID FETCH {uids} {items}" for uids in self._sets(ranges)]
        gathering = Gathering(ranges)
        try:
            for answer in self._wire.run(*commands, bounds=bounds):
                gathering.take(answer)
            gathering.close()
        except CommandRefused as error:
            if error.status != "NO":
                raise FolderGone("folder", error.detail) from error
            # it may mean one message of many (RFC 3501, 6.4.5): what came, came
            if not gathering.found:
                raise
        except MailCoreError as error:
            error.came = _to_items(gathering.found, names)
            raise
        return _to_items(gathering.found, names)

    def _sets(self, ranges: Ranges) -> list[str]:
        return write_sets(ranges, 7000 if self._condstore else 900)

    def _folder_command(self, *commands: str) -> Iterator[Answer]:
        try:
            yield from self._wire.run(*commands)
        except CommandRefused as error:
            raise FolderGone("folder", error.detail) from error


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens sessions of one account; equal to another that opens the same."""

    account: Account
    secret: Secret

    def __call__(self) -> Session:
        """Return a new session; raises what :meth:`Session.open` does."""
        return Session.open(self.account, self.secret)


def _is_not_understood(error: CommandRefused) -> bool:
    """Return whether a refusal is of the command, not of what it was about."""
    return error.status == "BAD" or bool(_NOT_UNDERSTOOD.search(error.text))


def _to_items(
    found: dict[int, dict[str, Value]], names: tuple[str, ...]
) -> dict[int, Item]:
    return {uid: to_item(uid, pairs, names) for uid, pairs in found.items()}


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


def _read_statuses(answers: Iterable[Answer]) -> dict[str, FolderStatus]:
    told: dict[str, FolderStatus] = {}
    for answer in answers:
        if answer.kind == "STATUS":
            with contextlib.suppress(ValueError):
                name, status = read_named_status(answer.pieces)
                told[name] = status
    return told


def _search_result(answer: Answer) -> Ranges:
    try:
        return read_search(answer)
    except ValueError:
        raise FolderGone("folder", answer.text) from None
