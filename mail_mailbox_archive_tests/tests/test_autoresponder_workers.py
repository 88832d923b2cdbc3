"""Two workers answer the same mail at the same time: once."""

from datetime import datetime, timezone

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

from .autoresponder import ANSWER, JOURNAL
from .common import at_the_same_moment, remove_mail, write_mail
from .sending import SmtpSink, make_sending_mailbox

ADDRESS = "workers@spedbud.example"
PEOPLE, EACH = 12, 3


@tagged("post_install", "-at_install")
class TestWorkers(BaseCase):
    """Real transactions on a mailbox that is committed, and removed in the end."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.smtp = self.enterContext(SmtpSink())
        with self.registry.cursor() as cr:
            mailbox = self._make_mailbox(Environment(cr, SUPERUSER_ID, {}))
            self.mailbox_id = mailbox.id
            self._receive(mailbox)
        self.addCleanup(self._remove)

    def _make_mailbox(self, env):
        mailbox = make_sending_mailbox(env, ADDRESS, self.smtp.port)
        mailbox.write(ANSWER)
        mailbox.autoresponder_since = "2020-01-01"
        return mailbox

    def _receive(self, mailbox):
        env, now = mailbox.env, datetime.now(timezone.utc)
        folder = env["mail.mailbox.folder"].create(
            {"mailbox_id": mailbox.id, "name": "INBOX", "wire_name": "INBOX"}
        )
        fetched = []
        for number in range(PEOPLE * EACH):
            source = write_mail(
                f"Order {number}",
                to=ADDRESS,
                date=now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
                return_path=f"<person{number % PEOPLE}@spostex.example>",
                **{"from": f"person{number % PEOPLE}@spostex.example"},
            ).as_bytes()
            fetched.append(
                Fetched(
                    uid=number + 1,
                    internal_date=now,
                    seen=False,
                    size=len(source),
                    source=source,
                    message=parse(source),
                )
            )
        messages = env["mail.mailbox.message"]._store(fetched)
        env["mail.mailbox.arrival"]._place(folder, fetched, messages, True)

    def _remove(self):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            mailbox = env["mail.mailbox"].browse(self.mailbox_id)
            env["mail.mailbox.sent"].search([("mailbox_id", "=", mailbox.id)]).unlink()
            remove_mail(mailbox)
            mailbox.unlink()

    def test_two_workers_answer_once(self):
        def work(env, begin):
            begin()
            env[JOURNAL]._cron_answer()

        self.assertFalse(at_the_same_moment(self.registry, work))
        to = [one.rcpt_to[0] for one in self.smtp.received]
        self.assertEqual(len(to), PEOPLE)
        self.assertEqual(len(set(to)), PEOPLE)
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            entries = env[JOURNAL].search([("mailbox_id", "=", self.mailbox_id)])
            states = entries.mapped("state")
        self.assertEqual(states.count("answered"), PEOPLE)
        self.assertEqual(states.count("withheld"), PEOPLE * (EACH - 1))
