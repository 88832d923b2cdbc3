"""What a consumer of a poll stores, in memory: the oracle of the IMAP tests.

It applies each event as a shell with a database would, in one step, and checks on the
way what must always hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from odoo.addons.mail_mailbox_archive.mailcore.imap import events
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import FolderState
from odoo.addons.mail_mailbox_archive.mailcore.imap.sync import Known
from odoo.addons.mail_mailbox_archive.mailcore.imap.uids import Ranges, to_ranges

NOTHING = FolderState("")


@dataclass
class Ledger:
    """All that was stored of one mailbox."""

    skip_names: frozenset[str] = frozenset()
    folders: dict[str, FolderState] = field(default_factory=dict)
    #: identity of the messages that live at (folder, uid)
    places: dict[tuple[str, int], str] = field(default_factory=dict)
    seen: dict[tuple[str, int], bool] = field(default_factory=dict)
    #: each message once, with its bytes
    sources: dict[str, bytes] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    quarantine: dict[tuple[str, int], events.Fetched] = field(default_factory=dict)
    #: what of it is withheld, and the server asked for at this moment
    asked: set[tuple[str, int]] = field(default_factory=set)
    failed: dict[str, Exception] = field(default_factory=dict)
    listed: events.FoldersListed | None = None
    chosen: frozenset[str] = frozenset()
    turn: str = ""
    #: how often bytes were stored at a place, for "exactly once"
    stored: int = 0

    def known(self) -> Known:
        """What a poll needs to know."""
        behind = [one for one in self.folders.values() if one.backfill_uid > 1]
        placed = {one.wire_name: self._placed(one) for one in behind}
        return Known(
            dict(self.folders),
            self.skip_names,
            placed=placed,
            chosen=self.chosen,
            turn=self.turn,
        )

    def _placed(self, folder: FolderState) -> Ranges:
        """What is held although the folder is gone through once more."""
        held = self.uids(folder.wire_name)
        held |= {
            uid
            for (name, uid), one in self.quarantine.items()
            if name == folder.wire_name and not one.withheld
        }
        return to_ranges(uid for uid in held if uid < folder.backfill_uid)

    def go_through_again(self, wire_name: str) -> None:
        """Have a folder read from the top once more; what is held is not fetched."""
        folder = self.folders.get(wire_name, NOTHING)
        if folder.next_uid:
            again = replace(folder, backfill_uid=folder.next_uid)
            self.folders[wire_name] = again

    def ask_again(self) -> None:
        """Have the folders gone through for what was withheld."""
        self.asked = {p for p, one in self.quarantine.items() if one.withheld}
        for name in {name for name, _uid in self.asked}:
            self.go_through_again(name)

    def consume(self, told: Iterable[events.Event]) -> list[events.Event]:
        """Store all events; return them."""
        return [self.store(event) for event in told]

    def consume_some(self, told: Iterator[events.Event], count: int) -> bool:
        """Store ``count`` events, then abandon the poll as a crash would.

        :return: whether the poll would have gone on
        """
        for _ in range(count):
            event = next(told, None)
            if event is None:
                return False
            self.store(event)
        told.close()
        return True

    def store(self, event: events.Event) -> events.Event:
        getattr(self, f"_store_{type(event).__name__}")(event)
        return event

    def uids(self, folder: str) -> set[int]:
        return {uid for name, uid in self.places if name == folder}

    # One method per event

    def _store_FoldersListed(self, event: events.FoldersListed) -> None:
        self.listed = event

    def _store_TurnTaken(self, event: events.TurnTaken) -> None:
        self.turn = event.wire_name

    def _store_FolderReset(self, event: events.FolderReset) -> None:
        self.folders[event.wire_name] = FolderState(
            event.wire_name, uid_validity=event.uid_validity
        )
        self._forget(self.uids(event.wire_name), event.wire_name)
        for place in [p for p in self.quarantine if p[0] == event.wire_name]:
            del self.quarantine[place]

    def _store_MessagesFetched(self, event: events.MessagesFetched) -> None:
        self._check_cursor(event)
        for one in event.messages:
            place = (event.state.wire_name, one.uid)
            self.seen[place] = one.seen
            self.stored += 1
            if one.message is None:
                assert one.error, "a message without a reason why it is unreadable"
                self.quarantine[place] = one
                self.asked.discard(place)
                continue
            assert place not in self.places, f"{place} arrived twice"
            self.quarantine.pop(place, None)
            self.places[place] = one.message.identity
            self.sources.setdefault(one.message.identity, one.source)
            if event.fresh:
                self.fresh.append(one.message.identity)
        self.folders[event.state.wire_name] = event.state

    def _store_FlagsSeen(self, event: events.FlagsSeen) -> None:
        for ranges, seen in ((event.seen, True), (event.unseen, False)):
            for name, uid in list(self.seen):
                if name == event.wire_name and _holds(ranges, uid):
                    self.seen[name, uid] = seen

    def _store_PresentUids(self, event: events.PresentUids) -> None:
        held = self.uids(event.wire_name)
        gone = (
            uid
            for uid in held
            if event.first <= uid <= event.last and not _holds(event.present, uid)
        )
        self._forget(gone, event.wire_name)

    def _store_FolderDone(self, event: events.FolderDone) -> None:
        assert event.state.backfill_uid == 1, "done, yet there is a past to read"
        self.folders[event.state.wire_name] = event.state
        self.failed.pop(event.state.wire_name, None)
        # all was gone through, and it did not come once more
        gone = {p for p in self.asked if p[0] == event.state.wire_name}
        for place in gone:
            self.quarantine.pop(place, None)
        self.asked -= gone

    def _store_FolderFailed(self, event: events.FolderFailed) -> None:
        self.failed[event.wire_name] = event.error

    def _forget(self, uids: Iterable[int], folder: str) -> None:
        for uid in list(uids):
            self.places.pop((folder, uid), None)
            self.seen.pop((folder, uid), None)

    def _check_cursor(self, event: events.MessagesFetched) -> None:
        """The cursor moves over told UIDs only, and only outwards."""
        before = self.folders.get(event.state.wire_name, NOTHING)
        after = event.state
        told = [one.uid for one in (*event.messages, *event.missing)]
        assert len(told) == len(set(told)), "told twice in one batch"
        assert all(after.backfill_uid <= uid < after.next_uid for uid in told)
        if before.next_uid:
            assert after.backfill_uid <= before.backfill_uid
            assert after.next_uid >= before.next_uid
            assert not any(before.backfill_uid <= u < before.next_uid for u in told)


def _holds(ranges: Ranges, uid: int) -> bool:
    return any(first <= uid <= last for first, last in ranges)
