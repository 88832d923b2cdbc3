"""What FETCH tells, from servers that tell it in ways of their own."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.imap.items import (
    SOURCES,
    Gathering,
    read_fetch,
    to_item,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.responses import Answer

SIZES = b" RFC822.SIZE 3 BODY[] "


def item(*pieces):
    pairs = read_fetch(Answer("FETCH", 1, pieces))
    return pairs and to_item(int(pairs["UID"]), pairs, SOURCES)


@pytest.mark.parametrize(
    "flags",
    [
        b'(\\Seen it"s)',
        b"(\\Seen a(b) :))",
        b'("\\Seen)',
        b"(\\Seen",
        b'(\\SEEN "a\\")',
    ],
)
@pytest.mark.parametrize("end", [b")", b" UID 7)", b" FLAGS ())", b" MODSEQ (5)) "])
def test_flags_that_nobody_can_read_cost_no_source(flags, end):
    head = b"" if b"UID" in end else b"UID 7 "
    found = item(b"(" + head + b"FLAGS " + flags + SIZES, b"abc", end)
    assert (found.uid, found.size, found.source) == (7, 3, b"abc")
    assert found.seen


@pytest.mark.parametrize(
    "pieces",
    [
        # a literal that is told too long has swallowed what followed
        (b'(UID 7 FLAGS (") BODY[] ', b"abc)\r\n* 2 FETCH (UID 8 BODY[] ", b""),
        (b'(UID 7 FLAGS (") BODY[] ', b"abc", b" {300}"),
        (b'(UID 7 FLAGS (") BODY[] ', b"abc)\r\n", b"* 2 FETCH (FLAGS ()))"),
        (b'(UID 7 FLAGS (") BODY[] ', b"abc", b" BODY[] ", b"def", b")"),
        (b'(UID 7 FLAGS (") BODY[] ', b"abc", b" FLAGS () BODY[] ", b"def", b")"),
        # too short
        (b'(UID 7 FLAGS (") BODY[] ', b"abc", b"def)"),
        # of two messages, of none, of no source
        (b'(UID 7 FLAGS (") UID 8 BODY[] ', b"abc", b")"),
        (b'(FLAGS (") BODY[] ', b"abc", b")"),
        (b'(UID 7 FLAGS (") ODD ', b"abc", b")"),
    ],
)
def test_what_may_be_anothers_is_not_taken(pieces):
    assert read_fetch(Answer("FETCH", 1, pieces)) is None


@pytest.mark.parametrize(
    "label",
    [
        "BODY[]",
        "body[]",
        "BODY.PEEK[]",
        "BODY[ ]",
        "BODY[]<0>",
        "RFC822",
        "RFC822.PEEK",
    ],
)
def test_names_of_a_source(label):
    found = item(f"(UID 7 {label} ".encode(), b"abc", b")")
    assert found.source == b"abc"


@pytest.mark.parametrize(
    ("first", "second"),
    [("BODY[HEADER]", "BODY[TEXT]"), ("RFC822.HEADER", "RFC822.TEXT")],
)
def test_source_in_two_parts(first, second):
    parts = (f"(UID 7 {first} ".encode(), b"a: b\r\n\r\n", f" {second} ".encode())
    assert item(*parts, b"text", b")").source == b"a: b\r\n\r\ntext"
    assert item(*parts[:2], b")").source is None


def test_salvaged_answer_is_of_who_was_asked_for():
    gathering = Gathering(((7, 7),))
    gathering.take(Answer("FETCH", 1, [b'(UID 8 FLAGS (") BODY[] ', b"abc", b")"]))
    assert not gathering.found
