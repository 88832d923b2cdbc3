"""A poll against a server on which anything happens, at any moment.

Hypothesis chooses what happens: mail comes, moves, goes, is read; folders are numbered
anew; polls stop, crash, and begin again while the server changes under them. Whenever a
poll ran to its end, and nothing happened meanwhile, what is stored is what the server
has. :class:`SyncMachine` is told by its store what that means there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.imap import events
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import FolderStatus
from odoo.addons.mail_mailbox_archive.mailcore.imap.sync import Known, Limits, poll
from odoo.addons.mail_mailbox_archive_tests.tests.servers.model import (
    FAULTS,
    TODAY,
    ModelServer,
    ModelSession,
)

FOLDERS = ("INBOX", "Work", "Sent")
NEVER = 10**9
#: Larger than the short messages of the model, smaller than the long ones.
MAX_SIZE = 500
LENGTHS = st.sampled_from([10, 10, 10, 1000])

#: A place on the server: folder and UID.
Place = tuple[str, int]


class Store(Protocol):
    """Where the machine's polls are stored."""

    def known(self) -> Known: ...

    def store(self, event: events.Event) -> object: ...

    def go_through_again(self, wire_name: str) -> None:
        """As a person does who misses mail."""

    def ask_again(self) -> None:
        """As time does for what was withheld."""

    def places(self) -> dict[Place, tuple[int, bool]]:
        """Number and flag of each message that is held as being at a place."""

    def aside(self) -> dict[Place, bool]:
        """The places of messages in quarantine, and whether each was withheld.

        What became of it on the server may be unknown, until it is asked for again.
        """

    def numbers(self) -> Counter[int]:
        """How often each message is held, at a place or without one."""


