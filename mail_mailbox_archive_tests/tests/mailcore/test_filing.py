"""Addresses that file an email: written, read, and made unreadable."""

import os
import random

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses import address
from odoo.addons.mail_mailbox_archive.mailcore.read import filing

TOKEN = filing.Token(7, 20_000, b"123456789").write()


def test_a_token_is_read_as_it_was_written():
    assert filing.read_token(TOKEN) == filing.Token(7, 20_000, b"123456789")
    pick = random.Random(26)
    for _turn in range(200):
        one = filing.Token(
            pick.randrange(2**32), pick.randrange(2**16), pick.randbytes(9)
        )
        assert filing.read_token(one.write()) == one


@pytest.mark.parametrize("value", ["", "a", "1" * 24, TOKEN[:-1], filing.HIDDEN])
def test_what_is_no_token(value):
    assert filing.read_token(value) is None


def test_an_address_is_valid_and_found_again():
    written = filing.write("office@spedbud.example", "task", 42, TOKEN)
    assert written == f"office+task-42.{TOKEN}@spedbud.example"
    assert address.is_valid(written)
    for form in (
        written,
        written.upper(),
        f"Office <{written}>",
        f"a@b.example, {written}",
    ):
        (tag,) = filing.find_tags({"to": [form]})
        assert tag == filing.Tag("office@spedbud.example", "task", 42, TOKEN)
    assert filing.write("o" * 60 + "@spedbud.example", "task", 42, TOKEN) == ""


def test_who_sees_it():
    one = "office+task-42@spedbud.example"
    (tag,) = filing.find_tags({"delivered-to": [one]})
    assert not tag.shown
    (tag,) = filing.find_tags({"delivered-to": [one], "cc": [one]})
    assert tag.shown
    assert filing.find_tags({"subject": [one], "references": [one]}) == ()


@pytest.mark.parametrize(
    "local", ["office", "office+x", "office+task-0", "office+-1", "office+task-1.abc"]
)
def test_what_is_no_tag(local):
    assert filing.find_tags({"to": [f"{local}@spedbud.example"]}) == ()


def test_tags_with_a_token_come_first_and_few_are_read():
    many = ", ".join(f"office+task-{n}@spedbud.example" for n in range(1, 50))
    last = f"office+task-99.{TOKEN}@spedbud.example"
    tags = filing.find_tags({"to": [f"{many}, {last}"]})
    assert len(tags) == filing.MAX_TAGS
    assert tags[0].token == TOKEN


def test_a_token_is_hidden_wherever_it_stands():
    written = filing.write("office@spedbud.example", "task", 42, TOKEN)
    source = (
        f"Received: for <{written}>\r\nTo: {written.upper()}\r\n\r\nSent to {written}."
    ).encode()
    hidden = filing.hide(source)
    assert TOKEN.encode() not in hidden.lower()
    assert len(hidden) == len(source)
    assert filing.hide(hidden) == hidden
    (tag,) = filing.find_tags({"to": [hidden.split(b"To: ")[1].split()[0].decode()]})
    assert filing.read_token(tag.token) is None


def test_everything_else_stays_as_it_is():
    for source in (b"", b"a+b@c", os.urandom(5000), b"+task-42.abc@x", b"a+" * 100_000):
        assert filing.hide(source) == source


def test_the_header_of_a_source_is_read():
    one = filing.write("office@spedbud.example", "task", 42, TOKEN)
    source = f"Date: x +0100\r\nTo: a@b.example\r\nDelivered-To: {one}\r\n\r\n{one}"
    (tag,) = filing.read_tags(source.encode())
    assert (tag.token, tag.shown) == (TOKEN, False)
    assert filing.read_tags(b"To: a@b.example\r\n\r\nTo: " + one.encode()) == ()
    for junk in (b"", b"\r\n\r\n", os.urandom(3000), b"+a-1@" * 1000):
        assert filing.read_tags(junk) == ()
