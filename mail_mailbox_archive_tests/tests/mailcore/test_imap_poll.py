"""The poll of servers that break: nothing lost, nothing doubled, one bad mail alone."""

import contextlib
import re
import socket
import time
from collections import Counter
from unittest import TestCase

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import FolderGone, Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.imap import events, fetching
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import FolderState
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Password,
    Session,
    Timeouts,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.sync import Limits, poll
from odoo.addons.mail_mailbox_archive_tests.tests.servers.ledger import Ledger
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import (
    LOOPBACK,
    PASSWORD,
    FakeFolder,
    FakeMessage,
    FakeServer,
)

QUICK = Timeouts(read=10, stall=0.15)


def mail(number):
    head = f"From: a@example.com\r\nSubject: Mail {number}\r\n\r\n"
    return f"{head}body {number}\r\n".encode()


def folder(*uids, **values):
    return FakeFolder({uid: FakeMessage(mail(uid)) for uid in uids}, **values)


def run(server, ledger, timeouts=None, **limits):
    timeouts = timeouts or Timeouts(connect=10, read=10)
    where = (server.host, server.port, "none", "ann")
    account = Account(*where, timeouts=timeouts, guard=LOOPBACK)
    with Session.open(account, Password(PASSWORD)) as session:
        return ledger.consume(poll(session, ledger.known(), Limits(**limits)))


def check(server, ledger, quarantined=(), stored=None):
    """All of the server is stored, once; what is in quarantine is what should be."""
    expected = {
        (name, uid)
        for name, folder in server.folders.items()
        for uid in folder.messages
    }
    assert set(ledger.quarantine) == set(quarantined)
    assert set(ledger.places) | set(ledger.quarantine) == expected
    assert ledger.stored == (stored or len(expected))


def bodies(action, *uids, times=99):
    """Return a quirk of UID FETCH: ``action`` when a body of ``uids`` is due."""
    left = [times]

    def quirk(server, line, tag, argument):
        wanted, _, items = argument.partition(" ")
        messages = server.folders[server.selected].messages
        for number, uid in enumerate(sorted(messages), 1):
            if not _asked(uid, wanted):
                continue
            if "BODY" in items and uid in uids and left[0]:
                left[0] -= 1
                if action(server, line, tag, uid, items) == "go on":
                    continue
                return
            line.send(server.fetched(number, uid, messages[uid], items))
        line.send(f"{tag} OK")

    return quirk


def _asked(uid, wanted):
    ranges = (part.partition(":") for part in wanted.split(","))
    return any(int(low) <= uid <= int(high or low) for low, _, high in ranges)


def cut(server, line, tag, uid, items):
    line.write(f"* 1 FETCH (UID {uid} BODY[] {{999}}\r\nhalf a ".encode())
    line.cut()


def hang(server, line, tag, uid, items):
    line.wait()


def announce_more_than_is_sent(server, line, tag, uid, items):
    message = server.folders[server.selected].messages[uid]
    label, source = "BODY[]", message.source
    if "HEADER" in items:
        label, source = "BODY[HEADER]<0>", source.partition(b"\r\n\r\n")[0]
    line.send(
        f"* 1 FETCH (UID {uid} FLAGS () {label} {{{len(source) + 60}}}".encode()
        + b"\r\n"
        + source
        + b")"
    )
    return "go on"


def say_goodbye(server, line, tag, uid, items):
    line.send("* BYE internal error")
    line.cut()


def announce_too_much(server, line, tag, uid, items):
    line.send(f"* 1 FETCH (UID {uid} BODY[] {{4294967296}}")
    line.wait()


def send_more_than_announced(server, line, tag, uid, items):
    line.send(f"* 1 FETCH (UID {uid} BODY[] {{5}}", mail(uid), ")", f"{tag} OK")


def refuse(server, line, tag, uid, items):
    line.send(f"{tag} NO [SERVERBUG] cannot read message {uid}")


def leave_out(server, line, tag, uid, items):
    return "go on"


def answer_nil(server, line, tag, uid, items):
    name = "BODY[HEADER]<0>" if "HEADER" in items else "BODY[]"
    line.send(f"* 1 FETCH (UID {uid} {name} NIL)")
    return "go on"


