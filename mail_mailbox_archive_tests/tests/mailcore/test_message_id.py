"""A Message-ID that is handed in finds the email that was stored with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore.read.fields import (
    MAX_MESSAGE_ID,
    first_id,
    stored_forms,
)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("a@x", "<a@x>"),
        ("<a@x>", "<a@x>"),
        (" <a@x>\r\n", "<a@x>"),
        # some senders leave the brackets out
        ("a@x", "a@x"),
        # what a link makes of a plus, and what folding puts inside
        ("a b@x", "<a+b@x>"),
        ("<a\r\n b@x>", "<ab@x>"),
        ("100%41@x", "<100%41@x>"),
    ],
)
def test_forms(written, form):
    assert form in stored_forms(written)


@pytest.mark.parametrize("written", ["", " ", "<>", "<", "\r\n\t", "<<>>", "\0"])
def test_nothing(written):
    assert not [one for one in stored_forms(written) if one.strip("<>")]


@pytest.mark.parametrize("length", [499, 500, 501, 998, 5000])
def test_long_ones(length):
    name = "x" * (length - 4) + "@y"
    stored = first_id({"message-id": [f"<{name}>"]}, "message-id")
    assert len(stored) <= MAX_MESSAGE_ID
    assert stored in stored_forms(name) and stored in stored_forms(f"<{name}>")


@given(st.text(st.characters(exclude_characters="<>"), min_size=1, max_size=700))
def test_whatever_was_stored_is_found(name):
    stored = first_id({"message-id": [f"<{name}>"]}, "message-id")
    if stored.strip("<>"):
        assert stored in stored_forms(name)
        assert stored in stored_forms(f"<{name}>")


@given(st.text(max_size=3000))
def test_what_is_looked_for_is_short_and_clean(written):
    for form in stored_forms(written):
        assert 0 < len(form) <= MAX_MESSAGE_ID
        assert not set(form) & set("\0\r\n")
