"""Servers that misbehave: what each fault does to the mail, its people and the others.

One contract for every row of the table. While the fault lasts, the mailbox beside it
gets all its mail, the log holds no password, and people read a sentence that says what
is wrong. Once it is over the mailbox goes on by itself, and each message is in the
Queue once, byte for byte, or in quarantine where the row says so.

That each cell can fail is shown in ``test_protections.py``.
"""

import logging
from collections import Counter
from dataclasses import dataclass, replace
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Timeouts
from odoo.addons.mail_mailbox_archive.mailcore.vault import SecretUnreadable

from ..servers.scripted import FakeFolder, FakeMessage, FakeServer
from ..test_poll import PASSWORD, PollingCase, mails
from .extent import note

ADD_ON = "odoo.addons.mail_mailbox_archive"
QUICK = Timeouts(connect=0.5, read=0.3)
COUNT = 6
DELETES = ("STORE", "EXPUNGE", "APPEND", "COPY", "MOVE", "SELECT", "CLOSE", "DELETE")

# The columns: what holds for every fault.
OTHERS = "the others go on"
TOLD = "people are told in words"
RECOVERS = "it goes on by itself"
UNCHANGED = "nothing changes on the server"
KEPT = "nothing is lost"
ONCE = "nothing is doubled"
SECRET = "no secret is told"


@dataclass(frozen=True)
class Fault:
    """A row of the table.

    :param quirks: what the server does instead, by command
    :param health: of the mailbox while the fault lasts
    :param says: part of the sentence that an administrator reads; "" for none
    :param change: called with the server before the poll: what it is like now
    :param goes: UIDs that are expunged while the fault lasts
    :param offers: capabilities beside the usual
    :param selects: folders are selected, or the server forgets the UIDs that it told
    """

    quirks: dict
    health: str = "failing"
    says: str = ""
    change: object = None
    goes: tuple = ()
    offers: str = ""
    selects: bool = False


def tell(*lines, cut=False):
    """Return a quirk that sends ``lines``, with ``{tag}`` filled in."""

    def quirk(_server, line, tag, _argument):
        line.send(*(text.replace("{tag}", tag) for text in lines))
        if cut:
            line.cut()

    return quirk


def stall(_server, line, _tag, _argument):
    line.wait()


def cut(_server, line, _tag, _argument):
    line.cut()


def first(quirk, name):
    """Return a quirk for the first time a command comes; afterwards the usual."""
    done = []

    def once(server, line, tag, argument):
        if done:
            server.answer(line, tag, name, argument)
        else:
            done.append(True)
            quirk(server, line, tag, argument)

    return once


def on_bodies(harm, *uids):
    """Return a quirk of UID FETCH: ``harm`` where the body of ``uids`` is due."""

    def quirk(server, line, tag, argument):
        wanted, _, items = argument.partition(" ")
        messages = server.folders[server.selected].messages
        for number, uid in enumerate(sorted(messages), 1):
            low, _, high = wanted.partition(":")
            if "," not in wanted and not int(low) <= uid <= int(high or low):
                continue
            if "," in wanted and str(uid) not in wanted.split(","):
                continue
            if "BODY" in items and (uid in uids or not uids):
                if harm(line, tag, uid, items) == "ends":
                    return
            else:
                line.send(server.fetched(number, uid, messages[uid], items))
        line.send(f"{tag} OK done")

    return quirk


def half_a_literal(line, _tag, uid, _items):
    line.write(f"* 1 FETCH (UID {uid} BODY[] {{999}}\r\nhalf".encode())
    line.cut()
    return "ends"


def four_gigabytes(line, _tag, uid, _items):
    line.send(f"* 1 FETCH (UID {uid} BODY[] {{4294967296}}")
    line.wait()
    return "ends"


def more_than_said(line, tag, uid, _items):
    line.send(f"* 1 FETCH (UID {uid} BODY[] {{5}}", "much more than that", ")")
    line.send(f"{tag} OK done")
    return "ends"


def nil(line, _tag, uid, items):
    name = "BODY[HEADER]<0>" if "HEADER" in items else "BODY[]"
    line.send(f"* 1 FETCH (UID {uid} {name} NIL)")


def nil_for_all(line, _tag, uid, _items):
    line.send(
        f"* 1 FETCH (UID {uid} FLAGS NIL INTERNALDATE NIL RFC822.SIZE NIL BODY[] NIL)"
    )


