"""Writing a mail: new, reply, reply to all, forward; drafts; archiving the answer."""

from base64 import b64decode
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive.models.sending import completion

from .common import USER, write_mail
from .sending import SendingCase

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestCompose(SendingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        types = cls.env["mail.mailbox.record.type"]
        if "res.partner" not in types._get_model_names():
            types.create(
                {
                    "name": "Contacts",
                    "model_id": cls.env.ref("base.model_res_partner").id,
                }
            )
        cls.customer = cls.env["res.partner"].create({"name": "Spostex"})
        cls.role = cls.env["res.groups"].create({"name": "Office", "mail_role": True})
        cls.member.group_ids = [Command.link(cls.role.id)]

    def receive(self, html=None, **values):
        mail = write_mail(
            **{
                "subject": "Offer",
                "to": "office@spedbud.example, Ola <ola@spostex.example>",
                "cc": "OFFICE@spedbud.example, piotr@spostex.example",
                **values,
            }
        )
        if html:
            mail.add_alternative(html, subtype="html")
        return self.deliver(self.mailbox, mail).mailbox_message_id

    def compose(self, message, mode, user=None):
        message = message.with_user(user or self.member)
        drafts = self.env["mail.mailbox.draft"].with_user(user or self.member)
        return drafts.browse(message.prepare_compose(mode))

    def test_reply_goes_to_the_sender(self):
        draft = self.compose(self.receive(), "reply")
        self.assertEqual(draft.email_to, "Anna Nowak <anna.nowak@spostex.example>")
        self.assertFalse(draft.email_cc)
        self.assertEqual(draft.subject, "Re: Offer")
        self.assertTrue(draft.body.startswith("<p><br></p><p "), draft.body[:50])
        self.assertEqual(draft.mailbox_id, self.mailbox)
        reply = self.compose(self.receive(reply_to="sales@spostex.example"), "reply")
        self.assertEqual(reply.email_to, "sales@spostex.example")
        again = self.compose(self.receive(subject="RE: Offer"), "reply")
        self.assertEqual(again.subject, "RE: Offer")

    def test_a_draft_that_is_discarded_twice_is_discarded(self):
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        draft = drafts.browse(drafts.prepare_new("res.partner", self.customer.id))
        for _press in range(2):
            draft.action_discard()
        self.assertFalse(draft.exists())

    def test_reply_to_all_leaves_ourselves_out(self):
        draft = self.compose(self.receive(), "reply_all")
        self.assertEqual(
            draft.email_cc, "Ola <ola@spostex.example>, piotr@spostex.example"
        )

    def test_reply_to_what_we_sent_goes_where_that_went(self):
        message = self.receive(**{"from": "office@spedbud.example"})
        draft = self.compose(message, "reply_all")
        self.assertEqual(draft.email_to, "Ola <ola@spostex.example>")

    def test_nobody_answers_oneself(self):
        own = (
            "office@spedbud.example",
            "OFFICE@Spedbud.example",
            "office+42@spedbud.example",
            "Office <office+a+b@spedbud.example>",
        )
        anna, ola = "anna@spostex.example", "ola@spostex.example"
        near = "office.other@spedbud.example"
        for one in own:
            for headers, mode, to, cc in (
                ({"reply_to": f"{one}, {ola}"}, "reply", ola, ""),
                ({"reply_to": one, "from": anna}, "reply", anna, ""),
                ({"reply_to": one, "from": anna}, "reply_all", anna, ""),
                ({"from": anna, "to": ola, "cc": one}, "reply_all", anna, ola),
                ({"from": anna, "to": one, "cc": near}, "reply_all", anna, near),
                ({"from": one, "to": f"{one}, {ola}"}, "reply", ola, ""),
                ({"from": one, "to": one, "cc": ola}, "reply", ola, ""),
                ({"from": one, "to": one, "cc": ola}, "reply_all", ola, ""),
                ({"from": one, "to": one, "reply_to": one}, "reply", "", ""),
            ):
                with self.subTest(own=one, mode=mode, **headers):
                    given = {"to": one, "cc": "", **headers}
                    given = {name: text for name, text in given.items() if text}
                    mail = write_mail(subject=f"{one} {headers} {mode}", **given)
                    message = self.deliver(self.mailbox, mail).mailbox_message_id
                    draft = self.compose(message, mode)
                    self.assertEqual(
                        (draft.email_to or "", draft.email_cc or ""), (to, cc)
                    )

    def reply_out_of_private(self, **values):
        """Answer a mail of a private mailbox out of another one; return the draft."""
        boss = self.make_user("boss", USER, name="Boss of Boards")
        self.board = self.make_mailbox("board@spedbud.example", boss, private=True)
        self.mailbox.user_ids = [Command.link(boss.id)]
        message = self.deliver(
            self.board, subject="Salaries", text="You earn 7"
        ).mailbox_message_id
        message.with_user(boss)._archive(self.customer, mailbox=self.board)
        draft = self.compose(message, "reply", boss)
        draft.write({"mailbox_id": self.mailbox.id, "body": draft.body, **values})
        return boss, message, draft

    def find_answer(self, message):
        domain = [("in_reply_to", "=", message.message_id)]
        return self.env["mail.mailbox.message"].search(domain)

    def test_answer_out_of_a_private_mailbox_is_not_archived_by_itself(self):
        _boss, message, draft = self.reply_out_of_private()
        self.assertEqual(draft.archives_to, "Spostex")
        self.assertFalse(draft.archive)
        self.assertIn("Boss of Boards", draft.private_warning)
        self.assertIn(self.member.name, draft.private_warning)
        self.send_draft(draft)
        answer = self.find_answer(message)
        self.assertTrue(answer)
        self.assertFalse(answer.link_ids)

    def test_answer_out_of_a_private_mailbox_keeps_its_bond_where_archived(self):
        boss, message, draft = self.reply_out_of_private(archive=True)
        self.send_draft(draft)
        answer = self.find_answer(message)
        self.assertEqual(answer.link_ids.mailbox_id, self.board)
        here = [("link_ids.res_id", "=", self.customer.id)]
        for user, found in (
            (boss, True),
            (self.colleague, False),
            (self.outsider, False),
        ):
            answers = answer.with_user(user).search([*here, ("id", "=", answer.id)])
            self.assertEqual(bool(answers), found, user.login)
        self.assertFalse(answer.with_user(self.outsider).has_access("read"))

    def test_answer_within_the_private_mailbox_is_archived_as_ever(self):
        boss, message, draft = self.reply_out_of_private()
        draft.unlink()
        self.board.write(self.smtp_values())
        self.board.state = "ready"
        draft = self.compose(message, "reply", boss)
        draft.mailbox_id = self.board
        self.assertTrue(draft.archive)
        self.assertFalse(draft.private_warning)
        self.send_draft(draft)
        self.assertEqual(self.find_answer(message).link_ids.mailbox_id, self.board)

    def test_reply_to_whom_nothing_is_archived_of_is_sent_all_the_same(self):
        message = self.receive()
        message.with_user(self.member)._archive(self.customer)
        self.env["mail.mailbox.never.archive"].create({"name": "spostex.example"})
        draft = self.compose(message, "reply")
        draft.body = "<p>We accept.</p>"
        self.assertEqual(self.send_draft(draft).state, "sent")
        self.assertEqual(len(self.smtp.take()), 1)
        links = self.env["mail.mailbox.link"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", self.customer.id)]
        )
        self.assertEqual(links.mailbox_message_id, message)

    def test_reply_is_sent_in_the_thread(self):
        message = self.receive(references="<first@spostex.example>")
        draft = self.compose(message, "reply")
        draft.write({"body": "<p>We accept.</p>" + draft.body})
        draft.email_bcc = "boss@spedbud.example"
        self.assertEqual(self.send_draft(draft).state, "sent")
        self.assertFalse(draft.exists())
        (received,) = self.smtp.take()
        sent = received.message
        self.assertEqual(sent["In-Reply-To"], message.message_id)
        self.assertEqual(
            sent["References"], f"<first@spostex.example> {message.message_id}"
        )
        self.assertIn("boss@spedbud.example", received.rcpt_to)
        self.assertNotIn(b"boss", received.content)
        outgoing = self.env["mail.mailbox.message"].search(
            [("message_id", "=", sent["Message-ID"])]
        )
        self.assertEqual(outgoing.thread_key, message.thread_key)
        self.assertIn("boss@spedbud.example", outgoing.email_bcc, "in our own copy")

    def test_forward_takes_attachments_along(self):
        mail = write_mail(subject="Plans")
        mail.add_attachment(b"%PDF-1", "application", "pdf", filename="plan.pdf")
        mail.add_attachment("<b>x</b>", subtype="html", filename="x.html")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        draft = self.compose(message, "forward")
        self.assertEqual(draft.subject, "Fwd: Plans")
        self.assertFalse(draft.email_to)
        draft.email_to = "boss@spedbud.example"
        self.send_draft(draft)
        (received,) = self.smtp.take()
        files = {
            part.get_filename(): part.get_content()
            for part in received.message.iter_attachments()
        }
        self.assertEqual(files["plan.pdf"], b"%PDF-1")
        self.assertIn("x.html", files)
        self.assertIsNone(received.message["In-Reply-To"])

    def test_forward_loses_nothing_that_has_a_content_id(self):
        png, other = b64decode(PNG), b64decode(PNG) + b"other"
        files = {
            # as Gmail attaches everything
            "invoice.pdf": ("application/pdf", b"%PDF-1", "f_k9ixz3cb0"),
            "photo.png": ("image/png", other, "f_k9ixz3cb1"),
            # the text shows these; what a quote cannot show goes along as a file
            "logo.png": ("image/png", png, "logo@x"),
            "drawing.svg": ("image/svg+xml", b"<svg/>", "drawing@x"),
            "huge.png": ("image/png", png + bytes(3 * 2**20), "huge@x"),
        }
        mail = write_mail(subject="Plans")
        shown = ("logo@x", "drawing@x", "huge@x")
        markup = "".join(f'<img src="cid:{cid}">' for cid in shown)
        mail.add_alternative(f"<p>See</p>{markup}", subtype="html")
        dispositions = ["attachment", "inline", "inline", "attachment", "inline"]
        for disposition, (name, (kind, content, cid)) in zip(
            dispositions, files.items(), strict=True
        ):
            mail.add_attachment(
                content,
                *kind.split("/"),
                filename=name,
                cid=f"<{cid}>",
                disposition=disposition,
            )
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        # a drawing that may run something is not shown in the text
        self.assertEqual(message.attachment_count, 3)
        inline = message.part_ids.filtered("inline").mapped("filename")
        self.assertEqual(inline, ["logo.png", "huge.png"])
        draft = self.compose(message, "forward")
        draft.email_to = "boss@spedbud.example"
        self.send_draft(draft)
        (received,) = self.smtp.take()
        arrived = [
            part.get_payload(decode=True)
            for part in received.message.walk()
            if not part.is_multipart()
        ]
        for name, (_kind, content, _cid) in files.items():
            self.assertEqual(arrived.count(content), 1, name)

    def test_quote_loads_nothing(self):
        message = self.receive(
            html="<style>p{background:url(https://evil.example/a)}</style>"
            '<p style="background:url(https://evil.example/b)" onclick="x()">Hi</p>'
            '<img src="https://evil.example/c.png" alt="Logo">'
            '<img src="/web/session/logout"><script>alert(1)</script>'
            '<a href="javascript:alert(1)">x</a><iframe src="https://evil.example">'
            '<p class="o-mailbox-signature" style="display:none">hidden</p>'
        )
        message.with_user(self.member).allow_images(always=True)
        for mode in ("reply", "forward"):
            body = str(self.compose(message, mode).body)
            for gone in (
                "evil.example",
                "logout",
                "script",
                "onclick",
                "iframe",
                "o-mailbox-signature",
            ):
                self.assertNotIn(gone, body)
            self.assertIn("Hi", body)

    def test_signature_of_ours_in_the_quote_counts_for_nothing(self):
        self.mailbox.signature = "<p>Spedbud, office</p>"
        message = self.receive(
            html='<div class="o-mailbox-signature">Old</div><p>Q</p>'
        )
        draft = self.compose(message, "reply")
        self.assertIn("Spedbud, office", draft.signature)
        self.send_draft(draft)
        html = self.smtp.take()[0].html
        self.assertEqual(html.count("Spedbud, office"), 1)
        self.assertLess(html.index("Spedbud, office"), html.index("Old"))
        self.assertLess(html.index("Spedbud, office"), html.index("wrote:"))

    def test_quote_says_only_what_is_known(self):
        for left_out, said in (
            ({"date"}, "Anna Nowak &lt;anna.nowak@spostex.example&gt; wrote:"),
            ({"date", "from"}, "(no sender) wrote:"),
            (set(), "2026"),
        ):
            with self.subTest(left_out):
                mail = write_mail(subject=f"Without {sorted(left_out)}")
                for name in left_out:
                    del mail[name]
                message = self.deliver(self.mailbox, mail).mailbox_message_id
                body = self.compose(message, "reply").body
                attribution = body.partition("wrote:")[0] + "wrote:"
                self.assertIn(said, body)
                self.assertNotIn("?", attribution)

    def test_answer_is_archived_where_the_mail_is(self):
        message = self.receive()
        message.with_user(self.member)._archive(self.customer, roles=self.role)
        draft = self.compose(message, "reply")
        self.assertEqual(draft.archives_to, "Spostex")
        self.send_draft(draft)
        answer = self.env["mail.mailbox.message"].search(
            [("in_reply_to", "=", message.message_id)]
        )
        self.assertEqual(answer.link_ids.res_id, self.customer.id)
        self.assertEqual(answer.role_ids, self.role)
        self.assertEqual(answer.link_ids.user_id, self.member)

    def test_answer_is_not_archived_when_unticked(self):
        message = self.receive()
        message.with_user(self.member)._archive(self.customer)
        draft = self.compose(message, "reply")
        draft.archive = False
        self.send_draft(draft)
        answer = self.env["mail.mailbox.message"].search(
            [("in_reply_to", "=", message.message_id)]
        )
        self.assertTrue(answer)
        self.assertFalse(answer.link_ids)

    def test_new_mail_from_a_record_is_archived_there(self):
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        draft = drafts.browse(drafts.prepare_new("res.partner", self.customer.id))
        draft.write({"email_to": "anna@spostex.example", "subject": "To you"})
        self.send_draft(draft)
        sent = self.env["mail.mailbox.message"].search([("subject", "=", "To you")])
        self.assertEqual(sent.link_ids.res_id, self.customer.id)

    def test_refused_mail_is_in_the_outbox_and_becomes_a_draft_again(self):
        self.smtp.answer = "554 5.7.1 not that"
        mail = write_mail(subject="Plans")
        mail.add_attachment(b"%PDF-1", "application", "pdf", filename="plan.pdf")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        draft = self.compose(message, "forward")
        draft.email_to = "anna@spostex.example"
        row = self.send_draft(draft)
        self.assertEqual(row.state, "failed")
        self.assertIn("not that", row.reason)
        self.smtp.answer = None
        again = row.with_user(self.member)._edit()
        self.assertEqual(again.email_to, "anna@spostex.example")
        self.assertEqual(again.attachment_ids.name, "plan.pdf")
        # not removed as what nobody wrote on
        self.assertEqual(again.get_progress(), "written")
        self.send_draft(again)
        (received,) = self.smtp.take()
        self.assertEqual(len(list(received.message.iter_attachments())), 1)

    def test_bad_recipients_are_named(self):
        draft = self.compose(self.receive(), "reply")
        for wrong in ("anna@", "anna", "a@b.example, not an address"):
            draft.email_to = wrong
            with self.assertRaisesRegex(UserError, "not an email address"):
                draft.action_send()
        draft.email_to = ""
        with self.assertRaisesRegex(UserError, "at least one recipient"):
            draft.action_send()
        self.assertFalse(self.smtp.take())

    def test_a_mail_is_begun_and_read_in_one_call(self):
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        shown = {"subject": {}, "email_to": {}, "mode": {}}
        (new,) = drafts.begin(shown)
        self.assertEqual((new["mode"], new["email_to"]), ("new", ""))
        message = self.receive()
        (answer,) = drafts.begin(shown, mode="reply", message_id=message.id)
        self.assertEqual(answer["subject"], "Re: Offer")
        self.assertIn("anna.nowak", answer["email_to"])
        self.assertEqual(drafts.browse(answer["id"]).origin_id, message)
        with self.assertRaises(AccessError):
            drafts.with_user(self.outsider).begin(shown, "reply", message.id)

    def test_one_writes_from_where_one_looks_else_from_where_one_wrote_last(self):
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        shown = {"mailbox_id": {}}
        others = [
            self.make_mailbox(f"{name}@spedbud.example", self.member)
            for name in ("anna", "site", "closed")
        ]
        for other in others[:2]:
            other.write({"provider": "smtp", "smtp_host": "localhost"})
            other.sudo().state = "ready"
        first, second, closed = others
        self.assertEqual(
            drafts.begin(shown, mailbox_id=second.id)[0]["mailbox_id"], second.id
        )
        self.env["mail.mailbox.outbox"].create(
            {
                "mailbox_id": first.id,
                "user_id": self.member.id,
                "message_id": "<1@spedbud.example>",
                "due_at": "2026-11-02 10:00:00",
            }
        )
        for looked_at in (False, closed.id):
            begun = drafts.begin(shown, mailbox_id=looked_at)
            self.assertEqual(begun[0]["mailbox_id"], first.id)
        answer = self.compose(self.receive(), "reply")
        self.assertEqual(answer.mailbox_id, self.mailbox, "which received it")

    def test_what_may_be_forgotten_is_asked(self):
        draft = self.compose(self.receive(text="The plan is attached."), "reply")
        self.assertEqual(draft.find_doubts(), ["This email has no text."])
        quote = draft.body
        attached = "You mention an attachment, but nothing is attached."
        for text, doubts in {
            "Thank you.": [],
            "The plan is attached.": [attached],
            "W załączniku przesyłam plan.": [attached],
            "Załączam plan.": [attached],
            "Den Plan finden Sie im Anhang.": [attached],
            "Anbei der Plan.": [attached],
            "There is no attachment.": [],
            "Bez załącznika.": [],
        }.items():
            draft.body = f"<p>{text}</p>" + quote
            self.assertEqual(draft.find_doubts(), doubts, text)
        draft.write({"body": f"<p>Anbei der Plan.</p>{quote}", "subject": " "})
        self.assertEqual(draft.find_doubts(), ["This email has no subject.", attached])
        attachments = self.env["ir.attachment"].with_user(self.member)
        draft.attachment_ids = attachments.create(
            {"name": "plan.pdf", "raw": b"%PDF", "res_model": draft._name}
        )
        self.assertEqual(draft.find_doubts(), ["This email has no subject."])
        picture = f"<p><img src='data:image/png;base64,{PNG}'/></p>"
        draft.write({"body": picture, "subject": "Plan"})
        self.assertFalse(draft.find_doubts())
        with self.assertRaises(AccessError):
            draft.with_user(self.colleague).find_doubts()

    # Templates and files

    def test_a_template_is_rendered_as_the_person(self):
        secret = self.env["res.partner"].create(
            {
                "name": "Zebrasecret",
                "company_id": self.env["res.company"].create({"name": "Far"}).id,
            }
        )
        self.customer.ref = "K-7"
        model = self.env["ir.model"]._get("res.partner")
        templates = self.env["mail.template"].create(
            [
                {
                    "name": "Thanks",
                    "model_id": model.id,
                    "subject": "Thanks, {{ object.name }}",
                    "body_html": "<p>No. <t t-out='object.ref'/></p>",
                    "attachment_ids": [
                        Command.create({"name": "terms.pdf", "raw": b"%PDF"})
                    ],
                },
                {
                    "name": "Prying",
                    "model_id": model.id,
                    "body_html": "<p><t t-out=\"object.env['res.partner']"
                    f'.browse({secret.id}).name"/></p>',
                },
                {"name": "Hours", "body_html": "<p>Open from 8.</p>"},
                {
                    "name": "Of a user",
                    "model_id": self.env["ir.model"]._get("res.users").id,
                },
            ]
        )
        thanks, prying, hours, of_user = templates
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        plain = drafts.browse(drafts.prepare_new())
        names = {one["name"] for one in plain.find_templates()}
        self.assertIn("Hours", names)
        self.assertFalse({"Thanks", "Of a user"} & names)
        draft = drafts.browse(drafts.prepare_new("res.partner", self.customer.id))
        draft.body = "<p>Mine</p>"
        draft.apply_template(thanks.id)
        self.assertEqual(draft.subject, "Thanks, Spostex")
        self.assertRegex(str(draft.body), "No. K-7.*Mine")
        self.assertEqual(draft.attachment_ids.name, "terms.pdf")
        draft.apply_template(hours.id)
        self.assertEqual(draft.subject, "Thanks, Spostex")
        self.assertRegex(str(draft.body), "Open from 8.*No. K-7.*Mine")
        for wrong in (prying, of_user):
            # as in a request, where nobody has read it before
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertRaises(UserError):
                draft.apply_template(wrong.id)
        self.assertNotIn("Zebrasecret", str(draft.body))
        with self.assertRaises(AccessError):
            draft.with_user(self.colleague).apply_template(hours.id)

    def test_the_limit_of_the_provider_is_known(self):
        draft = self.compose(self.receive(), "reply")
        self.assertEqual(draft.size_limit, int(100 * 2**20 * 0.73))

    # Completing

    def offered(self, term, user=None):
        """Return who is offered, which is the same whatever is looked up first."""
        drafts = self.env["mail.mailbox.draft"].with_user(user or self.member)
        ways = []
        for few in (completion.FEW, -1):
            self.env.invalidate_all()
            with patch.object(completion, "FEW", few):
                ways.append([person["email"] for person in drafts.complete(term)])
        self.assertEqual(*ways)
        return ways[0]

    def write_to(self, mailbox, **values):
        subject = str(values)
        return self.deliver(mailbox, write_mail(subject=subject, **values))

    def test_correspondents_and_contacts_are_offered_the_last_first(self):
        office = "office@spedbud.example"
        self.env["res.partner"].create(
            [
                {"name": "Zażółć Müller", "email": "Muller@Grüße.example"},
                {"name": "Zofia", "email": "zoe@spostex.example", "active": False},
                {"name": "Zbigniew"},
            ]
        )
        for moment, sender in enumerate(
            ("Zoë <zoe@spostex.example>", "zorro@spostex.example", "zn@zoo.example")
        ):
            arrival = self.write_to(self.mailbox, to=office, **{"from": sender})
            arrival.internal_date = f"2027-11-0{moment + 1} 10:00:00"
            self.env["mail.mailbox.correspondent"]._learn(arrival)
        self.assertEqual(
            self.offered("zo"),
            ["zn@zoo.example", "zorro@spostex.example", "zoe@spostex.example"],
        )
        self.assertEqual(self.offered("ZOE spost"), ["zoe@spostex.example"])
        contact = self.env["res.partner"].search([("name", "=", "Zażółć Müller")])
        for term in ("zazo", "ZAŻÓŁĆ", "muller", "mul gru"):
            self.assertEqual(self.offered(term), [contact.email_normalized], term)
        for term in ("", "  ", "%", "'", "zbigniew", "x" * 5000, False):
            self.assertFalse(self.offered(term), term)
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        (zoe,) = drafts.complete("zoe")
        self.assertEqual(zoe, {"name": "Zoë", "email": "zoe@spostex.example"})

    def test_whoever_a_mail_names_is_offered_and_no_machine(self):
        self.write_to(
            self.mailbox,
            to="office@spedbud.example, qto@a.example",
            cc="qcc@a.example",
            bcc="qbcc@a.example",
            reply_to="qreply@a.example",
            **{"from": "Q <qfrom@a.example>"},
        )
        self.write_to(self.mailbox, **{"from": "q no-reply@a.example"})
        crowd = ", ".join(f"qcrowd{number}@a.example" for number in range(40))
        self.write_to(self.mailbox, to=crowd, **{"from": "qlist@a.example"})
        self.assertEqual(
            set(self.offered("q")),
            {f"q{one}@a.example" for one in ("to", "cc", "reply", "from", "list")},
        )
        self.assertFalse(self.offered("qbcc"))
        self.assertNotIn("office@spedbud.example", self.offered("office"))

    def test_nobody_is_offered_whom_they_may_not_know(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        board = self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        site = self.make_mailbox("site@spedbud.example", self.colleague)
        for mailbox in (board, site, self.mailbox):
            self.write_to(mailbox, **{"from": f"q{mailbox.email[:4]}@secret.example"})
        self.env["res.partner"].create(
            {
                "name": "Qelsewhere",
                "email": "qfar@secret.example",
                "company_id": elsewhere.id,
            }
        )
        offered = {
            self.member: {"qoffi"},
            self.colleague: {"qboar", "qsite"},
            self.manager: {"qoffi", "qsite"},
            self.outsider: set(),
        }
        for user, names in offered.items():
            with self.subTest(user.login):
                found = {one.partition("@")[0][:5] for one in self.offered("q", user)}
                self.assertEqual(found, names)
        site.write({"user_ids": [Command.link(self.member.id)]})
        self.assertIn("qsite@secret.example", self.offered("q"))
        # gone with the mail that names them
        self.env["mail.mailbox.arrival"].sudo().search(
            [("mailbox_id", "=", site.id)]
        ).unlink()
        self.assertNotIn("qsite@secret.example", self.offered("q"))

    def test_draft_is_its_writers_alone(self):
        self.mailbox.user_ids |= self.colleague
        draft = self.compose(self.receive(), "reply")
        for user in (self.colleague, self.manager):
            with self.assertRaises(AccessError):
                draft.with_user(user).read(["body"])
            self.assertFalse(self.env["mail.mailbox.draft"].with_user(user).search([]))
        with self.assertRaises(AccessError):
            self.compose(self.receive(), "reply", self.outsider)

    def test_a_window_saves_over_what_it_has_read_alone(self):
        """What was written elsewhere stays, and so does what is written here."""
        draft = self.compose(self.receive(), "reply")
        there = {"res_model": draft._name, "res_id": draft.id}
        files = self.env["ir.attachment"].with_user(self.member)
        file = files.create({"name": "a.txt", "raw": b"hello", **there})
        draft.attachment_ids = [Command.link(file.id)]

        def save(draft, seen, revision, **vals):
            context = {"mailbox_seen": seen, "mailbox_revision": revision}
            (saved,) = draft.with_context(**context).web_save(vals, {})
            return draft.browse(saved["id"])

        seen = [draft.revision]
        self.assertEqual(save(draft, seen, "phone1", subject="Phone"), draft)
        self.assertEqual(save(draft, [*seen, "phone1"], "phone2", body="P"), draft)
        own = save(
            draft, [*seen, "office1"], "office1", subject="Office",
            attachment_ids=[[4, file.id]],
        )  # fmt: skip
        self.assertEqual((draft.subject, own.subject), ("Phone", "Office"))
        # one transaction, and yet somebody wrote it
        self.assertEqual(own.get_progress(), "written")
        draft.action_discard()
        self.assertEqual(own.attachment_ids.mapped("raw"), [b"hello"])
        self.assertEqual(save(own, [*seen, "office1"], "office2", subject="O"), own)
        # what the server writes for somebody else is no window's
        own.write({"subject": "Given back"})
        self.assertNotEqual(save(own, ["office2"], "office3", subject="O"), own)

    def test_a_window_that_is_behind_sends_all_that_it_shows(self):
        """So its draft holds nothing that was not seen there, nor files gone."""
        draft = self.compose(self.receive(), "reply")
        there = {"res_model": draft._name, "res_id": draft.id}
        files = self.env["ir.attachment"].with_user(self.member)
        names = ("a.txt", "b.txt")
        file, gone = files.create([{"name": n, "raw": b"x", **there} for n in names])
        draft.attachment_ids = [Command.set([file.id, gone.id])]
        seen = draft.revision
        shown = [[6, 0, [file.id, gone.id]]]
        gone.unlink()
        draft.write({"subject": "Phone", "email_cc": "carla@customer.example"})
        vals = {"subject": "Office"}
        window = draft.with_context(mailbox_seen=[seen], mailbox_asks=True)
        self.assertEqual(window.web_save(vals, {}), [])
        self.assertEqual(draft.subject, "Phone")
        vals |= {
            "email_cc": False,
            "body": f'<p>Hi <img src="/web/image/{file.id}"></p>',
            "attachment_ids": shown,
        }
        (saved,) = window.with_context(mailbox_asks=False).web_save(vals, {})
        own = draft.browse(saved["id"])
        self.assertEqual((own.subject, own.email_cc), ("Office", False))
        copy = own.attachment_ids
        self.assertEqual((copy.name, copy.res_id), ("a.txt", own.id))
        self.assertNotEqual(copy, file)
        self.assertIn(f"/web/image/{copy.id}", own.body)
        self.assertEqual((draft.subject, draft.attachment_ids), ("Phone", file))

    def test_sent_from_another_window_it_is_said_so(self):
        draft = self.compose(self.receive(), "reply")
        self.assertEqual(draft.get_progress(), "fresh")
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_draft SET create_date = create_date"
                " - interval '1 second' WHERE id = %s",
                draft.id,
            )
        )
        draft.invalidate_recordset()
        self.assertEqual(draft.get_progress(), "written")
        sent = draft.action_send()
        self.assertEqual(draft.find_doubts(), [])
        again = draft.action_send()
        self.assertEqual(again["params"]["outbox_id"], sent["params"]["outbox_id"])
        self.assertEqual(draft.get_progress(), "sent")
        discarded = self.compose(self.receive(), "reply")
        discarded.action_discard()
        self.assertEqual(
            (discarded.find_doubts(), discarded.get_progress()), ([], "gone")
        )
        with self.assertRaisesRegex(UserError, "no longer exists"):
            discarded.action_send()

    def test_gate_decides_and_not_the_form(self):
        message = self.receive()
        draft = self.compose(message, "reply")
        self.mailbox.write({"restrict_senders": True})
        with self.assertRaises(AccessError):
            draft.action_send()
        with self.assertRaisesRegex(UserError, "no mailbox that you may send from"):
            self.compose(message, "reply")
        self.assertFalse(self.smtp.take())
