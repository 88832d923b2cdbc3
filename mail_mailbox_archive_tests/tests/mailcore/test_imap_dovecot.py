"""The poll against a real server: exactly once, and nothing altered."""

import random
import re
from collections import Counter
from datetime import date, datetime, timezone
from functools import partial

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.imap import events
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Password,
    Session,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.sync import Limits, poll
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import effort
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.ledger import Ledger
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK

#: What each server of the matrix lacks; real ones of each kind exist.
LACKING = {
    "all": (),
    "no LIST-STATUS": ("LIST-STATUS",),
    "no CONDSTORE": ("CONDSTORE", "QRESYNC"),
    "no ESEARCH": ("ESEARCH",),
    "bare": ("LIST-STATUS", "LIST-EXTENDED", "CONDSTORE", "QRESYNC", "ESEARCH"),
}
SPECIAL_USE = {"Kosz": "\\Trash", "Wysłane": "\\Sent", "Szkice": "\\Drafts"}
FOLDERS = ["INBOX", "Sent", "A & B", 'say "hi"', "Zażółć/gęślą", "日本", "back\\slash"]
FOLDERS += ["NIL", "007", "a.b", "deep/er/and/deeper", "[x] {5}"]


@pytest.fixture(scope="module")
def server():
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture(scope="module", params=LACKING)
def any_server(request):
    with Dovecot(without=LACKING[request.param], special_use=SPECIAL_USE) as dovecot:
        yield dovecot


@pytest.fixture
def login(request):
    return f"user{abs(hash(request.node.nodeid))}"


def mail(number, size=300):
    """A small message that differs from all others; some are of another shape."""
    head = f"From: a{number}@example.com\r\nSubject: Mail {number}\r\n"
    head += f"Message-ID: <{number}@example.com>\r\n"
    if number % 4 == 1:
        head += "Content-Type: text/html; charset=iso-8859-2\r\n"
    if number % 4 == 2:
        head += 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
    body = f"body {number} \xb1\xea\r\n".encode("latin-1")
    return head.encode() + b"\r\n" + body + b"x" * (size - 100)


def fill(server, login, count, folders=("INBOX",), size=300):
    server.add_user(login)
    for number in range(count):
        flags = ("", "S", "FS")[number % 3]
        folder = folders[number % len(folders)]
        server.deliver(login, mail(number, size), folder, flags)


def session(server, login):
    account = Account(server.host, server.port, "none", login, guard=LOOPBACK)
    return Session.open(account, Password(PASSWORD))


def run(server, login, ledger, **limits):
    """Poll once; return the events."""
    with session(server, login) as opened:
        return ledger.consume(poll(opened, ledger.known(), Limits(**limits)))


def check(server, login, ledger, skipped=()):
    """The ledger holds what the server holds, each message once, flags included."""
    places, seen = set(), {}
    for name, folder in server.snapshot(login).items():
        if name in skipped:
            continue
        for uid, flags in folder.flags.items():
            places.add((name, uid))
            seen[name, uid] = "\\Seen" in flags
    assert set(ledger.places) == places
    assert {place: ledger.seen[place] for place in places} == seen


def kinds(told):
    return Counter(type(event).__name__ for event in told)


# First and second poll


def test_two_thousand_messages_in_twelve_folders(server, login):
    fill(server, login, 2000, FOLDERS)
    before = server.snapshot(login)
    assert len(before) == 12
    ledger = Ledger()
    server.commands(login)
    run(server, login, ledger)
    (commands,) = server.commands(login)
    check(server, login, ledger)
    assert ledger.stored == 2000
    assert sorted(ledger.sources.values()) == sorted(mail(n) for n in range(2000))
    assert not ledger.fresh
    assert server.snapshot(login) == before
    for name, folder in before.items():
        assert ledger.folders[name].message_count == len(folder.flags)
        assert ledger.folders[name].unseen_count == folder.unseen
    assert not any("BODY[" in command for command in commands)
    verbs = {re.match(r"(UID )?\S+", command)[0] for command in commands}
    assert verbs == {"LIST", "NAMESPACE", "EXAMINE", "UID SEARCH", "UID FETCH"}


