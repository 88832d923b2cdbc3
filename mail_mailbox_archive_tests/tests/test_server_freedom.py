"""What the protocol leaves free, and what servers take the freedom to do beside it.

The contract is that of :mod:`.test_server_dialogues`, with other liberties: how lines
end, how many blanks stand in them, where literals are, what a source is called, which
numbers move.
"""

import imaplib
import re
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.imap import (
    connection,
    items,
    responses,
    session,
    wire,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.reading import Reading

from .servers.scripted import Line
from .test_poll import POLL_LOG
from .test_server_dialects import (
    between,
    named,
    opened_with,
    source_of,
    with_date,
    with_flags,
    with_more,
)
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
    in_set,
    listed,
    part,
    relabelled,
    tell,
)

COMMANDS = (
    "CAPABILITY",
    "LOGIN",
    "ID",
    "NAMESPACE",
    "LIST",
    "STATUS",
    "EXAMINE",
    SEARCH,
    FETCH,
    "LOGOUT",
)


class _Edited(Line):
    """A line on which all that the server says is changed."""

    def __init__(self, line, change):
        vars(self).update(vars(line), _change=change)

    def write(self, data):
        return super().write(self._change(data))


def everywhere(change, commands=COMMANDS):
    """Return quirks that change each packet of the usual answers."""

    def understood(name):
        def quirk(server, line, tag, argument):
            server.answer(_Edited(line, change), tag, name, argument)

        return quirk

    return {name: understood(name) for name in commands}


def bare_ends(data):
    """End lines with LF alone; a source keeps what it is made of."""
    head, brace, rest = data.partition(b"}\r\n")
    if not brace or b" FETCH " not in head:
        return data.replace(b"\r\n", b"\n")
    size = int(head.rpartition(b"{")[2])
    return (
        head.replace(b"\r\n", b"\n")
        + b"}\n"
        + rest[:size]
        + bare_ends(rest[size:].replace(b"\r\n", b"\n", 1))
    )


def wide(data):
    """Put two blanks where one is due, outside of sources and strings."""
    head, brace, rest = data.partition(b"{")
    head = re.sub(rb'"[^"]*"|\[[^]]*\]| ', _doubled, head)
    return head + brace + rest


def _doubled(match):
    return b"  " if match[0] == b" " else match[0]


def trailing(data):
    """Put a blank at the end of each line, outside of sources."""
    if b"{" in data:
        return data.replace(b"}\r\n", b"} \r\n", 1)
    return data.replace(b"\r\n", b" \r\n")


def loud_tags(data):
    return re.sub(rb"^[0-9a-f]+(?= (?:OK|NO|BAD))", lambda m: m[0].upper(), data)


def closing_lost(whole):
    return whole.removesuffix(b")")


def in_two_parts(first, second):
    """Return a change: the source comes as header block and text."""

    def change(whole):
        start, attributes, label, source = part(whole)
        if label != b"BODY[]":
            return whole
        head, end, text = source.partition(b"\r\n\r\n")
        head += end
        literals = b" %s {%d}\r\n%s %s {%d}\r\n%s" % (
            first,
            len(head),
            head,
            second,
            len(text),
            text,
        )
        return start + b" (" + attributes + literals + b")"

    return edited(FETCH, change)


def _none(match):
    return b"0 EXISTS" if match[0].endswith(b"EXISTS") else b"UIDNEXT 1"


def backwards(server, line, tag, argument):
    for one in reversed(list(server._uid_fetch(argument))):
        line.send(one)
    line.send(f"{tag} OK done")


def by_number(server, line, tag, argument):
    """Tell numbers where UIDs were asked for."""
    (text,) = server._uid_search(argument)
    uids = sorted(server.folders[server.selected].messages)
    numbers = [str(uids.index(int(word)) + 1) for word in text.split()[2:]]
    line.send(" ".join(["* SEARCH", *numbers]), f"{tag} OK done")


def star_is_known(name):
    """Return a quirk: numbers with a sign, and ``*`` for the highest UID."""

    def quirk(server, line, tag, argument):
        if re.search(r"\d{10}", argument):
            line.send(f"{tag} BAD Invalid number")
            return
        top = max(server.folders[server.selected].messages, default=0)
        argument = re.sub(r"(\d+):\*", lambda m: _sorted_pair(int(m[1]), top), argument)
        server.answer(line, tag, name, argument)

    return quirk


