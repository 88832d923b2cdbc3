"""Whatever a server answers, it is understood or an error of ours."""

import itertools
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError
from odoo.addons.mail_mailbox_archive.mailcore.imap import responses, uids
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.answers import (
    EXECUTIONS,
    METHODS,
    check_answer,
    mutations,
    session_that_gets,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.examples import examples

#: What answers are made of, and what tears them apart.
PIECES = st.sampled_from(
    [b"(", b")", b'"', b"\\", b"NIL", b" ", b"[", b"]", b"{3}\r\nabc", b"{0}\r\n", b"*"]
    + [b"{4294967296}\r\n", b"{-1}", b"UID 3", b"UID 4294967296", b"FLAGS (\\Seen)"]
    + [b"FLAGS ()", b"BODY[] ", b"BODY[HEADER]<0> ", b"RFC822.SIZE 12", b"MODSEQ (12)"]
    + [b'INTERNALDATE "05-Nov-2026 10:00:00 +0100"', b"ALL 1:9,3", b"ALL 2:*", b"1 5 9"]
    + [b"UIDNEXT 9", b"UIDVALIDITY 7", b"[UIDNEXT 9]", b"[HIGHESTMODSEQ]", b"INBOX"]
    + [b'(\\Noselect) "/" INBOX', b'() NIL "&AUE-"', b"\xc5\x81", b"\0", b"\r\n", b"-1"]
)
KINDS = st.sampled_from(
    [
        b"* 1 FETCH (",
        b"* 1 FETCH ",
        b"* SEARCH ",
        b"* NAMESPACE ",
        b"* ESEARCH (TAG x) UID ",
        b"* LIST ",
    ]
    + [
        b"* STATUS INBOX (",
        b"* STATUS ",
        b"* OK ",
        b"* 3 EXISTS",
        b"* BYE ",
        b"* ",
        b"+ ",
        b"x OK",
    ]
)
ANSWERS = st.lists(
    st.one_of(
        st.builds(
            lambda kind, pieces, end: kind + b" ".join(pieces) + end + b"\r\n",
            KINDS,
            st.lists(PIECES, max_size=6),
            st.sampled_from([b"", b")", b"))"]),
        ),
        st.binary(max_size=30),
    ),
    max_size=6,
).map(b"".join)
ENDS = st.sampled_from([b"OK done", b"OK", b"NO [INUSE] wait", b"NO", b"BAD what", b""])


@pytest.mark.parametrize("method", METHODS)
@examples(50)
@given(answers=ANSWERS, end=ENDS)
@example(answers=b"* 1 FETCH \r\n", end=b"OK")
@example(answers=b"* STATUS INBOX 7\r\n", end=b"OK")
@example(answers=b"\x0b\r\n", end=b"OK")
@example(answers=b"* STATUS (INBOX) (MESSAGES 1)\r\n", end=b"OK")
def test_any_answer_is_read_or_an_error_of_ours(method, answers, end):
    session = session_that_gets(answers, end)
    try:
        assert METHODS[method](session)
    except MailCoreError as error:
        assert error.code and error.detail is not None


def test_answers_by_the_thousand():
    """As a fuzzer does: the long form, ``MAILBOX_FUZZ=5000000``, takes half an hour."""
    for number, data in enumerate(itertools.islice(mutations(1), EXECUTIONS)):
        check_answer(data, f"execution {number}")


VALUES = st.recursive(
    st.one_of(st.none(), st.binary(max_size=9)),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


def write(value, pieces: list[bytes]) -> None:
    """Write a value as a server does: NIL, a list, an atom, a string or a literal."""
    if value is None:
        pieces[-1] += b" NIL"
    elif isinstance(value, list):
        pieces[-1] += b" ("
        for one in value:
            write(one, pieces)
        pieces[-1] += b")"
    elif value.isalnum() and value.upper() != b"NIL":
        pieces[-1] += b" " + value
    elif value.isascii() and value.decode().isprintable():
        quoted = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        pieces[-1] += b' "' + quoted + b'"'
    else:
        pieces += [value, b""]


@examples(100)
@given(st.lists(VALUES, max_size=4))
def test_values_that_were_written_are_read(values):
    pieces = [b""]
    for value in values:
        write(value, pieces)
    assert responses.read_values(pieces) == values


@examples(100)
@given(
    st.one_of(
        st.binary(max_size=30),
        st.from_regex(
            rb"[ 0-9]?\d-(Jan|feb|XXX)-\d{4} \d\d:\d\d:\d\d [+-]\d{4}", fullmatch=True
        ),
    )
)
def test_any_date_lies_in_the_time_of_mail(value):
    date = responses.read_date(value)
    now = datetime.now(timezone.utc)
    assert responses._EARLIEST <= date <= now + timedelta(days=3)


@examples(100)
@given(st.text(max_size=40), st.text("0123456789:,* ", max_size=20))
def test_codes_and_sets_are_read_or_refused(text, numbers):
    code, argument = responses.read_code(f"[{text}")
    assert code == code.upper() and "]" not in argument
    try:
        ranges = uids.read_set(numbers)
    except ValueError:
        return
    assert ranges == uids.merge(ranges)
    assert uids.read_set(uids.write_set(ranges)) == ranges
