"""What servers said in people's reports: the mail arrives, or a folder fails aloud."""

import contextlib
import re
import time
from collections import Counter
from datetime import date

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.imap import events, sync
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import Role, skipped_folders
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Password,
    Session,
    Timeouts,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.survey import take_survey
from odoo.addons.mail_mailbox_archive_tests.tests.servers.ledger import Ledger
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import (
    LOOPBACK,
    PASSWORD,
    FakeFolder,
    FakeMessage,
    FakeServer,
)

from .test_imap_poll import check, folder, mail, run

DEFAULTS = frozenset({"Trash", "Junk", "Social", "Spam", "Deleted", "Drafts"})


def say(*lines):
    """Return a quirk that answers a command with these lines."""
    return lambda server, line, tag, argument: line.send(
        *(one.format(tag=tag) if isinstance(one, str) else one for one in lines)
    )


def listing(*lines):
    return say(*(f"* LIST {line}" for line in lines), "{tag} OK done")


# ID (RFC 2971)


def unsafe(command):
    """Return quirks of a server that refuses ``command`` until it heard an ID."""
    known = []

    def hear(server, line, tag, argument):
        known.append(argument)
        line.send('* ID ("name" "x")', f"{tag} OK ID completed")

    def refuse(server, line, tag, argument):
        if known:
            server.answer(line, tag, command, argument)
        else:
            line.send(f"{tag} NO {command} Unsafe Login. Please contact us for help")

    return {"ID": hear, command: refuse}


@pytest.mark.parametrize("command", ["LOGIN", "LIST", "STATUS", "EXAMINE"])
def test_server_that_opens_nothing_before_id(command):
    quirks = unsafe(command)
    with FakeServer({"INBOX": folder(1)}, quirks, "IMAP4rev1 ID") as server:
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)
        (told,) = (one for one in server.commands if one.startswith("ID"))
    assert re.fullmatch(r'ID \("name" "[\w ]+" "version" "[\d.]+"\)', told)


@pytest.mark.parametrize("command", ["LIST", "EXAMINE"])
def test_id_that_counts_only_after_the_login_is_said_again(command):
    quirks = unsafe(command)

    def forget(server, line, tag, argument):
        quirks["ID"].__closure__[0].cell_contents.clear()
        server.answer(line, tag, "LOGIN", argument)

    with FakeServer(
        {"INBOX": folder(1)}, {**quirks, "LOGIN": forget}, "IMAP4rev1 ID"
    ) as server:
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)


@pytest.mark.parametrize("answer", ["NO", "BAD unknown", "OK"])
def test_id_may_be_refused_and_is_said_only_where_it_is_offered(answer):
    for offered, said in (("IMAP4rev1 ID", 1), ("IMAP4rev1", 0)):
        quirks = {"ID": say(f"{{tag}} {answer}")}
        with FakeServer({"INBOX": folder(1)}, quirks, offered) as server:
            ledger = Ledger()
            run(server, ledger)
            check(server, ledger)
        assert sum(one.startswith("ID") for one in server.commands) == said


# Names


def test_names_without_quotes():
    """As Exchange sends them: none is cut, and none hides another."""
    names = ["INBOX", "Projects", "Projects (old)", "Sent Items"]
    folders = {name: folder(number) for number, name in enumerate(names, 1)}
    quirks = {"LIST": listing(*(f'() "/" {name}' for name in names))}
    with FakeServer(folders, quirks) as server:
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)
        sent = ledger.listed.folders[-1]
    assert (sent.name, sent.role) == ("Sent Items", Role.SENT)


def test_name_in_a_status_without_quotes():
    def tell(server, line, tag, argument):
        name = argument[1:].partition('"')[0]
        held = len(server.folders[name].messages)
        line.send(f"* STATUS {name} (MESSAGES {held} UIDNEXT 9)", f"{tag} OK")

    folders = {"INBOX": folder(1), "Sent Items": folder(2, 3)}
    quirks = {"STATUS": tell}
    with FakeServer(folders, quirks) as server:
        ledger = Ledger()
        run(server, ledger)
        told = {one.name: one.status.messages for one in ledger.listed.folders}
    assert told == {"INBOX": 1, "Sent Items": 2}