def _sorted_pair(one, other):
    return f"{min(one, other)}:{max(one, other)}"


def told_once(server, line, tag, argument):
    """Tell how many there are, and then that it is one less."""
    answers = server._examine(argument)
    count = int(answers[0].split()[1])
    line.send(*answers, f"* {max(0, count - 1)} EXISTS", f"{tag} OK done")


def tagged_numbers(server, line, tag, argument):
    """Tell UIDVALIDITY in the last line alone."""
    exists, validity, following, *_more = server._examine(argument)
    code = validity.partition("[")[2].partition("]")[0]
    line.send(exists, following, f"{tag} OK [{code}] EXAMINE completed")


def renumbered_amid(times):
    """Return a quirk: UIDVALIDITY is another one from some EXAMINE on."""
    count = [0]

    def quirk(server, line, tag, argument):
        count[0] += 1
        if count[0] == times:
            for folder in server.folders.values():
                folder.uid_validity = 8
        server.answer(line, tag, "EXAMINE", argument)

    return quirk


def one_refused(answer):
    """Return a quirk that gives no source together with that of UID 7."""

    def quirk(server, line, tag, argument):
        wanted, _, items = argument.partition(" ")
        if "BODY" in items and server.selected == "INBOX" and in_set(7, wanted):
            line.send(f"{tag} {answer}")
        else:
            server.answer(line, tag, FETCH, argument)

    return quirk


def emptied(server, line, tag, argument):
    """Give no byte of one message."""
    for whole in server._uid_fetch(argument):
        start, attributes, label, source = part(whole)
        if label and b"UID 7 " in whole[:60]:
            whole = start + b" (" + attributes + b" " + label + b" {0}\r\n)"
        line.send(whole)
    line.send(f"{tag} OK done")


def noise(name, *lines):
    return before(name, *lines)


EXCHANGE = "BAD Command Error. 12"