class SyncMachine(RuleBasedStateMachine):
    """What may happen; a subclass says where it is stored."""

    #: The store holds a message at one place only, the last one seen.
    one_place = False

    def new_store(self) -> Store:
        raise NotImplementedError

    @initialize(
        condstore=st.booleans(),
        list_status=st.booleans(),
        batch=st.integers(1, 3),
        since=st.booleans(),
        lengths=st.lists(st.integers(0, 4), min_size=3, max_size=3),
    )
    def begin(self, condstore, list_status, batch, since, lengths):
        self.server = ModelServer(condstore, list_status)
        self.since = TODAY.date() if since else None
        self.batch = batch
        self.withheld: set[int] = set()
        self.polling: Iterator[events.Event] | None = None
        #: by folder and UIDVALIDITY, the UID of the first mail after our first look
        self.new_from: dict[tuple[str, int], int] = {}
        #: the counts by which this poll may judge a folder unchanged, and the next one
        self.judged: dict[str, FolderStatus] = {}
        self.done: dict[str, FolderStatus] = {}
        for name, length in zip(FOLDERS, lengths, strict=True):
            self.server.create(name)
            for _ in range(length):
                self.server.append(name)
        self.store = self.new_store()

    # What happens on the server

    def _pick(self, data) -> Place | None:
        places = [(n, u) for n, f in self.server.folders.items() for u in f.messages]
        return data.draw(st.sampled_from(places)) if places else None

    @rule(
        folder=st.sampled_from(FOLDERS),
        count=st.integers(1, 3),
        seen=st.booleans(),
        old=st.booleans(),
        length=LENGTHS,
        headed=st.sampled_from([True, True, True, False]),
    )
    def arrive(self, folder, count, seen, old, length, headed):
        values = {"seen": seen, "length": length, "headed": headed}
        for _ in range(count):
            number = self.server.append(
                folder, day=TODAY - timedelta(days=old), **values
            )
            if not headed:
                self.withheld.add(number)

    @rule(data=st.data(), folder=st.sampled_from(FOLDERS), keep=st.booleans())
    def move(self, data, folder, keep):
        if place := self._pick(data):
            (self.server.copy if keep else self.server.move)(*place, folder)

    @rule(data=st.data(), count=st.integers(1, 3))
    def expunge(self, data, count):
        for _ in range(count):
            if place := self._pick(data):
                self.server.expunge(*place)

    @rule(data=st.data(), count=st.integers(1, 3))
    def mark(self, data, count):
        for _ in range(count):
            if place := self._pick(data):
                message = self.server.folders[place[0]].messages[place[1]]
                self.server.mark(*place, not message.seen)

    @rule(folder=st.sampled_from(FOLDERS), emptied=st.booleans())
    def renumber(self, folder, emptied):
        if not emptied:
            self.server.renumber(folder)
            return
        self.server.delete(folder)
        self.server.create(folder)

    @rule()
    def switch_condstore(self):
        self.server.condstore = not self.server.condstore
        self.server.version += 1

    @rule(
        data=st.data(),
        fault=st.sampled_from(FAULTS),
        passing=st.booleans(),
        sized=st.booleans(),
    )
    def withhold(self, data, fault, passing, sized):
        # several at once look like a server that gives nothing, which is a failure
        if self.server.faults or not (place := self._pick(data)):
            return
        message = self.server.folders[place[0]].messages[place[1]]
        self.withheld.add(message.number)
        self.server.harm(message.number, fault, *([1] if passing else []))
        # of a large one the size decides what is fetched, and so what it is
        if not sized and message.length < MAX_SIZE:
            self.server.without_size.add(message.number)

    # What we do

    @rule(folder=st.sampled_from([*FOLDERS, None]))
    def go_through_again(self, folder):
        # whoever asks for it takes the mailbox from the poll that runs
        self.crash()
        if folder:
            self.store.go_through_again(folder)
        else:
            self.store.ask_again()

    @rule(batches=st.sampled_from([NEVER, 1, 2]))
    def start(self, batches):
        self.session = ModelSession(self.server)
        self.judged |= self.done
        self.done.clear()
        self.version, self.stopped, self.failed = self.server.version, False, []
        asked = iter(range(1, NEVER))

        def deadline():
            self.stopped |= next(asked) >= batches
            return self.stopped

        limits = Limits(
            batch_count=self.batch,
            max_size=MAX_SIZE,
            since=self.since,
            deadline=deadline,
        )
        self.polling = poll(self.session, self.store.known(), limits)

    @precondition(lambda self: self.polling)
    @rule()
    def crash(self):
        self.polling = None

    @precondition(lambda self: self.polling)
    @rule(count=st.integers(1, 4))
    def go_on(self, count):
        for _ in range(count):
            if not self._store_next():
                return

    @precondition(lambda self: self.polling)
    @rule()
    def finish(self):
        while self._store_next():
            pass

    @rule(batches=st.sampled_from([NEVER, NEVER, 1, 2]))
    def poll(self, batches=NEVER):
        self.start(batches)
        self.finish()

    def _store_next(self) -> bool:
        """Store one event; check all when there is none left."""
        try:
            event = next(self.polling, None)
        except Unreachable:
            assert self._is_disturbed(), "the line broke by itself"
            self.polling = None
            return False
        if event is None:
            self.polling = None
            if not (self.stopped or self._is_disturbed()):
                self._check_end()
            return False
        self.store.store(event)
        if isinstance(event, events.FolderFailed):
            self.failed.append(event)
        if isinstance(event, events.MessagesFetched | events.FolderDone):
            state = event.state
            numbering = (state.wire_name, state.uid_validity)
            self.new_from.setdefault(numbering, state.next_uid)
        if isinstance(event, events.FolderDone):
            name = event.state.wire_name
            self.done[name] = self.session.told[name]
        if isinstance(event, events.MessagesFetched):
            readable = (one for one in event.messages if one.message)
            assert all(one.oversize == (one.size > MAX_SIZE) for one in readable)
        return True

    def _check_end(self):
        if self.failed:
            # all that a batch asked for was withheld, and so the folder failed
            assert self.server.faults
        else:
            self.check()

    def _is_disturbed(self) -> bool:
        return self.version != self.server.version

    # What must hold

    def check(self):
        """All that the server has is stored once, and nothing else is said to be."""
        held, numbers = self.store.places(), self.store.numbers()
        assert set(numbers.values()) <= {1}, "doubled"
        there = {
            (name, uid): message
            for name, folder in self.server.folders.items()
            for uid, message in folder.messages.items()
        }
        aside = {place for place in self.store.aside() if place in there}
        copies = Counter(message.number for message in there.values())
        assert held.keys() <= there.keys(), "said to be there, and gone"
        assert not held.keys() & aside
        assert {there[place].number for place in aside} <= self.withheld
        for place, message in there.items():
            if place in aside:
                continue
            if place not in held:
                assert self._is_left_out(place, message) or self._may_be_elsewhere(
                    message, copies, numbers
                ), "lost"
                continue
            number, seen = held[place]
            assert number == message.number, "one for another"
            if not self._may_be_stale(place[0]):
                assert seen == message.seen, "flag"

    def _may_be_elsewhere(self, message, copies, numbers) -> bool:
        return self.one_place and copies[message.number] > 1 and numbers[message.number]

    def _may_be_stale(self, name) -> bool:
        """Whether flags may have changed so that no count shows it (``is_changed``)."""
        now = self.server.folders[name].status(self.server.condstore)
        then = self.judged.get(name, FolderStatus())
        counts = [
            (s.messages, s.uid_next, s.uid_validity, s.unseen) for s in (now, then)
        ]
        proven = now.highest_modseq and then.highest_modseq
        return counts[0] == counts[1] and not proven

    def teardown(self):
        if not hasattr(self, "server"):
            return
        self.crash()
        self.server.heal()
        self.poll()
        self.store.ask_again()
        self.poll()
        assert not any(self.store.aside().values()), "not asked for, or without end"

    def _is_left_out(self, place, message) -> bool:
        """Whether a message is older than what is wanted, and was there before us."""
        name, uid = place
        numbering = (name, self.server.folders[name].uid_validity)
        # what was withheld is asked for as mail of the past
        past = uid < self.new_from.get(numbering, 0) or message.number in self.withheld
        return bool(self.since) and past and message.day.date() < self.since