@pytest.mark.parametrize(
    "line",
    [
        '(\\HasNoChildren "/" Lost',
        '() "/" "Lost',
        '() "/" "Lost" and found',
        '() "/" Lost"',
        "Lost",
        '() "/"',
        "() () Lost",
    ],
)
def test_line_of_the_list_that_cannot_be_read_is_a_failed_folder(line):
    quirks = {"LIST": listing('() "/" INBOX', line)}
    with FakeServer({"INBOX": folder(1)}, quirks) as server:
        ledger = Ledger()
        for _check in range(2):
            told = run(server, ledger)
            (failed,) = (e for e in told if isinstance(e, events.FolderFailed))
            assert failed.wire_name == line and failed.error.detail == line
        check(server, ledger)
        assert line in {one.wire_name for one in ledger.listed.folders}


# Namespaces (RFC 2342)

OTHERS = [
    '() "/" INBOX',
    '() "/" "Wys&AUI-ane"',
    '(\\Sent) "/" "Other Users/boss/Sent Items"',
    '() "/" "Other Users/boss"',
    '() "/" "Public/News"',
    '() "/" Publications',
]


def test_folders_of_other_people():
    names = [re.findall(r'"([^"]+)"$|(\S+)$', one)[0] for one in OTHERS]
    names = [quoted or bare for quoted, bare in names]
    quirks = {
        "LIST": listing(*OTHERS),
        "NAMESPACE": say(
            '* NAMESPACE (("" "/")) (("Other Users/" "/")) (("Public/" "/"))',
            "{tag} OK",
        ),
    }
    folders = {name: folder(number) for number, name in enumerate(names, 1)}
    with FakeServer(folders, quirks, "IMAP4rev1 NAMESPACE") as server:
        ledger = Ledger(chosen=frozenset({"Public/News"}))
        run(server, ledger)
    read = {name for name, _uid in ledger.places}
    assert read == {"INBOX", "Wys&AUI-ane", "Public/News", "Publications"}
    (own,) = (
        one.wire_name
        for one in ledger.listed.folders
        if one.role is Role.SENT and not one.shared
    )
    assert own == "Wys&AUI-ane"


@pytest.mark.parametrize(
    ("answer", "foreign"),
    [
        ('(("INBOX." ".")) (("user." ".")) (("" "."))', {"user.boss", "News"}),
        ('(("" ".")) (("~" ".")) (("#shared." "."))', {"#shared.x", "#shared"}),
        ("NIL NIL NIL", set()),
        ('NIL (("user." ".")) NIL', {"user.boss"}),
        ('(("INBOX." ".")) NIL (("#shared." ".")("user." "."))', {"user.boss"}),
        ("broken (", set()),
    ],
)
def test_namespaces(answer, foreign):
    names = ["INBOX", "INBOX.Work", *sorted(foreign)]
    folders = {name: folder(number) for number, name in enumerate(names, 1)}
    quirks = {
        "LIST": listing(*(f'() "." "{name}"' for name in names)),
        "NAMESPACE": say(f"* NAMESPACE {answer}", "{tag} OK"),
    }
    with FakeServer(folders, quirks, "IMAP4rev1 NAMESPACE") as server:
        ledger = Ledger()
        run(server, ledger)
    assert ledger.listed.skipped == foreign


def test_namespaces_are_asked_for_only_when_there_is_something_new():
    quirks = {"NAMESPACE": say('* NAMESPACE (("" "/")) NIL NIL', "{tag} OK")}
    folders = {"INBOX": folder(1), "Work": folder(2)}
    with FakeServer(folders, quirks, "IMAP4rev1 NAMESPACE") as server:
        ledger = ListingLedger()
        for _check in range(3):
            run(server, ledger)
        assert server.commands.count("NAMESPACE") == 1
        server.folders["Archive"] = folder(3)
        run(server, ledger)
        assert server.commands.count("NAMESPACE") == 2


class ListingLedger(Ledger):
    """One that remembers the list of folders, as a database does."""

    def known(self):
        known = super().known()
        if self.listed is None:
            return known
        listing = sync._listing(self.listed.folders, self.listed.skipped)
        return sync.Known(
            known.folders, known.skip_names, known.placed, listing, turn=known.turn
        )


# Roles