def test_second_poll_costs_one_command_and_opens_nothing(server, login):
    fill(server, login, 30, FOLDERS)
    ledger = Ledger()
    run(server, login, ledger)
    server.commands(login)
    with session(server, login) as opened:
        told = list(poll(opened, ledger.known(), Limits()))
        assert opened.commands == 1
    assert kinds(told) == {"FoldersListed": 1}
    ((command,),) = server.commands(login)
    assert command.startswith('LIST "" "*" RETURN')


def test_commands_for_one_new_message(server, login):
    fill(server, login, 30, FOLDERS)
    ledger = Ledger()
    run(server, login, ledger)
    server.commands(login)
    server.deliver(login, mail(50), "Sent")
    run(server, login, ledger)
    (commands,) = server.commands(login)
    assert [command.split(" UID")[0].split(" (")[0] for command in commands] == [
        'LIST "" "*" RETURN',
        'EXAMINE "Sent"',
        "UID SEARCH RETURN",
        "UID FETCH 4",
        "UID FETCH 4",
        "UID FETCH 1:3",  # whose flags changed
    ]


def test_without_list_status_no_folder_is_opened_either(login):
    with Dovecot(without=["LIST-STATUS"]) as server:
        fill(server, login, 30, FOLDERS)
        ledger = Ledger(skip_names=frozenset({"A & B"}))
        run(server, login, ledger)
        server.commands(login)
        assert kinds(run(server, login, ledger)) == {"FoldersListed": 1}
        (commands,) = server.commands(login)
        words = Counter(command.split()[0] for command in commands)
        assert words == {"LIST": 1, "STATUS": 11}
        assert not any("A &- B" in command for command in commands)


def test_life_of_a_mailbox_on_every_kind_of_server(any_server, login):
    server = any_server
    fill(server, login, 40, ["INBOX", "Work", "Wysłane"])
    ledger = Ledger(skip_names=frozenset({"Trash", "Drafts"}))
    skipped = {"Kosz", "Szkice"}
    server.deliver(login, mail(99), "Kosz")
    server.deliver(login, mail(98), "Kosz/2025")
    skipped.add("Kosz/2025")
    run(server, login, ledger)
    check(server, login, ledger, skipped)
    if "SPECIAL-USE" in server.log() or ledger.listed.skipped:
        assert ledger.listed.skipped == skipped
    roles = {folder.name: folder.role.value for folder in ledger.listed.folders}
    assert (roles["Kosz"], roles["Wysłane"]) == ("trash", "sent")

    server.deliver(login, mail(41), "Work", "S")
    server.deliver(login, mail(42))
    run(server, login, ledger)
    assert len(ledger.fresh) == 2
    server.store_flags(login, "INBOX", "1:4", r"+FLAGS (\Seen)")
    server.store_flags(login, "INBOX", "5:9", r"-FLAGS (\Seen)")
    run(server, login, ledger)
    check(server, login, ledger, skipped)
    server.expunge(login, "INBOX", "2,7")
    server.move(login, "Work", "1:3", "Work/Done")
    server.copy(login, "INBOX", "1", "Work")
    run(server, login, ledger)
    check(server, login, ledger, skipped)
    before = server.snapshot(login)
    server.reset_uidvalidity(login, "INBOX")
    assert server.snapshot(login)["INBOX"].uid_validity != before["INBOX"].uid_validity
    sources = dict(ledger.sources)
    run(server, login, ledger)
    check(server, login, ledger, skipped)
    assert ledger.sources == sources
    assert kinds(run(server, login, ledger)) == {"FoldersListed": 1}
    assert not ledger.failed and not ledger.quarantine


# Crashes


def test_abandoned_at_every_event_then_resumed(server, login):
    fill(server, login, 60, ["INBOX", "Work", "Other"])
    before = server.snapshot(login)
    steps = 0
    ledger = Ledger()
    for count in range(1, 40):
        steps += 1
        with session(server, login) as opened:
            told = poll(opened, ledger.known(), Limits(batch_count=7))
            if not ledger.consume_some(told, count % 5 + 1):
                break
        for name, state in ledger.folders.items():
            decided = range(state.backfill_uid, state.next_uid)
            alive = set(before[name].flags).intersection(decided)
            assert ledger.uids(name) == alive
    assert steps > 5
    check(server, login, ledger)
    assert ledger.stored == 60
    assert server.snapshot(login) == before


