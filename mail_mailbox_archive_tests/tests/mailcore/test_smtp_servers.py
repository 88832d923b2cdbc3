"""Hostile mail through real servers: one DATA is one mail, and it arrives as it was."""

import logging
import re

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unsupported
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import prepare
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.smtp import (
    SmtpProvider,
    SmtpSettings,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers import postfix
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK
from odoo.addons.mail_mailbox_archive_tests.tests.servers.smtp import SmtpServer

from .outgoing_samples import message
from .test_outgoing import TABLE

RECIPIENTS = ("to@example.com", "bad@example.com")
# What a server writes on top of the message.
_TRACE = re.compile(
    rb"\A(?:(?:Return-Path|X-Original-To|Delivered-To|Received):.*\n(?:[ \t].*\n)*)+"
)


class Aiosmtpd(SmtpServer):
    """The scripted server, refusing as the other one does."""

    def __enter__(self):
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self.size = 1_000_000
        self.replies["RCPT bad@example.com"] = "554 5.7.1 unknown"
        return super().__enter__()

    def delivered(self, _count):
        return [one.source.replace(b"\r\n", b"\n") for one in self.received]


# Postfix can be started by root only
SERVERS = [Aiosmtpd, *([postfix.Postfix] if postfix.usable() else [])]


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERVERS)
def test_each_mail_once_as_it_was(kind):
    mails = [prepare(row[1], "bounce@example.com", RECIPIENTS) for row in TABLE]
    with kind() as server:
        settings = SmtpSettings(
            "localhost", server.port, "none", connect=LOOPBACK.connect
        )
        with SmtpProvider(settings) as sender:
            results = [sender.send(mail) for mail in mails]
        delivered = server.delivered(len(mails))
    for result in results:
        assert [one.status for one in result.recipients] == ["accepted", "refused"]
    arrived = sorted(_TRACE.sub(b"", one) for one in delivered)
    assert arrived == sorted(mail.source.replace(b"\r\n", b"\n") for mail in mails)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SERVERS)
def test_too_large_for_the_server(kind):
    large = message(text="line\n" * 300_000)
    with kind() as server:
        settings = SmtpSettings(
            "localhost", server.port, "none", connect=LOOPBACK.connect
        )
        with SmtpProvider(settings) as sender, pytest.raises(Unsupported) as caught:
            sender.send(prepare(large, "", ["to@example.com"]))
        assert caught.value.code == "size"
        assert server.delivered(0) == []