def test_roles_told_in_part():
    names = ["Kosz", "Niechciane", "Elementy usunięte", "Wiadomości-śmieci"]
    names += ["Deleted Items", "Junk Email", "Wersje robocze"]
    lines = [f'() "/" "{name}"'.encode().decode("latin-1") for name in names]
    quirk = [b"* LIST " + line.encode("latin-1") for line in lines]
    quirks = {
        "LIST": say(
            '* LIST () "/" INBOX', '* LIST (\\Drafts) "/" Drafts', *quirk, "{tag} OK"
        )
    }
    with FakeServer({"INBOX": folder(1)}, quirks) as server:
        ledger = Ledger(skip_names=DEFAULTS)
        run(server, ledger)
        check(server, ledger)
    assert len(ledger.listed.skipped) == 8


# Refusals


@pytest.mark.parametrize("name", ["EXAMINE", "UID SEARCH"])
@pytest.mark.parametrize("words", ["[SERVERBUG] internal error", "", "[INUSE] no"])
def test_each_folder_is_refused_one_after_the_other(name, words):
    quirks = {name: say(f"{{tag}} NO {words}")}
    folders = {"INBOX": folder(1, 2), "Work": folder(3)}
    with FakeServer(folders, quirks) as server:
        ledger = Ledger()
        told = run(server, ledger)
    failed = [one for one in told if isinstance(one, events.FolderFailed)]
    assert {(one.wire_name, one.waiting) for one in failed} == {
        ("INBOX", 2),
        ("Work", 1),
    }


@pytest.mark.parametrize(
    "answer", ["BAD", "BAD invalid search", "NO [CANNOT] sets", "NO not supported"]
)
def test_sets_of_uids_refused_in_search(answer):
    """As smtp4dev does: the messages themselves are asked."""

    def refuse(server, line, tag, argument):
        if re.search(r"UID [\d:,]+", argument):
            line.send(f"{tag} {answer}")
        else:
            server.answer(line, tag, "UID SEARCH", argument)

    with FakeServer(
        {"INBOX": folder(2, 3, 6), "Work": folder(1)}, {"UID SEARCH": refuse}
    ) as server:
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)
        messages = server.folders["INBOX"].messages
        messages[3].seen = True
        del messages[6]
        messages[8] = FakeMessage(mail(8))
        run(server, ledger)
        assert ledger.uids("INBOX") == {2, 3, 8} and ledger.seen["INBOX", 3]
        assert not ledger.failed


# FETCH


def two_lines(first, second):
    """Return a quirk of UID FETCH: a message told in two lines, one without its UID."""

    def fetch(server, line, tag, argument):
        messages = server.folders[server.selected].messages
        for number, uid in enumerate(sorted(messages), 1):
            source = messages[uid].source
            size = len(source)
            parts = {
                "uid": f"* {number} FETCH (UID {uid} FLAGS ())".encode(),
                "flags": f"* {number} FETCH (FLAGS (\\Seen))".encode(),
                "body": f"* {number} FETCH (RFC822.SIZE {size} BODY[] "
                f"{{{size}}}\r\n".encode()
                + source
                + b")",
            }
            if "BODY" not in argument:
                line.send(server.fetched(number, uid, messages[uid], argument))
            else:
                line.send(parts[first], parts[second])
        line.send(f"{tag} OK")

    return fetch


@pytest.mark.parametrize(
    ("first", "second"), [("uid", "body"), ("body", "uid"), ("body", "flags")]
)
def test_one_message_in_two_lines(first, second):
    folders = {"INBOX": folder(7, 9)}
    if second == "flags":
        folders = {"INBOX": folder(7)}
    with FakeServer(folders, {"UID FETCH": two_lines(first, second)}) as server:
        ledger = Ledger()
        run(server, ledger)
        check(server, ledger)
        for uid in ledger.uids("INBOX"):
            identity = ledger.places["INBOX", uid]
            assert ledger.sources[identity] == folders["INBOX"].messages[uid].source


def test_numbers_move_up_between_two_lines_of_one_message():
    """What a number means changes with each message that goes (RFC 3501, 7.4.1)."""

    def fetch(server, line, tag, argument):
        messages = server.folders["INBOX"].messages
        if "BODY" not in argument or 7 not in messages:
            return server.answer(line, tag, "UID FETCH", argument)
        last = messages[8].source
        del messages[7]
        line.send("* 1 FETCH (UID 7)", "* 2 FETCH (UID 8 FLAGS ())", "* 1 EXPUNGE")
        line.send(b"* 1 FETCH (BODY[] {%d}\r\n%b)" % (len(last), last), f"{tag} OK")

    with FakeServer({"INBOX": folder(7, 8)}, {"UID FETCH": fetch}) as server:
        ledger = Ledger()
        run(server, ledger)
        assert ledger.uids("INBOX") == {8}
        assert list(ledger.sources.values()) == [mail(8)]