def answer_empty_string(server, line, tag, uid, items):
    line.send(f'* 1 FETCH (UID {uid} BODY[] "")')
    return "go on"


def answer_empty_literal(server, line, tag, uid, items):
    line.send(f"* 1 FETCH (UID {uid} BODY[] {{0}}", ")")
    return "go on"


def answer_broken(server, line, tag, uid, items):
    line.send(f"* 1 FETCH (UID {uid} FLAGS (\\Seen BODY[] {{3}}", "abc))))")
    return "go on"


HARMS = [
    cut,
    say_goodbye,
    announce_too_much,
    pytest.param(announce_more_than_is_sent, marks=pytest.mark.slow),
    pytest.param(hang, marks=pytest.mark.slow),
    send_more_than_announced,
    refuse,
    leave_out,
    answer_nil,
    answer_empty_string,
    answer_empty_literal,
    answer_broken,
]


@pytest.mark.parametrize("harm", HARMS)
def test_one_bad_message_harms_itself_only(harm):
    folders = {"INBOX": folder(*range(1, 14)), "Work": folder(3)}
    with FakeServer(folders, {"UID FETCH": bodies(harm, 6)}) as server:
        ledger = Ledger()
        run(server, ledger, QUICK)
        check(server, ledger, [("INBOX", 6)])
        bad = ledger.quarantine["INBOX", 6]
        assert bad.error.failure_type == "unreadable" and bad.message is None
        told = run(server, ledger)
        assert [type(event) for event in told] == [events.FoldersListed]


@pytest.mark.parametrize("harm", HARMS)
def test_passing_trouble_leaves_no_trace(harm):
    with FakeServer({"INBOX": folder(*range(1, 9))}) as server:
        server.quirks["UID FETCH"] = bodies(harm, 5, times=1)
        ledger = Ledger()
        run(server, ledger, QUICK)
        check(server, ledger)
        assert not ledger.failed


@pytest.mark.parametrize("harm", [cut, refuse, answer_nil])
def test_headers_of_a_withheld_message_are_kept(harm):
    def spare_headers(server, line, tag, uid, items):
        if "HEADER" not in items:
            return harm(server, line, tag, uid, items)
        line.send(server.fetched(1, uid, server.folders["INBOX"].messages[uid], items))
        return "go on"

    with FakeServer({"INBOX": folder(1, 2)}) as server:
        server.quirks["UID FETCH"] = bodies(spare_headers, 1, 2)
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger, [("INBOX", 1), ("INBOX", 2)])
        source = ledger.quarantine["INBOX", 2].source
        assert source.endswith(b"Subject: Mail 2\r\n\r\n")


@pytest.mark.parametrize("harm", [cut, refuse, answer_nil, leave_out])
def test_server_that_gives_no_message_at_all_is_a_failure(harm):
    """Not thousands of messages in quarantine."""
    uids = range(1, 9)
    with FakeServer({"INBOX": folder(*uids)}) as server:
        server.quirks["UID FETCH"] = bodies(harm, *uids)
        ledger = Ledger()
        try:
            run(server, ledger)
        except Unreachable:
            assert harm is cut
        else:
            assert isinstance(ledger.failed["INBOX"], FolderGone)
        assert not ledger.quarantine and not ledger.folders
        del server.quirks["UID FETCH"]
        run(server, ledger)
        check(server, ledger)


def test_server_that_does_not_understand_fails_the_folder():
    """BAD says nothing of the message, even if it is the only one."""

    def bad(server, line, tag, uid, items):
        line.send(f"{tag} BAD command too long")

    with FakeServer({"INBOX": folder(1), "Work": folder(2)}) as server:
        server.quirks["UID FETCH"] = bodies(bad, 1)
        ledger = Ledger()
        run(server, ledger)
        assert ledger.failed["INBOX"].detail == "command too long"
        assert not ledger.quarantine and ledger.uids("Work") == {2}


@pytest.mark.slow
@pytest.mark.parametrize("stuck", [1, 3, 8])
def test_message_at_which_the_server_falls_silent_harms_itself_only(stuck):
    with FakeServer({"INBOX": folder(*range(1, 9))}) as server:
        server.quirks["UID FETCH"] = bodies(hang, stuck)
        ledger = Ledger()
        run(server, ledger, QUICK, batch_count=4)
        check(server, ledger, [("INBOX", stuck)])
        assert ledger.quarantine["INBOX", stuck].withheld
        server.quirks.clear()
        ledger.ask_again()
        run(server, ledger, QUICK)
        check(server, ledger, stored=9)