def left_out(_line, _tag, _uid, _items):
    return None


def goodbye(line, _tag, _uid, _items):
    line.send("* BYE internal error")
    line.cut()
    return "ends"


def no(line, tag, _uid, _items):
    line.send(f"{tag} NO [SERVERBUG] cannot read it")
    return "ends"


def strangers(server, line, tag, argument):
    """Answer with messages that nobody asked for, with and without a UID."""
    line.send("* 1 FETCH (FLAGS (\\Seen))", "* 9 FETCH (UID 900 FLAGS (\\Seen))")
    line.send("* 9 FETCH (UID 901 FLAGS () BODY[] {3}", "abc)")
    server.answer(line, tag, "UID FETCH", argument)


def expunge(server, line, tag, argument):
    """Have the third message deleted by somebody once its source is asked for."""
    if "BODY" in argument:
        server.folders["INBOX"].messages.pop(3, None)
    server.answer(line, tag, "UID FETCH", argument)


def no_condstore(server, line, tag, argument):
    if "CONDSTORE" in argument:
        line.send(f"{tag} BAD unknown parameter")
    else:
        server.answer(line, tag, "EXAMINE", argument)


def strange_names(server, line, tag, argument):
    """List folders that hardly have a name, beside the usual."""
    for name in ('"&AAA"', '"&"', '"&-&2D0-"', "x" * 1000, '"a//b/"', '"\\" ""', "NIL"):
        line.send(f'* LIST () "/" {name}')
    line.send('* LIST () NIL "no/level"', '* LIST () "" "none"', '* LIST () "ab" "two"')
    server.answer(line, tag, "LIST", argument)


def known_only(command):
    """Return a quirk that refuses folders that the server does not have."""

    def quirk(server, line, tag, argument):
        if argument.startswith('"INBOX"'):
            server.answer(line, tag, command, argument)
        else:
            line.send(f"{tag} NO [NONEXISTENT] no such folder")

    return quirk


def twice(server, line, tag, argument):
    """Answer each message two times."""
    wanted, _, items = argument.partition(" ")
    messages = server.folders[server.selected].messages
    low, _, high = wanted.partition(":")
    for number, uid in enumerate(sorted(messages), 1):
        if "," in wanted or int(low) <= uid <= int(high or low):
            answer = server.fetched(number, uid, messages[uid], items)
            line.send(answer, answer)
    line.send(f"{tag} OK done")


def examine(*lines):
    def quirk(server, line, tag, argument):
        server.selected = argument.split('"')[1]
        line.send(*lines, f"{tag} OK done")

    return quirk


def numbered_anew(server):
    """Number the folder anew, with a new message where an old one was."""
    folder = server.folders["INBOX"]
    (source,) = mails(1, "came meanwhile")
    old = [folder.messages[uid] for uid in sorted(folder.messages, reverse=True)]
    folder.messages = dict(enumerate([FakeMessage(source), *old], 1))
    folder.uid_validity += 1


def lower_uid_next(server):
    """Begin at UID 1 again without a word, as broken servers do."""
    folder = server.folders["INBOX"]
    (source,) = mails(1, "came meanwhile")
    folder.messages = {1: FakeMessage(source), 2: folder.messages[4]}


EXISTS = f"* {COUNT} EXISTS"
VALID = "* OK [UIDVALIDITY 7] ok"
FETCH = "UID FETCH"

