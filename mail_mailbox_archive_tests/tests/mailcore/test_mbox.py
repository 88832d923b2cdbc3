"""Every dialect of mbox, read one message at a time, from wherever one stopped."""

import io
import tracemalloc
from unittest import TestCase
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore.read import mail_files
from odoo.addons.mail_mailbox_archive.mailcore.read.mail_files import read_mail_files
from odoo.addons.mail_mailbox_archive.mailcore.read.mbox import is_mbox, read_mbox
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.examples import examples
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import growth

from .attachments import zipped

MARK = b"From a@b.example Mon Nov  2 10:00:00 2026\n"
LIMIT = 100_000
#: Text that is no end of a message, whatever it looks like.
TRAPS = (
    b"From our side all is done.\n",
    b"From Monday on we open at nine.\n",
    b"From: in the text\n",
    b"From a to b it is Mon Nov  2 10:00:00 2026 now.\n",
    b"From here\nSubject: not a header\n",
    b"From a@b.example Mon Nov  2 10:00:00 2026\nno field follows\n",
    b"Fromage\n",
    b"From\n",
    b"\n\n\nFrom \n\n",
)
MARKS = (
    MARK,
    b"From - Mon Nov 02 10:00:00 2026\n",
    b"From -\n",
    b"From MAILER-DAEMON Mon Nov  2 10:00:00 2026\n",
    b"From 1779@xxx Mon Nov 02 10:00:00 +0000 2026\n",
    b"From a@b.example Mon Nov  2 10:00 2026\n",
    b"From a@b.example  Mon Nov  2 10:00:00 CET 2026 remote from x\n",
    b"From ???@??? Mon Nov 02 10:00:00 2026\n",
    b"From a b@c Mon, 2 Nov 2026 10:00:00 +0100\n",
    b'From "a b"@c.example Mon Nov  2 10:00:00 2026 +0100\n',
)


def mail(number=1, text=b"Hello\n", extra=b""):
    return b"From: a@b.example\nMessage-ID: <%d@b.example>\n%s\n%s" % (
        number,
        extra,
        text,
    )


def box(*mails, mark=MARK, blank=b"\n"):
    return b"".join(mark + one + blank for one in mails)


def read(content, limit=LIMIT):
    return [entry.source for entry in read_mbox(io.BytesIO(content), limit)]


@pytest.mark.parametrize("mark", MARKS)
def test_marks(mark):
    mails = [mail(1), mail(2)]
    if b"remote from" in mark:
        mark = mark.replace(b" remote from x", b"")
    assert is_mbox(box(*mails, mark=mark))
    assert read(box(*mails, mark=mark)) == mails


@pytest.mark.parametrize("trap", TRAPS)
def test_text_is_not_cut(trap):
    for text in (trap, b"Hello\n\n" + trap + b"\nmore\n", b"Hello\n" + trap):
        mails = [mail(1, text), mail(2)]
        assert read(box(*mails)) == mails


def test_line_ends_and_what_stands_before_the_first():
    mails = [mail(1, b"From our side\n"), mail(2)]
    for start in (b"", b"\n", b"\n\n\n"):
        assert is_mbox(start + box(*mails))
        assert read(start + box(*mails)) == mails
        crlf = (start + box(*mails)).replace(b"\n", b"\r\n")
        assert is_mbox(crlf)
        assert read(crlf) == [one.replace(b"\n", b"\r\n") for one in mails]


def test_without_a_blank_line_between():
    mails = [mail(1), mail(2)]
    assert read(box(*mails, blank=b"")) == mails


def test_quoted_lines():
    """mboxrd puts one ">" before any such line, mboxo before "From " alone."""
    quoted = mail(1, b">From me\n>>From you\n> From us\n>Fromage\n")
    meant = mail(1, b"From me\n>From you\n> From us\n>Fromage\n")
    assert read(box(quoted)) == [meant]


def test_counted_bodies_are_not_changed():
    """mboxcl2: nothing is quoted, not even what looks like a mark."""
    text = b"Hello\n\n" + box(mail(7)) + b">From me\n"
    counted = mail(1, text, b"Content-Length: %d\n" % len(text))
    assert read(box(counted, mail(2))) == [mail(1, text), mail(2)]
    assert read(box(counted)) == [mail(1, text)]
    crlf = box(mail(1, text), mail(2)).replace(b"\n", b"\r\n")
    size = len(text.replace(b"\n", b"\r\n"))
    line = b"Message-ID: <1@b.example>\r\n"
    crlf = crlf.replace(line, line + b"Content-Length: %d\r\n" % size, 1)
    assert len(read(crlf)) == 2


@pytest.mark.parametrize("count", [0, 3, 9, 5_000, 10**11])
def test_count_that_is_wrong_is_not_believed(count):
    wrong = mail(1, b"Hello\n\nyou\n", b"Content-Length: %d\n" % count)
    assert read(box(wrong, mail(2))) == [wrong, mail(2)]


def test_what_is_too_big_is_passed_over():
    big = mail(1, b"x\n" * LIMIT)
    assert read(box(mail(0), big, mail(2))) == [mail(0), None, mail(2)]
    counted = mail(1, b"x\n" * LIMIT, b"Content-Length: %d\n" % (2 * LIMIT))
    assert read(box(counted, mail(2))) == [None, mail(2)]
    line = mail(1, b"x" * 2 * LIMIT + b"\n")
    assert read(box(line, mail(2))) == [None, mail(2)]