def test_source_that_is_not_the_first_of_several_bodies():
    def fetch(server, line, tag, argument):
        (message,) = server.folders["INBOX"].messages.values()
        whole = server.fetched(1, 1, message, argument)
        head = b"BODY[HEADER] {9}\r\nSubject: "
        line.send(whole.replace(b"BODY[]", head + b" BODY[]"), f"{tag} OK")

    with FakeServer({"INBOX": folder(1)}, {"UID FETCH": fetch}) as server:
        ledger = Ledger()
        run(server, ledger)
        assert list(ledger.sources.values()) == [mail(1)]


# UIDs


@pytest.mark.parametrize("kept", [(), (1,), (1, 2, 3, 4)])
def test_uids_given_to_other_messages(kept):
    """Without another UIDVALIDITY, as a bridge does that forgot its numbers."""
    with FakeServer({"INBOX": folder(1, 2, 3, 4, 5)}) as server:
        ledger = Ledger()
        run(server, ledger)
        messages = server.folders["INBOX"].messages
        for uid in set(messages) - set(kept):
            messages[uid] = FakeMessage(mail(uid + 50))
        run(server, ledger)
        held = {ledger.sources[one] for one in ledger.places.values()}
        assert held == {one.source for one in messages.values()}
        told = run(server, ledger)
        assert not any(isinstance(one, events.FolderReset) for one in told)


def test_uids_that_stay_cost_no_reset():
    with FakeServer({"INBOX": folder(1, 2, 3)}) as server:
        ledger = Ledger()
        run(server, ledger)
        server.folders["INBOX"].messages[4] = FakeMessage(mail(4))
        del server.folders["INBOX"].messages[3]
        told = run(server, ledger)
        assert not any(isinstance(one, events.FolderReset) for one in told)
        assert ledger.uids("INBOX") == {1, 2, 4}


def test_looking_whether_uids_stay_keeps_no_folder_open():
    """The line can wait for the next check, where the server knows UNSELECT."""
    quirks = {"UNSELECT": say("{tag} OK")}
    with FakeServer({"INBOX": folder(1)}, quirks, "IMAP4rev1 UNSELECT") as server:
        ledger = Ledger()
        run(server, ledger)
        assert "UNSELECT" not in server.commands
        run(server, ledger)
        assert "UNSELECT" in server.commands[-2:]


# Many folders


