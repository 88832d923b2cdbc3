"""Short texts: whose they are, what they show, and that nothing in them runs."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import USER
from .sending import SendingCase


@tagged("post_install", "-at_install")
class TestSnippets(SendingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eve = cls.make_user("eve", USER)
        cls.mailbox.user_ids = [Command.link(cls.colleague.id)]
        cls.mine = cls.make_snippet(cls.member, "Thanks", shortcut="thx")
        cls.ours = cls.make_snippet(cls.member, "Terms", mailbox_id=cls.mailbox.id)

    @classmethod
    def make_snippet(cls, user, name, **values):
        snippets = cls.env["mail.mailbox.snippet"].with_user(user)
        return snippets.create({"name": name, "body": "<p>Text</p>", **values}).sudo()

    def offered(self, user, draft=None):
        draft = draft or self.write_draft(user)
        return [one["name"] for one in draft.with_user(user).find_snippets()]

    def test_own_ones_are_their_owners_and_a_mailboxs_its_users(self):
        self.assertEqual(self.mine.user_id, self.member)
        self.assertFalse(self.ours.user_id)
        self.assertEqual(self.offered(self.member), ["Terms", "Thanks"])
        self.assertEqual(self.offered(self.colleague), ["Terms"])
        snippets = self.env["mail.mailbox.snippet"]
        self.assertFalse(snippets.with_user(self.eve).search([]))
        self.assertEqual(snippets.with_user(self.manager).search([]), self.ours)

    def test_of_another_mailbox_it_is_not_offered(self):
        other = self.make_mailbox("other@spedbud.example", self.member)
        draft = self.write_draft()
        draft.mailbox_id = other
        self.assertEqual(self.offered(self.member, draft), ["Thanks"])

    def test_only_who_may_changes_them(self):
        board = self.make_mailbox("board@spedbud.example", self.eve, private=True)
        theirs = self.make_snippet(self.eve, "Secret", mailbox_id=board.id)
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_mailbox SET create_date = '2020-01-01'")
        self.env.invalidate_all()
        for change in (
            lambda: self.mine.with_user(self.colleague).read(["body"]),
            lambda: self.mine.with_user(self.manager).read(["body"]),
            lambda: self.mine.with_user(self.colleague).write({"name": "x"}),
            lambda: self.mine.with_user(self.member).write({"user_id": self.eve.id}),
            lambda: self.ours.with_user(self.colleague).write({"name": "x"}),
            lambda: self.ours.with_user(self.colleague).unlink(),
            lambda: theirs.with_user(self.manager).read(["body"]),
            lambda: theirs.with_user(self.manager).write({"name": "x"}),
            lambda: self.make_snippet(self.manager, "x", mailbox_id=board.id),
            lambda: self.make_snippet(self.colleague, "x", mailbox_id=self.mailbox.id),
            lambda: self.mine.with_user(self.member).write({"mailbox_id": board.id}),
            lambda: self.write_draft().render_snippet(theirs.id),
            lambda: self.write_draft(self.colleague).render_snippet(self.mine.id),
        ):
            with self.assertRaises(UserError):
                change()
                self.env.flush_all()
        self.ours.with_user(self.manager).name = "Terms, new"

    def test_what_a_mailboxs_one_becomes_is_ones_own(self):
        self.ours.with_user(self.member).mailbox_id = False
        self.assertEqual(self.ours.user_id, self.member)

    def test_it_shows_what_its_user_may_read(self):
        partner = self.env["res.partner"].create(
            {
                "name": "A <b>&",
                "parent_id": self.env["res.partner"].create({"name": "P"}).id,
            }
        )
        snippet = self.make_snippet(
            self.member,
            "Filled",
            body="<p>{{first_name}} {{ object.name }} {{object.parent_id.name}} "
            "{{object.parent_id}} {{object.active}} {{object.nothing}} "
            "{{object.unlink()}} {{object.env.cr}} {{object._fields}} "
            "{{object.image_1920}} "
            "{{object.user_ids.password}}</p>",
        )
        draft = self.write_draft()
        self.assertIn(
            "{{object.name}}",
            draft.render_snippet(snippet.id).replace(" object.name ", "object.name"),
        )
        draft.write({"res_model": "res.partner", "res_id": partner.id})
        shown = draft.render_snippet(snippet.id)
        self.assertIn("A &lt;b&gt;&amp; P P Yes", shown)
        for left in (
            "nothing",
            "unlink()",
            "env.cr",
            "_fields",
            "image_1920",
            "user_ids.password",
        ):
            self.assertIn(f"{{{{object.{left}}}}}", shown)
        self.assertEqual(len(partner.exists()), 1)
        # what the groups of a field keep from them
        field = type(partner)._fields["name"]
        self.patch(field, "groups", "base.group_system")
        self.assertNotIn("A &lt;b", draft.render_snippet(snippet.id))

    def test_what_it_leads_to_and_may_not_be_read_stays_out(self):
        secret = self.env["res.partner"].create({"name": "Hidden"})
        partner = self.env["res.partner"].create({"name": "A", "parent_id": secret.id})
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {secret.id})]",
            }
        )
        snippet = self.make_snippet(
            self.member,
            "S",
            body="<p>{{object.parent_id.name}} {{object.parent_id}}</p>",
        )
        draft = self.write_draft(res_model="res.partner", res_id=partner.id)
        self.assertNotIn("Hidden", draft.render_snippet(snippet.id))

    def test_nothing_in_it_runs(self):
        hostile = (
            "<p>a<script>alert(1)</script><img src='x' onerror='alert(1)'>"
            "<a href='javascript:alert(1)'>b</a><svg onload='alert(1)'></svg>"
            "<iframe srcdoc='&lt;script&gt;'></iframe></p>"
        )
        snippet = self.make_snippet(self.member, "Hostile", body=hostile)
        shown = self.write_draft().render_snippet(snippet.id)
        for part in ("script", "onerror", "onload", "javascript", "iframe"):
            self.assertNotIn(part, shown)
        self.assertIn("a", shown)

    def test_a_placeholder_that_is_left_is_asked_about(self):
        draft = self.write_draft(body="<p>Dear {{object.name}}, the offer.</p>")
        self.assertTrue(any("placeholder" in doubt for doubt in draft.find_doubts()))
        draft.body = "<p>Dear Anna.</p><blockquote>{{object.name}}</blockquote>"
        self.assertFalse(draft.find_doubts())

    def test_an_empty_one_is_refused(self):
        with self.assertRaises(UserError):
            self.make_snippet(self.member, "Empty", body="<p><br></p>")


@tagged("post_install", "-at_install")
class TestPlainText(SendingCase):
    def switch(self, draft, plain):
        spec = {name: {} for name in ("plain", "plain_text", "body")}
        values = draft.onchange({"plain": plain}, ["plain"], spec)["value"]
        draft.write(
            {"plain": plain, **{k: v for k, v in values.items() if k != "plain"}}
        )

    def send_plain(self, **values):
        self.mailbox.signature = "<p>Spedbud<br>ul. Polna 1</p>"
        draft = self.write_draft(**values)
        self.switch(draft, True)
        row = self.send_draft(draft)
        (received,) = self.smtp.take()
        return row, received

    def test_it_leaves_as_text_alone_with_the_words_kept(self):
        row, received = self.send_plain(
            body="<p>Hello <b>Anna</b></p><ul><li>one</li></ul>"
            "<p class='o-mailbox-attribution'>On Monday, Anna wrote:</p>"
            "<blockquote><p>Question?</p></blockquote>"
        )
        message = received.message
        self.assertEqual(message.get_content_type(), "text/plain")
        text = message.get_content().replace("\r\n", "\n")
        self.assertEqual(
            text.strip(),
            "Hello Anna\n- one\n\nSpedbud\nul. Polna 1\n\n"
            "On Monday, Anna wrote:\n> Question?",
        )
        self.assertFalse(row.plain_text)
        self.assertTrue(row.kept)

    def test_with_a_file_the_text_is_still_text(self):
        attachment = self.env["ir.attachment"].with_user(self.member)
        file = attachment.create({"name": "a.txt", "raw": b"a"})
        draft = self.write_draft(attachment_ids=[Command.set(file.ids)])
        self.switch(draft, True)
        self.send_draft(draft)
        (received,) = self.smtp.take()
        kinds = [part.get_content_type() for part in received.message.walk()]
        self.assertNotIn("text/html", kinds)
        self.assertEqual(received.message.get_content_type(), "multipart/mixed")

    def test_back_and_forth_loses_no_word(self):
        draft = self.write_draft(body="<p><b>Hello</b></p>")
        self.switch(draft, True)
        self.assertEqual(draft.plain_text, "Hello")
        self.switch(draft, False)
        self.assertIn("<b>Hello</b>", draft.body)
        self.switch(draft, True)
        draft.plain_text = "Hello & <you>\n\n> quoted\n> > deeper"
        self.switch(draft, False)
        self.assertIn("&amp; &lt;you&gt;", draft.body)
        self.switch(draft, True)
        self.assertEqual(draft.plain_text, "Hello & <you>\n\n> quoted\n> > deeper")

    def test_it_is_asked_about_like_any_other(self):
        draft = self.write_draft(body="<p>It is attached.</p>")
        self.switch(draft, True)
        self.assertTrue(draft.find_doubts())
        draft.plain_text = "> It is attached."
        self.assertIn("no text", " ".join(draft.find_doubts()))

    def test_taken_back_it_is_plain_still(self):
        draft = self.write_draft(body="<p>Hello</p>")
        self.switch(draft, True)
        action = draft.action_send(send_at="2050-01-01 08:00:00")
        rows = self.env["mail.mailbox.outbox"].with_user(self.member)
        again = rows.browse(action["params"]["outbox_id"])._edit()
        self.assertEqual((again.plain, again.plain_text), (True, "Hello"))

    def test_html_is_finished_for_its_recipient(self):
        draft = self.write_draft(
            body="<table class='table o_table'><tbody><tr><td>a</td><td>b</td></tr>"
            "</tbody></table><p>שלום</p><ol><li>x</li></ol>"
        )
        self.send_draft(draft)
        (received,) = self.smtp.take()
        self.assertIn("border: 1px solid", received.html)
        self.assertIn('dir="rtl"', received.html)
        self.assertIn("a | b\nשלום\n1. x", received.text.replace("\r\n", "\n"))