FAULTS = {
    # before the mail
    "login is refused": Fault(
        {"LOGIN": tell("{tag} NO [AUTHENTICATIONFAILED] no")}, says="refuses the login"
    ),
    "login is answered with BYE": Fault(
        {"LOGIN": tell("* BYE too busy", cut=True)}, says="closed the connection"
    ),
    "login while the server is unavailable": Fault(
        {"LOGIN": tell("{tag} NO [UNAVAILABLE] later")}, says="resumes automatically"
    ),
    "login from too many places": Fault(
        {"LOGIN": tell("{tag} NO [LIMIT] Too many simultaneous connections")},
        says="resumes automatically",
    ),
    "login over the quota": Fault(
        {"LOGIN": tell("{tag} NO [OVERQUOTA] bandwidth exceeded")},
        says="resumes automatically",
    ),
    "login of a mailbox in use": Fault(
        {"LOGIN": tell("{tag} NO [INUSE] locked")}, says="rate-limiting"
    ),
    "password has expired": Fault(
        {"LOGIN": tell("{tag} NO [EXPIRED] change it")}, says="has expired"
    ),
    "login is not answered": Fault({"LOGIN": stall}, says="does not respond"),
    "line is cut at login": Fault({"LOGIN": cut}, says="closed the connection"),
    "nonsense at login": Fault(
        {"LOGIN": tell("220 smtp.example.com ESMTP", "\x00\xff")}, says=""
    ),
    # the folders
    "no folder is listed": Fault(
        {"LIST": tell("{tag} OK done")}, says="unexpected response"
    ),
    "list is refused": Fault(
        {"LIST": tell("{tag} NO not now")}, says="unexpected response"
    ),
    "list is cut": Fault(
        {"LIST": tell('* LIST () "/" "INB', cut=True)}, says="closed the connection"
    ),
    "list is not answered": Fault({"LIST": stall}, says="does not respond"),
    "names that are hardly any": Fault(
        {"LIST": strange_names}
        | {name: known_only(name) for name in ("STATUS", "EXAMINE")},
        says="marked red",
    ),
    "status is refused": Fault({"STATUS": tell("{tag} NO no")}, health="good"),
    "throttled between two commands": Fault(
        {"STATUS": tell("{tag} NO [THROTTLED] Suggested Backoff Time: 9 milliseconds")},
        health=None,
    ),
    "folder is gone": Fault(
        {"EXAMINE": tell("{tag} NO [NONEXISTENT] gone")}, says="marked red"
    ),
    "examine is not understood": Fault(
        {"EXAMINE": tell("{tag} BAD what")}, says="marked red"
    ),
    "CONDSTORE is not understood": Fault(
        {"EXAMINE": no_condstore}, health="good", offers="CONDSTORE"
    ),
    "examine is followed by BYE": Fault(
        {"EXAMINE": tell(EXISTS, "* BYE", cut=True)}, says="closed the connection"
    ),
    # its numbers
    "no UIDNEXT": Fault(
        {"EXAMINE": examine(EXISTS, VALID)}, health="good", selects=True
    ),
    "no UIDVALIDITY": Fault(
        {"EXAMINE": examine(EXISTS, "* OK [UIDNEXT 7] ok")}, health="good"
    ),
    "UIDVALIDITY 0": Fault(
        {"EXAMINE": examine(EXISTS, "* OK [UIDVALIDITY 0] ok", "* OK [UIDNEXT 7] ok")},
        health="good",
    ),
    "UIDNEXT far too high": Fault(
        {"EXAMINE": examine(EXISTS, VALID, "* OK [UIDNEXT 4294967295] ok")},
        health="good",
    ),
    "HIGHESTMODSEQ that goes down": Fault(
        {"EXAMINE": examine(EXISTS, VALID, "* OK [UIDNEXT 7] ok")}, health="good"
    ),
    # searching
    "search is refused": Fault({"UID SEARCH": tell("{tag} NO no")}, says="marked red"),
    "search is not understood": Fault({"UID SEARCH": tell("{tag} BAD no")}, "good"),
    "search is cut": Fault(
        {"UID SEARCH": tell("* SEARCH 1 2", cut=True)}, says="closed the connection"
    ),
    "search finds nothing": Fault(
        {"UID SEARCH": tell("* SEARCH", "{tag} OK done")}, health="good"
    ),
    # fetching
    "fetch is cut in a literal": Fault({FETCH: on_bodies(half_a_literal)}, says=""),
    "fetch of one is cut in a literal": Fault(
        {FETCH: on_bodies(half_a_literal, 3)}, health="good"
    ),
    "a literal of 4 GiB": Fault({FETCH: on_bodies(four_gigabytes, 3)}, health=None),
    "a literal larger than said": Fault(
        {FETCH: on_bodies(more_than_said, 3)}, health=None
    ),
    "NIL for a body": Fault({FETCH: on_bodies(nil, 3)}, health="good"),
    "NIL for all of one": Fault({FETCH: on_bodies(nil_for_all, 3)}, health="good"),
    "NIL for every body": Fault({FETCH: on_bodies(nil)}, says="marked red"),
    "a UID is left out": Fault({FETCH: on_bodies(left_out, 3)}, health="good"),
    "BYE for a body": Fault({FETCH: on_bodies(goodbye, 3)}, health=None),
    "NO for a body": Fault({FETCH: on_bodies(no, 3)}, health="good"),
    "OK and the line is cut": Fault(
        {FETCH: tell("{tag} OK done", cut=True)}, health=None
    ),
    "fetch is not answered": Fault({FETCH: stall}, says="does not respond"),
    "fetch is throttled": Fault(
        {FETCH: tell("{tag} NO [THROTTLED] wait")}, says="rate-limiting"
    ),
    "messages of others": Fault({FETCH: strangers}, health="good"),
    "each message twice": Fault({FETCH: twice}, health="good"),
    "expunged while it is fetched": Fault({FETCH: expunge}, health="good", goes=(3,)),
    # after a first poll
    "UIDVALIDITY changes": Fault({}, health="good", change=numbered_anew),
    "UIDNEXT goes down": Fault({}, health="good", change=lower_uid_next),
}


