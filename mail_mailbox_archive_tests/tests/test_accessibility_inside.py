"""What is inside of emails, for people who see little, and on a phone: axe-core."""

from types import SimpleNamespace

from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.inside.invoice import read_invoice

from .auditing import AuditedCase
from .common import MailboxCase, write_mail
from .mailcore.invitations import APPLE, write_invitation
from .mailcore.invoices import ubl
from .mailcore.signatures import (
    ELSEWHERE,
    MIDDLE,
    ROOT,
    TEXT,
    Owner,
    apart,
    around,
    sign,
)
from .mailcore.test_sealing import OLD, armoured

SEALING = ".o-mailbox-MessageViewer-sealing"


class InsideCase(MailboxCase, AuditedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.mailbox_trusted_certificates = ROOT.pem
        owner = Owner("Anna Nowak", MIDDLE)
        unknown = Owner("Anna Nowak with a long name", ELSEWHERE)
        changed = TEXT.replace(b"100", b"900")
        signature = sign(TEXT, owner)
        sources = {
            "good": apart(signature),
            "broken": apart(signature, changed),
            "untrusted": apart(sign(TEXT, unknown, ())),
            "other_address": apart(signature, sender="ceo@spedbud.example"),
            "weak": apart(sign(TEXT, owner, digest="sha1")),
            "good around": around(sign(TEXT, owner, held=True)),
        }
        cls.signed = {
            state: cls.put(SimpleNamespace(as_bytes=lambda source=source: source))
            for state, source in sources.items()
        }
        cls.sealed = cls.put(write_mail("PGP", armoured(OLD)))
        cls.invited = cls.put(
            write_invitation(
                APPLE.replace("SEQUENCE:2", "SEQUENCE:2\nEXDATE:20261221T150000Z")
            )
        )
        mail = write_mail("Invoice")
        mail.add_attachment(ubl(), "application", "xml", filename="invoice.xml")
        cls.billed = cls.put(mail)
        part = cls.env["mail.mailbox.message"].browse(cls.billed).part_ids
        said = {"words": "", "invoice": read_invoice(ubl()).as_dict()}
        part._note_inside(cls.env["mail.mailbox.inside"]._store("invoice", said))

    @classmethod
    def put(cls, mail):
        """Have an email arrive; return its number, since the browser has our cursor."""
        return cls.deliver(cls.mailbox, mail).mailbox_message_id.id

    def show_email(self, browser, number, wanted):
        browser.open(f"{self.base_url()}/odoo/email-archives/{number}")
        browser.wait(f"return !!document.querySelector({wanted!r})")
        # Odoo's own colour of a button in focus is none of ours
        browser.run("document.activeElement.blur()")

    def look(self, audit):
        """Show each of them, and audit it."""
        browser = self.open_browser("/odoo/email-archives", "mailbox_member")
        for name, number in self.signed.items():
            state = name.partition(" ")[0]
            self.show_email(browser, number, f"{SEALING}[data-state={state}]")
            audit(browser, f"signature: {name}")
        self.show_email(browser, self.sealed, f"{SEALING}[data-kind=encrypted]")
        audit(browser, "encrypted")
        self.show_email(browser, self.invited, ".o-mailbox-InvitationCard-changes")
        audit(browser, "invitation to a series")
        self.show_email(browser, self.billed, ".o-mailbox-MessageAttachments-invoice")
        audit(browser, "chip of an invoice")


@tagged("post_install", "-at_install")
class TestInsideAccessible(InsideCase):
    """Signatures in each state, a series, an invoice: in the light and in the dark."""

    def test_what_is_inside_has_no_serious_fault(self):
        self.look(self.audit)


@tagged("post_install", "-at_install")
class TestInsideOnAPhone(InsideCase):
    """The same on a screen of 390 pixels."""

    browser_size = "390x844"
    touch_enabled = True

    def test_what_is_inside_fits_a_phone(self):
        self.look(self.audit_narrow)
