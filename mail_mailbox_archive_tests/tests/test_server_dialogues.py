"""Dialogues that nobody reported yet, of the kinds that people did report.

One contract for each row: all mail that the server gives arrives, once and byte for
byte, or the mailbox is not called working and a sentence says why. A row says with
``arrives`` that it must. Once the server is as others are, everything is there.
"""

import re
from collections import Counter
from dataclasses import dataclass
from random import Random
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.imap import items, login, responses
from odoo.addons.mail_mailbox_archive.mailcore.imap.reading import Reading
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Timeouts
from odoo.addons.mail_mailbox_archive.models.receiving import account

from .common import write_mail
from .servers.scripted import FakeFolder, FakeMessage, FakeServer
from .test_poll import POLL_LOG, STORE_LOG, PollingCase

SQL_LOG = "odoo.sql_db"
QUICK = Timeouts(connect=5, read=5, stall=5)


@dataclass(frozen=True)
class Dialogue:
    """A row.

    :param quirks: what the server does instead, by command
    :param offers: its capabilities beside the usual
    :param arrives: all mail must have come while it does that
    :param checks: how many that takes
    :param says: part of the sentence that an administrator reads
    :param greets: its first line
    """

    quirks: dict
    offers: str = ""
    arrives: bool = True
    checks: int = 1
    says: str = ""
    greets: str = "* OK ready"


def tell(*lines):
    """Return a quirk that sends these lines, with ``{tag}`` filled in."""

    def quirk(_server, line, tag, _argument):
        line.send(
            *(
                one.replace("{tag}", tag) if isinstance(one, str) else one
                for one in lines
            )
        )

    return quirk


def before(name, *lines):
    """Return a quirk that sends ``lines``, then the usual."""

    def quirk(server, line, tag, argument):
        line.send(*lines)
        server.answer(line, tag, name, argument)

    return quirk


def edited(name, change):
    """Return a quirk that sends the usual answer after ``change`` of each line."""

    def quirk(server, line, tag, argument):
        method = getattr(server, "_" + name.replace(" ", "_").lower())
        for one in method(argument):
            whole = one.encode() if isinstance(one, str) else one
            line.write(change(whole) + b"\r\n")
        line.send(f"{tag} OK done")

    return quirk


def refused_when(name, wanted, answer):
    """Return a quirk that answers ``answer`` to arguments that match ``wanted``."""

    def quirk(server, line, tag, argument):
        if re.search(wanted, argument):
            line.send(f"{tag} {answer}")
        else:
            server.answer(line, tag, name, argument)

    return quirk


def at_first(name, times, harm):
    """Return a quirk: ``harm`` the first ``times``, then the usual."""
    left = [times]

    def quirk(server, line, tag, argument):
        if left[0]:
            left[0] -= 1
            harm(server, line, tag, argument)
        else:
            server.answer(line, tag, name, argument)

    return quirk


def hang_up(_server, line, _tag, _argument):
    line.cut()


def cut_after(name, times):
    """Return a quirk that hangs up after each ``times`` answers."""
    count = [0]

    def quirk(server, line, tag, argument):
        server.answer(line, tag, name, argument)
        count[0] += 1
        if not count[0] % times:
            line.cut()

    return quirk


def stale_status(server, line, tag, argument):
    """Tell of before the first mail, always."""
    name = re.match(r'"([^"]+)"', argument)[1]
    status = "MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7 UNSEEN 0"
    line.send(f'* STATUS "{name}" ({status})', f"{tag} OK done")


def first_status():
    """Return a quirk that tells what STATUS told first, for ever."""
    told = {}

    def quirk(server, line, tag, argument):
        (status,) = server._status(argument)
        line.send(told.setdefault(argument, status), f"{tag} OK done")

    return quirk


def listed(*lines):
    return {"LIST": tell(*lines, "{tag} OK done")}


