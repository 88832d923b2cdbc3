"""What the viewer says of encrypted and signed emails."""

from email.message import EmailMessage

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MailboxCase, write_mail
from .mailcore.test_sealing import ENVELOPED, OLD, SIGNED, armoured


@tagged("post_install", "-at_install")
class TestSealing(MailboxCase):
    def sealing(self, mail, user=None):
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        return message.with_user(user or self.member).get_view_data()["sealing"]

    def smime(self, content):
        mail = EmailMessage()
        for name, value in write_mail(f"S/MIME {len(content)}").items():
            if not name.lower().startswith(("content", "mime")):
                mail[name] = value
        mail.set_content(content, "application", "pkcs7-mime", filename="smime.p7m")
        return mail

    def test_encrypted_with_smime(self):
        told = self.sealing(self.smime(ENVELOPED))
        self.assertEqual((told["kind"], told["method"]), ("encrypted", "S/MIME"))
        self.assertIn("private key of: office@spedbud.example", told["text"])

    def test_encrypted_in_the_text(self):
        told = self.sealing(write_mail("PGP", armoured(OLD)))
        self.assertIn("encrypted with OpenPGP", told["text"])
        self.assertIn("0x1122334455667788", told["text"])

    def test_a_signature_is_not_called_valid_by_its_form(self):
        mail = write_mail("Signed")
        mail.add_attachment(b"x", "application", "pgp-signature", filename="s.asc")
        mail.replace_header("Content-Type", "multipart/signed; boundary=b")
        mail.set_boundary("b")
        told = self.sealing(mail)
        self.assertIn("not checked here", told["text"])
        self.assertFalse(told["checkable"])
        # what cannot be read as a signature is found out by the check
        told = self.sealing(self.smime(SIGNED))
        self.assertTrue(told["checkable"])
        self.assertNotIn("valid", told["text"])

    def test_others_are_not_sealed(self):
        self.assertFalse(self.sealing(write_mail("Plain")))
        mail = write_mail("File")
        mail.add_attachment(b"x", "application", "pdf", filename="a.pdf")
        self.assertFalse(self.sealing(mail))

    def test_nothing_is_said_to_who_may_not_read_it(self):
        with self.assertRaises(AccessError):
            self.sealing(write_mail("PGP", armoured(OLD)), self.outsider)
