"""What each sample says, and that the library's own parser sees the same parts."""

import json
import re
from email import message_from_bytes
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.read import header_block
from odoo.addons.mail_mailbox_archive.mailcore.read.body import read_body
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (
    Message,
    parse,
    parse_headers,
    read_part,
)
from odoo.addons.mail_mailbox_archive.mailcore.read.structure import read_structure
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.examples import examples
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import (
    SAMPLES,
    corpus,
    sample,
    samples,
)

pytestmark = pytest.mark.inside_odoo


def _people(addresses):
    return [[one.display_name, one.addr_spec] for one in addresses]


def _said(message: Message) -> dict:
    """What a message says, as the expected values are written down."""
    parts = [
        [one.path, one.mimetype, one.filename, one.size, one.cid, one.disposition]
        for one in message.parts
    ]
    return {
        "subject": message.subject,
        "date": message.date and message.date.isoformat(),
        "from_": _people(message.from_),
        "to": _people(message.to),
        "cc": _people(message.cc),
        "bcc": _people(message.bcc),
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "text": message.text,
        "preview": message.preview,
        "parts": parts,
        "defects": list(message.defects),
    }


def _expected(name: str) -> dict:
    """The values of a sample; those that are left out are what most samples have."""
    expected = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    usual = {
        "cc": [],
        "bcc": [],
        "in_reply_to": "",
        "references": [],
        "preview": " ".join(expected.get("text", "").split())[:200].rstrip(),
        "message_id": "",
        "parts": [],
        "defects": [],
        "html": None,
        "cids": {},
    }
    return {**usual, **expected}


@pytest.mark.parametrize("name", samples())
def test_sample(name):
    expected = _expected(name)
    source = sample(name)
    if "unreadable" in expected:
        with pytest.raises(Unreadable) as caught:
            parse(source)
        assert caught.value.code == expected["unreadable"]
        return
    message = parse(source)
    body = read_body(source)
    html, cids = expected.pop("html"), expected.pop("cids")
    said = _said(message)
    assert {key: said[key] for key in expected} == expected
    assert (body.html, dict(body.cids), body.text) == (html, cids, message.text)
    for part in message.parts:
        found = read_part(source, part.path)
        assert found.part == part
        assert len(found.content) == part.size


def test_enough_samples_and_each_has_its_values():
    assert len(samples()) >= 90
    assert [name for name in samples() if not (SAMPLES / f"{name}.json").exists()] == []


@pytest.mark.parametrize("name", [n for n in samples() if not n.startswith("broken/")])
def test_header_block_alone_says_the_same(name):
    whole = parse(sample(name))
    source = sample(name).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    stub = parse_headers(source if b"\r\n" in sample(name) else sample(name))
    for key in ("subject", "date", "from_", "to", "message_id", "thread_key"):
        assert getattr(stub, key) == getattr(whole, key)
    assert (stub.parts, stub.text, stub.preview) == ((), "", "")


def _library_parts(message):
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for child in message.get_payload():
            yield from _library_parts(child)
    elif message.get_content_maintype() == "message":
        # Parsed on by the library, one part of bytes to us.
        yield message.get_content_type(), None
    else:
        yield message.get_content_type(), message.get_payload(decode=True)


def _own_parts(source):
    root, _defects = read_structure(source)
    for node in root.walk():
        if not node.children:
            inner = node.mimetype.startswith("message/")
            yield node.mimetype, None if inner else node.content(source)


#: Where we read on and the library gives up.
REPAIRED = (
    "attachments/uuencoded",
    "attachments/without_padding",
    "headers/junk_line",
    "headers/mbox_escaped_from",
    "headers/nul_in_name",
    "headers/space_before_colon",
    "structure/boundary_missing",
    "structure/boundary_never_used",
    "structure/type_without_semicolon",
)


@pytest.mark.parametrize(
    "name", [n for n in samples() if n not in REPAIRED and not n.startswith("broken/")]
)
def test_same_parts_as_the_library(name):
    source = sample(name)
    library = list(_library_parts(message_from_bytes(source)))
    assert list(_own_parts(source)) == library


@pytest.mark.slow
def test_same_parts_as_the_library_in_the_corpora():
    """A few may differ: broken ones, which we read further."""
    equal = other = 0
    for _name, source in list(corpus())[::3]:
        try:
            own = list(_own_parts(source))
        except Unreadable:
            continue
        if own == list(_library_parts(message_from_bytes(source))):
            equal += 1
        else:
            other += 1
    assert other <= (equal + other) * 0.05


FIELDS = st.lists(
    st.sampled_from(
        [
            "From: a",
            "From x",
            "Subject:",
            "\r\n",
            "\n",
            "\n",
            " b\n",
            "\t\n",
            " \n",
            "x: y\n",
        ]
        + [
            "X-A:\n",
            ":\n",
            "a b: c\n",
            "a:b:c\n",
            "\x0b",
            "\x0c",
            "\x1c",
            "\udce9",
            "--b\n",
        ]
    ),
    max_size=9,
).map("".join)


@given(FIELDS)
@examples(1_000)
def test_a_usual_header_is_read_as_the_library_reads_it(text):
    found = header_block._parse(text)
    with patch.object(header_block, "_USUAL", re.compile(r"(?!)")):
        assert header_block._parse(text) == found