def part(whole):
    """Return a FETCH answer in pieces: number, attributes, label and source."""
    return re.match(
        rb"(\* \d+ FETCH) \((.*?)(?: (BODY\[[^]]*\](?:<0>)?) \{\d+\}\r\n(.*))?\)$",
        whole,
        re.S,
    ).groups()


def as_literal8(whole):
    return re.sub(rb"(\] )(\{\d+\}\r)", rb"\1~\2", whole, count=1)


def last_uid(whole):
    """Put the UID at the end, behind the source."""
    start, attributes, label, source = part(whole)
    uid, _blank, rest = attributes.partition(b" FLAGS")
    if label is None:
        return start + b" (FLAGS" + rest + b" " + uid + b")"
    literal = label + b" {%d}\r\n" % len(source) + source
    return start + b" (FLAGS" + rest + b" " + literal + b" " + uid + b")"


def quoted_source(whole):
    """Give the source as a quoted string, as old servers do for what is short."""
    start, attributes, label, source = part(whole)
    if label is None:
        return whole
    text = source.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    if b"\n" in text:
        return whole
    return start + b" (" + attributes + b" " + label + b' "' + text + b'")'


def relabelled(label):
    def change(whole):
        return whole.replace(b"BODY[] {", label + b" {")

    return change


def without(pattern):
    def change(whole):
        start, attributes, label, source = part(whole)
        attributes = re.sub(pattern, b"", attributes)
        literal = (
            b"" if label is None else b" %s {%d}\r\n" % (label, len(source)) + source
        )
        return start + b" (" + attributes + literal + b")"

    return change


def shouting_down(whole):
    start, attributes, label, source = part(whole)
    literal = (
        b""
        if label is None
        else b" %s {%d}\r\n" % (label.lower(), len(source)) + source
    )
    return start.lower() + b" (" + attributes.lower() + literal + b")"


def chatter(server, line, tag, argument):
    """Tell of other things in the midst of FETCH."""
    wanted, _, items = argument.partition(" ")
    messages = server.folders[server.selected].messages
    for number, uid in enumerate(sorted(messages), 1):
        line.send("* OK Still here", "* 0 RECENT", "* FLAGS (\\Seen)")
        if "," in wanted or in_set(uid, wanted):
            line.send(server.fetched(number, uid, messages[uid], items))
        line.send(f"* {number} FETCH (FLAGS (\\Seen))")
    line.send("* OK [ALERT] Your storage is nearly full", f"{tag} OK done")


def half_then_no(server, line, tag, argument):
    """Give one message of several, then refuse."""
    wanted, _, items = argument.partition(" ")
    messages = server.folders[server.selected].messages
    uids = [uid for uid in sorted(messages) if in_set(uid, wanted)]
    if "BODY" not in items or len(uids) < 2:
        server.answer(line, tag, "UID FETCH", argument)
        return
    number = sorted(messages).index(uids[0]) + 1
    line.send(server.fetched(number, uids[0], messages[uids[0]], items))
    line.send(f"{tag} NO [LIMIT] Some messages could not be fetched")


def in_set(uid, text):
    parts = (part.partition(":") for part in text.replace("*", "4294967295").split(","))
    return any(int(low) <= uid <= int(high or low) for low, _colon, high in parts)


def one_line_each(server, line, tag, argument):
    """Tell what was found in a line for each, and some of it twice."""
    for text in server._uid_search(argument):
        words = text.split()[2:]
        line.send(*(f"* SEARCH {word} " for word in reversed(words)))
        line.send(f"* SEARCH {' '.join(words[:1])}")
    line.send(f"{tag} OK done")


def esearch(form):
    def quirk(server, line, tag, argument):
        (text,) = server._uid_search(argument)
        found = ",".join(text.split()[2:])
        told = form.format(tag=tag, all=f" ALL {found}" if found else "")
        line.send(told, f"{tag} OK done")

    return quirk


