"""A server's answers as values, the odd ones included."""

from datetime import datetime, timezone

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.imap import responses
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import FolderStatus, Role

NOW = "now"


@pytest.mark.parametrize(
    ("pieces", "values"),
    [
        ([b""], []),
        ([b"a 1 NIL nil"], [b"a", b"1", None, None]),
        ([b'"NIL" "" "a\\"b\\\\c"'], [b"NIL", b"", b'a"b\\c']),
        ([b"(a (b) ())"], [[b"a", [b"b"], []]]),
        (
            [b"(BODY[] ", b"x)(\r\n", b" UID 3)"],
            [[b"BODY[]", b"x)(\r\n", b"UID", b"3"]],
        ),
        (
            [b"(BODY[HEADER.FIELDS (A B)]<0> ", b"", b")"],
            [[b"BODY[HEADER.FIELDS (A B)]<0>", b""]],
        ),
        (
            [b"(FLAGS (\\Seen [x] 123 a]b))"],
            [[b"FLAGS", [b"\\Seen", b"[x]", b"123", b"a]b"]]],
        ),
        ([b"(a) "], [[b"a"]]),
    ],
)
def test_values(pieces, values):
    assert responses.read_values(pieces) == values


@pytest.mark.parametrize(
    "text", [b"(a", b"a)", b'"a', b"(" * 40 + b")" * 40, b'(a "b)']
)
def test_what_does_not_match_is_an_error(text):
    with pytest.raises(ValueError):
        responses.read_values([text])


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (b"12", 12),
        ([b"12"], 12),
        (None, 0),
        (b"-1", 0),
        (b"x", 0),
        (b"9" * 18, int("9" * 18)),
        (b"9" * 19, 2**63 - 1),
        (b"9" * 5000, 0),
        ([b"1", b"2"], 0),
    ],
)
def test_number(value, number):
    assert responses.read_number(value) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[UIDNEXT 12] next", ("UIDNEXT", "12")),
        ("[HIGHESTMODSEQ 7]", ("HIGHESTMODSEQ", "7")),
        ("[uidvalidity 3]", ("UIDVALIDITY", "3")),
        ("[NOMODSEQ] none", ("NOMODSEQ", "")),
        ("[PERMANENTFLAGS (\\Seen)] ok", ("PERMANENTFLAGS", "(\\Seen)")),
        ("no code", ("", "")),
        ("", ("", "")),
        ("[open", ("", "")),
    ],
)
def test_code(text, code):
    assert responses.read_code(text) == code


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (b"05-Nov-2026 10:00:00 +0100", datetime(2026, 11, 5, 9, tzinfo=timezone.utc)),
        (
            b" 5-nov-2026 10:00:00 -0130",
            datetime(2026, 11, 5, 11, 30, tzinfo=timezone.utc),
        ),
        (
            b"31-Dec-2016 23:59:60 +0000",
            datetime(2016, 12, 31, 23, 59, 59, tzinfo=timezone.utc),
        ),
        (b"01-Jan-9999 00:00:00 +0000", NOW),
        (b"01-Jan-0001 00:00:00 +1400", NOW),
        (b"31-Feb-2020 00:00:00 +0000", NOW),
        (b"01-Jan-2020 00:00:00 +9999", NOW),
        (b"01-Foo-2020 00:00:00 +0000", NOW),
        (b"yesterday", NOW),
        (None, NOW),
        ([b"x"], NOW),
    ],
)
def test_date(value, date):
    before = datetime.now(timezone.utc)
    found = responses.read_date(value)
    if date is NOW:
        assert before <= found <= datetime.now(timezone.utc)
    else:
        assert found == date


@pytest.mark.parametrize(
    ("text", "wire_name", "delimiter", "role", "selectable"),
    [
        (b'(\\HasNoChildren) "/" INBOX', "INBOX", "/", Role.INBOX, True),
        (b'(\\Noselect) "." "a.b"', "a.b", ".", Role.NONE, False),
        (b'(\\NonExistent \\HasChildren) "/" x', "x", "/", Role.NONE, False),
        (b"() NIL NIL", "NIL", "", Role.NONE, True),
        (b'() "/" 007', "007", "/", Role.NONE, True),
        (b'() "/" "a \\"b\\" &-"', 'a "b" &-', "/", Role.NONE, True),
        (b'(\\Trash) "\\\\" Kosz', "Kosz", "\\", Role.TRASH, True),
        (b'() "/" "Ko\xc5\x82o"', "Ko\xc5\x82o", "/", Role.NONE, True),
    ],
)
def test_list(text, wire_name, delimiter, role, selectable):
    folder = responses.read_folder([text])
    assert (folder.wire_name, folder.delimiter) == (wire_name, delimiter)
    assert (folder.role, folder.selectable) == (role, selectable)