FREEDOM = {
    # how lines look
    "bare line ends everywhere": Dialogue(everywhere(bare_ends)),
    "two blanks everywhere": Dialogue(everywhere(wide)),
    "a blank at the end of each line": Dialogue(everywhere(trailing)),
    "tags in capitals": Dialogue(everywhere(loud_tags)),
    "two blanks behind the tag": Dialogue(
        {"LOGIN": tell("{tag}  OK  in"), "LIST": tell(INBOX, WORK, SENT, "{tag}  OK")}
    ),
    "a plus that nobody asked for": Dialogue(
        {name: noise(name, "+ idling") for name in ("LIST", "STATUS", SEARCH, FETCH)}
    ),
    "texts that end like a literal": Dialogue(
        {
            name: noise(name, "* OK [ALERT] Quota is at {97}")
            for name in ("LOGIN", "LIST", "STATUS", "EXAMINE", SEARCH, FETCH)
        }
    ),
    "an OK that ends like a literal": Dialogue(
        {"LOGIN": tell("{tag} OK Welcome to {120}")}
    ),
    "an answer that nobody knows, with a literal": Dialogue(
        {
            name: noise(
                name, b'* XLIST (\\Inbox) "/" {5}\r\nINBOX', b"* X-ODD {3}\r\n)))"
            )
            for name in ("LIST", "STATUS", SEARCH, FETCH)
        }
    ),
    "thousands of lines to keep the line open": Dialogue(
        {FETCH: noise(FETCH, *["* OK Still working"] * 3000)}
    ),
    # what it can do
    "capabilities with 8 bits": Dialogue(
        {"CAPABILITY": tell("* CAPABILITY IMAP4rev1 X-ŻÓŁW", "{tag} OK done")}
    ),
    "capabilities in small letters": Dialogue(
        {"CAPABILITY": tell("* capability imap4rev1 id", "{tag} ok")}
    ),
    "nothing but IMAP4rev2": Dialogue(
        {"CAPABILITY": tell("* CAPABILITY IMAP4rev2 AUTH=PLAIN", "{tag} OK done")}
    ),
    "capabilities without a line of them": Dialogue(
        {"CAPABILITY": tell("{tag} OK done")}, greets="* OK [CAPABILITY IMAP4rev1] hi"
    ),
    "capabilities over two lines": Dialogue(
        {
            "CAPABILITY": tell(
                "* CAPABILITY IMAP4rev1 ID", "* CAPABILITY UIDPLUS", "{tag} OK done"
            )
        }
    ),
    "capabilities in an odd place": Dialogue(
        {
            "LOGIN": tell(
                "* OK [CAPABILITY IMAP4rev1 UIDPLUS] in", "* 0 EXISTS", "{tag} OK [X] y"
            )
        }
    ),
    "LOGIN is not known, PLAIN is": Dialogue(
        {
            "LOGIN": tell("{tag} BAD Unknown command"),
            "AUTHENTICATE": lambda _server, line, tag, _argument: (
                line.send("+ "),
                line.read(),
                line.send(f"{tag} OK in"),
            ),
        },
        offers="AUTH=PLAIN",
    ),
    # folders
    "all in small letters": Dialogue(
        {
            "LIST": tell(
                '* list (\\hasnochildren) "/" inbox',
                '* list () "/" Work',
                '* list (\\sent) "/" Sent',
                "{tag} ok",
            )
        }
    ),
    "all attributes in capitals": Dialogue(
        listed(INBOX, WORK, '* LIST (\\SENT) "/" Sent', '* LIST (\\NOSELECT) "/" X')
    ),
    "a folder without a name": Dialogue(listed(INBOX, WORK, SENT, '* LIST () "/" ""')),
    "a parent that ends with the delimiter": Dialogue(
        listed(INBOX, WORK, SENT, '* LIST (\\NoSelect) "/" "Home/"')
    ),
    "attributes as one word": Dialogue(
        listed(INBOX, WORK, SENT, '* LIST \\NoSelect "/" "Home"')
    ),
    "delimiter in small letters": Dialogue(
        {"LIST": edited("LIST", lambda w: w.replace(b'"/"', b"nil"))}
    ),
    "a dot as delimiter, below INBOX": Dialogue(named(b"INBOX.Work", b'"INBOX.Work"')),
    "name in UTF-7 of small letters": Dialogue(named(b"&aok-&-&aok-")),
    "name in UTF-7 of half a pair": Dialogue(named(b"&2D0-x")),
    "name in UTF-8 that breaks off": Dialogue(named("Wysłan".encode()[:-3] + b"\xc5")),
    "name with a tab": Dialogue(named(b"A\tB")),
    "name like a set": Dialogue(named(b"1:*")),
    "name as a literal of 8 bits": Dialogue(named(b"A (b) c", b"~{7}\r\nA (b) c")),
    "the list is told of deletions too": Dialogue(
        {"LIST": between("LIST", "* 3 EXPUNGE", "* VANISHED 1:3")}
    ),
    # numbers
    "UIDNEXT never moves": Dialogue(opened_with(rb"UIDNEXT \d+", b"UIDNEXT 12")),
    "UIDNEXT never moves, and MODSEQ does": Dialogue(
        opened_with(rb"UIDNEXT \d+", b"UIDNEXT 12"), offers="CONDSTORE"
    ),
    "EXAMINE knows of nothing, and UIDNEXT never moves": Dialogue(
        opened_with(rb"\d+ EXISTS|UIDNEXT \d+", _none)
    ),
    "MODSEQ never moves": Dialogue(
        {
            "STATUS": edited(
                "STATUS", lambda w: re.sub(rb"MODSEQ \d+", b"MODSEQ 5", w)
            ),
            "EXAMINE": before("EXAMINE", "* OK [HIGHESTMODSEQ 5] ok"),
        },
        offers="CONDSTORE",
    ),
    "MODSEQ beyond 63 bits": Dialogue(
        {
            "STATUS": edited(
                "STATUS", lambda w: re.sub(rb"MODSEQ \d+", b"MODSEQ " + b"9" * 25, w)
            ),
            "EXAMINE": before("EXAMINE", f"* OK [HIGHESTMODSEQ {'9' * 25}] ok"),
        },
        offers="CONDSTORE",
    ),
    "EXISTS shrinks while it is told": Dialogue({"EXAMINE": told_once}),
    "EXISTS is far too much": Dialogue(
        {"EXAMINE": edited("EXAMINE", lambda w: re.sub(rb"\d+ EX", b"900 EX", w))}
    ),
    "UIDVALIDITY in the last line": Dialogue({"EXAMINE": tagged_numbers}),
    "UIDVALIDITY differs between STATUS and EXAMINE": Dialogue(
        opened_with(rb"UIDVALIDITY \d+", b"UIDVALIDITY 9", "STATUS")
    ),
    "renumbered in the midst of a check": Dialogue({"EXAMINE": renumbered_amid(2)}),
    "STATUS with blanks and quotes": Dialogue(
        {
            "STATUS": edited(
                "STATUS", lambda w: re.sub(rb"(S|N|T|Y) (\d+)", rb'\1  "\2"', w)
            )
        }
    ),
    "STATUS without UNSEEN": Dialogue(opened_with(rb" UNSEEN \d+", b"", "STATUS")),
    "STATUS of folders that nobody asked for": Dialogue(
        {
            "STATUS": noise(
                "STATUS",
                '* STATUS "Nowhere" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1 UNSEEN 0)',
                '* STATUS "INBOX" ()',
            )
        }
    ),
    "STATUS with text behind": Dialogue(
        {"STATUS": edited("STATUS", lambda w: w + b" (and more)")}
    ),
    "EXAMINE says that it may be written": Dialogue(
        {"EXAMINE": before("EXAMINE", "* OK [READ-WRITE] yes", "* OK [ALERT] hm")}
    ),
    # searching
    "SEARCH with many blanks": Dialogue(
        {SEARCH: edited(SEARCH, lambda w: w.replace(b" ", b"   ") + b"  ")}
    ),
    "SEARCH from the end": Dialogue(
        {
            SEARCH: edited(
                SEARCH, lambda w: b" ".join([*w.split()[:2], *w.split()[:1:-1]])
            )
        }
    ),
    "SEARCH tells some twice": Dialogue(
        {SEARCH: edited(SEARCH, lambda w: w + b" " + b" ".join(w.split()[2:]))}
    ),
    "SEARCH tells numbers": Dialogue({SEARCH: by_number}),
    "SEARCH of before": Dialogue({SEARCH: noise(SEARCH, "* SEARCH", "* SEARCH ")}),
    "numbers with a sign, UIDNEXT missing": Dialogue(
        opened_with(rb"UIDNEXT \d+ ?", b"UIDNEXT 0 ", "STATUS")
        | opened_with(rb"\* OK \[UIDNEXT.*", b"* OK hm", "EXAMINE")
        | {SEARCH: star_is_known(SEARCH), FETCH: star_is_known(FETCH)}
        | {"SELECT": tell("{tag} OK [READ-WRITE] done")}
    ),
    "ESEARCH, although not offered": Dialogue(
        {
            SEARCH: lambda server, line, tag, argument: line.send(
                '* ESEARCH (TAG "x") UID ALL '
                + ",".join(server._uid_search(argument)[0].split()[2:] or ["4000"]),
                f"{tag} OK done",
            )
        }
    ),
    "SEARCH is unavailable, now": Dialogue(
        {SEARCH: at_first(SEARCH, 3, tell("{tag} NO [UNAVAILABLE] try later"))},
        checks=2,
    ),
    # fetching
    "a flag with a quote": Dialogue({FETCH: with_flags(b'(\\Flagged it"s)')}),
    "a flag with parentheses": Dialogue({FETCH: with_flags(b"(\\Flagged a(b) :))")}),
    "a flag with a bracket": Dialogue({FETCH: with_flags(b"(]odd[ [x {3})")}),
    # as where a literal is told too long by one
    "the last parenthesis is missing": Dialogue(
        {FETCH: edited(FETCH, closing_lost)}, arrives=False
    ),
    "a date without quotes": Dialogue(
        {FETCH: with_date(b"05-Nov-2026 10:00:00 +0100")}
    ),
    "a subject without quotes": Dialogue(
        {FETCH: with_more(b'ENVELOPE (NIL "a "quoted" subject" NIL) ')}
    ),
    "sources called as they were asked for": Dialogue(
        {FETCH: edited(FETCH, relabelled(b"BODY.PEEK[]"))}
    ),
    "sources called RFC822.PEEK": Dialogue(
        {FETCH: edited(FETCH, relabelled(b"RFC822.PEEK"))}
    ),
    "sources in two parts": Dialogue(
        {FETCH: in_two_parts(b"BODY[HEADER]", b"BODY[TEXT]")}
    ),
    "sources in two parts, as of old": Dialogue(
        {FETCH: in_two_parts(b"RFC822.HEADER", b"RFC822.TEXT")}
    ),
    "a blank in the brackets": Dialogue({FETCH: edited(FETCH, relabelled(b"BODY[ ]"))}),
    "sizes of 0": Dialogue(
        {FETCH: edited(FETCH, lambda w: re.sub(rb"SIZE \d+", b"SIZE 0", w, count=1))}
    ),
    "sizes below 0": Dialogue(
        {FETCH: edited(FETCH, lambda w: re.sub(rb"SIZE \d+", b"SIZE -1", w, count=1))}
    ),
    "sizes NIL": Dialogue(
        {FETCH: edited(FETCH, lambda w: re.sub(rb"SIZE \d+", b"SIZE NIL", w, count=1))}
    ),
    "UIDs in quotes": Dialogue(
        {
            FETCH: edited(
                FETCH, lambda w: re.sub(rb"UID (\d+)", rb'UID "\1"', w, count=1)
            )
        }
    ),
    "messages from the end": Dialogue({FETCH: backwards}),
    "a message without a byte": Dialogue({FETCH: emptied}, arrives=False),
    "one message is an error at Exchange": Dialogue(
        {FETCH: one_refused(EXCHANGE)}, arrives=False
    ),
    "one message is unavailable": Dialogue(
        {FETCH: one_refused("NO [UNAVAILABLE] backend")}, arrives=False
    ),
    "one message is in use": Dialogue(
        {FETCH: one_refused("NO [INUSE] locked")}, arrives=False
    ),
    "one message has a broken flag": Dialogue(
        {
            FETCH: source_of(
                7,
                lambda s, a, lab, src: b"%s (%s) %s {%d}\r\n%s)"
                % (s, a.replace(b"FLAGS (", b'FLAGS ("'), lab, len(src), src),
            )
        }
    ),
    "the system is busy": Dialogue(
        {FETCH: at_first(FETCH, 4, tell("{tag} NO System busy!"))},
        arrives=False,
        checks=2,
    ),
}