def half_of_what_is_there(server, line, tag, argument):
    (text,) = server._uid_search(argument)
    line.send(" ".join(text.split()[:3]), f"{tag} OK done")


def more_than_there_is(server, line, tag, argument):
    (text,) = server._uid_search(argument)
    high = re.search(r"UID (\d+)", argument)[1]
    line.send(f"{text} {int(high) + 40}", f"{tag} OK done")


def literal_name(whole):
    name = re.search(rb'"([^"]+)"$', whole)[1]
    return b'* LIST () "/" {%d}\r\n%s' % (len(name), name)


#: Such as no compression of an index makes short.
LONG_NAME = "".join(Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=5000))
INBOX, WORK, SENT = '* LIST () "/" INBOX', '* LIST () "/" Work', '* LIST () "/" Sent'
FETCH, SEARCH = "UID FETCH", "UID SEARCH"

DIALOGUES = {
    # letting us in
    "alerts before the OK": Dialogue(
        {"LOGIN": before("LOGIN", "* OK [ALERT] Maintenance on Sunday", "* 3 EXISTS")}
    ),
    "capabilities are refused": Dialogue({"CAPABILITY": tell("{tag} BAD no")}),
    "status in lower case": Dialogue({"LOGIN": tell("{tag} ok welcome")}),
    "OK without a text": Dialogue({"LOGIN": tell("{tag} OK")}),
    "unavailable, then well": Dialogue(
        {"LOGIN": at_first("LOGIN", 1, tell("{tag} NO [UNAVAILABLE] backend down"))},
        checks=2,
    ),
    "in use by another program, in words": Dialogue(
        {"LOGIN": tell("{tag} NO Mailbox is locked by POP server, try again later")},
        arrives=False,
    ),
    "wrong password, please try later": Dialogue(
        {"LOGIN": tell("{tag} NO [AUTHENTICATIONFAILED] Wrong password, try later")},
        arrives=False,
    ),
    "sign in with a web browser": Dialogue(
        {"LOGIN": tell("{tag} NO [WEBALERT https://x.example/] Web login required.")},
        arrives=False,
    ),
    "a BYE instead of an answer": Dialogue(
        {"LOGIN": tell("* BYE Login attempts exceeded")}, arrives=False
    ),
    # the list of folders
    "INBOX in other letters": Dialogue(listed('* LIST () "/" Inbox', WORK, SENT)),
    "INBOX in two writings": Dialogue(listed('* LIST () "/" Inbox', INBOX, WORK, SENT)),
    "kind in lower case": Dialogue(
        {"LIST": edited("LIST", lambda whole: whole.replace(b"LIST", b"list"))}
    ),
    "names as literals": Dialogue({"LIST": edited("LIST", literal_name)}),
    "no delimiter": Dialogue(
        {"LIST": edited("LIST", lambda whole: whole.replace(b'"/"', b"NIL"))}
    ),
    "a backslash as delimiter": Dialogue(
        {"LIST": edited("LIST", lambda whole: whole.replace(b'"/"', b'"\\\\"'))}
    ),
    "blanks at the end of lines": Dialogue(
        {"LIST": edited("LIST", lambda whole: whole + b"  ")}
    ),
    "extended data behind the name": Dialogue(
        {"LIST": edited("LIST", lambda whole: whole + b' ("CHILDINFO" ("SUBSCRIBED"))')}
    ),
    "attributes that nobody knows": Dialogue(
        {"LIST": edited("LIST", lambda w: w.replace(b"()", b"(\\Marked \\X-Odd)"))}
    ),
    "a parent that is only a name": Dialogue(
        listed(INBOX, '* LIST (\\NoSelect) "/" Home', WORK, SENT)
    ),
    "a folder that is not there": Dialogue(
        listed(INBOX, '* LIST (\\NonExistent) "/" Gone', WORK, SENT)
    ),
    "other answers between": Dialogue(
        listed(INBOX, "* 4 EXISTS", "* FLAGS (\\Seen)", "* OK hm", WORK, SENT)
    ),
    "a name of 5,000 letters": Dialogue(
        listed(INBOX, WORK, SENT, f'* LIST () "/" "{LONG_NAME}"')
    ),
    "a name with NUL, and two that nobody can read": Dialogue(
        listed(INBOX, WORK, SENT, '* LIST () "/" "a\0b"', "* LIST x", "* LIST (\0")
    ),
    "a name that is decoded to NUL": Dialogue(
        listed(INBOX, WORK, SENT, '* LIST () "/" "&AAA-"')
    ),
    "LIST-STATUS tells of some": Dialogue(
        listed(
            '* STATUS "INBOX" (MESSAGES 4 UIDNEXT 12 UIDVALIDITY 7 UNSEEN 4)',
            INBOX,
            WORK,
            SENT,
        ),
        offers="LIST-STATUS",
    ),
    "LIST is unavailable for now": Dialogue(
        {"LIST": tell("{tag} NO [UNAVAILABLE] try later")},
        arrives=False,
        says="resumes automatically",
    ),
    # whose they are
    "namespaces that cannot be read": Dialogue(
        {"NAMESPACE": tell('* NAMESPACE (("" "/") NIL', "{tag} OK done")},
        offers="NAMESPACE",
    ),
    "namespaces are refused": Dialogue(
        {"NAMESPACE": tell("{tag} NO [SERVERBUG] no")}, offers="NAMESPACE"
    ),
    # numbers
    "STATUS is always of before": Dialogue({"STATUS": stale_status}),
    "STATUS is always of the first time": Dialogue({"STATUS": first_status()}),
    "STATUS is refused": Dialogue({"STATUS": tell("{tag} NO [INUSE] no")}),
    "STATUS with numbers beyond all": Dialogue(
        {
            "STATUS": tell(
                f'* STATUS "INBOX" (MESSAGES {10**30} UIDNEXT x UNSEEN)', "{tag} OK"
            )
        }
    ),
    "STATUS and EXAMINE with billions": Dialogue(
        {
            "STATUS": edited(
                "STATUS", lambda w: re.sub(rb"(S|N) \d+", rb"\1 9999999999", w)
            ),
            "EXAMINE": edited(
                "EXAMINE", lambda w: re.sub(rb"\d+ EX", b"9999999999 EX", w)
            ),
        }
    ),
    "EXAMINE does not count": Dialogue(
        {"EXAMINE": edited("EXAMINE", lambda w: w.replace(b"EXISTS", b"RECENT"))}
    ),
    "EXAMINE counts nothing": Dialogue(
        {"EXAMINE": edited("EXAMINE", lambda w: re.sub(rb"\d+ EXISTS", b"0 EXISTS", w))}
    ),
    "EXAMINE is refused at first": Dialogue(
        {"EXAMINE": at_first("EXAMINE", 3, tell("{tag} NO [INUSE] locked"))}, checks=2
    ),
    "EXAMINE fails for what is not INBOX": Dialogue(
        {"EXAMINE": refused_when("EXAMINE", "^(?!.INBOX)", "NO [CORRUPTION] index")},
        arrives=False,
    ),
    "EXAMINE hangs up at first": Dialogue(
        {"EXAMINE": at_first("EXAMINE", 1, hang_up)}, checks=2
    ),
    # searching
    "SEARCH in many lines, not in order": Dialogue({SEARCH: one_line_each}),
    "SEARCH finds the first alone": Dialogue({SEARCH: half_of_what_is_there}),
    "SEARCH finds what is not there": Dialogue({SEARCH: more_than_there_is}),
    "SEARCH in lower case": Dialogue(
        {SEARCH: edited(SEARCH, lambda whole: whole.replace(b"SEARCH", b"search"))}
    ),
    "ESEARCH offered, SEARCH given": Dialogue({}, offers="ESEARCH"),
    "ESEARCH without a tag": Dialogue(
        {SEARCH: esearch("* ESEARCH UID{all}")}, offers="ESEARCH"
    ),
    "ESEARCH in small letters": Dialogue(
        {SEARCH: esearch('* esearch (tag "{tag}") uid{all}')}, offers="ESEARCH"
    ),
    "SEARCH knows no numbers": Dialogue(
        {SEARCH: tell("{tag} BAD Error in IMAP command UID SEARCH: syntax")}
    ),
    "SEARCH is too much": Dialogue(
        {SEARCH: tell("{tag} NO [CANNOT] Search is not supported here")}
    ),
    # fetching
    "UID behind the source": Dialogue({FETCH: edited(FETCH, last_uid)}),
    "all in small letters": Dialogue({FETCH: edited(FETCH, shouting_down)}),
    "sources as quoted strings": Dialogue({FETCH: edited(FETCH, quoted_source)}),
    "sources called RFC822": Dialogue({FETCH: edited(FETCH, relabelled(b"RFC822"))}),
    "sources called partial": Dialogue(
        {FETCH: edited(FETCH, relabelled(b"BODY[]<0>"))}
    ),
    "literals of 8 bits": Dialogue({FETCH: edited(FETCH, as_literal8)}),
    "no date": Dialogue({FETCH: edited(FETCH, without(rb' INTERNALDATE "[^"]*"'))}),
    "no size": Dialogue({FETCH: edited(FETCH, without(rb" RFC822.SIZE \d+"))}),
    "no flags": Dialogue({FETCH: edited(FETCH, without(rb" FLAGS \(\S*\)"))}),
    "sizes of one byte": Dialogue(
        {FETCH: edited(FETCH, lambda w: re.sub(rb"SIZE \d+", b"SIZE 1", w, count=1))}
    ),
    "a date of the year 0": Dialogue(
        {FETCH: edited(FETCH, lambda w: w.replace(b"05-Nov-2026", b"00-Nov-0000", 1))}
    ),
    "chatter in between": Dialogue({FETCH: chatter}),
    "some, then NO": Dialogue({FETCH: half_then_no}),
    "no sets with commas": Dialogue(
        {FETCH: refused_when(FETCH, r"^[\d:]+,", "BAD Invalid UID set")}, arrives=False
    ),
    "hangs up after each FETCH": Dialogue({FETCH: cut_after(FETCH, 1)}, arrives=False),
    "hangs up after every third FETCH": Dialogue(
        {FETCH: cut_after(FETCH, 3)}, arrives=False, checks=3
    ),
    "UIDNEXT is 0 at first": Dialogue(
        {"EXAMINE": edited("EXAMINE", lambda w: w.replace(b"UIDNEXT 12", b"UIDNEXT 0"))}
    ),
    "one source is not understood": Dialogue(
        {
            FETCH: refused_when(
                FETCH, r"(?<!\d)7(?!\d).*BODY|:.*BODY", "BAD parse error"
            )
        },
        arrives=False,
    ),
}


