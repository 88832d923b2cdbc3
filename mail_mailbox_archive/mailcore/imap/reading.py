"""Reading one folder: what is new, what changed, what was there before."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone

from . import probe
from .events import (
    Event,
    FlagsSeen,
    FolderDone,
    FolderReset,
    MessagesFetched,
    PresentUids,
)
from .fetching import Batch, Fetcher
from .folder import FolderState, FolderStatus
from .plan import Limits, Visit, Window, is_reset, split_batches, split_downwards
from .session import Item, Session
from .uids import MAX_UID, Ranges, count, expand, subtract
from .wire import CommandRefused


class Reading:
    """One visit of one folder; ``state`` follows what was told."""

    def __init__(
        self,
        session: Session,
        limits: Limits,
        visit: Visit,
        state: FolderState | None,
        placed: Ranges = (),
    ) -> None:
        self._session = session
        self._limits = limits
        self._visit = visit
        self._status = visit.folder.status or FolderStatus()
        self._fetcher = Fetcher(
            session, limits.max_size, limits.deadline, limits.filing
        )
        self.state = state or FolderState(visit.folder.wire_name)
        #: what is held below the cursor; nothing after a reset
        self.placed = placed
        self._new_count = 0
        #: how many messages were there before; None where nobody asked
        self._below: int | None = None
        #: how many messages were told
        self.fetched = 0
        #: the time is used up; the folder is not done
        self.stopped = False

    def events(self) -> Iterator[Event]:
        """Yield what there is to tell of the folder."""
        opened = self._open()
        if is_reset(self.state, opened) or self._is_renumbered(opened):
            yield FolderReset(self.state.wire_name, opened.uid_validity)
            self.state = FolderState(self.state.wire_name)
            self.placed = ()
        elif self._visit.probe and not self._is_stale(opened):
            return
        held = self.state
        self._enter(opened)
        yield from self._read_new(opened.uid_next - 1)
        if self.stopped or not self._visit.whole:
            return
        yield from self._read_changes(held, opened)
        yield from self._read_past()
        if not self.stopped:
            yield from self._read_beyond(opened)
        if not self.stopped:
            yield self._done(opened)

    def _open(self) -> FolderStatus:
        """Return the folder's numbers; some servers leave out what others must tell.

        A UIDNEXT that cannot be is not believed: there are more messages than UIDs
        below it, no room above it, or one that was told before is higher.
        """
        opened = self._session.examine(self.state.wire_name)
        validity = opened.uid_validity or self._status.uid_validity
        uid_next = opened.uid_next or self._status.uid_next
        if uid_next >= MAX_UID:
            uid_next = 0
        known = self.state.next_uid if validity == self.state.uid_validity else 0
        messages = max(opened.messages, self._status.messages)
        if messages >= uid_next or uid_next < known:
            alive = self._session.search(((1, MAX_UID),))
            uid_next = max(uid_next, alive[-1][1] + 1 if alive else 1)
        uid_next = min(uid_next, MAX_UID + 1)
        return replace(opened, uid_validity=validity, uid_next=uid_next)

    def _is_renumbered(self, opened: FolderStatus) -> bool:
        """Return whether UIDs mean other messages, although UIDVALIDITY is the same.

        HIGHESTMODSEQ would have told (RFC 7162).
        """
        known = probe.read(self.state.probe)
        complete = self.state.backfill_uid == 1
        if opened.highest_modseq or not (known and complete):
            return False
        headers = self._fetcher.look_at_headers(known)
        return probe.differs(self.state.probe, headers)

    def _is_stale(self, opened: FolderStatus) -> bool:
        """Return whether STATUS said that nothing changed, and the folder differs."""
        reported = opened.messages, opened.uid_next
        return reported != (self.state.message_count, self.state.next_uid)

    def _enter(self, opened: FolderStatus) -> None:
        """Begin a folder that was never opened: what comes is new, what is, is past."""
        self.state = replace(self.state, uid_validity=opened.uid_validity)
        if not self.state.next_uid:
            # not by EXISTS: a server may count nothing where there is something
            top = opened.uid_next
            self.state = replace(
                self.state,
                backfill_uid=top,
                next_uid=top,
                message_count=opened.messages,
            )

    # What is new

    def _read_new(self, last: int) -> Iterator[Event]:
        stretch = ((self.state.next_uid, last),)
        if last < self.state.next_uid:
            return
        items = sorted(self._look(stretch, self._session.search(stretch)), key=_uid)
        self._new_count = len(items)
        for batch in self._batches(items):
            state = replace(self.state, next_uid=batch[-1].uid + 1)
            if batch[-1] is items[-1]:
                state = replace(self.state, next_uid=last + 1)
            yield from self._fetch(batch, state, fresh=True)
            if self.stopped:
                return
        # what is not there counts as decided
        self.state = replace(self.state, next_uid=last + 1)

    # What changed of what we hold

    def _read_changes(self, held: FolderState, opened: FolderStatus) -> Iterator[Event]:
        first, last = held.backfill_uid, held.next_uid - 1
        if last < first:
            return
        # asked before what lives: what goes in between is told gone, not read
        seen, unseen = self._flags(held, opened)
        counted = held.message_count + self._new_count
        if not held.settled or counted != opened.messages:
            present = self._session.search(((first, last),))
            if first == 1:
                self._below = count(present) + self._new_count
            yield PresentUids(held.wire_name, first, last, present)
            seen = subtract(seen, subtract(((first, last),), present))
        if seen or unseen:
            yield FlagsSeen(held.wire_name, seen, unseen)

    def _flags(self, held: FolderState, opened: FolderStatus) -> tuple[Ranges, Ranges]:
        """Return what is read and unread of what we hold, where it may have changed."""
        first, last = held.backfill_uid, held.next_uid - 1
        if 0 < held.highest_modseq <= opened.highest_modseq:
            if held.highest_modseq != opened.highest_modseq:
                with contextlib.suppress(CommandRefused):
                    # RFC 7162 may be offered, yet not kept to: ask without it
                    modseq = held.highest_modseq
                    return self._session.fetch_flags(first, last, modseq)
            elif self._status.unseen == held.unseen_count:
                return (), ()
        unseen = self._session.search(((first, last),), unseen=True)
        return subtract(((first, last),), unseen), unseen

    # What was there before

    def _read_past(self) -> Iterator[Event]:
        last, since = self.state.backfill_uid - 1, self._limits.since
        if last >= 1:
            alive = self._session.search(((1, last),), since=since)
            self._count(alive, last)
            for window in split_downwards(1, last, alive):
                yield from self._read_window(window)
                if self.stopped:
                    return
            yield from self._catch_up(last)
        self.state = replace(self.state, backfill_uid=1, waiting_count=0)

    def _count(self, alive: Ranges, last: int) -> None:
        """Note how many messages wait to be read, and how many are too old for it."""
        older = 0
        if self._limits.since:
            older = count(self._session.search(((1, last),))) - count(alive)
        self._below = count(alive) + older
        waiting = count(subtract(alive, self.placed))
        self.state = replace(self.state, waiting_count=waiting, older_count=older)

    def _catch_up(self, last: int) -> Iterator[Event]:
        """Yield what changed of what we held while the folder was gone through."""
        if not self.placed:
            return
        unseen = self._session.search(self.placed, unseen=True)
        present = self._session.search(((1, last),))
        wire_name = self.state.wire_name
        yield PresentUids(wire_name, 1, last, present)
        gone = subtract(self.placed, present)
        seen = subtract(subtract(self.placed, gone), unseen)
        yield FlagsSeen(wire_name, seen, unseen)

    def _read_beyond(self, opened: FolderStatus) -> Iterator[Event]:
        """Read what is counted, and has none of the UIDs below the one told as next."""
        if self._below is None or self.state.next_uid > MAX_UID:
            return
        if self._below < opened.messages:
            beyond = self._session.search(((self.state.next_uid, MAX_UID),))
            if beyond:
                yield from self._read_new(beyond[-1][1])

    def _read_window(self, window: Window) -> Iterator[Event]:
        wanted = window.alive
        if not self._limits.since:
            # the whole stretch: a server may forget some in its answer to SEARCH
            wanted = ((window.first, window.last),)
        wanted, alive = (subtract(one, self.placed) for one in (wanted, window.alive))
        items = sorted(self._look(wanted, alive), key=_uid, reverse=True)
        for batch in self._batches(items):
            low = window.first if batch[-1] is items[-1] else batch[-1].uid
            waiting = max(0, self.state.waiting_count - len(batch))
            state = replace(self.state, backfill_uid=low, waiting_count=waiting)
            yield from self._fetch(batch, state, fresh=False)
            if self.stopped:
                return

    # Batches

    def _look(self, wanted: Ranges, alive: Ranges) -> list[Item]:
        """Return what the server has in ``wanted``: all that either answer knows of."""
        items = self._fetcher.look(wanted, alive)
        now = datetime.now(timezone.utc)
        forgotten = (uid for uid in expand(alive) if uid not in items)
        return [*items.values(), *(Item(uid, now, False, 0) for uid in forgotten)]

    def _batches(self, items: list[Item]) -> Iterator[tuple[Item, ...]]:
        limits = self._limits
        return split_batches(
            items, limits.batch_count, limits.batch_bytes, limits.max_size
        )

    def _fetch(
        self, batch: tuple[Item, ...], state: FolderState, fresh: bool
    ) -> Iterator[Event]:
        got = self._fetcher.fetch(batch)
        if got.error:
            state = self._up_to(got, fresh)
        if got.messages or got.missing:
            sources = ((one.uid, one.source) for one in got.messages)
            known = probe.extend(self.state.probe, sources)
            self.state = replace(state, settled=False, probe=known)
            self.fetched += len(got.messages)
            yield MessagesFetched(self.state, got.messages, got.missing, fresh)
        if got.error:
            raise got.error
        self.stopped = self._limits.deadline()

    def _up_to(self, got: Batch, fresh: bool) -> FolderState:
        """Return the state after what came of a batch before the line broke."""
        uids = [*(one.uid for one in got.messages), *(one.uid for one in got.missing)]
        if not uids:
            return self.state
        if fresh:
            return replace(self.state, next_uid=max(uids) + 1)
        waiting = max(0, self.state.waiting_count - len(uids))
        return replace(self.state, backfill_uid=min(uids), waiting_count=waiting)

    def _done(self, opened: FolderStatus) -> FolderDone:
        self.state = replace(
            self.state,
            highest_modseq=opened.highest_modseq,
            message_count=opened.messages,
            unseen_count=self._status.unseen,
            settled=True,
        )
        return FolderDone(self.state)


def _uid(item: Item) -> int:
    return item.uid
