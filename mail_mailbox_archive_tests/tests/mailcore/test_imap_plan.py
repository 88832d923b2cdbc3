"""What a poll decides, from values alone."""

import random
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.imap import plan, uids
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import (
    Folder,
    FolderState,
    FolderStatus,
    Role,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Item

STATE = FolderState(
    "F", 7, 1, 20, highest_modseq=5, message_count=10, unseen_count=3, settled=True
)
STATUS = FolderStatus(10, 20, 7, 3, 5)


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (STATUS, False),
        (None, True),
        (FolderStatus(11, 21, 7, 4, 6), True),
        (FolderStatus(9, 20, 7, 3, 6), True),
        (FolderStatus(10, 20, 7, 2, 6), True),
        (FolderStatus(10, 20, 7, 3, 6), True),
        (FolderStatus(10, 20, 8, 3, 5), True),
        (FolderStatus(10, 21, 7, 3, 5), True),
        (FolderStatus(10, 20, 7, 3, 4), True),  # a MODSEQ that went down
        (FolderStatus(10, 20, 7, 3, 0), False),  # none kept any more
    ],
)
def test_changed(status, changed):
    assert plan.is_changed(STATE, status) is changed


def test_a_round_that_broke_off_proves_nothing():
    assert plan.is_changed(replace(STATE, settled=False), STATUS)


@pytest.mark.parametrize(
    ("state", "opened", "reset"),
    [
        (STATE, FolderStatus(0, 20, 7), False),
        (STATE, FolderStatus(0, 99, 7), False),
        (STATE, FolderStatus(0, 99, 8), True),
        (STATE, FolderStatus(0, 99, 6), True),
        (STATE, FolderStatus(0, 19, 7), True),
        (FolderState("F"), FolderStatus(0, 5, 8), False),
    ],
)
def test_reset(state, opened, reset):
    assert plan.is_reset(state, opened) is reset


def test_news_come_before_the_past_and_inbox_first():
    def folder(name, role=Role.NONE, uid_next=20, **values):
        return Folder(name, name, "/", role, status=FolderStatus(10, uid_next, 7, 3, 5))

    folders = [
        folder("Behind"),
        folder("Behind with news", uid_next=30),
        folder("Changed", uid_next=21),
        folder("Never opened"),
        folder("Same"),
        folder("Skipped", uid_next=30),
        Folder("Shell", "Shell", selectable=False),
        folder("Sent", Role.SENT, uid_next=21),
        folder("INBOX", Role.INBOX, uid_next=30),
    ]
    known = {
        name: replace(STATE, wire_name=name)
        for name in ("Changed", "Same", "Skipped", "Sent")
    }
    known |= {
        name: FolderState(name, 7, 9, 20)
        for name in ("Behind", "Behind with news", "INBOX")
    }
    visits = plan.plan_visits(folders, frozenset({"Skipped"}), known)
    assert [(visit.folder.name, visit.whole) for visit in visits] == [
        ("INBOX", False),
        ("Sent", True),
        ("Behind with news", False),
        ("Changed", True),
        ("INBOX", True),
        ("Behind", True),
        ("Behind with news", True),
        ("Never opened", True),
    ]


def test_windows_cover_everything_whatever_is_alive(monkeypatch):
    monkeypatch.setattr(plan, "WINDOW", 4)
    chance = random.Random(3)
    for _ in range(200):
        last = chance.randrange(1, 60)
        alive = {chance.randrange(1, 60) for _ in range(chance.randrange(30))}
        windows = list(plan.split_downwards(1, last, uids.to_ranges(alive)))
        expected = last
        for window in windows:
            assert window.last == expected
            expected = window.first - 1
            here = set(uids.expand(window.alive))
            assert here == {u for u in alive if window.first <= u <= window.last}
            assert len(here) <= 4
        assert expected == 0


def item(uid, size):
    return Item(uid, datetime.now(timezone.utc), False, size)


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([], []),
        ([5, 5], [2]),
        ([60, 60], [1, 1]),
        ([99, 1, 1], [2, 1]),
        ([500, 1], [2]),  # of the first only the headers come
        ([150, 1], [1, 1]),  # larger than a batch, yet wanted whole
        ([1, 1, 1, 1, 1, 1, 1], [3, 3, 1]),
    ],
)
def test_batches(sizes, batches):
    items = [item(uid, size) for uid, size in enumerate(sizes)]
    found = list(plan.split_batches(items, 3, 100, 200))
    assert [len(batch) for batch in found] == batches
    assert [one for batch in found for one in batch] == items