#: What a dialogue needs, and what is in its place once that is taken away.
RULES = {
    "STATUS is always of the first time": (Reading, "_is_stale", lambda *_args: False),
    "STATUS and EXAMINE with billions": (responses, "MAX_COUNT", 2**63),
    "a name of 5,000 letters": (responses, "MAX_NAME", 10_000),
    "LIST is unavailable for now": (login, "NOT_NOW", frozenset()),
}


class Folders(dict):
    """Knows INBOX in whatever letters (RFC 3501, 5.1)."""

    def __contains__(self, name):
        return name.upper() == "INBOX" or super().__contains__(name)

    def __missing__(self, name):
        if name.upper() == "INBOX":
            return self["INBOX"]
        raise KeyError(name)


class DialogueCase(PollingCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(account, "TIMEOUTS", QUICK))

    def serve(self, dialogue):
        folders = {
            name: FakeFolder(
                {uid: self.compose(name, uid) for uid in uids}, uid_next=12
            )
            for name, uids in {
                "INBOX": (2, 3, 7, 11),
                "Work": (1, 2),
                "Sent": (5,),
            }.items()
        }
        offers = f"IMAP4rev1 {dialogue.offers}".strip()
        server = self.enterContext(FakeServer(folders, dialogue.quirks, offers))
        server.folders, server.greeting = Folders(server.folders), dialogue.greets
        self.connect(self.mailbox, "ann", server)
        return server

    def compose(self, name, uid):
        return FakeMessage(write_mail(f"{name} {uid}", f"Text {uid}").as_bytes())

    def everything(self, server):
        folders = server.folders.values()
        return Counter(m.source for f in folders for m in f.messages.values())

    def check_what_came(self, server, dialogue):
        came = Counter(self.sources())
        there = self.everything(server)
        self.assertFalse(came - there, "nothing is doubled or made up")
        if dialogue.arrives:
            self.assertEqual(came, there)
            return
        rows = self.mailbox.quarantine_ids.filtered(lambda r: r.state != "arrived")
        if (there - came).total() > len(rows):
            told = self.mailbox.with_user(self.manager).last_error
            self.assertNotEqual(self.mailbox.health, "good")
            self.assertTrue(told)
            self.assertIn(dialogue.says, told)

    def check(self, dialogue):
        server = self.serve(dialogue)
        for _check in range(dialogue.checks):
            self.poll()
        self.check_what_came(server, dialogue)
        # the next mail as well
        for folder in server.folders.values():
            folder.messages[12] = self.compose("New", id(folder))
            folder.uid_next = 13
        for _check in range(dialogue.checks):
            self.poll()
        self.check_what_came(server, dialogue)
        server.quirks.clear()
        server.greeting, server.capabilities = "* OK ready", "IMAP4rev1"
        self.mailbox.stopped = False
        for _check in range(2):
            self.mailbox.quarantine_ids._read_again()
            self.poll()
        self.assertEqual(Counter(self.sources()), self.everything(server))
        self.assertEqual(self.mailbox.health, "good", self.mailbox.last_error)

    def check_all(self, dialogues):
        for name, dialogue in dialogues.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.check(dialogue)
                savepoint.rollback()
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestDialogues(DialogueCase):
    @mute_logger(POLL_LOG, STORE_LOG, SQL_LOG)
    def test_rules_matter(self):
        for name, (where, rule, instead) in RULES.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                with patch.object(where, rule, instead):
                    with self.assertRaises(AssertionError):
                        self.check(DIALOGUES[name])
                savepoint.rollback()
            self.env.invalidate_all()

    @mute_logger(POLL_LOG, STORE_LOG, SQL_LOG)
    def test_one_size_beyond_all_would_stop_the_mailbox(self):
        with patch.object(items, "MAX_COUNT", 2**63):
            with self.assertRaises(AssertionError):
                self.test_one_size_beyond_all_harms_only_itself()

    def test_one_size_beyond_all_harms_only_itself(self):
        def boast(whole):
            return re.sub(rb"(UID 7 .*?SIZE) \d+", rb"\1 999999999999", whole, count=1)

        server = self.serve(Dialogue({FETCH: edited(FETCH, boast)}))
        self.poll()
        self.assertEqual(self.mailbox.health, "good", self.mailbox.last_error)
        (large,) = self.arrivals().filtered("oversize")
        self.assertEqual(large.subject, "INBOX 7")
        self.assertEqual(len(self.arrivals()), self.everything(server).total())

    @mute_logger(POLL_LOG)
    def test_all_arrives_or_it_is_told(self):
        self.assertGreaterEqual(len(DIALOGUES), 40)
        self.check_all(DIALOGUES)
