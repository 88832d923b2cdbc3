"""Somebody writes a mail and sends it: it arrives at the recipient's server."""

from .case import OutsideCase


class TestSend(OutsideCase):
    """The way of a mail from a person to a recipient."""

    def test_arrives(self):
        anna = self.person("send_anna")
        box = self.mailbox("send_office@spedbud.example", anna)
        draft = anna.call("mail.mailbox.draft", "prepare_new", mailbox_id=box)
        anna.change(
            "mail.mailbox.draft",
            draft,
            email_to="bob@arrives.example",
            subject="It arrives",
            body="<p>Dear Bob</p>",
        )
        anna.call("mail.mailbox.draft", "action_send", [draft])
        (mail,) = self.wait(lambda: self.received("bob@arrives.example"), "the mail")
        self.assertEqual(mail["subject"], "It arrives")
        self.assertIn("Dear Bob", mail.get_body(("html",)).get_content())
