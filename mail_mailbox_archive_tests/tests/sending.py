"""What the suites of sending share: a real SMTP server and mailboxes that send."""

import asyncio
import logging
import re
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from odoo import Command
from odoo.tests import HttpCase

from .common import MailboxCase, sending_allowed

PASSWORD = "s3cret-of-smtp"
#: Instead of an answer: break the line.
CUT = "cut"


def make_sending_mailbox(env, email, port):
    """Return the administrator's mailbox that sends by the server at ``port``."""
    admin = env.ref("base.user_admin")
    mailbox = env["mail.mailbox"].create(
        {
            "name": email.partition("@")[0],
            "email": email,
            "responsible_id": admin.id,
            "user_ids": [Command.set(admin.ids)],
            "imap_enabled": False,
            "provider": "smtp",
            "smtp_host": "localhost",
            "smtp_port": port,
            "smtp_security": "none",
            "smtp_password": PASSWORD,
        }
    )
    mailbox.state = "ready"
    return mailbox


class Received:
    """A message as it arrived at the server: its envelope and its bytes."""

    def __init__(self, envelope):
        self.mail_from = envelope.mail_from
        self.rcpt_to = tuple(envelope.rcpt_tos)
        self.content = envelope.original_content

    @property
    def message(self):
        """The message, parsed."""
        return message_from_bytes(self.content, policy=default)

    @property
    def text(self):
        """Its plain text."""
        return self.message.get_body(("plain",)).get_content()

    @property
    def html(self):
        """Its HTML."""
        return self.message.get_body(("html",)).get_content()


class _Controller(Controller):
    """Listens on a port that is free."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        return super()._trigger_server()


class SmtpSink:
    """A real SMTP server that keeps what it gets and answers as it is told.

    :ivar answers: recipient → the answer to RCPT
    :ivar answer: the answer to DATA, None for "accepted", CUT for none at all
    """

    def __init__(self):
        self.received, self.connections = [], 0
        self.answers, self.answer = {}, None
        self.password = PASSWORD

    def __enter__(self):
        # it logs every line it gets, and a warning of its own making
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._controller = _Controller(
            self,
            hostname="127.0.0.1",
            port=0,
            auth_require_tls=False,
            authenticator=self._authenticate,
            data_size_limit=50 * 2**20,
        )
        self._controller.start()
        self.port = self._controller.port
        return self

    def __exit__(self, *_exception):
        self._controller.stop()

    def _authenticate(self, _server, session, _envelope, mechanism, data):
        password = getattr(data, "password", b"")
        return AuthResult(success=password == self.password.encode(), handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.answer(self) if callable(self.answer) else self.answer
        if answer == CUT:
            server.transport.abort()
            raise asyncio.CancelledError
        if answer:
            return answer
        self.received.append(Received(envelope))
        return "250 2.0.0 taken"

    def take(self):
        """Return what came since the last call."""
        received, self.received = self.received, []
        return received


class SendingCase(MailboxCase):
    """A mailbox that sends through a server of its own, really."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.smtp = cls.enterClassContext(SmtpSink())
        cls.mailbox.write(cls.smtp_values())
        cls.mailbox.state = "ready"
        # so that something left by another way would be seen as well
        cls.env["ir.mail_server"].create(
            {
                "name": "The company's own",
                "smtp_host": "127.0.0.1",
                "smtp_port": cls.smtp.port,
                "smtp_encryption": "none",
            }
        )
        cls.enterClassContext(sending_allowed(cls.env))

    def setUp(self):
        super().setUp()
        self.smtp.take()
        self.smtp.answers, self.smtp.answer = {}, None
        if not isinstance(self, HttpCase):
            # a HttpCase is in it already
            self.enterContext(self.enter_registry_test_mode())

    @classmethod
    def make_restricted(cls, email):
        """Return a mailbox that sends, from which the member alone may send."""
        mailbox = cls.make_mailbox(
            email,
            cls.member,
            restrict_senders=True,
            sender_ids=[Command.set(cls.member.ids)],
            **cls.smtp_values(),
        )
        mailbox.state = "ready"
        return mailbox

    @classmethod
    def smtp_values(cls, **values):
        return {
            "provider": "smtp",
            "smtp_host": "localhost",
            "smtp_port": cls.smtp.port,
            "smtp_security": "none",
            "smtp_login": "office",
            "smtp_password": PASSWORD,
            **values,
        }

    def queue(self, user=None, **values):
        """Queue a mail from the mailbox, as ``user``; return it with all rights."""
        mails = self.env["mail.mail"].with_user(user or self.member).sudo()
        return mails.create(
            {
                "email_from": self.mailbox.email,
                "email_to": "anna@spostex.example",
                "subject": "Offer",
                "body_html": "<p>Hello</p>",
                **values,
            }
        )

    def send(self, user=None, **values):
        """Queue a mail and have the queue send it; return it."""
        mail = self.queue(user, **values)
        self.run_queue(mail)
        return mail

    def run_queue(self, mails):
        """Send as the scheduled action does."""
        self.env.flush_all()
        mails.with_user(self.env.ref("base.user_root")).send()
        self.env.invalidate_all()

    def write_draft(self, user=None, **values):
        drafts = self.env["mail.mailbox.draft"].with_user(user or self.member)
        draft = drafts.browse(drafts.prepare_new(mailbox_id=self.mailbox.id))
        draft.write(
            {
                "email_to": "anna@spostex.example",
                "subject": "Offer",
                "body": "<p>Hello</p>",
                **values,
            }
        )
        return draft

    def send_draft(self, draft, **values):
        """Press Send, and have the outbox send it as the scheduled action does.

        :return: the row of the outbox, with all rights
        """
        action = draft.action_send(**values)
        self.work_off()
        rows = self.env["mail.mailbox.outbox"].browse(action["params"]["outbox_id"])
        return rows.sudo()

    def work_off(self):
        """Send what is due in the outbox."""
        self.env.flush_all()
        self.env["mail.mailbox.outbox"].sudo()._work_off(0.1)
        self.env.invalidate_all()

    def read_code(self):
        """Return the code in the newest mail."""
        return re.search(r"\b(\d{8})\b", self.smtp.received[-1].text)[1]