def test_it_goes_on_where_it_stopped():
    mails = [mail(n, b"From our side %d\n" % n * n) for n in range(20)]
    content = b"\n" + box(*mails)
    for entry, rest in zip(
        read_mbox(io.BytesIO(content), LIMIT), range(1, 21), strict=True
    ):
        file = io.BytesIO(content)
        file.seek(entry.end)
        assert [one.source for one in read_mbox(file, LIMIT)] == mails[rest:]


LINES = st.lists(
    st.sampled_from(
        [MARK, b"From our side\n", b">From x\n", b"\n", b"Subject: x\n", b"text\n"]
        + [b"Content-Length: 30\n", b"a" * 70_000 + b"\n", b"\0\xff\r\n", b"no end"]
    ),
    max_size=20,
)


@examples(200)
@given(LINES, st.sampled_from([50, 1_000, LIMIT]))
def test_any_bytes_are_gone_through(lines, limit):
    content = MARK + b"".join(lines)
    entries = list(read_mbox(io.BytesIO(content), limit))
    assert entries[-1].end == len(content)
    assert all(len(entry.source or b"") <= limit for entry in entries)
    for one, other in zip(entries, entries[1:], strict=False):
        assert one.end < other.end
        file = io.BytesIO(content)
        file.seek(one.end)
        assert next(read_mbox(file, limit)).end == other.end


def test_cost_is_linear():
    def work(content):
        return list(read_mbox(io.BytesIO(content), 10_000_000))

    counted = MARK + mail(1, b"", b"Content-Length: 900000\n")
    for piece in (MARK, MARK + b"A: b\n", b"\n", b">From x\n", b"From x", counted):
        assert growth(work, lambda n, piece=piece: MARK + piece * (n // 4)) < 2.5


# Zips

LARGE = 3_000_000


def files(content, place=(0, 0), name="all.zip"):
    return list(read_mail_files(name, content, LIMIT, place))


@pytest.mark.parametrize(
    "content",
    [
        bytes(LARGE),
        b"\n" * LARGE,
        MARK + b"x" * LARGE,
        MARK + b"From: a@b.c\n\n" + (b"From %s\n" % (b"x" * 24)) * (LARGE // 30),
        b"From: a@b.c\n\n" + bytes(LARGE),
    ],
    ids=["zeros", "lines", "one line", "marks", "message"],
)
def test_bomb_costs_no_more_than_the_largest_mail(content):
    bomb = zipped({"in.mbox": content, "b.eml": mail(2)})
    del content
    tracemalloc.start()
    try:
        found = files(bomb)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * LIMIT
    assert found[-1].source == mail(2)
    assert not any(one.message for one in found[:-1])


def test_maildir():
    found = files(
        zipped(
            {
                "Maildir/cur/1.M1P2.host:2,S": mail(1),
                "Maildir/new/2.M1P2.host": mail(2),
                "Maildir/.Sent/cur/3.M1P2.host_2,RS": mail(3),
                "Maildir/tmp/4.M1P2.host": b"half",
                "Maildir/dovecot-uidlist": b"3 V1",
                "Maildir/dovecot.index.log": b"\1\2",
                "Maildir/.Sent/maildirfolder": b"",
                "__MACOSX/Maildir/cur/._1": b"\0\5\x16\7",
            }
        )
    )
    assert [one.source for one in found] == [mail(1), mail(2), mail(3)]
    assert not any(one.error for one in found)


def test_one_bad_file_is_named_and_the_next_read():
    content = bytearray(
        zipped({"a.eml": mail(1), "b.eml": mail(2) * 9, "c.eml": mail(3)})
    )
    second = content.index(b"b.eml")
    content[second + 8 : second + 30] = bytes(22)
    found = files(bytes(content))
    assert [(one.name, one.error) for one in found] == [
        ("a.eml", ""),
        ("b.eml", "zip"),
        ("c.eml", ""),
    ]


def test_fault_of_our_reader_harms_one_message():
    def fault(source):
        if b"<2@" in source:
            raise KeyError("ſ")
        return parse(source)

    parse = mail_files.parse
    with (
        patch.object(mail_files, "parse", fault),
        TestCase().assertLogs(mail_files.__name__, "ERROR") as logged,
    ):
        found = files(zipped({f"{n}.eml": mail(n) for n in range(4)}))
        inside = files(box(*(mail(n) for n in range(4))), name="in.mbox")
    assert [one.error for one in found] == ["", "", "fault", ""]
    assert [one.error for one in inside] == ["", "", "fault", ""]
    assert len(logged.records) == 2


def test_formats_of_outlook_are_told():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    found = files(zipped({"a.msg": ole, "b.pst": b"!BDN" + bytes(600), "c": mail()}))
    assert [one.error for one in found] == ["msg", "pst", ""]


def test_import_goes_on_where_it_stopped():
    content = zipped(
        {
            "a.eml": mail(1),
            "in.mbox": box(*(mail(n) for n in range(2, 6))),
            "photo.png": b"\x89PNG\0",
            "z.eml": mail(6),
        }
    )
    every = files(content)
    assert len(every) == 7
    for done, one in enumerate(every, 1):
        rest = [other.source for other in files(content, one.place)]
        assert rest == [other.source for other in every[done:]]
    single = box(*(mail(n) for n in range(5)))
    every = files(single, name="in.mbox")
    for done, one in enumerate(every, 1):
        rest = [other.source for other in files(single, one.place, "in.mbox")]
        assert rest == [other.source for other in every[done:]]
    (one,) = files(mail(), name="a.eml")
    assert files(mail(), one.place, "a.eml") == []
