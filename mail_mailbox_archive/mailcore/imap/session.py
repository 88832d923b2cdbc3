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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..errors import FolderGone, MailCoreError, UidValidityChanged, Unreachable
from .arguments import quote
from .connection import Account, Timeouts
from .folder import FolderStatus, encode_utf7
from .items import HEADERS, MARKS, SOURCES, Gathering, Item, is_seen, to_item
from .line import Line
from .listing import Listing, read_statuses
from .login import OAuthToken, Password, Secret
from .responses import Answer, Value, read_code, read_search, read_status
from .uids import MAX_UID, Ranges, clip, merge, to_ranges, write_sets
from .wire import SMALL, Bounds, CommandRefused

__all__ = [
    "Account",
    "Item",
    "OAuthToken",
    "Opener",
    "Password",
    "Session",
    "Timeouts",
]

#: Bytes of a header block that are fetched of an oversize message.
MAX_HEADERS = 2**18
#: A name that no folder has.
NO_FOLDER = '"No-such-folder-e7c1f5"'
#: A size is only advisory (RFC 3501, 2.3.4): servers that compute it are a little off.
SIZE_SLACK = 2**16
#: Bytes of what stands around the sources of a batch.
ANSWER_SLACK = 2**20
#: Bytes a second that a server gives of a message at least, once it begins.
SLOWEST = 2**20

#: Words with which a command is refused that the server does not know.
_NOT_UNDERSTOOD = re.compile(
    r"not (?:supported|implemented|understood)|unsupported|unimplemented|unknown"
    r"|syntax|invalid (?:command|argument|search|criteri)|\[(?:CANNOT|CLIENTBUG)",
    re.I,
)

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Session(Listing):
    """A line that opens folders, searches and fetches."""

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
        values: dict[str, Value] = {}
        for answer in self._folder_command(f"EXAMINE {name}{parameter}"):
            if answer.kind == "EXISTS":
                values["MESSAGES"] = str(answer.number).encode()
            elif answer.kind == "OK":
                code, argument = read_code(answer.text)
                values[code] = argument.strip().encode()
        return read_status(values)

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
            if _is_open(ranges) and not self._stars:
                # some take no number of 32 bits, and GNU's finds nothing up to "*"
                self._stars = True
                return self.search(ranges, unseen, since)
            refused = error
        try:
            uids = self._look_through(ranges, unseen, since)
        except (CommandRefused, FolderGone):
            raise FolderGone("folder", refused.detail) from refused
        # smtp4dev knows no sets of UIDs here
        self._searches = False
        return uids

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
        matching: list[tuple[int, int]] = []
        for answer in self._wire.run(*commands):
            if answer.kind in ("SEARCH", "ESEARCH"):
                matching += _search_result(answer)
        alive = merge(matching)
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
        items = gathering.found.items()
        changed = {uid: pairs for uid, pairs in items if "FLAGS" in pairs}
        seen = to_ranges(uid for uid, pairs in changed.items() if is_seen(pairs))
        unseen = to_ranges(uid for uid, pairs in changed.items() if not is_seen(pairs))
        return seen, unseen

    # What the server reports unasked

    def command(self, text: str) -> None:
        """Send a command whose answers nobody needs.

        :raises CommandRefused: the server says no
        """
        list(self._wire.run(text))

    def hear(self, seconds: float) -> Iterator[str]:
        """Yield the folders that the server tells of, after NOTIFY, in ``seconds``."""
        for answer in self._wire.hear(seconds):
            yield from read_statuses([answer])

    def idle(self, seconds: float) -> Iterator[str]:
        """Yield the kinds of what the server tells of the open folder in ``seconds``.

        :raises CommandRefused: it reports nothing unasked
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
        sets = write_sets(ranges, 7000 if self._condstore else 900)
        return (
            [one.replace(f":{MAX_UID}", ":*") for one in sets] if self._stars else sets
        )

    def _folder_command(self, *commands: str) -> Iterator[Answer]:
        try:
            yield from self._wire.run(*commands)
        except CommandRefused as error:
            raise FolderGone("folder", error.detail) from error


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens sessions of one account; equal to another that opens the same.

    :param kind: of line that is opened
    """

    account: Account
    secret: Secret
    kind: type[Line] = Session

    def __call__(self) -> Any:
        """Return a new session; raises what :meth:`Session.open` does."""
        return self.kind.open(self.account, self.secret)


def _is_open(ranges: Ranges) -> bool:
    """Return whether ranges have no end above."""
    return bool(ranges) and ranges[-1][1] == MAX_UID


def _is_not_understood(error: CommandRefused) -> bool:
    """Return whether a refusal is of the command, not of what it was about."""
    return error.status == "BAD" or bool(_NOT_UNDERSTOOD.search(error.text))


def _to_items(
    answers: dict[int, dict[str, Value]], names: tuple[str, ...]
) -> dict[int, Item]:
    return {uid: to_item(uid, pairs, names) for uid, pairs in answers.items()}


def _search_result(answer: Answer) -> Ranges:
    try:
        return read_search(answer)
    except ValueError:
        raise FolderGone("folder", answer.text) from None
