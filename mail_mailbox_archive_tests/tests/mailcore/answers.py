"""What must hold of any answer of a server, for whoever thinks one up."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator
from types import SimpleNamespace

from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError
from odoo.addons.mail_mailbox_archive.mailcore.imap import uids
from odoo.addons.mail_mailbox_archive.mailcore.imap.connection import Timeouts
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Session
from odoo.addons.mail_mailbox_archive.mailcore.imap.wire import Wire
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import seconds
from odoo.addons.mail_mailbox_archive_tests.tests.reliability.extent import extent

TAG = "t"
ASKED = ((2, 4), (9, 9))
ENDS = (b"OK done", b"OK", b"NO [INUSE] wait", b"NO", b"BAD what", b"NO [LIMIT]", b"")
#: Seconds of the processor that any answer may take.
LONGEST = 0.1
#: How many answers are thought up in each run of the tests.
EXECUTIONS = int(os.environ.get("MAILBOX_FUZZ") or extent(3_000, 10_000))
#: What servers say; the thousands are made of these.
SAID = (
    b'* LIST (\\HasNoChildren \\Sent) "/" "Sent Items"\r\n',
    b"* LIST () NIL Projects (old)\r\n",
    b'* LIST () "/" {5}\r\nINBOX\r\n',
    b"* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 UNSEEN 1)\r\n",
    b'* STATUS "Sent Items" (MESSAGES 3)\r\n',
    b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 9] ok\r\n",
    b"* SEARCH 2 3 9\r\n",
    b'* ESEARCH (TAG "t1") UID ALL 2:4,9\r\n',
    b"* 2 FETCH (UID 3 FLAGS (\\Seen) RFC822.SIZE 3 BODY[] {3}\r\nabc)\r\n",
    b"* 2 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (BODY[] {3}\r\nabc)\r\n",
    b'* 1 FETCH (UID 2 INTERNALDATE "05-Nov-2026 10:00:00 +0100" BODY[] "a")\r\n',
    b"* 1 FETCH (UID 2 BODY[HEADER]<0> {4}\r\nA: b)\r\n",
    b'* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL\r\n',
    b"* 3 EXPUNGE\r\n",
    b"* OK [HIGHESTMODSEQ 12]\r\n",
    b"* BYE see you\r\n",
)
#: What tears them apart.
TORN = (b"(", b")", b'"', b"\\", b"{9}\r\n", b"{99999999999}", b"NIL", b" ", b"\r\n")
TORN += (
    b"\0",
    b"[",
    b"]",
    b"*",
    b"UID",
    b"4294967296",
    b"\xc5\x81",
    b"~{0}\r\n",
    b"-1",
)


def session_that_gets(answers: bytes, end: bytes) -> Session:
    """Return a session whose server says this to each command."""
    wire = Wire(SimpleNamespace(_imap=SimpleNamespace(file=None)), 60)
    wire._prefix = TAG

    def send(data: bytes) -> None:
        tags = [line.split(b" ")[0] for line in data.splitlines()]
        said = answers + b"".join(tag + b" " + end + b"\r\n" for tag in tags)
        wire._file = io.BufferedReader(io.BytesIO(said))

    wire._client = SimpleNamespace(
        _imap=SimpleNamespace(send=send, shutdown=lambda: None),
        shutdown=lambda: None,
        socket=lambda: SimpleNamespace(
            shutdown=lambda how: None,
            gettimeout=lambda: 60,
            settimeout=lambda seconds: None,
        ),
    )
    session = Session.__new__(Session)
    session._wire, session._waited, session._aborted = wire, False, False
    session.capabilities = frozenset({"ESEARCH", "LIST-STATUS", "NAMESPACE"})
    session._condstore = session._list_status = True
    session._list_extended = session._searches = True
    session._forgetful = session._introduced = session._stars = False
    session._told = session._namespaces = None
    session._sizes, session._account = {}, SimpleNamespace(timeouts=Timeouts())
    return session


def within(found, asked=ASKED) -> bool:
    return not uids.subtract(uids.merge(found), asked)


METHODS = {
    "list": lambda s: all(f.wire_name is not None for f in s.list_folders()),
    "examine": lambda s: s.examine("INBOX").messages >= 0,
    "search": lambda s: within(s.search(ASKED)),
    "sizes": lambda s: within((u, u) for u in s.fetch_sizes(ASKED)),
    "sources": lambda s: within((u, u) for u in s.fetch_sources([2, 3, 4, 9], 99, 99)),
    "headers": lambda s: within((u, u) for u in s.fetch_headers([2, 3, 4, 9])),
    "place": lambda s: s.place("Sent").endswith("Sent"),
    "flags": lambda s: all(within(f, ((2, 9),)) for f in s.fetch_flags(2, 9, 5)),
}


def check_answer(data: bytes, name: str = "") -> None:
    """Have a session read ``data``: it understands, or raises an error of ours.

    The first two bytes choose what is asked and how the answer ends.
    """
    method = sorted(METHODS)[data[0] % len(METHODS)] if data else "list"
    end = ENDS[data[1] % len(ENDS)] if len(data) > 1 else b"OK"

    def read() -> None:
        try:
            assert METHODS[method](session_that_gets(data[2:], end)), (name, data)
        except MailCoreError as error:
            assert error.code and error.detail is not None, (name, data)

    if seconds(read, 1) >= LONGEST:
        # once may be the moment when Python collects what all tests left
        assert seconds(read) < LONGEST, (name, data)


def mutations(seed: int) -> Iterator[bytes]:
    """Yield answers without end: what servers say, cut, doubled, mixed and torn."""
    rolled = random.Random(seed)
    while True:
        data = bytearray(b"".join(rolled.choices(SAID, k=rolled.randint(1, 4))))
        for _change in range(rolled.randint(0, 5)):
            at = rolled.randint(0, len(data))
            to = min(len(data), at + rolled.randint(0, 12))
            kind = rolled.randint(0, 3)
            if kind == 0:
                del data[at:to]
            elif kind == 1:
                data[at:at] = data[at:to] * rolled.randint(1, 40)
            elif kind == 2:
                data[at:at] = rolled.choice(TORN) * rolled.choice((1, 1, 1, 50))
            elif data:
                data[at % len(data)] = rolled.randint(0, 255)
        yield bytes((rolled.randint(0, 255), rolled.randint(0, 255))) + bytes(data)