def test_a_message_that_stalls_is_not_waited_for_as_long_as_a_server():
    """Its neighbours arrive in the same check, and that check stays short."""
    with FakeServer({"INBOX": folder(*range(1, 6))}) as server:
        server.quirks["UID FETCH"] = bodies(hang, 3)
        ledger, begun = Ledger(), time.monotonic()
        run(server, ledger, Timeouts(read=30, stall=0.15))
        assert time.monotonic() - begun < 15
        check(server, ledger, [("INBOX", 3)])


def test_a_look_that_stalls_is_not_waited_for_as_long_as_a_server():
    looked = []

    def stall_once(server, line, tag, argument):
        if "BODY" not in argument and not looked:
            looked.append(argument)
            line.wait()
        else:
            server.answer(line, tag, "UID FETCH", argument)

    with FakeServer(
        {"INBOX": folder(*range(1, 6))}, {"UID FETCH": stall_once}
    ) as server:
        ledger, begun = Ledger(), time.monotonic()
        run(server, ledger, Timeouts(read=30, stall=0.15))
        assert time.monotonic() - begun < 8
        check(server, ledger)


def test_what_came_before_a_refusal_is_not_asked_for_again():
    """RFC 3501, 6.4.5: a NO may mean one message of many."""
    given = []

    def all_but_one(server, line, tag, argument):
        wanted, _, items = argument.partition(" ")
        messages = server.folders["INBOX"].messages
        low, _, high = wanted.partition(":")
        uids = [uid for uid in messages if int(low) <= uid <= int(high or low)]
        for uid in uids:
            if uid != 5 or "BODY" not in items:
                line.send(server.fetched(uid, uid, messages[uid], items))
                given.extend([uid] * ("BODY" in items))
        refuses = 5 in uids and "BODY" in items
        line.send(f"{tag} NO one is broken" if refuses else f"{tag} OK done")

    folders = {"INBOX": folder(*range(1, 9))}
    with FakeServer(folders, {"UID FETCH": all_but_one}) as server:
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger, [("INBOX", 5)])
    assert sorted(given) == [1, 2, 3, 4, 6, 7, 8]


@pytest.mark.slow
def test_line_that_breaks_for_good_keeps_what_came():
    """In the middle of a batch, too: the next check goes on behind it."""

    def end(server, line, tag, uid, items):
        server._listener.shutdown(socket.SHUT_RDWR)
        line.cut()

    with FakeServer({"INBOX": folder(*range(1, 9))}) as server:
        server.folders["INBOX"].uid_next = 9
        server.quirks["UID FETCH"] = bodies(end, 3)
        ledger = Ledger()
        ledger.folders["INBOX"] = FolderState("INBOX", 7, 1, 1)
        with pytest.raises(Unreachable):
            run(server, ledger)
        assert ledger.uids("INBOX") == {1, 2} and not ledger.quarantine
        assert ledger.folders["INBOX"].next_uid == 3


@pytest.mark.slow
def test_server_that_answers_no_fetch_is_not_asked_for_each():
    with FakeServer({"INBOX": folder(*range(1, 99))}) as server:
        server.quirks["UID FETCH"] = bodies(hang, *range(1, 99))
        ledger = Ledger()
        with pytest.raises(Unreachable) as caught:
            run(server, ledger, QUICK)
        assert caught.value.code == "timeout"
        assert not ledger.quarantine and server.connections < 8


def test_many_that_break_the_line_are_put_aside_some_at_a_time():
    bad = range(10, 40)
    with FakeServer({"INBOX": folder(*range(1, 60))}) as server:
        server.quirks["UID FETCH"] = bodies(cut, *bad, times=9999)
        ledger = Ledger()
        for _check in range(9):
            with contextlib.suppress(Unreachable):
                run(server, ledger)
        check(server, ledger, [("INBOX", uid) for uid in bad])


