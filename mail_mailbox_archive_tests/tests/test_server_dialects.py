"""More dialogues under the same contract: other words, other letters, other numbers."""

import re

from odoo.tests import tagged
from odoo.tools import mute_logger

from .servers.scripted import Line
from .test_poll import POLL_LOG
from .test_server_dialogues import (
    FETCH,
    INBOX,
    SEARCH,
    SENT,
    WORK,
    Dialogue,
    DialogueCase,
    at_first,
    before,
    edited,
    hang_up,
    in_set,
    listed,
    part,
    refused_when,
    tell,
)

POLISH = "Błąd logowania: nieprawidłowe hasło"
CHINESE = "登录失败:密码错误".encode("gb2312", "replace")


def in_bytes(words):
    """Return a quirk that ends a command with words in whatever charset."""

    def quirk(_server, line, tag, _argument):
        line.write(tag.encode() + b" " + words + b"\r\n")

    return quirk


def quoted(wire):
    return b'"' + wire.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def named(wire, tell_name=None):
    """Return quirks of a server whose folder "Work" is called ``wire``.

    :param tell_name: the name as its list tells it, if not quoted
    """
    name = quoted(wire)

    def list_all(_server, line, tag, _argument):
        line.send(INBOX, b'* LIST () "/" ' + (tell_name or name), SENT)
        line.send(f"{tag} OK done")

    def understood(command):
        def quirk(server, line, tag, argument):
            argument = argument.replace(name.decode("latin-1"), '"Work"')
            server.answer(_Renaming(line, name), tag, command, argument)

        return quirk

    return {
        "LIST": list_all,
        "STATUS": understood("STATUS"),
        "EXAMINE": understood("EXAMINE"),
    }


class _Renaming(Line):
    """A line on which the name "Work" is another one."""

    def __init__(self, line, name):
        vars(self).update(vars(line), _name=name)

    def write(self, data):
        return super().write(data.replace(b'STATUS "Work"', b"STATUS " + self._name))


def nothing_found(server, line, tag, argument):
    """Leave the line out where nothing was found."""
    (text,) = server._uid_search(argument)
    if text != "* SEARCH":
        line.send(text)
    line.send(f"{tag} OK done")


def farewell_amid(times):
    """Return a quirk that gives one message and says BYE, the first ``times``."""

    def harm(server, line, tag, argument):
        wanted, _, items = argument.partition(" ")
        messages = server.folders[server.selected].messages
        for number, uid in enumerate(sorted(messages), 1):
            if in_set(uid, wanted):
                line.send(server.fetched(number, uid, messages[uid], items))
                break
        line.send("* BYE Autologout; server shutting down")
        line.cut()

    return at_first(FETCH, times, harm)


def expunged_amid():
    """Return a quirk: while it is fetched, the first message of INBOX goes."""

    def harm(server, line, tag, argument):
        if server.selected.upper() == "INBOX" and "BODY" in argument:
            server.folders["INBOX"].messages.pop(2, None)
            line.send("* 1 EXPUNGE", "* 3 EXISTS", "* 0 RECENT")
        server.answer(line, tag, FETCH, argument)

    return at_first(FETCH, 2, harm)


def everything_unasked(server, line, tag, argument):
    """Give each message of the folder, whatever was asked for."""
    _wanted, _, items = argument.partition(" ")
    messages = server.folders[server.selected].messages
    for number, uid in enumerate(sorted(messages), 1):
        line.send(server.fetched(number, uid, messages[uid], items))
    line.send(f"{tag} OK done")


def never(uid):
    """Return a quirk of a server that finds a message and never gives it."""

    def quirk(server, line, tag, argument):
        wanted, _, items = argument.partition(" ")
        messages = server.folders[server.selected].messages
        for number, one in enumerate(sorted(messages), 1):
            if one != uid and in_set(one, wanted):
                line.send(server.fetched(number, one, messages[one], items))
        line.send(f"{tag} OK done")

    return quirk


def source_of(uid, change):
    """Return a quirk that tells of one message's source as ``change`` makes it."""

    def one(whole):
        if b"UID %d " % uid not in whole[:60]:
            return whole
        start, attributes, label, source = part(whole)
        return whole if label is None else change(start, attributes, label, source)

    return edited(FETCH, one)


def as_nil(start, attributes, label, _source):
    return start + b" (" + attributes + b" " + label + b" NIL)"


