"""Which of its addresses a mailbox was written to."""

from __future__ import annotations

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.read.written_to import written_to

MAIN, ALIAS = "office@x.example", "sales@x.example"
OWN = {MAIN: 1, ALIAS: 2}


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"to": [f"Sales <{ALIAS.upper()}>"]}, ALIAS),
        ({"to": ["a@b.example"], "cc": [f"c@d.example, {ALIAS}"]}, ALIAS),
        # a blind copy: only its delivery says for whom
        ({"to": ["a@b.example"], "delivered-to": [ALIAS]}, ALIAS),
        ({"to": ["a@b.example"], "x-original-to": [f"<{ALIAS}>"]}, ALIAS),
        # the alias was expanded to the mailbox
        ({"delivered-to": [MAIN, ALIAS]}, ALIAS),
        ({"delivered-to": [MAIN], "x-original-to": [ALIAS]}, ALIAS),
        ({"delivered-to": [MAIN]}, MAIN),
        # what stands in the open counts first
        ({"to": [MAIN], "delivered-to": [ALIAS]}, MAIN),
        ({"delivered-to": ["sales+offer@x.example"]}, ALIAS),
        ({"to": ["a@b.example"], "delivered-to": ["e@f.example", "\x00", ""]}, ""),
        ({}, ""),
    ],
)
def test_written_to(headers, found):
    assert written_to(headers, OWN, MAIN) == found
