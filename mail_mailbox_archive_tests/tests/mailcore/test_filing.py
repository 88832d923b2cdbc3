"""Addresses that file an email: written, read, and made unreadable."""

import base64
import os
import random
import re
from email import message_from_bytes
from email.policy import default

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses import address
from odoo.addons.mail_mailbox_archive.mailcore.read import filing
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import growth

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


OWN = frozenset({"office@spedbud.example"})
WRITTEN = filing.write("office@spedbud.example", "task", 42, TOKEN)


def hide(source):
    """Return ``source`` as it is stored; it has as many bytes as before."""
    hidden = filing.hide(source, OWN, filing.read_tags(source))
    assert len(hidden) == len(source)
    assert filing.hide(hidden, OWN, filing.read_tags(hidden)) == hidden
    return hidden


def test_a_token_is_hidden_wherever_it_stands():
    hidden = hide(
        f"Received: for <{WRITTEN}>\r\nTo: {WRITTEN.upper()}\r\n\r\n"
        f"Sent to {WRITTEN}, <a href='mailto:{WRITTEN}'>".encode()
    )
    assert TOKEN.encode() not in hidden.lower()
    (tag,) = filing.find_tags({"to": [hidden.split(b"To: ")[1].split()[0].decode()]})
    assert filing.read_token(tag.token) is None


def in_base64(text, width=76):
    data = base64.b64encode(text.encode()).decode()
    return "\r\n".join(data[i : i + width] for i in range(0, len(data), width))


@pytest.mark.parametrize(
    "body",
    [
        f"https://x.example/?to=office%2Btask-42.{TOKEN}%40spedbud.example",
        f"<bounce+office+task-42.{TOKEN}=spedbud.example@list.example>",
        f"office+task-42.{TOKEN} @spedbud.example",
        f"office+task-42=2E{TOKEN}=40spedbud.example",
        f"office+task-42.{TOKEN[:7]}=\r\n{TOKEN[7:]}@spedbud.example",
        f"the token is {TOKEN.upper()}",
        *(in_base64("Hi" + "!" * n + f" {WRITTEN}, again") for n in range(3)),
        in_base64(f"{WRITTEN} " * 20, width=60) + "\r\n\r\n--end--\r\n",
    ],
)
def test_in_whatever_form_a_token_of_the_header_stands(body):
    word = base64.b64encode(f"Re: {WRITTEN}".encode()).decode()
    head = f"Delivered-To: {WRITTEN}\r\nSubject: =?utf-8?B?{word}?=\r\n\r\n"
    hidden = hide((head + body).encode())
    said = re.sub(r"=\r\n", "", hidden.decode())
    said += str(message_from_bytes(hidden, policy=default)["subject"])
    for run in re.findall(r"(?:[A-Za-z0-9+/=]{2,}(?:\r\n)?)+", hidden.decode()):
        run = re.sub(r"[\r\n=]", "", run)
        run = run[: len(run) // 4 * 4]
        said += base64.b64decode(run).decode("latin-1")
    assert TOKEN not in said.lower()
    assert hidden.count(b"x" * 24) >= 1


def test_everything_else_stays_as_it_is():
    for source in (b"", b"a+b@c", os.urandom(5000), b"+task-42.abc@x", b"a+" * 100_000):
        assert hide(source) == source
    binary = base64.b64encode(os.urandom(3000))
    hidden = hide(f"To: {WRITTEN}\r\n\r\n".encode() + binary)
    assert hidden.endswith(binary)


def test_the_addresses_of_others_stay_as_they_are():
    # VERP, whose tags look the same
    for one in (
        f"news+sub-42.{TOKEN}@list.example",
        f"backoffice+task-42.{TOKEN}@spedbud.example",
        f"office+task-42.{TOKEN}@attacker.example",
    ):
        source = f"Return-Path: <{one}>\r\nTo: {one}\r\n\r\n{one}".encode()
        assert hide(source) == source
    source = f"To: {WRITTEN}\r\n\r\n".encode()
    assert filing.hide(source, frozenset(), filing.read_tags(source)) == source


@pytest.mark.parametrize(
    "piece", [b"+a-1.", b"=\r\n", b"A" * 76 + b"\r\n", TOKEN[:23].encode(), b"a", b"+"]
)
def test_hiding_does_not_grow_faster_than_the_source(piece):
    head = f"To: {WRITTEN}\r\n\r\n".encode()
    assert growth(hide, lambda size: head + piece * (20 * size)) < 3.2


def test_the_header_of_a_source_is_read():
    one = filing.write("office@spedbud.example", "task", 42, TOKEN)
    source = f"Date: x +0100\r\nTo: a@b.example\r\nDelivered-To: {one}\r\n\r\n{one}"
    (tag,) = filing.read_tags(source.encode())
    assert (tag.token, tag.shown) == (TOKEN, False)
    assert filing.read_tags(b"To: a@b.example\r\n\r\nTo: " + one.encode()) == ()
    for junk in (b"", b"\r\n\r\n", os.urandom(3000), b"+a-1@" * 1000):
        assert filing.read_tags(junk) == ()
