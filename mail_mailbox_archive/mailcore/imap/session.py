"""One connection to a mailbox, read-only but for :meth:`Session.append`.

Folders are opened with EXAMINE and messages read with BODY.PEEK (RFC 3501, 6.3.2 and
6.4.5), so that reading changes nothing on the server, its ``\\Seen`` flags included;
but for a server that forgets what UIDs it told, see :meth:`Session.examine`.
Every argument passes one guard before a byte is sent. An answer counts only for
messages that were asked for, by UID: servers send others' changes in between, some
without a UID.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from ..errors import FolderGone, UidValidityChanged, Unreachable
from .arguments import quote
from .connection import Account, Timeouts, connect, hang_up
from .folder import Folder, FolderStatus, encode_utf7, guess_roles
from .items import Item, is_seen, read_fetch, to_item
from .login import OAuthToken, Password, Secret, guard_account, log_in
from .responses import (
    Answer,
    Value,
    read_code,
    read_folder,
    read_name,
    read_number,
    read_or_none,
    read_pairs,
    read_prefix,
    read_search,
    read_status,
)
from .uids import Ranges, clip, merge, to_ranges, write_sets
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
#: A size is only advisory (RFC 3501, 2.3.4): servers that compute it are a little off.
SIZE_SLACK = 2**16
#: Bytes of what stands around the sources of a batch.
ANSWER_SLACK = 2**20
#: Seconds of silence after which a line that waited for this poll counts as dead.
WAITED = 10
#: Bytes of a folder in LIST that is remembered; more would take room for nothing.
REMEMBERED = 256

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
        self._forgetful = False
        self._list_status = "LIST-STATUS" in self.capabilities

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
        listed = (_listed(a) for a in answers if a.kind == "LIST")
        folders = {folder.wire_name: folder for folder in listed if folder}
        if not folders:
            raise Unreachable("protocol", "no folders")
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
            if not self._list_status:
                raise Unreachable("protocol", error.detail) from error
        self._list_status = False  # offered, yet refused
        return self._list()

    def _list_command(self) -> str:
        returned = []
        if "SPECIAL-USE" in self.capabilities:
            returned.append("SPECIAL-USE")
        if self._list_status:
            returned.append(f"STATUS {self._status_items()}")
        extended = self._list_status or "LIST-EXTENDED" in self.capabilities
        if not (returned and extended):
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

    def _examine_once(self, name: str) -> FolderStatus:
        try:
            return self._examine(name, " (CONDSTORE)" if self._condstore else "")
        except FolderGone:
            if not self._condstore:
                raise
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
        returned = "RETURN (ALL) " if "ESEARCH" in self.capabilities else ""
        also = " UNSEEN" if unseen else ""
        if since:
            also += f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        commands = [
            f"UID SEARCH {returned}UID {uids}{also}" for uids in self._sets(ranges)
        ]
        found: list[tuple[int, int]] = []
        for answer in self._folder_command(*commands):
            if answer.kind in ("SEARCH", "ESEARCH"):
                found += _search_result(answer)
        alive = merge(found)
        return tuple(pair for low, high in ranges for pair in clip(alive, low, high))

    def fetch_sizes(self, ranges: Ranges) -> dict[int, Item]:
        """Return what lives in ``ranges``, without sources."""
        return self._fetch(ranges, "(UID FLAGS INTERNALDATE RFC822.SIZE)")

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
        bounds = Bounds(max_size + SIZE_SLACK, max_total + ANSWER_SLACK)
        items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"
        return self._fetch(to_ranges(uids), items, bounds)

    def fetch_headers(self, uids: Iterable[int]) -> dict[int, Item]:
        """Return messages with their header blocks, cut at 256 KiB, as sources."""
        items = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]"
        items += f"<0.{MAX_HEADERS}>)"
        return self._fetch(to_ranges(uids), items, Bounds(MAX_HEADERS + SIZE_SLACK))

    def fetch_marks(self, uids: Iterable[int]) -> dict[int, Item]:
        """Return messages with nothing but their Message-ID field, as sources."""
        items = "(UID INTERNALDATE RFC822.SIZE"
        items += " BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        return self._fetch(to_ranges(uids), items)

    def fetch_flags(self, first: int, last: int, since: int) -> tuple[Ranges, Ranges]:
        """Return which UIDs' flags changed after MODSEQ ``since``: read, and unread.

        :raises CommandRefused: the server offers RFC 7162 and does not keep to it
        """
        command = f"UID FETCH {first}:{last} (UID FLAGS) (CHANGEDSINCE {since})"
        changed = self._gather(self._wire.run(command), ((first, last),))
        changed = {uid: pairs for uid, pairs in changed.items() if "FLAGS" in pairs}
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
        if "NAMESPACE" not in self.capabilities:
            return wire_name
        answers = list(self._wire.run("NAMESPACE", tolerant=True))
        told = [read_or_none(read_prefix, a) for a in answers if a.kind == "NAMESPACE"]
        return (told[0] or "" if told else "") + wire_name

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
        self, ranges: Ranges, items: str, bounds: Bounds = SMALL
    ) -> dict[int, Item]:
        commands = [f"UID FETCH {uids} {items}" for uids in self._sets(ranges)]
        found: dict[int, dict[str, Value]] = {}
        try:
            answers = self._wire.run(*commands, bounds=bounds)
            self._gather(answers, ranges, found)
        except CommandRefused as error:
            if error.status != "NO":
                raise FolderGone("folder", error.detail) from error
            # it may mean one message of many (RFC 3501, 6.4.5): what came, came
            if not found:
                raise
        return {uid: to_item(uid, pairs) for uid, pairs in found.items()}

    @staticmethod
    def _gather(
        answers: Iterator[Answer],
        ranges: Ranges,
        found: dict[int, dict[str, Value]] | None = None,
    ) -> dict[int, dict[str, Value]]:
        """Return the items told of the UIDs in ``ranges``, a later one over an earlier.

        A change of flags may come in between, with nothing but the flags.
        """
        found = {} if found is None else found
        for answer in answers:
            pairs = read_fetch(answer)
            uid = read_number(pairs["UID"]) if pairs else 0
            if uid and clip(ranges, uid, uid):
                found.setdefault(uid, {}).update(pairs)
        return found

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


def _listed(answer: Answer) -> Folder | None:
    if sum(map(len, answer.pieces)) > REMEMBERED:
        return read_or_none(read_folder, answer)
    return _remembered(tuple(answer.pieces))


@lru_cache(2048)
def _remembered(pieces: tuple[bytes, ...]) -> Folder | None:
    # most mailboxes of a server have the same folders
    return read_or_none(read_folder, Answer("LIST", 0, pieces))


def _read_statuses(answers: Iterable[Answer]) -> dict[str, FolderStatus]:
    told = (read_or_none(_named_status, a) for a in answers if a.kind == "STATUS")
    return dict(one for one in told if one)


def _named_status(values: list[Value]) -> tuple[str, FolderStatus]:
    if len(values) < 2:
        raise ValueError("no STATUS answer")
    return read_name(values[0]), read_status(read_pairs(values[-1]))


def _search_result(answer: Answer) -> Ranges:
    try:
        return read_search(answer)
    except ValueError:
        raise FolderGone("folder", answer.text) from None