@pytest.mark.parametrize("seed", range(2))
def test_random_histories(any_server, login, seed):
    """Whatever happens between and during polls, in the end all agree."""
    chance = random.Random(seed)
    server, ledger = any_server, Ledger()
    skipped = {"Kosz", "Szkice"}
    ledger.skip_names = frozenset({"Kosz", "Szkice"})
    fill(server, login, 20, ["INBOX", "Work"])
    numbers = iter(range(1000, 9000))
    for _ in range(25):
        change(server, login, chance, numbers)
        with session(server, login) as opened:
            limits = Limits(batch_count=chance.choice([1, 3, 200]))
            told = poll(opened, ledger.known(), limits)
            ledger.consume_some(told, chance.choice([1, 2, 3, 5, 99]))
    run(server, login, ledger)
    run(server, login, ledger)
    check(server, login, ledger, skipped)
    assert not ledger.failed and not ledger.quarantine


def change(server, login, chance, numbers):
    folder = chance.choice(["INBOX", "Work"])
    uids = sorted(server.snapshot(login)[folder].flags)
    some = ",".join(map(str, chance.sample(uids, min(len(uids), 3)))) or "1"
    what = chance.randrange(8)
    if what < 3:
        for _ in range(chance.randrange(1, 6)):
            flags = chance.choice(["", "S"])
            server.deliver(login, mail(next(numbers)), folder, flags)
    elif what < 5:
        sign = chance.choice("+-")
        server.store_flags(login, folder, some, rf"{sign}FLAGS (\Seen)")
    elif what == 5:
        server.expunge(login, folder, some)
    elif what == 6:
        server.move(login, folder, some, "Work" if folder == "INBOX" else "INBOX")
    else:
        server.reset_uidvalidity(login, folder)


# Order and limits


def test_huge_folder_newest_first_in_slices(server, login):
    fill(server, login, 300)
    ledger = Ledger()
    batches = []
    for polls in range(1, 20):
        # asked after each batch and each visit: time for one of news, one of the past
        answers = iter([False, False, True])
        told = run(
            server, login, ledger, batch_count=25, deadline=partial(next, answers)
        )
        batches += [e for e in told if isinstance(e, events.MessagesFetched)]
        if kinds(told)["FolderDone"]:
            break
        # mail that comes meanwhile is served before the past
        server.deliver(login, mail(1000 + polls))
    # ten and more, unless the server noticed some of the new mail later
    assert polls > 7
    check(server, login, ledger)
    past = [one.uid for batch in batches if not batch.fresh for one in batch.messages]
    assert past == sorted(past, reverse=True)
    assert len(ledger.fresh) == polls - 1


def test_news_of_all_folders_before_the_past_of_any(server, login):
    fill(server, login, 200, ["INBOX", "Work"])
    ledger = Ledger()
    run(server, login, ledger, batch_count=50, deadline=lambda: True)
    assert ledger.folders["INBOX"].backfill_uid > 1
    fill_more = [("Work", 501), ("INBOX", 502)]
    for folder, number in fill_more:
        server.deliver(login, mail(number), folder)
    told = run(server, login, ledger, batch_count=50)
    fetched = [e for e in told if isinstance(e, events.MessagesFetched)]
    assert fetched[0].fresh and fetched[0].state.wire_name == "INBOX"
    assert not any(batch.fresh for batch in fetched[1:])
    check(server, login, ledger)


def test_fetch_since(server, login):
    server.add_user(login)
    for day in range(1, 21):
        when = datetime(2026, 3, day, 12, tzinfo=timezone.utc)
        # the order of UIDs is not that of dates
        server.deliver(login, mail(day), flags="S" * (day % 2), date=when)
    server.deliver(login, mail(21), date=datetime(2026, 2, 1, tzinfo=timezone.utc))
    ledger = Ledger()
    run(server, login, ledger, since=date(2026, 3, 11))
    dates = {day for day in range(1, 22) if mail(day) in ledger.sources.values()}
    assert dates == set(range(11, 21))
    assert ledger.folders["INBOX"].backfill_uid == 1
    told = run(server, login, ledger, since=date(2026, 3, 11))
    assert kinds(told) == {"FoldersListed": 1}
    # of what comes from now on, nothing is too old
    old = datetime(2020, 1, 1, tzinfo=timezone.utc)
    server.deliver(login, mail(22), date=old)
    run(server, login, ledger, since=date(2026, 3, 11))
    assert mail(22) in ledger.sources.values()