def test_server_that_wants_us_to_wait_is_left_alone():
    def throttle(server, line, tag, uid, items):
        line.send(f"{tag} NO [THROTTLED] Suggested Backoff Time: 120000 milliseconds")

    with FakeServer({"INBOX": folder(1, 2)}) as server:
        server.quirks["UID FETCH"] = bodies(throttle, 1)
        with pytest.raises(Unreachable) as caught:
            run(server, Ledger())
        assert (caught.value.code, caught.value.retry_after) == ("throttled", 120)
        assert server.connections == 1


def limited(*names):
    """Refuse to open these folders, by the code for a limit without its words."""

    def quirk(server, line, tag, argument):
        if any(f'"{name}"' in argument for name in names):
            line.send(f"{tag} NO [LIMIT] this is more than we can do")
        else:
            server.answer(line, tag, "EXAMINE", argument)

    return quirk


def test_folder_over_a_limit_stops_no_other():
    folders = {name: folder(1, 2) for name in ("INBOX", "Big", "Work")}
    with FakeServer(folders, {"EXAMINE": limited("Big")}) as server:
        ledger = Ledger()
        told = run(server, ledger)
        (failed,) = (e for e in told if isinstance(e, events.FolderFailed))
        assert (failed.wire_name, failed.error.code) == ("Big", "folder")
        assert ledger.uids("INBOX") == ledger.uids("Work") == {1, 2}


def test_account_over_a_limit_is_left_alone():
    folders = {name: folder(1) for name in ("INBOX", "A", "B", "C", "D", "E")}
    with FakeServer(folders, {"EXAMINE": limited("A", "B", "C", "D", "E")}) as server:
        ledger = Ledger()
        with pytest.raises(Unreachable) as caught:
            run(server, ledger)
        assert caught.value.code == "throttled"
        asked = [one for one in server.commands if one.startswith("EXAMINE")]
        assert len(asked) == 3
        assert ledger.uids("INBOX") == {1}


def test_expunged_meanwhile_counts_as_decided():
    def expunge(server, line, tag, uid, items):
        server.folders["INBOX"].messages.pop(uid, None)
        return "go on"

    with FakeServer({"INBOX": folder(*range(1, 6), uid_next=6)}) as server:
        server.quirks["UID FETCH"] = bodies(expunge, 2, 4)
        ledger = Ledger()
        told = run(server, ledger)
        missing = [m.uid for e in told if hasattr(e, "missing") for m in e.missing]
        assert sorted(missing) == [2, 4]
        assert ledger.uids("INBOX") == {1, 3, 5}
        run(server, ledger)
        assert [type(e) for e in run(server, ledger)] == [events.FoldersListed]


@pytest.mark.parametrize("told", ["RFC822.SIZE 0", "RFC822.SIZE 20", ""])
def test_size_told_wrongly_is_known_by_what_comes(told):
    """What is too large is kept as a stub, whatever the server said of it before."""
    folders = {"INBOX": folder(1, 2, 3)}
    folders["INBOX"].messages[2] = FakeMessage(mail(2) + b"x" * 3_000_000)
    with FakeServer(folders) as server:

        def lie(server, line, tag, argument):
            for text in server._uid_fetch(argument):
                line.send(re.sub(rb"RFC822\.SIZE \d{5,}", told.encode(), text))
            line.send(f"{tag} OK done")

        server.quirks["UID FETCH"] = lie
        ledger = Ledger()
        events_told = run(server, ledger, max_size=50_000)
        check(server, ledger)
        (stub,) = (
            one
            for event in events_told
            if isinstance(event, events.MessagesFetched)
            for one in event.messages
            if one.uid == 2
        )
        assert stub.oversize and not stub.withheld and stub.size > 3_000_000
        assert stub.message.subject == "Mail 2"


def test_fault_of_our_parser_keeps_the_bytes(monkeypatch):
    def fault(source, moment):
        if b"Mail 2" in source:
            raise ZeroDivisionError
        return parse(source, moment)

    parse = fetching.parse
    monkeypatch.setattr(fetching, "parse", fault)
    with (
        FakeServer({"INBOX": folder(1, 2, 3)}) as server,
        TestCase().assertLogs(fetching.__name__, "ERROR") as logged,
    ):
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger, [("INBOX", 2)])
    bad = ledger.quarantine["INBOX", 2]
    assert bad.source == mail(2) and bad.error.detail == "ZeroDivisionError"
    assert len(logged.records) == 1