def too_short(start, attributes, label, source):
    literal = label + b" {%d}\r\n" % (len(source) - 9)
    return start + b" (" + attributes + b" " + literal + source + b")"


def with_more(more):
    def change(whole):
        return whole.replace(b"(UID", b"(" + more + b" UID", 1)

    return edited(FETCH, change)


def with_flags(flags):
    told = b"FLAGS " + flags
    return edited(
        FETCH, lambda whole: re.sub(rb"FLAGS \(\S*\)", lambda _m: told, whole, count=1)
    )


def with_date(date):
    return edited(
        FETCH,
        lambda w: re.sub(rb'INTERNALDATE "[^"]*"', b"INTERNALDATE " + date, w, count=1),
    )


def opened_with(pattern, instead, *commands):
    """Return quirks that tell other numbers of folders."""
    return {
        command: edited(command, lambda w: re.sub(pattern, instead, w))
        for command in commands or ("EXAMINE", "STATUS")
    }


def new_each_time():
    count = [100]

    def change(whole):
        count[0] += 1
        return re.sub(rb"UIDVALIDITY \d+", b"UIDVALIDITY %d" % count[0], whole)

    return {"EXAMINE": edited("EXAMINE", change)}


def between(name, *more):
    """Return a quirk that puts ``more`` before and behind each line."""

    def quirk(server, line, tag, argument):
        method = getattr(server, "_" + name.replace(" ", "_").lower())
        for one in method(argument):
            line.send(*more, one, *more)
        line.send(f"{tag} OK done")

    return quirk


def bare_ends(server, line, tag, argument):
    for one in server._list(argument):
        line.write(one.encode() + b"\n")
    line.write(f"{tag} OK done\n".encode())


CAPABLE = "* CAPABILITY IMAP4rev1 ESEARCH CONDSTORE LIST-STATUS LIST-EXTENDED NAMESPACE"