def test_list_with_a_literal():
    pieces = [b'() "/" ', b"a)b(", b""]
    assert responses.read_folder(pieces).wire_name == "a)b("


@pytest.mark.parametrize(
    ("text", "wire_name"),
    [
        (b'() "/" Sent Items', "Sent Items"),
        (b'() "/" Projects (old)', "Projects (old)"),
        (b'() "/" Projects (old', "Projects (old"),
        (b'() "/" a "b" c', 'a "b" c'),
        (b'() "/" INBOX.Sent Items ', "INBOX.Sent Items"),
        (b"(\\HasNoChildren) / Sent Items", "Sent Items"),
        (b"() NIL Sent Items", "Sent Items"),
        (b'() "/" Projects ("CHILDINFO" ("SUBSCRIBED"))', "Projects"),
        (b'() "/" "Projects (old)" (OLDNAME ("P"))', "Projects (old)"),
    ],
)
def test_name_without_quotes_goes_to_the_end_of_the_line(text, wire_name):
    assert responses.read_folder([text]).wire_name == wire_name


@pytest.mark.parametrize(
    ("pieces", "name", "messages"),
    [
        ([b"INBOX (MESSAGES 3)"], "INBOX", 3),
        ([b'"Sent Items" (MESSAGES 3 UNSEEN 1)'], "Sent Items", 3),
        ([b"Sent Items (MESSAGES 4)"], "Sent Items", 4),
        ([b"Projects (old) (MESSAGES 5)"], "Projects (old)", 5),
        ([b"", b"a)b(", b" (MESSAGES 6)"], "a)b(", 6),
    ],
)
def test_name_in_a_status(pieces, name, messages):
    found, status = responses.read_named_status(pieces)
    assert (found, status.messages) == (name, messages)


@pytest.mark.parametrize(
    "text", [b"", b"INBOX", b"INBOX 7", b"(MESSAGES 1)", b'"INBOX (MESSAGES 1)']
)
def test_broken_status(text):
    with pytest.raises(ValueError):
        responses.read_named_status([text])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b'INBOX "/" ()',
        b'() "/"',
        b"() () ()",
        b'() "/" "a',
        b'() "/" "a" b',
        b'(\\x "/" a',
        b'() "/" a"',
    ],
)
def test_broken_list(text):
    with pytest.raises(ValueError):
        responses.read_folder([text])


def test_status():
    values = responses.read_values(
        [b"INBOX (messages 3 UIDNEXT 9 UNSEEN 2 HIGHESTMODSEQ 5 SIZE 900)"]
    )
    status = responses.read_status(responses.read_pairs(values[1]))
    assert status == FolderStatus(3, 9, 0, 2, 5)


@pytest.mark.parametrize(
    ("kind", "text", "ranges"),
    [
        ("SEARCH", b"", ()),
        ("SEARCH", b"3 1 2 ", ((1, 3),)),
        ("SEARCH", b"2 84 (MODSEQ 917162500)", ((2, 2), (84, 84))),
        ("ESEARCH", b'(TAG "a1") UID ALL 1:3,9', ((1, 3), (9, 9))),
        ("ESEARCH", b'(TAG "a1") UID', ()),
        ("ESEARCH", b'(TAG "all") UID COUNT 0', ()),
        ("ESEARCH", b'(TAG "a") UID ALL 7 MODSEQ 12', ((7, 7),)),
    ],
)
def test_search(kind, text, ranges):
    assert responses.read_search(responses.Answer(kind, 0, [text])) == ranges


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("SEARCH", b"1 x 3"),
        ("SEARCH", b"0"),
        ("SEARCH", b"4294967296"),
        ("ESEARCH", b"(TAG"),
        ("ESEARCH", b'(TAG "a") UID ALL'),
        ("ESEARCH", b'(TAG "a") UID ALL 1:*'),
    ],
)
def test_broken_search(kind, text):
    with pytest.raises(ValueError):
        responses.read_search(responses.Answer(kind, 0, [text]))