# What servers tell of their folders


def test_uid_left_out_of_sizes_and_uid_left_out_of_search():
    def forget_two(server, line, tag, argument):
        line.send("* SEARCH 1 3 4", f"{tag} OK")

    def forget_three(server, line, tag, argument):
        if argument.startswith("1:4 ") and "BODY" not in argument:
            message = server.folders["INBOX"].messages
            for uid in (1, 2, 4):
                line.send(server.fetched(uid, uid, message[uid], argument))
            line.send(f"{tag} OK")
        else:
            server.answer(line, tag, "UID FETCH", argument)

    with FakeServer({"INBOX": folder(1, 2, 3, 4)}) as server:
        server.quirks = {"UID SEARCH": forget_two, "UID FETCH": forget_three}
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)


def told_at_examine(*lines):
    return lambda server, line, tag, argument: (
        setattr(server, "selected", argument.split('"')[1]),
        line.send(*lines, f"{tag} OK"),
    )


def test_uidnext_missing_everywhere():
    with FakeServer({"INBOX": folder(3, 9)}) as server:
        server.quirks["EXAMINE"] = told_at_examine(
            "* 2 EXISTS", "* OK [UIDVALIDITY 7] ok"
        )
        server.quirks["STATUS"] = lambda server, line, tag, _: line.send(
            '* STATUS "INBOX" (MESSAGES 2 UNSEEN 2)', f"{tag} OK"
        )
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)
        assert ledger.folders["INBOX"].next_uid == 10
        server.folders["INBOX"].messages[12] = FakeMessage(mail(12))
        run(server, ledger)
        check(server, ledger)


class Forgetful:
    """A folder as Courier has it: numbered at each look, until a SELECT keeps that.

    :param files: UIDs are given in the order of their names
    """

    def __init__(self, server, *files):
        self.server, self.files = server, set(files)
        self.kept, self.looks = [], 0
        server.quirks |= {name: self.look for name in ("STATUS", "EXAMINE", "SELECT")}

    def look(self, server, line, tag, argument):
        self.looks += 1
        uids = [*self.kept, *sorted(self.files - set(self.kept))]
        folder = server.folders["INBOX"]
        folder.messages = {n: FakeMessage(mail(name)) for n, name in enumerate(uids, 1)}
        if not self.kept:
            folder.uid_validity = 1000 + self.looks
        if argument.endswith(")"):
            server.answer(line, tag, "STATUS", argument)
            return
        if server.commands[-1].startswith("SELECT"):
            self.kept = uids
        told_at_examine(
            f"* {len(uids)} EXISTS", f"* OK [UIDVALIDITY {folder.uid_validity}] ok"
        )(server, line, tag, argument)


def test_server_that_forgets_the_uids_that_it_told():
    """What is new may come before what was new at the last look."""
    with FakeServer() as server:
        inbox, ledger = Forgetful(server, 10, 20), Ledger()
        run(server, ledger)
        for name in (30, 25, 22):
            inbox.files.add(name)
            told = run(server, ledger)
            assert not any(isinstance(event, events.FolderReset) for event in told)
            check(server, ledger)
        bodies = {mail(name) for name in inbox.files}
        assert set(ledger.sources.values()) == bodies
        assert not any("STORE" in command for command in server.commands)


def test_absurd_numbers():
    with FakeServer({"INBOX": folder(1, 2)}) as server:
        server.quirks["EXAMINE"] = told_at_examine(
            "* 2 EXISTS",
            "* OK [UIDVALIDITY 99999999999999999999] ok",
            "* OK [UIDNEXT 99999999999] ok",
            "* OK [HIGHESTMODSEQ x] ok",
        )
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)
        # a number that no message can have says nothing
        server.folders["INBOX"].messages[3] = FakeMessage(mail(3))
        run(server, ledger)
        check(server, ledger)


def test_uidnext_that_messages_are_beyond():
    with FakeServer({"INBOX": folder(2, 5, 9), "Sent": folder(8)}) as server:
        low = ("* OK [UIDVALIDITY 7] ok", "* OK [UIDNEXT 3] ok")
        server.quirks["EXAMINE"] = told_at_examine("* 3 EXISTS", *low)
        server.quirks["STATUS"] = told_at_status(3)
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)
        server.folders["INBOX"].messages[10] = FakeMessage(mail(10))
        server.quirks["EXAMINE"] = told_at_examine("* 4 EXISTS", *low)
        told = run(server, ledger)
        check(server, ledger)
        assert not any(isinstance(event, events.FolderReset) for event in told)


