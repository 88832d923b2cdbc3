"""The three answers of the send gate, each cell of them without a wire.

``test_send_gate`` and ``test_sender_wire`` try the same on whole ways to send; here it
is one line for each reason, so that none of them can go unnoticed.
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.models.sending.sender_origin import (
    AUTHOR,
    CODE,
    OUTSIDE,
    PERSON,
    sender_origin,
)

from .common import USER
from .test_send_gate import BOARD, GateCase

COMPANY = "info@spedbud.example"
OTHER = "eve@other.example"
REFUSED, PASSED = "refused", "passed"


@tagged("post_install", "-at_install")
class TestGateAnswers(GateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.email = COMPANY
        cls.root = cls.env.ref("base.user_root")
        cls.info = cls.make_mailbox(
            COMPANY,
            cls.member,
            restrict_senders=True,
            sender_ids=[Command.set(cls.member.ids)],
            **cls.smtp_values(),
        )
        cls.info.state = "ready"

    def answer(self, people, sender=BOARD, origin=PERSON, server=None):
        """Return the mailbox that carries it, or a word."""
        gate = self.env["mail.mailbox"]._pass_gate
        try:
            return gate([sender], people, origin, server) or PASSED
        except UserError as error:
            self.said = str(error)
            return REFUSED

    def check(self, wanted, people, *args, **kwargs):
        self.assertEqual(self.answer(people, *args, **kwargs), wanted)

    # Whose it is

    def test_by_person_and_origin(self):
        for origin in (PERSON, CODE):
            self.check(self.board, self.member, origin=origin)
            self.check(REFUSED, self.eve, origin=origin)
        self.check(PASSED, self.member, origin=AUTHOR)
        self.check(REFUSED, self.eve, origin=AUTHOR)
        # who only says to be the member gets no mailbox by it
        self.check(PASSED, self.member, origin=OUTSIDE)
        self.check(REFUSED, self.eve, origin=OUTSIDE)

    def test_of_several_people(self):
        self.check(REFUSED, self.member | self.eve)
        self.eve.login = BOARD
        self.check(PASSED, self.eve)
        self.check(PASSED, self.member | self.eve)

    def test_of_odoo(self):
        """Odoo's own mail is never refused, whoever caused it."""
        for origin in (CODE, AUTHOR):
            for person in (self.eve, self.root, self.member):
                self.check(PASSED, person, COMPANY, origin)
        for origin in (PERSON, OUTSIDE):
            self.check(REFUSED, self.eve, COMPANY, origin)
        self.check(self.info, self.member, COMPANY, PERSON)
        self.info.odoo_mail = True
        for origin in (CODE, AUTHOR):
            self.check(self.info, self.eve, COMPANY, origin)
        self.check(REFUSED, self.eve, COMPANY, PERSON)
        second = "second@spedbud.example"
        self.env["res.company"].create({"name": "Second", "email": second})
        self.check(PASSED, self.eve, f"{COMPANY}, {second}", CODE)
        self.info.state = "draft"
        self.check(PASSED, self.eve, COMPANY, CODE)

    def test_of_the_system(self):
        self.board.restrict_senders = False
        self.check(PASSED, self.root)
        self.board.odoo_mail = True
        self.check(self.board, self.root)
        self.check(self.board, self.member, origin=AUTHOR)
        self.board.state = "draft"
        self.check(PASSED, self.root)
        self.board.write({"state": "ready", "restrict_senders": True})
        self.check(REFUSED, self.root)

    # Which mailbox

    def test_of_several_addresses(self):
        self.check(REFUSED, self.member, f"{BOARD}, {OTHER}")
        self.check(REFUSED, self.member, f"{BOARD}, {COMPANY}")
        self.check(PASSED, self.eve, OTHER)

    def test_by_the_server_that_is_asked_for(self):
        server = self.board.mail_server_id
        self.check(REFUSED, self.eve, OTHER, server=server)
        self.check(self.board, self.member, OTHER, server=server)
        free = self.env["ir.mail_server"].create(
            {"name": "Free", "smtp_host": "localhost", "smtp_authentication": "login"}
        )
        self.check(PASSED, self.eve, OTHER, server=free)

    def test_by_a_tag(self):
        self.check(REFUSED, self.eve, "board+anything@spedbud.example")
        self.check(self.board, self.member, "board+anything@spedbud.example")

    def test_of_what_waits_for_approval(self):
        self.board.approval = "needed"
        self.check(PASSED, self.eve)

    def test_of_a_deactivated_one(self):
        self.board.active = False
        self.check(REFUSED, self.member)
        self.assertIn("deactivated", self.said)
        new = self.make_mailbox(BOARD, self.eve, **self.smtp_values())
        new.state = "ready"
        self.check(new, self.eve)
        new.active = False
        (self.board | new).flush_recordset()
        self.board.active = True
        self.board.state = "ready"
        self.check(REFUSED, self.eve)
        self.check(self.board, self.member)

    def test_of_an_unverified_one(self):
        self.board.state = "draft"
        self.check(REFUSED, self.member)
        self.assertIn("not verified", self.said)
        self.check(PASSED, self.root)
        self.member.login = BOARD
        self.check(PASSED, self.member)

    def test_of_no_address_at_all(self):
        self.check(REFUSED, self.member, "a" * 2000)
        self.assertIn("too long", self.said)
        self.check(PASSED, self.member, "")

    # Who may

    def test_who_may_send(self):
        may = self.board._may_send
        self.assertTrue(may(self.member))
        self.assertFalse(may(self.eve))
        self.member.active = False
        self.assertFalse(may(self.member))
        self.board.restrict_senders = False
        self.assertFalse(may(self.member))
        self.member.active = True
        self.assertTrue(may(self.eve))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        person = self.make_user(
            "elsewhere",
            USER,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(may(person))
        self.board.company_id = False
        self.assertTrue(may(person))
        self.board.write({"private": True})
        self.assertFalse(may(self.eve))
        self.assertFalse(may(self.root))
        self.assertTrue(may(self.member))

    def test_refusal_names_who_is_there_to_ask(self):
        self.board.sender_ids = [Command.set((self.member | self.colleague).ids)]
        self.colleague.name = "Marek Gone"
        self.colleague.active = False
        self.check(REFUSED, self.manager)
        self.assertIn(self.member.name, self.said)
        self.assertNotIn("Marek Gone", self.said)
        self.check(REFUSED, self.eve)
        self.assertNotIn(self.member.name, self.said)


@tagged("post_install", "-at_install")
class TestSenderOrigin(GateCase):
    """What a caller could choose decides; it is noted when a message is made."""

    def setUp(self):
        super().setUp()
        self.last = self.env["mail.message"].search([], order="id desc", limit=1).id

    def noted(self):
        """Return the origins of the messages since the last time."""
        self.env.flush_all()
        messages = self.env["mail.message"].search([("id", ">", self.last)])
        self.last = max([self.last, *messages.ids])
        return set(messages.mapped("mailbox_sender_origin"))

    def call(self, method, **kwargs):
        """Call by RPC and as code does; return what was noted of each."""
        record = self.customer.with_user(self.eve)
        call_kw(record.browse(), method, [record.ids], kwargs)
        by_wire = self.noted()
        getattr(record, method)(**kwargs)
        return by_wire, self.noted()

    def test_posts_and_notes(self):
        own = {"body": "Hello"}
        everybody = {**own, "partner_ids": self.customer.ids}
        for method, values in (("message_post", own), ("message_notify", everybody)):
            self.assertEqual(self.call(method, **values), ({AUTHOR}, {AUTHOR}))
            for named in (
                {"email_from": self.mailbox.email},
                {"mail_server_id": self.mailbox.mail_server_id.id},
                {"author_id": self.customer.id},
            ):
                with self.subTest(method, **named):
                    by_wire, by_code = self.call(method, **values, **named)
                    self.assertEqual(by_wire, {PERSON})
                    self.assertNotIn(PERSON, by_code)
            with sender_origin(PERSON):
                self.assertEqual(self.call(method, **values)[1], {PERSON})

    def make_template(self):
        return self.env["mail.template"].create(
            {
                "name": "Hello",
                "model_id": self.env.ref("base.model_res_partner").id,
                "email_from": self.mailbox.email,
                "email_to": "anna@spostex.example",
                "subject": "Hello",
                "body_html": "<p>Hello</p>",
            }
        )

    def test_templates(self):
        template = self.make_template()
        self.env["ir.model.data"].create(
            {
                "module": "__test__",
                "name": "hello",
                "model": template._name,
                "res_id": template.id,
            }
        )
        for method, record, args in (
            ("message_mail_with_source", self.customer, ["__test__.hello"]),
            ("message_post_with_source", self.customer, ["__test__.hello"]),
            ("send_mail", template, [self.customer.id]),
            ("send_mail_batch", template, [self.customer.ids]),
        ):
            with self.subTest(method):
                ids = record.with_user(self.eve)
                call_kw(ids.browse(), method, [record.ids, *args], {})
                self.assertEqual(self.noted(), {PERSON})
        template.with_user(self.eve).send_mail(self.customer.id)
        self.assertNotIn(PERSON, self.noted())

    def test_messages_by_hand(self):
        values = {"body": "Hello", "email_from": BOARD}
        messages = self.env["mail.message"].with_user(self.member)
        with sender_origin(None):
            messages.sudo().create(values)
            self.assertNotIn(PERSON, self.noted())
            messages.sudo().with_context(default_email_from=BOARD).create({})
            self.assertEqual(self.noted(), {PERSON})
            message = messages.create({"body": "Hello"})
            self.assertNotIn(PERSON, self.noted())
            message.write({"email_from": BOARD})
            self.assertEqual(message.sudo().mailbox_sender_origin, PERSON)
            message = messages.create(values)
            self.assertEqual(self.noted(), {PERSON})

    def test_what_came_from_outside(self):
        with sender_origin(OUTSIDE):
            self.customer.message_post(body="Hello", message_type="email")
            self.assertEqual(self.noted(), {OUTSIDE})
            self.customer.message_post(body="Hello", message_type="notification")
            self.assertEqual(self.noted(), {False})

    def test_what_is_queued_without_all_rights_is_a_persons(self):
        admin = self.make_user("queue_admin", USER, "base.group_system")
        with self.assertRaises(AccessError):
            self.env["mail.mail"].with_user(admin).create(
                {"email_from": BOARD, "email_to": OTHER, "body_html": "<p>Hi</p>"}
            )
        message = self.env["mail.message"].create({"body": "Hello"})
        self.env["mail.mail"].with_user(admin).create(
            {"mail_message_id": message.id, "state": "cancel"}
        )
        self.assertEqual(message.mailbox_sender_origin, PERSON)
