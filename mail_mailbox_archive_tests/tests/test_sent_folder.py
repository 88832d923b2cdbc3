"""What was sent is put into the server's Sent folder, and recognised there."""

from email import message_from_bytes
from email.policy import SMTP

from odoo.tests import tagged

from .sending import SendingCase
from .servers.dovecot import PASSWORD, DovecotCase


class SentFolderCase(DovecotCase, SendingCase):
    """A mailbox that sends by SMTP and receives from a real Dovecot."""

    def setUp(self):
        super().setUp()
        self.mailbox.write(
            {
                "imap_enabled": True,
                "imap_host": "localhost",
                "imap_port": self.server.port,
                "imap_security": "none",
                "imap_login": self.login,
                "imap_password": PASSWORD,
            }
        )
        self.poll()

    def poll(self):
        self.mailbox.write({"next_poll_at": False})
        self.env.flush_all()
        self.env["mail.mailbox"]._poll(60, only=self.mailbox.ids)
        self.env.invalidate_all()
        self.assertFalse(self.mailbox.last_error)

    def append(self):
        self.env.flush_all()
        self.env.ref("mail_mailbox_archive.ir_cron_append").method_direct_trigger()
        self.env.invalidate_all()

    def arrivals(self):
        return self.env["mail.mailbox.arrival"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )


@tagged("post_install", "-at_install")
class TestSentFolder(SentFolderCase):
    """Copies in a Sent folder, and how they are recognised."""

    options = {"special_use": {"Wysłane": "\\Sent"}}

    def test_appended_as_read_and_fetched_without_echo(self):
        self.send_draft(self.write_draft(email_bcc="boss@spedbud.example"))
        (arrival,) = self.arrivals()
        self.assertFalse(arrival.uid)
        sent = self.env["mail.mailbox.sent"].search([])
        self.assertEqual(sent.append_state, "waiting")
        self.append()
        self.assertEqual(sent.append_state, "done")
        snapshot = self.kept()
        (flags,) = snapshot.flags.values()
        self.assertIn("\\Seen", flags)
        self.poll()
        self.assertEqual(self.arrivals(), arrival)
        self.assertTrue(arrival.uid)
        self.assertEqual(arrival.folder_id.name, "Wysłane")
        self.append()
        self.assertEqual(len(self.kept().flags), 1)

    def kept(self):
        """Return what is in the Sent folder."""
        folders = self.server.snapshot(self.login)
        return next(f for name, f in folders.items() if name.startswith("Wys"))

    def provider_copy(self, change):
        """Deliver what a provider might keep of the sent message into the folder."""
        sent = self.env["mail.mailbox.sent"].search([])
        source = sent.mailbox_id._read_copy(sent.mailbox_message_id)
        message = message_from_bytes(source, policy=SMTP)
        change(message)
        self.server.deliver(self.login, message.as_bytes(), "Wysłane", flags="S")

    def test_no_more_are_claimed_than_one_session_takes(self):
        for number in range(5):
            self.send(subject=f"Offer {number}")
        # as the planner chooses for few rows, sometimes
        for way in ("hashagg", "hashjoin", "mergejoin", "sort", "material"):
            self.env.cr.execute(f"SET LOCAL enable_{way} = off")
        sent = self.env["mail.mailbox.sent"]
        claims = [len(sent._claim([], 2)[1]) for _time in range(3)]
        self.assertEqual(claims, [2, 2, 1])

    def test_copy_with_another_message_id_is_recognised(self):
        self.mailbox.save_sent = False
        self.send_draft(self.write_draft(email_bcc="boss@spedbud.example"))
        (arrival,) = self.arrivals()

        def rewrite(message):
            del message["Bcc"]
            message.replace_header("Message-Id", "<0101@provider.example>")

        self.provider_copy(rewrite)
        self.poll()
        self.assertEqual(self.arrivals(), arrival)
        self.assertTrue(arrival.uid)

    def test_forged_copy_with_other_words_is_a_mail_of_its_own(self):
        self.mailbox.save_sent = False
        self.send()

        def forge(message):
            message.replace_header("Subject", "Pay to another account")

        self.provider_copy(forge)
        self.poll()
        self.assertEqual(len(self.arrivals()), 2)

    def test_failed_append_is_tried_again_and_shown(self):
        self.send()
        sent = self.env["mail.mailbox.sent"].search([])
        port, self.mailbox.imap_port = self.mailbox.imap_port, 1
        self.append()
        self.assertEqual(sent.append_state, "waiting")
        self.assertEqual(sent.append_tries, 1)
        self.assertIn("port 1", sent.append_error)
        self.mailbox.imap_port = port
        sent.append_at = sent.sent_at
        self.append()
        self.assertEqual(sent.append_state, "done")
        self.assertFalse(sent.append_error)

    def test_folder_is_made_where_there_is_none(self):
        self.mailbox.folder_ids.filtered(lambda f: f.role == "sent").unlink()
        self.send()
        self.append()
        self.assertEqual(len(self.server.snapshot(self.login)["Sent"].flags), 1)


@tagged("post_install", "-at_install")
class TestSentFolderBelowInbox(SentFolderCase):
    """A server without a Sent folder that takes folders below INBOX only."""

    options = {"prefix": "INBOX."}

    def test_folder_is_made_below_inbox_and_known_from_then_on(self):
        for count in (1, 2):
            self.send(email_to=f"anna{count}@spostex.example")
            self.append()
            states = self.env["mail.mailbox.sent"].search([]).mapped("append_state")
            self.assertEqual(states, ["done"] * count)
            kept = self.server.snapshot(self.login)
            self.assertEqual(set(kept), {"INBOX", "INBOX.Sent"})
            self.assertEqual(len(kept["INBOX.Sent"].flags), count)
            self.poll()
            self.assertEqual(self.mailbox._get_sent_folder(), "INBOX.Sent")
        self.assertEqual(len(self.arrivals()), 2)