def told_at_status(uid_next):
    """Return a quirk that tells a UIDNEXT for whatever there is."""

    def quirk(server, line, tag, argument):
        (text,) = server._status(argument)
        line.send(re.sub(r"UIDNEXT \d+", f"UIDNEXT {uid_next}", text), f"{tag} OK done")

    return quirk


def test_inbox_that_no_list_names():
    """It is there all the same (RFC 3501, 5.1), unless the server knows of none."""

    def others(server, line, tag, argument):
        line.send('* LIST () "/" Work', f"{tag} OK done")

    for there in (True, False):
        folders = {"Work": folder(1), **({"INBOX": folder(2)} if there else {})}
        with FakeServer(folders, {"LIST": others}) as server:
            ledger = Ledger()
            run(server, ledger)
            check(server, ledger)
            assert not ledger.failed


@pytest.mark.parametrize("change", ["lower validity", "higher validity", "lower next"])
def test_folder_numbered_anew(change):
    with FakeServer({"INBOX": folder(5, 6, 7)}) as server:
        ledger = Ledger()
        run(server, ledger)
        stored = dict(ledger.sources)
        messages = server.folders["INBOX"].messages
        renumbered = {uid - 4: message for uid, message in messages.items()}
        validity = {"lower validity": 3, "higher validity": 9, "lower next": 7}[change]
        server.folders["INBOX"] = FakeFolder(renumbered, uid_validity=validity)
        told = run(server, ledger)
        assert Counter(type(event) for event in told)[events.FolderReset] == 1
        assert ledger.uids("INBOX") == {1, 2, 3}
        assert ledger.sources == stored and not ledger.fresh
        assert [type(e) for e in run(server, ledger)] == [events.FoldersListed]


def test_numbered_anew_while_the_line_was_cut():
    def cut_and_renumber(server, line, tag, uid, items):
        server.folders["INBOX"].uid_validity = 8
        line.cut()

    with FakeServer({"INBOX": folder(1, 2, 3)}) as server:
        server.quirks["UID FETCH"] = bodies(cut_and_renumber, 2, times=1)
        ledger = Ledger()
        run(server, ledger)
        assert ledger.failed["INBOX"].code == "uid_validity"
        run(server, ledger)
        check(server, ledger)


def test_numbered_anew_while_it_is_gone_through_again():
    """What is held below the cursor is not taken for what has the UIDs now."""
    with FakeServer({"INBOX": folder(1, 2, 3)}) as server:
        ledger = Ledger()
        run(server, ledger)
        ledger.go_through_again("INBOX")
        others = {uid: FakeMessage(mail(uid + 10)) for uid in (1, 2, 3, 4)}
        server.folders["INBOX"] = FakeFolder(others, uid_validity=9)
        run(server, ledger)
        assert ledger.uids("INBOX") == {1, 2, 3, 4}
        assert {mail(n) for n in (11, 12, 13, 14)} < set(ledger.sources.values())


def test_what_went_after_a_round_broke_off_is_noticed():
    """As many went as were stored by then: the number of messages is as before."""
    with FakeServer({"INBOX": folder(1, 2, 3)}) as server:
        ledger = Ledger()
        run(server, ledger)
        box = server.folders["INBOX"]
        box.messages |= folder(4, 5).messages
        run(server, ledger, deadline=lambda: True)
        assert ledger.uids("INBOX") == {1, 2, 3, 4, 5}
        del box.messages[1], box.messages[4]
        run(server, ledger)
        assert ledger.uids("INBOX") == {2, 3, 5}


def test_what_was_read_after_the_last_batch_is_noticed():
    """All is stored, yet the round broke off before its end."""
    with FakeServer({"INBOX": folder(1, 2, 3)}) as server:
        ledger = Ledger()
        run(server, ledger, deadline=lambda: True)
        assert ledger.folders["INBOX"].backfill_uid == 1
        for message in server.folders["INBOX"].messages.values():
            message.seen = True
        run(server, ledger)
        assert set(ledger.seen.values()) == {True}