class LogRecorder(logging.Handler):
    """Keeps what anybody logs, to look for what must not be there."""

    loggers = [logging.getLogger(name) for name in ("", ADD_ON)]

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def __enter__(self):
        self.levels = [logger.level for logger in self.loggers]
        self.loggers[0].addHandler(self)
        for logger in self.loggers:
            logger.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_exception):
        self.loggers[0].removeHandler(self)
        for logger, level in zip(self.loggers, self.levels, strict=True):
            logger.setLevel(level)

    def emit(self, record):
        self.lines.append(self.format(record))


class FaultCase(PollingCase):
    """Every cell of the matrix is an assertion of :meth:`check_fault`.

    ``cell`` says which column is being looked at: where it failed, why.
    """

    cell = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beside = cls.make_mailbox("beside@spedbud.example", cls.colleague)
        account = cls.registry["mail.mailbox"]._imap_account
        cls.startClassPatcher(
            patch.object(
                cls.registry["mail.mailbox"],
                "_imap_account",
                lambda mailbox: replace(account(mailbox), timeouts=QUICK),
            )
        )

    def serve(self, word, offers=""):
        sources = list(mails(COUNT, word))
        messages = {n: FakeMessage(source) for n, source in enumerate(sources, 1)}
        folders = {"INBOX": FakeFolder(messages)}
        server = FakeServer(folders, capabilities=f"IMAP4rev1 {offers}".strip())
        return sources, self.enterContext(server)

    def poll_both(self):
        both = self.mailbox + self.beside
        both.write({"next_poll_at": False})
        self.env.flush_all()
        self.env["mail.mailbox"]._poll(30, only=both.ids)
        self.env.invalidate_all()

    def check_fault(self, name, fault):
        log = self.enterContext(LogRecorder())
        expected, server = self.serve(f"{name} A", fault.offers)
        others, healthy = self.serve(f"{name} B")
        self.connect(self.mailbox, "ann", server)
        self.connect(self.beside, "ben", healthy)
        if fault.change:
            self.poll_both()
            fault.change(server)
        messages = server.folders["INBOX"].messages
        now = [m.source for uid, m in messages.items() if uid not in fault.goes]
        server.quirks.update(fault.quirks)
        self.cell = OTHERS
        self.poll_both()
        self.check_meanwhile(fault, others)
        self.cell = RECOVERS
        server.quirks.clear()
        self.mailbox.quarantine_ids._read_again()
        self.assertFalse(self.mailbox.stopped)
        for _poll in range(2):
            self.poll_both()
        self.assertEqual(self.mailbox.health, "good", self.mailbox.last_error)
        self.check_afterwards(fault, {*expected, *now}, now, server)
        self.cell = SECRET
        for line in log.lines:
            self.assertNotIn(PASSWORD, line)

    def check_meanwhile(self, fault, others):
        """The others go on, and people are told in words."""
        self.assertEqual(self.sources(self.beside), sorted(others))
        self.assertEqual(self.beside.health, "good")
        self.cell = TOLD
        if fault.health:
            self.assertEqual(self.mailbox.health, fault.health)
        told = self.mailbox.with_user(self.manager).last_error
        self.assertEqual(bool(told), self.mailbox.health == "failing")
        if fault.says:
            self.assertIn(fault.says, told)
        for text in (told, self.mailbox.with_user(self.member).last_error):
            self.assertNotIn(PASSWORD, text or "")
            self.assertNotIn("Traceback", text or "")

    def check_afterwards(self, fault, ever, now, server):
        """Nothing is changed, nothing lost, nothing doubled.

        :param ever: all that was on the server at any time
        :param now: what is there
        """
        self.cell = UNCHANGED
        messages = server.folders["INBOX"].messages
        self.assertEqual(sorted(m.source for m in messages.values()), sorted(now))
        words = [command.upper().removeprefix("UID ") for command in server.commands]
        asked = {word.split()[0] for word in words}
        allowed = {"SELECT"} if fault.selects else set()
        self.assertFalse(asked & set(DELETES) - allowed, words)
        self.cell = ONCE
        rows = self.mailbox.quarantine_ids.filtered(lambda r: r.state != "arrived")
        bad = {int(row.uid) for row in rows}
        arrived = Counter(self.sources())
        self.assertEqual(set(arrived.values()) - {1}, set())
        self.assertLessEqual(bad, messages.keys())
        self.cell = KEPT
        for uid, message in messages.items():
            self.assertEqual(bool(arrived[message.source]), uid not in bad)
        self.assertLessEqual(arrived.keys(), ever)


