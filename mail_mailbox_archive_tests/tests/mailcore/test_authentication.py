"""Whose word counts about a sender: Authentication-Results (RFC 8601)."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.read.authentication import (
    authenticated_sender,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import effort

SERVER = "mx.spedbud.example"
JAN = "jan@partner.example"


def write(*fields, sender=JAN):
    lines = [f"Authentication-Results: {one}" for one in fields]
    return "\r\n".join([*lines, f"From: {sender}", "", "Hello", ""]).encode()


@pytest.mark.parametrize(
    "field",
    [
        f"{SERVER}; dmarc=pass header.from=partner.example",
        f"{SERVER} 1; spf=fail; dmarc = pass (p=none) header.from=partner.example",
        f"{SERVER.upper()};\r\n spf=pass;\r\n dmarc=pass header.from=m.partner.example",
        f"{SERVER} (a; (b) c); dmarc=pass",
    ],
)
def test_vouched_for(field):
    assert authenticated_sender(write(field), SERVER) == JAN


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["mx.attacker.example; dmarc=pass header.from=partner.example"],
        [f"{SERVER}; dmarc=pass header.from=attacker.example"],
        [f"{SERVER}; dmarc=fail", f"{SERVER}; dmarc=pass"],
        [f"{SERVER}; dmarc=pass; dmarc=fail"],
        [f"{SERVER}; dkim=pass; spf=pass"],
        [f"{SERVER}; none (dmarc=pass; dmarc=pass)"],
        [f'{SERVER}; spf=fail smtp.mailfrom="x; dmarc=pass"@attacker.example'],
        [f"{SERVER}; dmarc=passed"],
        [f"{SERVER}.attacker.example; dmarc=pass"],
        ["; dmarc=pass"],
    ],
)
def test_not_vouched_for(fields):
    assert authenticated_sender(write(*fields), SERVER) == ""


def test_of_several_senders_none():
    field = f"{SERVER}; dmarc=pass"
    assert (
        authenticated_sender(write(field, sender=f"{JAN}, x@y.example"), SERVER) == ""
    )
    twice = write(field).replace(b"From:", b"From: x@y.example\r\nFrom:")
    assert authenticated_sender(twice, SERVER) == ""


def test_without_a_server_nobody_is():
    assert authenticated_sender(write("; dmarc=pass"), "") == ""
    assert authenticated_sender(b"", SERVER) == ""


def test_hostile_fields():
    for piece in ("(", '"', "\\", ";", "(;", "dmarc=", '"\\'):
        source = write(f"{SERVER}; " + piece * 100_000)
        assert authenticated_sender(source, SERVER) == ""
        assert effort(lambda source=source: authenticated_sender(source, SERVER)) < 64