def test_oversize_message_is_a_stub(server, login):
    fill(server, login, 3)
    server.deliver(login, mail(50, size=100_000))
    ledger = Ledger()
    told = run(server, login, ledger, max_size=50_000)
    stubs = [
        one
        for event in told
        if isinstance(event, events.MessagesFetched)
        for one in event.messages
        if one.oversize
    ]
    (stub,) = stubs
    assert stub.size > 99_000
    assert stub.source.endswith(b"\r\n\r\n") and len(stub.source) < 500
    assert stub.message.subject == "Mail 50"
    assert len(ledger.places) == 4


def test_batches_are_bounded_by_bytes(server, login):
    fill(server, login, 20, size=10_000)
    told = run(server, login, Ledger(), batch_bytes=35_000)
    fetched = [e for e in told if isinstance(e, events.MessagesFetched)]
    assert max(len(e.messages) for e in fetched) == 3
    assert max(sum(one.size for one in e.messages) for e in fetched) <= 35_000


def test_internal_date_and_flags_are_told(server, login):
    server.add_user(login)
    when = datetime(2026, 3, 1, 12, 30, 5, tzinfo=timezone.utc)
    server.deliver(login, mail(1), flags="S", date=when)
    told = run(server, login, Ledger())
    (one,) = next(e for e in told if isinstance(e, events.MessagesFetched)).messages
    assert (one.internal_date, one.seen, one.size) == (when, True, len(mail(1)))


# Folders


def test_same_mail_in_two_folders_and_twice_in_one(server, login):
    server.add_user(login)
    for folder in ("INBOX", "INBOX", "Work"):
        server.deliver(login, mail(1), folder)
    ledger = Ledger()
    run(server, login, ledger)
    assert len(ledger.places) == 3
    assert len(ledger.sources) == 1
    assert kinds(run(server, login, ledger)) == {"FoldersListed": 1}


def test_deleted_and_renamed_folders(server, login):
    fill(server, login, 12, ["INBOX", "Old", "Gone"])
    ledger = Ledger()
    run(server, login, ledger)
    server.rename_folder(login, "Old", "New")
    server.delete_folder(login, "Gone")
    run(server, login, ledger)
    assert {f.name for f in ledger.listed.folders} == {"INBOX", "New"}
    assert len(ledger.uids("New")) == 4
    assert not ledger.failed


def test_folder_that_vanishes_between_list_and_examine(server, login):
    fill(server, login, 12, ["INBOX", "Gone", "Stays"])
    ledger = Ledger()
    with session(server, login) as opened:
        told = poll(opened, ledger.known(), Limits())
        ledger.store(next(told))
        server.delete_folder(login, "Gone")
        ledger.consume(told)
    assert ledger.failed["Gone"].failure_type == "folder"
    assert "doesn't exist" in ledger.failed["Gone"].detail
    assert len(ledger.uids("Stays")) == 4


def test_expunged_between_sizes_and_sources(server, login):
    fill(server, login, 10)
    ledger = Ledger()
    with session(server, login) as opened:
        told = poll(opened, ledger.known(), Limits(batch_count=5))
        ledger.store(next(told))
        ledger.store(next(told))
        server.expunge(login, "INBOX", "2,4")
        rest = ledger.consume(told)
    missing = [e.missing for e in rest if isinstance(e, events.MessagesFetched)]
    # Dovecot may still show what another session expunged, until it tells us
    assert len(ledger.places) + sum(map(len, missing)) == 10
    run(server, login, ledger)
    check(server, login, ledger)


# Speed


def test_speed(server, login):
    """A thousand a second, by the CPU that takes, where these bounds were chosen."""
    fill(server, login, 500, size=40_000)
    with session(server, login) as opened:
        opened.list_folders()
        opened.examine("INBOX")

        def fetch():
            for low in range(1, 500, 100):
                found = opened.fetch_sources(range(low, low + 100), 2**20, 2**26)
                assert len(found) == 100

        assert effort(fetch) < 40