def test_many_folders_have_their_turns(monkeypatch):
    monkeypatch.setattr(sync, "STATUS_SECONDS", 0.05)
    count = 600

    def tell(server, line, tag, argument):
        time.sleep(0.001)
        server.answer(line, tag, "STATUS", argument)

    folders = {f"F{n}": FakeFolder(uid_next=1) for n in range(count)}
    folders |= {"INBOX": folder(1), "F599": folder(2)}
    with FakeServer(folders, {"STATUS": tell}) as server:
        ledger = ListingLedger()
        run(server, ledger)
        check(server, ledger)
        server.folders["F300"].messages[1] = FakeMessage(mail(300))
        server.folders["F300"].uid_next = 2
        server.folders["INBOX"].messages[2] = FakeMessage(mail(301))
        server.commands.clear()
        run(server, ledger)
        asked = [one for one in server.commands if one.startswith("STATUS")]
        assert len(asked) < count / 2
        assert ledger.uids("INBOX") == {1, 2}, "INBOX has its turn each time"
        for _check in range(count // sync.PORTION):
            run(server, ledger)
        check(server, ledger)


@pytest.mark.slow
def test_thousands_of_folders_cost_a_status_each_in_one_turn(monkeypatch):
    """And nothing else, where nothing is new; INBOX and Sent cost one in each check."""
    monkeypatch.setattr(sync, "STATUS_SECONDS", 0)
    monkeypatch.setattr(sync, "PORTION", 400)
    count = 3_000
    folders = {f"F{n:04}": FakeFolder(uid_next=1) for n in range(count)}
    folders |= {"INBOX": folder(1), "Sent": folder(2)}
    checks = -(-count // (sync.PORTION - 2)) + 1
    with FakeServer(folders) as server:
        ledger = ListingLedger()
        run(server, ledger)
        check(server, ledger)
        # those of the end of a turn as well
        for name in ("F0000", "F1500", "F2999", "Sent"):
            server.folders[name].messages[9] = FakeMessage(mail(name))
            server.folders[name].uid_next = 10
        server.commands.clear()
        for _check in range(checks):
            run(server, ledger)
        check(server, ledger)
        asked = Counter(one for one in server.commands if one.startswith("STATUS"))
        assert len(asked) == count + 2
        often = [one for one, times in asked.items() if times > 2]
        assert sorted(one.split('"')[1] for one in often) == ["INBOX", "Sent"]
        opened = {one for one in server.commands if one.startswith("EXAMINE")}
        # INBOX is looked at on each new line; what is not there closes the last one
        names = {one.split('"')[1] for one in opened} - {"No-such-folder-e7c1f5"}
        assert names == {"INBOX", "Sent", "F0000", "F1500", "F2999"}


# Any refusal, anywhere

COMMANDS = ["ID", "NAMESPACE", "LIST", "STATUS", "EXAMINE", "UID SEARCH", "UID FETCH"]


@pytest.mark.parametrize("answer", ["NO", "BAD", "NO [CANNOT] no", "BAD [CLIENTBUG] x"])
@pytest.mark.parametrize("name", COMMANDS)
def test_any_refusal_is_survived_or_told(name, answer):
    """All arrives, or a folder or the mailbox fails; what failed arrives later."""
    offered = "IMAP4rev1 ID NAMESPACE LIST-STATUS CONDSTORE SPECIAL-USE ESEARCH"
    folders = {"INBOX": folder(1, 2), "Work": folder(3)}
    with FakeServer(folders, {name: say(f"{{tag}} {answer}")}, offered) as server:
        ledger, error = Ledger(), None
        try:
            run(server, ledger)
        except Unreachable as caught:
            error = caught
        places = {(n, uid) for n, one in folders.items() for uid in one.messages}
        assert set(ledger.places) == places or ledger.failed or error
        server.quirks.clear()
        run(server, ledger)
        assert set(ledger.places) == places and not ledger.failed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["LOGIN", *COMMANDS])
def test_silence_anywhere_is_told(name):
    offered = "IMAP4rev1 ID NAMESPACE"
    quirks = {name: lambda server, line, tag, argument: line.wait()}
    with FakeServer({"INBOX": folder(1, 2), "W": folder()}, quirks, offered) as server:
        ledger = Ledger()
        with contextlib.suppress(Unreachable):
            run(server, ledger, Timeouts(read=0.2, stall=0.2))
            assert ledger.failed
        assert not ledger.quarantine
        server.quirks.clear()
        run(server, ledger)
        check(server, ledger)


# How much there is, before it is fetched


def test_survey_counts_what_would_be_fetched():
    def since(server, line, tag, argument):
        if "SINCE" not in argument:
            return server.answer(line, tag, "UID SEARCH", argument)
        recent = sorted(server.folders[server.selected].messages)[-2:]
        line.send("* SEARCH " + " ".join(map(str, recent)), f"{tag} OK")

    folders = {"INBOX": folder(*range(1, 9)), "Work": folder(20, 21), "Kosz": folder(5)}
    with FakeServer(folders, {"UID SEARCH": since}) as server:
        where = (server.host, server.port, "none", "ann")
        with Session.open(Account(*where, guard=LOOPBACK), Password(PASSWORD)) as one:
            listed = sync.list_folders(one)
            skipped = skipped_folders(listed, DEFAULTS)
            day = date(2026, 11, 1)
            survey = take_survey(one, listed, skipped, [day])
    assert (survey.messages, survey.since) == (10, {day: 4})
    sizes = [
        len(m.source) for n in ("INBOX", "Work") for m in folders[n].messages.values()
    ]
    assert abs(survey.size - sum(sizes)) <= 10


def test_what_was_there_before_waits_while_the_import_is_paused():
    with FakeServer({"INBOX": folder(1, 2, 3)}) as server:
        ledger = Ledger()
        run(server, ledger, batch_count=1, deadline=lambda: True)
        assert ledger.uids("INBOX") == {3}
        server.folders["INBOX"].messages[4] = FakeMessage(mail(4))
        run(server, ledger, past=False)
        assert ledger.uids("INBOX") == {3, 4}
        run(server, ledger)
        check(server, ledger)