def _nothing(*_arguments):
    raise ValueError("not read")


#: What a dialogue needs, and what is in its place once that is taken away.
RULES = {
    "texts that end like a literal": (wire, "_DATA", re.compile(b"")),
    "capabilities with 8 bits": (
        connection._Limited,
        "_get_capabilities",
        imaplib.IMAP4._get_capabilities,
    ),
    "UIDNEXT never moves": (Reading, "_read_beyond", lambda *_arguments: iter(())),
    "numbers with a sign, UIDNEXT missing": (
        session,
        "_is_open",
        lambda _ranges: False,
    ),
    "a flag with a quote": (items, "_salvage", _nothing),
    "sources in two parts": (items, "HALVES", ()),
    "sources called as they were asked for": (
        responses,
        "_item_name",
        lambda value: value.decode().upper(),
    ),
}


@tagged("post_install", "-at_install")
class TestFreedom(DialogueCase):
    @mute_logger(POLL_LOG)
    def test_rules_matter(self):
        for name, (where, rule, instead) in RULES.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                with patch.object(where, rule, instead):
                    with self.assertRaises(AssertionError):
                        self.check(FREEDOM[name])
                savepoint.rollback()
            self.env.invalidate_all()

    @mute_logger(POLL_LOG)
    def test_all_arrives_or_it_is_told(self):
        self.assertGreaterEqual(len(FREEDOM), 60)
        self.check_all(FREEDOM)
