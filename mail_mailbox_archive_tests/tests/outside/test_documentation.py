"""The page for other programs: its code runs as it is, from top to bottom."""

import re
import runpy
import tempfile
from email.message import EmailMessage
from pathlib import Path

from .case import OutsideCase

PAGE = Path(__file__).parents[3] / "docs" / "from_outside.md"
CODE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


class TestDocumentation(OutsideCase):
    def mail(self):
        mail = EmailMessage()
        mail["From"] = "Ann <ann@spostex.example>"
        mail["To"] = "page_office@spedbud.example"
        mail["Subject"] = "The crane"
        mail["Message-ID"] = "<page-1@spostex.example>"
        mail["Date"] = "Mon, 04 May 2026 10:00:00 +0000"
        mail.set_content("The crane of Spostex is broken.")
        mail.add_attachment(b"%PDF-1.4", "application", "pdf", filename="crane.pdf")
        return mail.as_bytes()

    def prepare(self):
        """Return who reads the page: a user of a mailbox with a new email."""
        anna = self.person("page_anna")
        self.admin.add("res.partner", name="Spostex S.A.", is_company=True)
        box = self.mailbox("page_office@spedbud.example", anna)
        self.check(box, anna)
        self.dovecot.deliver("page_office", self.mail())
        self.check(box, anna)
        domain = [("mailbox_id", "=", box), ("live", "=", True)]
        self.wait(
            lambda: anna.call("mail.mailbox.arrival", "search_count", domain), "it"
        )
        return anna

    def test_page_for_other_programs(self):
        anna = self.prepare()
        given = {"ODOO": anna.base, "KEY": anna.api_key(), "DATABASE": anna.database}
        blocks = CODE.findall(PAGE.read_text())
        self.assertGreater(len(blocks), 6)
        code = "\n".join(blocks)
        for name, value in given.items():
            # the three values that each reader has of their own
            line = re.compile(rf'^{name} = ".*?"', re.M)
            code = line.sub(f"{name} = {value!r}", code)
        file = Path(self.enter(tempfile.TemporaryDirectory()), "page.py")
        file.write_text(code)
        names = runpy.run_path(str(file))
        self.assertEqual(names["message"]["subject"], "The crane")
        self.assertIn("is broken", names["message"]["body_text"])
        self.assertIn("The crane", [one["subject"] for one in names["found"]])
        self.assertEqual(names["source"].status_code, 200)
        self.assertIn(b"Message-ID: <page-1@spostex.example>", names["source"].content)
        self.assertEqual(names["attachments"], {"crane.pdf": b"%PDF-1.4"})
        self.assertEqual([one["subject"] for one in names["archived"]], ["The crane"])
        (attached,) = names["attached_to"]
        self.assertEqual(attached[0], "Spostex S.A.")
        self.assertEqual(names["refused"].status_code, 422, names["refused"].text)
        self.wait(lambda: names["state"]()["state"] == "sent", "the email to be sent")
        (mail,) = self.received("bob@example.com")
        self.assertEqual(mail["subject"], "Offer")
        self.assertNothingFor(self.person("page_eve"))

    def assertNothingFor(self, eve):
        """What the page lists does not exist for somebody without the mailbox."""
        domain = [["subject", "=", "The crane"]]
        arrivals = "mail.mailbox.arrival"
        found = eve.json2(arrivals, "search_read", domain=domain, fields=["subject"])
        self.assertEqual(found, [])
