"""Signed emails that arrive: checked when they are opened, in the browser's sight."""

from ..mailcore.signatures import ROOT, TEXT, Owner, apart, authority, sign
from .case import OutsideCase

ARCHIVES = "/odoo/action-mail_mailbox_archive.mail_mailbox_message_action"
SEALING = ".o-mailbox-MessageViewer-sealing"
PHONE = "390x844"


class TestSignature(OutsideCase):
    def setUp(self):
        super().setUp()
        self.anna = self.person("signature")
        self.box = self.mailbox("box_signature@spedbud.example", self.anna)
        # an authority that is trusted from here on, for this test alone
        root = authority("Root of the test")
        domain = [("id", "=", self.anna.uid)]
        (company,) = self.admin.search_read("res.users", domain, "company_id")
        self.admin.change(
            "res.company",
            company["company_id"][0],
            mailbox_trusted_certificates=root.pem,
        )
        self.owner = Owner("Anna Nowak", root)

    def arrive(self, **sources):
        """Have emails come, named by their subject; return subject → id."""
        for source in sources.values():
            self.dovecot.deliver("box_signature", source)
        self.check(self.box, self.anna)
        domain = [("mailbox_id", "=", self.box)]
        names = ("subject", "mailbox_message_id")

        def there():
            rows = self.anna.search_read("mail.mailbox.arrival", domain, *names)
            return len(rows) == len(sources) and rows

        rows = self.wait(there, "the signed emails")
        return {row["subject"]: row["mailbox_message_id"][0] for row in rows}

    def test_what_holds_and_what_does_not(self):
        signature = sign(TEXT, self.owner, ())
        stranger = sign(TEXT, Owner("Anna Nowak", ROOT), ())
        changed = TEXT.replace(b"100", b"900")
        ids = self.arrive(
            good=apart(signature, subject="good"),
            broken=apart(signature, changed, subject="broken"),
            untrusted=apart(stranger, subject="untrusted"),
        )
        browser = self.browser(self.anna, f"{ARCHIVES}/{ids['good']}")
        for state, words in {
            "good": "Signed by Anna Nowak.",
            "broken": "does not match",
            "untrusted": "anybody can write",
        }.items():
            browser.open(f"{ARCHIVES}/{ids[state]}")
            browser.find(f"{SEALING}[data-state={state}]", words)
            self.assertTrue(self.picture(browser, f"signature_{state}"))
        self.assertEqual(browser.dialogs, [])
        phone = self.browser(self.anna, f"{ARCHIVES}/{ids['good']}", size=PHONE)
        phone.find(f"{SEALING}[data-state=good]", "Issued by Root of the test.")
        self.assertTrue(self.picture(phone, "signature_phone"))
