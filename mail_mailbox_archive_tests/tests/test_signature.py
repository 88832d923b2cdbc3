"""What is told of a signed email, to whom, and whose certificates a company trusts."""

from types import SimpleNamespace
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.inside.child import NotOpened
from odoo.addons.mail_mailbox_archive.mailcore.inside.signature import STATES, Verdict
from odoo.addons.mail_mailbox_archive.models.messages import sealing, signature

from .common import MailboxCase, write_mail
from .mailcore.signatures import (
    DAY,
    MIDDLE,
    NOW,
    ROOT,
    RSA,
    TEXT,
    Owner,
    apart,
    around,
    head,
    sign,
)

OWNER = Owner("Anna Nowak", MIDDLE)


@tagged("post_install", "-at_install")
class TestSignature(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.mailbox_trusted_certificates = ROOT.pem

    def arrive(self, source, user=None):
        mail = SimpleNamespace(as_bytes=lambda: source)
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        return message.with_user(user or self.member)

    def check(self, source):
        message = self.arrive(source)
        self.assertTrue(message.get_view_data()["sealing"]["checkable"])
        return message.check_signature()

    def test_a_good_one(self):
        told = self.check(apart(sign(TEXT, OWNER)))
        self.assertEqual((told["state"], told["level"]), ("good", "success"))
        self.assertIn("Signed by Anna Nowak.", told["text"])
        self.assertIn("The certificate is for anna@spostex.example.", told["lines"])
        self.assertIn("Issued by Spostex Mail CA.", told["lines"])
        self.assertIn("revoked is not checked", told["lines"][-1])

    def test_one_that_holds_its_text(self):
        message = self.arrive(around(sign(TEXT, OWNER, held=True)))
        self.assertIn(".eml", message.get_view_data()["sealing"]["text"])
        self.assertEqual(message.check_signature()["state"], "good")

    def test_changed_on_its_way(self):
        changed = TEXT.replace(b"100", b"900")
        told = self.check(apart(sign(TEXT, OWNER), changed))
        self.assertEqual((told["state"], told["level"]), ("broken", "danger"))
        self.assertIn("was changed after it was signed", told["text"])
        self.assertNotIn("Anna", str(told))

    def test_of_another_address(self):
        told = self.check(apart(sign(TEXT, OWNER), sender="ceo@spedbud.example"))
        self.assertEqual((told["state"], told["level"]), ("other_address", "warning"))
        self.assertIn(
            "The certificate is for anna@spostex.example, the email comes from "
            "ceo@spedbud.example.",
            told["lines"],
        )

    def test_the_address_is_compared_as_addresses_are(self):
        told = self.check(apart(sign(TEXT, OWNER), sender="Anna@SPOSTEX.example"))
        self.assertEqual(told["state"], "good")

    def test_times(self):
        old = Owner("Anna Nowak", MIDDLE, days=(-29, -5))
        for moment, state, words in (
            (NOW - 10 * DAY, "lapsed", "with a certificate that expired on"),
            (NOW - 2 * DAY, "expired", "was not valid when this email was signed"),
        ):
            source = apart(sign(TEXT, old, signed_at=moment), subject=state)
            told = self.check(source)
            self.assertEqual(told["state"], state)
            self.assertIn(words, told["text"])

    def test_weak_and_unreadable_ones(self):
        told = self.check(apart(sign(TEXT, OWNER, digest="sha1")))
        self.assertEqual((told["state"], told["level"]), ("weak", "warning"))
        told = self.check(apart(sign(TEXT, OWNER)[:500]))
        self.assertEqual((told["state"], told["level"]), ("unchecked", "info"))
        self.assertIn("cannot be read", told["text"])

    def test_each_state_has_its_sentence(self):
        message = self.arrive(apart(sign(TEXT, OWNER)))
        for state in STATES:
            told = message._describe_verdict(Verdict(state), True)
            self.assertTrue(told["text"], state)

    def test_no_process_for_it_at_the_moment(self):
        message = self.arrive(apart(sign(TEXT, OWNER)))
        busy = patch.object(signature, "check_signature", side_effect=NotOpened("busy"))
        with busy:
            self.assertIn(
                "Open the email again later", message.check_signature()["text"]
            )

    def test_a_company_trusts_for_itself_alone(self):
        source = apart(sign(TEXT, OWNER))
        message = self.arrive(source)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.member.company_ids = [Command.link(other.id)]
        # of no company, so read in each
        self.mailbox.company_id = False
        there = message.with_context(allowed_company_ids=other.ids)
        told = there.check_signature()
        self.assertEqual((told["state"], told["level"]), ("untrusted", "info"))
        self.assertIn("which anybody can write", told["text"])
        # which companies are looked at beside the first one is the caller's choice
        own = self.env.company
        for companies, state in ((other + own, "untrusted"), (own + other, "good")):
            both = message.with_context(allowed_company_ids=companies.ids)
            self.assertEqual(both.check_signature()["state"], state)

    def test_who_received_it_says_whom_to_trust(self):
        message = self.arrive(apart(sign(TEXT, OWNER)))
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.member.company_ids = [Command.link(other.id)]
        both = message.with_context(allowed_company_ids=[other.id, self.env.company.id])
        self.assertEqual(self.mailbox.company_id, self.env.company)
        self.assertEqual(both.check_signature()["state"], "good")
        other.mailbox_trusted_certificates = ROOT.pem
        self.env.company.mailbox_trusted_certificates = False
        self.assertEqual(both.check_signature()["state"], "untrusted")

    def test_the_signature_is_named_by_nobody(self):
        source = apart(sign(TEXT, OWNER)).replace(b"smime.p7s", b"invoice.zip")
        message = self.arrive(source)
        self.assertEqual(message.part_ids.filename, "smime.p7s")
        # stored by an earlier version
        message.sudo().part_ids.write({"filename": "invoice.exe"})
        (part,) = message.get_view_data()["parts"]
        self.assertEqual((part["name"], part["kind"]), ("smime.p7s", "P7S"))
        self.assertEqual((part["danger"], part["signs"]), ("", True))

    def test_what_is_no_list_of_certificates_is_refused(self):
        company = self.env.company
        company.mailbox_trusted_certificates = f"My CA\n{ROOT.pem}\n{MIDDLE.pem}"
        company.mailbox_trusted_certificates = False
        key = "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----"
        broken = ROOT.pem.replace("MII", "XXX", 1)
        for wrong in ("hello", key, ROOT.pem + key, broken, ROOT.pem * 1000):
            with self.assertRaises(ValidationError):
                company.mailbox_trusted_certificates = wrong
        with self.assertRaises(AccessError):
            company.with_user(self.member).mailbox_trusted_certificates = ROOT.pem

    def test_signed_in_part(self):
        unsigned = b"--b\r\nContent-Type: text/plain\r\n\r\nPay at once\r\n"
        message = self.arrive(apart(sign(TEXT, OWNER), more=unsigned))
        told = message.get_view_data()["sealing"]
        self.assertFalse(told["checkable"])
        self.assertIn("only a part of the email", told["text"])
        self.assertFalse(message.check_signature())

    def test_without_the_libraries(self):
        message = self.arrive(apart(sign(TEXT, OWNER)))
        missing = ("asn1crypto",)
        with (
            patch.object(sealing, "missing_libraries", return_value=missing),
            patch.object(signature, "missing_libraries", return_value=missing),
        ):
            told = message.get_view_data()["sealing"]
            self.assertFalse(message.check_signature())
        self.assertFalse(told["checkable"])
        self.assertIn("not checked here", told["text"])
        self.assertIn("packages are missing: asn1crypto.", told["text"])

    def test_others_learn_nothing(self):
        message = self.arrive(apart(sign(TEXT, OWNER)), self.outsider)
        with self.assertRaises(AccessError):
            message.check_signature()

    def test_what_is_not_signed(self):
        for source in (head() + b"\r\nPlain", write_mail("Plain").as_bytes()):
            message = self.arrive(source)
            self.assertFalse(message.get_view_data()["sealing"])
            self.assertFalse(message.check_signature())

    def test_a_single_trusted_certificate(self):
        single = Owner("Anna Nowak", key=RSA)
        message = self.arrive(apart(sign(TEXT, single, ())))
        self.assertEqual(message.check_signature()["state"], "untrusted")
        self.env.company.mailbox_trusted_certificates = single.pem
        self.assertEqual(message.check_signature()["state"], "good")