def test_condstore_offered_yet_refused():
    def refuse_changes(server, line, tag, argument):
        if "CHANGEDSINCE" in argument:
            line.send(f"{tag} BAD what")
        else:
            server.answer(line, tag, "UID FETCH", argument)

    offered = "IMAP4rev1 CONDSTORE"
    with FakeServer({"INBOX": folder(1, 2, modseq=5)}, capabilities=offered) as server:
        server.quirks["UID FETCH"] = refuse_changes
        ledger = Ledger()
        run(server, ledger)
        server.folders["INBOX"].messages[2].seen = True
        server.folders["INBOX"].modseq = 6
        run(server, ledger)
        assert ledger.seen == {("INBOX", 1): False, ("INBOX", 2): True}


@pytest.mark.parametrize("modseq", [3, 0])
def test_modseq_that_goes_down_or_away(modseq):
    offered = "IMAP4rev1 CONDSTORE"
    with FakeServer({"INBOX": folder(1, 2, modseq=5)}, capabilities=offered) as server:
        ledger = Ledger()
        run(server, ledger)
        server.folders["INBOX"].messages[1].seen = True
        server.folders["INBOX"].modseq = modseq
        run(server, ledger)
        assert ledger.seen == {("INBOX", 1): True, ("INBOX", 2): False}
        assert not any("CHANGEDSINCE" in command for command in server.commands)


@pytest.mark.parametrize("again", [False, True], ids=["changes", "gone through anew"])
def test_deleted_while_unread_is_not_told_to_be_read(again):
    """Without CONDSTORE only what is unread is asked for, and the rest is read."""
    with FakeServer({"INBOX": folder(1, 2, 3)}) as server:
        ledger = Ledger()
        run(server, ledger)
        del server.folders["INBOX"].messages[2]
        server.folders["INBOX"].messages[3].seen = True
        server.folders["INBOX"].uid_next = 4
        if again:
            ledger.go_through_again("INBOX")
        told = run(server, ledger)
        kinds = [type(event) for event in told]
        assert kinds.index(events.PresentUids) < kinds.index(events.FlagsSeen)
        [flags] = [event for event in told if isinstance(event, events.FlagsSeen)]
        assert flags.seen == ((3, 3),)
        assert ledger.seen == {("INBOX", 1): False, ("INBOX", 3): True}


def test_name_with_a_line_end_fails_alone():
    folders = {"INBOX": folder(1), "a\r\nb": folder(2)}
    with FakeServer(folders) as server:
        server.quirks["LIST"] = lambda server, line, tag, _: line.send(
            '* LIST () "/" INBOX', '* LIST () "/" {4}', "a\r\nb", f"{tag} OK"
        )
        ledger = Ledger()
        run(server, ledger)
        assert ledger.uids("INBOX") == {1}
        assert ledger.failed["a\r\nb"].code == "control_character"


def test_refused_search_fails_the_folder_alone():
    def refuse_once(server, line, tag, argument):
        if server.selected == "INBOX":
            line.send(f"{tag} NO sorry")
        else:
            server.answer(line, tag, "UID SEARCH", argument)

    with FakeServer({"INBOX": folder(1), "Work": folder(2)}) as server:
        server.quirks["UID SEARCH"] = refuse_once
        ledger = Ledger()
        run(server, ledger)
        assert ledger.failed["INBOX"].detail == "sorry"
        assert ledger.uids("Work") == {2}


def test_nothing_is_opened_that_is_skipped_or_has_no_messages():
    with FakeServer(
        {"INBOX": folder(1), "Trash": folder(2), "Shell": folder()}
    ) as server:
        server.quirks["LIST"] = lambda server, line, tag, _: line.send(
            '* LIST () "/" INBOX',
            '* LIST () "/" Trash',
            '* LIST (\\Noselect) "/" Shell',
            f"{tag} OK",
        )
        ledger = Ledger(skip_names=frozenset({"trash"}))
        run(server, ledger)
    assert ledger.listed.skipped == {"Trash"}
    assert len(ledger.listed.folders) == 3
    names = [command for command in server.commands if '"' in command]
    assert not any("Trash" in name or "Shell" in name for name in names)
