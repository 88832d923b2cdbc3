"""What must hold of any source, for whoever thinks one up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.read import body
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (
    Message,
    parse,
    read_part,
)

DANGEROUS = set("\0\x1b\u202a\u202b\u202d\u202e\u2066\u2067\u2068\ufeff")


def is_clean(value: str) -> bool:
    """Whether a text can be stored, shown and logged."""
    value.encode("utf-8")
    return not DANGEROUS.intersection(value)


def check_message(source: bytes) -> Message | None:
    """Read a source in every way; what comes out can be stored and shown."""
    try:
        message = parse(source)
    except Unreadable as error:
        assert error.code in Unreadable.codes
        with pytest.raises(Unreadable):
            body.read_body(source)
        return None
    assert parse(source) == message
    people = (message.from_, message.to, message.cc, message.bcc, message.reply_to)
    for one in (one for some in people for one in some):
        assert is_clean(one.display_name) and is_clean(one.addr_spec)
        assert one.display_name or one.addr_spec
    texts = (message.subject, message.message_id, message.in_reply_to, message.text)
    texts += (message.preview, message.search_text, *message.references)
    assert all(map(is_clean, texts))
    assert len(message.preview) <= body.PREVIEW and "\n" not in message.preview
    assert message.text.startswith(" ") or message.text == message.text.rstrip()
    assert len(bytes.fromhex(message.identity)) == 32
    assert message.date is None or message.date.utcoffset() == timedelta(0)
    assert len({part.path for part in message.parts}) == len(message.parts)
    for part in message.parts:
        assert part.size >= 0
        assert is_clean(part.filename) and is_clean(part.cid) and part.mimetype
        content = read_part(source, part.path)
        assert content.part.size == len(content.content)
        assert content.part.path == part.path
    shown = body.read_body(source)
    assert shown.text == message.text
    assert 0 <= shown.quote_start <= len(shown.text)
    return message
