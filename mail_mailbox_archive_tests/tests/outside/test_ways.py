"""Each way to write a mail: one mail leaves, whatever the server says to it first."""

from __future__ import annotations

from email.message import EmailMessage

from .case import USER
from .test_outbox import DRAFT, ODD_FILES, OUTBOX, PIXEL, OutboxCase

MESSAGE = "mail.mailbox.message"
#: What the server says at first, and whether it is asked again by itself.
ANSWERS = {"": None, "451 4.3.0 busy": True, "550 5.1.1 no such user": False}
#: As Gmail writes it: a Content-ID on every file.
CAME = {"invoice.pdf": b"%PDF-1 invoice", "photo.png": PIXEL + b"photo"}


class TestEachWay(OutboxCase):
    """From nothing, a record, a mail that came, a template."""

    def open_office(self, login):
        """Make somebody who writes to partners, and their mailbox."""
        self.smtp.replies.clear()
        self.anna = self.person(login, USER, "base.group_partner_manager")
        self.box = self.mailbox(f"{login}@spedbud.example", self.anna)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"name": "Customer", "email": "customer@ways.example"}
        cls.partner = cls.admin.add("res.partner", **values)

    def receive(self):
        """Have a mail with files arrive; return its message's id."""
        mail = EmailMessage()
        mail["From"] = "Customer <customer@ways.example>"
        mail["To"] = "Ways <ways@spedbud.example>, other@ways.example"
        mail["Subject"], mail["Message-ID"] = "Invoice", "<invoice@ways.example>"
        mail.set_content("See the files")
        for number, (name, content) in enumerate(CAME.items()):
            mail.add_attachment(
                content,
                *(("application", "pdf"), ("image", "png"))[number],
                filename=name,
                cid=f"<f_k9ixz3cb{number}>",
            )
        self.dovecot.deliver("ways", mail.as_bytes())
        self.check(self.box, self.anna)
        domain = [("subject", "=", "Invoice")]
        found = self.wait(
            lambda: self.anna.search_read(MESSAGE, domain, "id"), "the invoice"
        )
        return found[0]["id"]

    def begin(self):
        """Return drafts by the way they are begun, and what each holds already."""
        origin, call = self.receive(), self.anna.call
        record = {"res_model": "res.partner", "res_id": self.partner}
        return {
            "new": (call(DRAFT, "prepare_new", mailbox_id=self.box), {}),
            "record": (call(DRAFT, "action_new", **record)["params"]["res_id"], {}),
            "reply": (call(MESSAGE, "prepare_compose", [origin], "reply"), {}),
            "reply_all": (call(MESSAGE, "prepare_compose", [origin], "reply_all"), {}),
            "forward": (call(MESSAGE, "prepare_compose", [origin], "forward"), CAME),
        }

    def test_one_mail_with_what_was_attached(self):
        self.open_office("ways")
        sent = {}
        for answer, heals in ANSWERS.items():
            for way, (draft, held) in self.begin().items():
                with self.subTest(way, answer=answer):
                    to = f"{way}{len(sent)}@ways.example"
                    self.smtp.replies[f"RCPT {to}"] = [answer]
                    self.write_one(draft, to)
                    row = self.send(self.anna, draft)
                    self.get_through(row, heals)
                    sent[to] = {**held, **ODD_FILES}
        self.nothing_more()
        for to, files in sent.items():
            with self.subTest(to):
                self.assertEqual(self.files_of(self.only(to)), files)

    def write_one(self, draft, to):
        ids = [self.anna.upload(*one, DRAFT, draft) for one in ODD_FILES.items()]
        files = [(4, one) for one in ids]
        values = {"email_to": to, "email_cc": "", "mailbox_id": self.box}
        self.anna.change(DRAFT, draft, **values, attachment_ids=files)

    def get_through(self, row, heals):
        """Wait for the server's first answer, and have it asked once more."""
        if heals:
            self.wait(lambda: self.row(self.anna, row, "tries")["tries"], "a try")
            self.odoo.sql(
                "UPDATE mail_mailbox_outbox SET due_at = now() AT TIME ZONE 'UTC'"
                " WHERE id = %s",
                row,
            )
            self.odoo.wake("mail_mailbox_archive.ir_cron_outbox")
        elif heals is False:
            self.wait_for_state(self.anna, row, "failed")
            again = self.anna.call(OUTBOX, "action_edit", [row])["res_id"]
            row = self.send(self.anna, again)
        self.wait_for_state(self.anna, row, "sent")

    def test_template_leaves_once_with_its_files(self):
        """Odoo's own form, a template and what is uploaded to it."""
        self.open_office("templates")
        values = {"model_id": self.ref("base.model_res_partner")}
        values |= {"name": "Offer", "subject": "Offer", "body_html": "<p>Dear</p>"}
        values |= {"email_from": "templates@spedbud.example"}
        template = self.admin.add("mail.template", **values)
        wizard = "mail.compose.message"
        # Odoo writes a message in a message anew
        files = {name: ODD_FILES[name] for name in ODD_FILES if name != "mail.eml"}
        for answer in ("", "451 4.3.0 busy"):
            with self.subTest(answer=answer):
                to = f"template{len(answer)}@ways.example"
                partner = self.admin.add("res.partner", name="Reader", email=to)
                self.smtp.replies[f"RCPT {to}"] = [answer]
                here = {"active_model": "res.partner", "active_ids": [partner]}
                here |= {"default_model": "res.partner", "default_res_ids": [partner]}
                values = {"template_id": template, "partner_ids": [(6, 0, [partner])]}
                made = self.anna.call(wizard, "create", values, context=here)
                ids = [self.anna.upload(*one, wizard) for one in files.items()]
                self.anna.change(wizard, made, attachment_ids=[(4, i) for i in ids])
                self.anna.call(wizard, "action_send_mail", [made])
                if answer:
                    self.try_again(to)
                self.wait(lambda to=to: self.received(to), f"the mail to {to}")
        self.nothing_more()
        for to in ("template0@ways.example", "template14@ways.example"):
            self.assertEqual(self.files_of(self.only(to)), files)

    def try_again(self, to):
        waiting = (
            "UPDATE mail_mail SET scheduled_date = NULL WHERE state = 'outgoing' AND"
            " mailbox_tries > 0 AND id IN (SELECT mail_mail_id FROM"
            " mail_mail_res_partner_rel JOIN res_partner ON res_partner.id ="
            " res_partner_id WHERE email = %s) RETURNING id"
        )
        self.wait(lambda: self.odoo.sql(waiting, to), "the mail that waits")
        self.odoo.wake("mail.ir_cron_mail_scheduler_action")
