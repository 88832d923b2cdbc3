"""Workers that are killed while they send, and workers that meet at the same mails."""

from collections import Counter
from datetime import timedelta

from odoo import fields
from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import get_db_name

from .sending import SmtpSink, make_sending_mailbox
from .waiting_process import WaitingProcessCase

COUNT = 50


@tagged("post_install", "-at_install")
class TestSendProcesses(WaitingProcessCase):
    """Real processes on mails that are committed, and removed in the end."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.smtp = self.enterContext(SmtpSink())
        self.addCleanup(self.remove)
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            self.mailbox_id = make_sending_mailbox(
                env, "processes@spedbud.example", self.smtp.port
            ).id
            self.mail_ids = (
                env["mail.mail"]
                .with_user(env.ref("base.user_admin"))
                .sudo()
                .create(
                    [
                        {
                            "email_from": "processes@spedbud.example",
                            "email_to": f"p{number}@spostex.example",
                            "subject": f"Offer {number}",
                            "body_html": "<p>Hello</p>",
                        }
                        for number in range(COUNT)
                    ]
                )
                .ids
            )

    def remove(self):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            env["mail.mail"].browse(self.mail_ids).exists().unlink()
            mailbox = env["mail.mailbox"].browse(self.mailbox_id)
            of_mailbox = [("mailbox_id", "=", mailbox.id)]
            arrivals = env["mail.mailbox.arrival"].search(of_mailbox)
            messages = arrivals.mailbox_message_id
            env["mail.mailbox.sent"].search(of_mailbox).unlink()
            arrivals.unlink()
            messages.unlink()
            mailbox.unlink()

    def transact(self, work):
        with self.registry.cursor() as cr:
            return work(Environment(cr, SUPERUSER_ID, {}))

    def start(self):
        """Start a process that is ready to send and waits for a word to begin."""
        return self.start_process("send", *self.mail_ids)

    def received(self):
        """Return how often each Message-ID came."""
        return Counter(one.message["Message-ID"] for one in self.smtp.received)

    def check_kept(self, uncertain=()):
        """Each mail is sent and listed once, but for those nobody knows of."""

        def read(env):
            mails = env["mail.mail"].browse(self.mail_ids)
            arrivals = env["mail.mailbox.arrival"].search(
                [("mailbox_id", "=", self.mailbox_id)]
            )
            ids = arrivals.mailbox_message_id.mapped("message_id")
            known = mails.filtered(lambda mail: mail.message_id not in uncertain)
            return set(known.mapped("state")), Counter(ids)

        states, listed = self.transact(read)
        self.assertEqual(states, {"sent"})
        self.assertEqual(
            listed, dict.fromkeys(self.received().keys() - {*uncertain}, 1)
        )

    def test_killed_between_message_and_answer(self):
        process = self.start()

        def kill(sink):
            if len(sink.received) == 27:
                # what the server took and nobody was told
                process.kill()
                process.wait()

        self.smtp.answer = kill
        self.begin(process)
        process.wait(60)
        self.smtp.answer = None
        before = self.received()
        self.assertEqual(len(before), 28)
        # another worker leaves the mails of one that may still live alone
        second = self.start()
        self.begin(second)
        self.assertEqual(second.wait(60), 0)
        self.transact(self.grow_old)
        third = self.start()
        self.begin(third)
        self.assertEqual(third.wait(60), 0)
        self.transact(lambda env: env["mail.mailbox.dispatch"]._keep_noted())
        received = self.received()
        self.assertEqual(set(received.values()), {1}, "nothing is repeated by itself")
        self.assertEqual(len(received), COUNT)
        # of what the server took and nobody was told, nobody knows: a person is asked
        uncertain = self.transact(self.read_uncertain)
        self.assertEqual(len(uncertain), 1)
        self.assertLessEqual(set(uncertain), set(received))
        self.check_kept(uncertain)

    def read_uncertain(self, env):
        mails = env["mail.mail"].browse(self.mail_ids)
        failed = mails.filtered(lambda mail: mail.state == "exception")
        for mail in failed:
            self.assertIn("Uncertain", mail.failure_reason)
        return failed.mapped("message_id")

    def grow_old(self, env):
        """Let the time pass after which a claim and a note are anybody's."""
        old = fields.Datetime.now() - timedelta(minutes=16)
        mails = env["mail.mail"].browse(self.mail_ids)
        mails.filtered("mailbox_claimed_until").mailbox_claimed_until = old
        env.cr.execute("UPDATE mail_mailbox_dispatch SET noted_at = %s", [old])

    def test_two_at_once(self):
        first, second = self.start(), self.start()
        self.begin(first, second)
        self.assertEqual((first.wait(60), second.wait(60)), (0, 0))
        self.assertEqual(set(self.received().values()), {1})
        self.assertEqual(len(self.received()), COUNT)
        self.check_kept()

    def test_tries_count_though_the_request_is_rolled_back(self):
        def verify(code):
            with self.registry.cursor() as cr:
                env = Environment(cr, SUPERUSER_ID, {})
                env["mail.mailbox"].browse(self.mailbox_id)._verify(code)

        def request(env):
            mailbox = env["mail.mailbox"].browse(self.mailbox_id)
            return mailbox._new_code()

        code = self.transact(request)
        self.addCleanup(
            self.transact,
            lambda env: env["mail.mailbox.verification"].search([]).unlink(),
        )
        for _try in range(5):
            with self.assertRaises(UserError):
                verify(f"{(int(code) + 1) % 10**8:08}")
        with self.assertRaisesRegex(UserError, "Too many wrong attempts"):
            verify(code)