DIALECTS = {
    # letting us in
    "PREAUTH": Dialogue({}, arrives=False, greets="* PREAUTH welcome"),
    "BYE as greeting": Dialogue(
        {}, arrives=False, greets="* BYE zu viele Verbindungen"
    ),
    "a greeting with code and 8 bits": Dialogue(
        {}, greets="* OK [CAPABILITY IMAP4rev1] Witaj, świecie"
    ),
    "refused in Polish": Dialogue(
        {"LOGIN": tell(f"{{tag}} NO {POLISH}")}, arrives=False
    ),
    "refused in GB 2312": Dialogue(
        {"LOGIN": in_bytes(b"NO " + CHINESE)}, arrives=False
    ),
    "let in, in GB 2312": Dialogue({"LOGIN": in_bytes(b"OK " + CHINESE)}),
    "login is disabled": Dialogue({}, offers="LOGINDISABLED", arrives=False),
    "less after the login": Dialogue({"CAPABILITY": tell(CAPABLE, "{tag} OK done")}),
    "more after the login, not kept to": Dialogue(
        {
            "LOGIN": tell(
                "{tag} OK [CAPABILITY IMAP4rev1 CONDSTORE ESEARCH LIST-STATUS"
                " SPECIAL-USE NAMESPACE ID UNSELECT] in"
            ),
            "EXAMINE": refused_when("EXAMINE", "CONDSTORE", "BAD what is that"),
            "LIST": refused_when("LIST", "RETURN", "BAD too many arguments"),
            "STATUS": refused_when("STATUS", "MODSEQ", "BAD no such item"),
        }
    ),
    "capabilities in two lines": Dialogue(
        {
            "CAPABILITY": tell(
                "* CAPABILITY IMAP4rev1", "* CAPABILITY UIDPLUS", "{tag} OK done"
            )
        }
    ),
    "hangs up on ID": Dialogue({"ID": hang_up}, offers="ID", arrives=False),
    "ID answered with NIL": Dialogue({"ID": tell("* ID NIL", "{tag} OK")}, offers="ID"),
    # whose they are
    "namespaces: none": Dialogue(
        {"NAMESPACE": tell("* NAMESPACE NIL NIL NIL", "{tag} OK")}, offers="NAMESPACE"
    ),
    "namespaces with extensions": Dialogue(
        {
            "NAMESPACE": tell(
                '* NAMESPACE (("" "/" "X-PARAM" ("A" "B"))) NIL (("" NIL))', "{tag} OK"
            )
        },
        offers="NAMESPACE",
    ),
    # names
    "name in UTF-8": Dialogue(named("Wysłane – żółte".encode())),
    "name in Latin 1": Dialogue(named("Gelöschte".encode("latin-1"))),
    "name with quotes and backslashes": Dialogue(named(b'A "b" \\ c\\')),
    "name as literal, with a quote": Dialogue(named(b'A "b', b'{4}\r\nA "b')),
    "name as literal in UTF-8": Dialogue(
        named("żółw".encode(), b"{7}\r\n\xc5\xbc\xc3\xb3\xc5\x82w")
    ),
    "name with a bare ampersand": Dialogue(named(b"R&D & Co")),
    "name that breaks off in UTF-7": Dialogue(named(b"&AOk")),
    "name ending in blanks": Dialogue(named(b"Work  ")),
    "name with wildcards": Dialogue(named(b"100%*")),
    "name of one blank": Dialogue(named(b" ")),
    "name NIL": Dialogue(named(b"NIL", b'"NIL"')),
    "name in parentheses": Dialogue(named(b"(old) {3}", b'"(old) {3}"')),
    "INBOX is not listed": Dialogue(listed(WORK, SENT)),
    "all twice": Dialogue(listed(INBOX, WORK, SENT, INBOX, WORK, SENT)),
    "attributes beyond all": Dialogue(
        {
            "LIST": edited(
                "LIST", lambda w: w.replace(b"()", b"(" + b"\\X " * 9999 + b")")
            )
        }
    ),
    "bare line ends": Dialogue({"LIST": bare_ends}),
    "blank lines in between": Dialogue({"LIST": between("LIST", "", "*", "* ")}),
    # numbers
    "STATUS of one folder is refused": Dialogue(
        {"STATUS": refused_when("STATUS", '"Work"', "NO [SERVERBUG] index broken")}
    ),
    "STATUS in other letters": Dialogue(
        {"STATUS": edited("STATUS", lambda w: w.replace(b'"INBOX"', b"inbox"))}
    ),
    "no UIDVALIDITY": Dialogue(
        opened_with(rb"UIDVALIDITY \d+ ?", b"", "STATUS")
        | opened_with(rb"\* OK \[UIDVALIDITY.*", b"* OK hm", "EXAMINE")
    ),
    "UIDVALIDITY 0": Dialogue(opened_with(rb"UIDVALIDITY \d+", b"UIDVALIDITY 0")),
    "UIDVALIDITY of 32 bits": Dialogue(
        opened_with(rb"UIDVALIDITY \d+", b"UIDVALIDITY 4294967295")
    ),
    "UIDVALIDITY of 60 bits": Dialogue(
        opened_with(rb"UIDVALIDITY \d+", b"UIDVALIDITY 1152921504606846975")
    ),
    "UIDVALIDITY new each time": Dialogue(new_each_time()),
    "UIDNEXT far too low": Dialogue(opened_with(rb"UIDNEXT \d+", b"UIDNEXT 3")),
    "UIDNEXT far too low where it is opened": Dialogue(
        opened_with(rb"UIDNEXT \d+", b"UIDNEXT 3", "EXAMINE")
    ),
    "UIDNEXT as high as can be": Dialogue(
        opened_with(rb"UIDNEXT \d+", b"UIDNEXT 4294967295")
    ),
    "MODSEQ offered, NOMODSEQ kept": Dialogue(
        opened_with(rb"HIGHESTMODSEQ \d+", b"HIGHESTMODSEQ 0")
        | {"EXAMINE": before("EXAMINE", "* OK [NOMODSEQ] none")},
        offers="CONDSTORE",
    ),
    "a refusal without words": Dialogue(
        {"EXAMINE": refused_when("EXAMINE", '"Work"', "NO")}, arrives=False
    ),
    "a refusal with an odd code": Dialogue(
        {"EXAMINE": refused_when("EXAMINE", '"Work"', "NO [X-ODD [a] (b")},
        arrives=False,
    ),
    "a refusal in 8 bits": Dialogue(
        {"EXAMINE": at_first("EXAMINE", 3, in_bytes(b"NO [] " + CHINESE))}, checks=2
    ),
    "no folder is open after all": Dialogue(
        {SEARCH: at_first(SEARCH, 1, tell("{tag} BAD No mailbox selected"))}, checks=2
    ),
    # searching
    "no line where nothing is found": Dialogue({SEARCH: nothing_found}),
    "SEARCH with MODSEQ behind": Dialogue(
        {SEARCH: edited(SEARCH, lambda w: w + b" (MODSEQ 917162500)")}
    ),
    "SEARCH with commas": Dialogue(
        {SEARCH: edited(SEARCH, lambda w: b"* SEARCH " + b",".join(w.split()[2:]))},
        arrives=False,
    ),
    "ESEARCH that only counts": Dialogue(
        {SEARCH: tell("* ESEARCH UID COUNT 4", "{tag} OK")}, offers="ESEARCH"
    ),
    "ESEARCH backwards": Dialogue(
        {SEARCH: tell("* ESEARCH UID ALL 11:7,3:2,1,5", "{tag} OK")}, offers="ESEARCH"
    ),
    "a line of half a megabyte": Dialogue(
        {SEARCH: before(SEARCH, "* OK " + "x" * 2**19, "* SEARCH" + " 2" * 2**17)}
    ),
    # fetching
    "BYE amid FETCH": Dialogue({FETCH: farewell_amid(1)}, checks=2),
    "BYE amid FETCH, often": Dialogue(
        {FETCH: farewell_amid(4)}, arrives=False, checks=3
    ),
    "a message goes amid FETCH": Dialogue({FETCH: expunged_amid()}, checks=2),
    "all messages, whatever is asked for": Dialogue({FETCH: everything_unasked}),
    "a message that is never given": Dialogue({FETCH: never(7)}, arrives=False),
    "a source that is NIL": Dialogue({FETCH: source_of(7, as_nil)}, arrives=False),
    "a literal told too short": Dialogue(
        {FETCH: source_of(7, too_short)}, arrives=False
    ),
    "labels as Gmail has them": Dialogue(
        {FETCH: with_more(b'X-GM-LABELS ("\\\\Inbox" "a\\"b" "(") X-GM-MSGID 1')}
    ),
    "MODSEQ and other items unasked": Dialogue(
        {
            FETCH: with_more(
                b'MODSEQ (12) ENVELOPE NIL EMAILID (M1) BODYSTRUCTURE ("a" NIL)'
            )
        }
    ),
    "flags in 8 bits": Dialogue(
        {FETCH: with_flags("(\\Flagged $Ważne żółw)".encode())}
    ),
    "flags NIL": Dialogue({FETCH: with_flags(b"NIL")}),
    "flags quoted and nested": Dialogue(
        {FETCH: with_flags(b'("a b" (\\X) {2}\r\n\xff\xfe)')}
    ),
    "thousands of flags": Dialogue(
        {FETCH: with_flags(b"(" + b"keyword " * 9999 + b")")}
    ),
    "date NIL": Dialogue({FETCH: with_date(b"NIL")}),
    "date of another kind": Dialogue({FETCH: with_date(b'"2026-11-05T10:00:00Z"')}),
    "date that is none": Dialogue({FETCH: with_date(b'"99-Foo-2026 99:99:99 +9999"')}),
    "date without a zone": Dialogue({FETCH: with_date(b'" 5-Nov-2026 10:00:00"')}),
    "a plus, unasked": Dialogue({FETCH: between(FETCH, "* OK Still here", "")}),
}


@tagged("post_install", "-at_install")
class TestDialects(DialogueCase):
    @mute_logger(POLL_LOG)
    def test_all_arrives_or_it_is_told(self):
        self.check_all(DIALECTS)

    def test_one_folder_of_many_is_not_the_mailboxs_failure(self):
        """Its own form says it; the mailbox fails when more than a tenth is lost."""
        refused = refused_when("EXAMINE", '"Work"', "NO [SERVERBUG] index broken")
        server = self.serve(Dialogue({"EXAMINE": refused}))
        inbox, work = server.folders["INBOX"], server.folders["Work"]
        inbox.messages |= {uid: self.compose("INBOX", uid) for uid in range(12, 50)}
        inbox.uid_next = 50
        self.poll()
        broken = self.mailbox.folder_ids.filtered("last_error")
        self.assertEqual(broken.mapped("name"), ["Work"])
        self.assertEqual(self.mailbox.health, "good", self.mailbox.last_error)
        work.messages |= {uid: self.compose("Work", uid) for uid in range(12, 22)}
        work.uid_next = 22
        self.poll()
        self.assertEqual(self.mailbox.health, "failing")
        self.assertIn("index broken", self.mailbox.with_user(self.manager).last_error)