@tagged("post_install", "-at_install")
class TestFaults(FaultCase):
    """The table, and what does not fit into it."""

    def test_every_fault_keeps_the_contract(self):
        for name, fault in FAULTS.items():
            with self.subTest(fault=name), self.env.cr.savepoint() as savepoint:
                self.check_fault(name, fault)
                savepoint.rollback()
            note(
                "Hostile server",
                "faults of IMAP servers, each beside a mailbox that works",
                faults=1,
                messages=2 * COUNT,
                lost=0,
                doubled=0,
            )

    def test_refused_logins_stop_before_the_account_is_locked(self):
        _sources, server = self.serve("locked")
        self.connect(self.mailbox, "ann", server)
        server.quirks["LOGIN"] = tell("{tag} NO [AUTHENTICATIONFAILED] no")
        for _poll in range(5):
            self.poll(self.mailbox)
        self.assertEqual(self.mailbox.health, "stopped")
        logins = [line for line in server.commands if line.startswith("LOGIN")]
        self.assertEqual(len(logins), 3)

    def test_a_missing_key_costs_nothing(self):
        expected, server = self.serve("key")
        self.connect(self.mailbox, "ann", server)
        broken = patch.object(
            self.registry["mail.mailbox"], "_vault__", side_effect=SecretUnreadable
        )
        with broken:
            self.poll(self.mailbox)
        self.assertEqual(server.commands, [])
        self.assertIn("key is missing", self.mailbox.last_error)
        self.poll(self.mailbox)
        self.assertArrived(expected)

    def test_a_database_that_refuses_a_batch_is_asked_again(self):
        expected, server = self.serve("serialize")
        self.connect(self.mailbox, "ann", server)
        store = self.registry["mail.mailbox"]._store_messages
        left = [2]

        def refuse(mailbox, event):
            if left[0]:
                left[0] -= 1
                raise psycopg2.errors.SerializationFailure("concurrent update")
            return store(mailbox, event)

        with patch.object(self.registry["mail.mailbox"], "_store_messages", refuse):
            self.poll(self.mailbox)
        self.assertEqual(left, [0])
        self.assertWorks()
        self.assertArrived(expected)

    def test_a_clock_that_jumps_a_day(self):
        expected, server = self.serve("clock")
        self.connect(self.mailbox, "ann", server)
        self.poll(self.mailbox)
        now = fields.Datetime.now
        for days in (1, -1):
            number = max(server.folders["INBOX"].messages) + 1
            (source,) = mails(1, f"day {days}")
            server.folders["INBOX"].messages[number] = FakeMessage(source)
            expected.append(source)
            shifted = fields.Datetime.add(now(), days=days)
            with patch.object(fields.Datetime, "now", lambda moment=shifted: moment):
                self.poll(self.mailbox)
        self.mailbox.write({"next_poll_at": False, "lease_until": False})
        self.poll(self.mailbox)
        self.assertWorks()
        self.assertArrived(expected)
