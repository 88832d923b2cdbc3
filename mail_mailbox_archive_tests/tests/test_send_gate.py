"""The send gate: every way to send, tried by somebody who may not."""

from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from odoo.addons.mail_mailbox_archive.models.sending.sender_origin import PERSON

from .common import USER
from .sending import SendingCase

BOARD = "board@spedbud.example"


class GateCase(SendingCase):
    """A mailbox that only one person may send from, and somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.make_restricted(BOARD)
        cls.member.name = "Zofia Prezes"
        cls.eve = cls.make_user(
            "eve",
            USER,
            "base.group_partner_manager",
            "mail.group_mail_template_editor",
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "customer@spostex.example"}
        )

    def mails_of_board(self):
        return self.env["mail.mail"].search([("email_from", "ilike", "board")])

    @contextmanager
    def queue_lets_everything_in(self):
        mails = type(self.env["mail.mail"])
        with patch.object(mails, "_pass_gate_when_queued", lambda self: None):
            yield

    def try_to_send(self, path):
        """Return whether ``path`` was refused when queueing; send what was queued."""
        before = self.mails_of_board()
        try:
            with self.env.cr.savepoint():
                path(self.eve)
            refused = False
        except UserError:
            refused = True
        self.env.flush_all()
        mails = self.mails_of_board() - before
        waiting = mails.filtered(lambda mail: mail.state == "outgoing")
        blocked = refused or bool(mails and not waiting)
        self.run_queue(waiting)
        mails.invalidate_recordset()
        self.assertFalse(mails.exists().filtered(lambda mail: mail.state == "sent"))
        return blocked


@tagged("post_install", "-at_install")
class TestPaths(GateCase):
    """Each path is blocked when queueing and, if that failed, when sending."""

    def paths(self):
        """Return name → function(user) that tries to send as the board."""
        own = [name for name in dir(self) if name.startswith("path_")]
        return {name[5:]: getattr(self, name) for name in own}

    def test_every_path_is_blocked_twice(self):
        paths = self.paths()
        self.assertGreaterEqual(len(paths), 18)
        for name, path in paths.items():
            with self.subTest(path=name):
                self.assertTrue(self.try_to_send(path), "not blocked when queueing")
                self.assertFalse(self.smtp.take(), "it left")
                with self.queue_lets_everything_in():
                    self.try_to_send(path)
                self.assertFalse(self.smtp.take(), "it left past the queue")

    def test_the_same_paths_work_for_who_is_listed(self):
        # or a path that never sends would pass as blocked
        self.board.sender_ids = [Command.link(self.eve.id)]
        silent = []
        for name, path in self.paths().items():
            with self.subTest(path=name):
                before = self.mails_of_board()
                path(self.eve)
                self.env.flush_all()
                mails = (self.mails_of_board() - before).exists()
                self.run_queue(mails.filtered(lambda m: m.state == "outgoing"))
                if not self.smtp.take():
                    silent.append(name)
        # what nobody in particular sends is nobody's who is listed
        self.assertEqual(sorted(silent), ["alias_reply", "system_cron"])

    # mail.mail

    def values(self, **values):
        return {
            "email_from": BOARD,
            "email_to": "anna@spostex.example",
            "subject": "Dismissal",
            "body_html": "<p>You are dismissed.</p>",
            **values,
        }

    def path_mail_create(self, user):
        self.env["mail.mail"].with_user(user).sudo().create(self.values())

    def path_mail_create_and_send(self, user):
        self.env["mail.mail"].with_user(user).sudo().create(self.values()).send()

    def path_mail_write_from(self, user):
        mails = self.env["mail.mail"].with_user(user).sudo()
        mail = mails.create(self.values(email_from=self.mailbox.email))
        mail.email_from = BOARD

    def path_mail_server(self, user):
        mails = self.env["mail.mail"].with_user(user).sudo()
        mails.create(
            self.values(
                email_from="Board <board@spedbud.example>",
                mail_server_id=self.env["ir.mail_server"].search([], limit=1).id,
            )
        )

    def path_board_server(self, user):
        mails = self.env["mail.mail"].with_user(user).sudo()
        mails.create(
            self.values(
                email_from='"board" <eve@spedbud.example>',
                mail_server_id=self.board.mail_server_id.id,
            )
        )

    def path_retry_failed(self, user):
        mail = self.env["mail.mail"].with_user(self.member).sudo().create(self.values())
        mail.state = "exception"
        mail.with_user(user).sudo().action_retry()

    def path_rewrite_queued(self, user):
        mail = self.env["mail.mail"].with_user(self.member).sudo().create(self.values())
        mail.with_user(user).sudo().write({"body_html": "<p>Eve was here</p>"})

    def path_delayed(self, user):
        self.env["mail.mail"].with_user(user).sudo().create(
            self.values(scheduled_date=fields.Datetime.now() - timedelta(minutes=1))
        )

    # Chatter and composer

    def path_message_post(self, user):
        self.customer.with_user(user).message_post(
            body="Dismissed",
            email_from=BOARD,
            partner_ids=self.customer.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def path_message_notify(self, user):
        self.customer.with_user(user).message_notify(
            body="Dismissed", email_from=BOARD, partner_ids=self.customer.ids
        )

    def path_message_mail_with_source(self, user):
        template = self.make_template()
        self.customer.with_user(user).message_mail_with_source(
            template, force_send=True
        )

    def compose(self, user, **values):
        return (
            self.env["mail.compose.message"]
            .with_user(user)
            .create(
                {
                    "model": "res.partner",
                    "res_ids": repr(self.customer.ids),
                    "subject": "Dismissal",
                    "body": "<p>You are dismissed</p>",
                    "partner_ids": [Command.set(self.customer.ids)],
                    "email_from": BOARD,
                    **values,
                }
            )
        )

    def path_composer(self, user):
        self.compose(user, subtype_id=self.env.ref("mail.mt_comment").id).with_context(
            mail_notify_force_send=True
        )._action_send_mail()

    def path_composer_default(self, user):
        composers = self.env["mail.compose.message"].with_user(user)
        composer = composers.with_context(
            default_email_from=BOARD,
            default_mail_server_id=self.board.mail_server_id.id,
        ).create(
            {
                "model": "res.partner",
                "res_ids": repr(self.customer.ids),
                "subject": "Dismissal",
                "body": "<p>You are dismissed</p>",
                "partner_ids": [Command.set(self.customer.ids)],
                "subtype_id": self.env.ref("mail.mt_comment").id,
            }
        )
        composer._action_send_mail()

    def path_mass_mode(self, user):
        self.compose(user, composition_mode="mass_mail")._action_send_mail()

    def path_scheduled_message(self, user):
        composer = self.compose(
            user,
            subtype_id=self.env.ref("mail.mt_comment").id,
            author_id=user.partner_id.id,
            scheduled_date=fields.Datetime.to_string(
                fields.Datetime.now() + timedelta(hours=1)
            ),
        )
        scheduled = composer._action_schedule_message()
        scheduled.sudo()._post_message()

    def path_scheduled_notification(self, user):
        message = self.customer.with_user(user).message_post(
            body="Dismissed",
            email_from=BOARD,
            partner_ids=self.customer.ids,
            subtype_xmlid="mail.mt_comment",
            scheduled_date=fields.Datetime.now() + timedelta(hours=1),
        )
        schedule = self.env["mail.message.schedule"].search(
            [("mail_message_id", "=", message.id)]
        )
        schedule.with_user(self.env.ref("base.user_root"))._send_notifications()

    # Templates, actions, rules

    def make_template(self):
        return self.env["mail.template"].create(
            {
                "name": "Dismissal",
                "model_id": self.env.ref("base.model_res_partner").id,
                "email_from": BOARD,
                "email_to": "anna@spostex.example",
                "subject": "Dismissal",
                "body_html": "<p>You are dismissed</p>",
            }
        )

    def path_template(self, user):
        self.make_template().with_user(user).send_mail(
            self.customer.id, force_send=True
        )

    def path_template_email_values(self, user):
        template = self.make_template()
        template.email_from = "shop@other.example"
        template.with_user(user).send_mail(
            self.customer.id, email_values={"email_from": BOARD}
        )

    def make_action(self, code):
        return self.env["ir.actions.server"].create(
            {
                "name": "Dismiss",
                "model_id": self.env.ref("base.model_res_partner").id,
                "state": "code",
                "code": code,
            }
        )

    def run_action(self, action, user):
        action.with_user(user).sudo().with_context(
            active_model="res.partner", active_id=self.customer.id
        ).run()

    def path_server_action(self, user):
        code = f"env['mail.mail'].sudo().create({self.values()!r})"
        self.run_action(self.make_action(code), user)

    def path_server_action_mail(self, user):
        template = self.make_template()
        action = self.env["ir.actions.server"].create(
            {
                "name": "Dismiss by mail",
                "model_id": self.env.ref("base.model_res_partner").id,
                "state": "mail_post",
                "mail_post_method": "email",
                "template_id": template.id,
            }
        )
        self.run_action(action, user)

    def path_system_cron(self, _user):
        root = self.env.ref("base.user_root")
        self.env["mail.mail"].with_user(root).create(self.values())

    def path_alias_reply(self, user):
        """A mail from outside that says it is the board's, on a followed record."""
        self.customer.message_subscribe(self.customer.ids)
        post = self.customer.with_user(self.env.ref("base.user_root"))
        post.with_context(mailbox_quiet=True).message_post(
            body="Dismissed",
            email_from=BOARD,
            author_id=False,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )

    # Servers

    def make_message(self, sender=BOARD):
        message = EmailMessage()
        message["From"] = sender
        message["To"] = "anna@spostex.example"
        message["Subject"] = "Dismissal"
        message["Message-Id"] = "<dismissal@spedbud.example>"
        message.set_content("You are dismissed.")
        return message

    def path_send_email(self, user):
        self.env["ir.mail_server"].with_user(user).send_email(self.make_message())

    def path_send_email_sudo(self, user):
        self.env["ir.mail_server"].with_user(user).sudo().send_email(
            self.make_message(), mail_server_id=self.board.mail_server_id.id
        )

    def path_send_email_host(self, user):
        self.env["ir.mail_server"].with_user(user).send_email(
            self.make_message(), smtp_server="localhost", smtp_port=self.smtp.port
        )


@tagged("post_install", "-at_install")
class TestGate(GateCase):
    """Who, what state, and how an address is written."""

    SPELLINGS = (
        "board@spedbud.example",
        "BOARD@SPEDBUD.EXAMPLE",
        "Board <board@spedbud.example>",
        '"Anna" <Board@Spedbud.Example>',
        "board+anything@spedbud.example",
        "<board@spedbud.example.>",
        '"board"@spedbud.example',
        "board (the board) @spedbud.example",
        "eve@other.example, board@spedbud.example",
        "board@spedbud.example, eve@other.example",
        '"board@spedbud.example" <eve@other.example>',
        "board@spedbud.example <eve@other.example>",
        "=?utf-8?q?board=40spedbud=2Eexample?= <eve@other.example>",
        "=?utf-8?b?Ym9hcmRAc3BlZGJ1ZC5leGFtcGxl?=",
        "Group: board@spedbud.example;",
        "eve@other.example\r\n board@spedbud.example",
        "board\uff20spedbud.example",
    )

    def test_no_spelling_gets_past(self):
        for spelling in self.SPELLINGS:
            with self.subTest(spelling=spelling), self.assertRaises(UserError):
                self.env["mail.mailbox"]._pass_gate([spelling], self.eve)

    def test_no_spelling_gets_past_the_queue(self):
        for spelling in self.SPELLINGS:
            with self.subTest(spelling=spelling), self.queue_lets_everything_in():
                self.send(self.eve, email_from=spelling)
                for received in self.smtp.take():
                    self.assertNotIn(b"board", received.content.lower())

    def test_international_domain(self):
        self.board.email = "zarząd@żółw.example"
        self.board.state = "ready"
        for spelling in ("zarząd@żółw.example", "Zarząd@XN--W-UGA1V8K.example"):
            found = self.env["mail.mailbox"]._find_by_from([spelling])[1]
            if "XN--" not in spelling:
                self.assertEqual(found, self.board)
        ascii_form = self.board.email_normalized
        found = self.env["mail.mailbox"]._find_by_from([ascii_form.upper()])[1]
        self.assertEqual(found, self.board)

    def test_several_from_headers(self):
        message = EmailMessage()
        message._headers += [("From", "eve@other.example"), ("From", BOARD)]
        message._headers += [("To", "anna@spostex.example"), ("Message-Id", "<a@b>")]
        message.set_content("Dismissed")
        with self.assertRaises(UserError):
            self.env["ir.mail_server"].with_user(self.eve).send_email(message)
        self.assertFalse(self.smtp.take())

    def test_refusal_says_who_may_to_who_sees_the_mailbox(self):
        with self.assertRaisesRegex(AccessError, "Zofia Prezes"):
            self.queue(self.manager, email_from=BOARD)
        with self.assertRaisesRegex(AccessError, "Ask a mail administrator"):
            self.queue(self.eve, email_from=BOARD)
        with self.queue_lets_everything_in():
            mail = self.send(self.eve, email_from=BOARD)
        self.assertEqual(mail.state, "exception")
        self.assertNotIn("Zofia Prezes", mail.failure_reason)

    def test_listed_person_sends(self):
        mail = self.send(self.member, email_from=BOARD)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(self.smtp.take()[0].mail_from, BOARD)

    def test_right_lost_between_queueing_and_sending(self):
        for loss in (
            {"sender_ids": [Command.clear()]},
            {"active": False},
            {"smtp_login": "somebody.else"},
        ):
            with self.subTest(loss=loss), self.env.cr.savepoint() as savepoint:
                mail = self.queue(self.member, email_from=BOARD)
                self.board.write(loss)
                self.run_queue(mail)
                self.assertEqual(mail.state, "exception")
                self.assertFalse(self.smtp.take())
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_batch_looks_its_sender_up_once_and_judges_each_mail(self):
        mails = self.env["mail.mail"].browse(
            self.queue(self.member, email_from=BOARD).id for _number in range(5)
        )
        mails.mail_message_id.mailbox_sender_origin = PERSON
        model, looked, judged = type(self.env["mail.mailbox"]), [], []
        find, may_send = model._find_by_from, model._may_send

        def look(mailboxes, froms):
            looked.append(froms)
            return find(mailboxes, froms)

        def judge(mailbox, person):
            judged.append(person)
            return may_send(mailbox, person)

        self.patch(model, "_find_by_from", look)
        self.patch(model, "_may_send", judge)
        self.run_queue(mails)
        self.assertEqual(set(mails.mapped("state")), {"sent"})
        # by whom each is carried, then when they leave
        self.assertLessEqual(len(looked), 2)
        self.assertGreaterEqual(judged.count(self.member), 5)

    def test_person_who_left_sends_no_more(self):
        mail = self.queue(self.member, email_from=BOARD)
        self.member.active = False
        self.run_queue(mail)
        self.assertEqual(mail.state, "exception")

    def test_all_who_answer_for_it_have_to_be_carried(self):
        """Whoever only has this address is not sent by a mailbox because of others."""
        self.eve.login = BOARD
        gate = self.env["mail.mailbox"]._pass_gate
        self.assertEqual(gate([BOARD], self.member), self.board)
        self.assertFalse(gate([BOARD], self.eve))
        self.assertFalse(gate([BOARD], self.member | self.eve))

    def test_unverified_mailbox_sends_nothing(self):
        for state in ("draft", "verifying"):
            self.mailbox.state = state
            with self.assertRaisesRegex(UserError, "not verified"):
                self.queue()
            with self.queue_lets_everything_in():
                mail = self.send()
            self.assertIn("not verified", mail.failure_reason)
        self.assertFalse(self.smtp.take())

    def test_mailbox_that_only_receives_sends_nothing(self):
        mailbox = self.make_mailbox("in@spedbud.example")
        with self.assertRaisesRegex(UserError, "not verified"):
            self.queue(email_from=mailbox.email)

    def test_everybody_sends_from_an_unrestricted_mailbox(self):
        self.assertEqual(self.send(self.outsider).state, "sent")
        root = self.env.ref("base.user_root")
        self.assertEqual(self.send(root).state, "sent")

    def test_only_its_people_send_from_a_private_mailbox(self):
        self.mailbox.private = True
        # sent, it is in the list of mails no more
        self.assertFalse(self.send(self.member).exists())
        self.assertEqual(len(self.smtp.take()), 1)
        for user in (self.outsider, self.manager, self.env.ref("base.user_root")):
            self.assertFalse(self.mailbox._may_send(user))

    def test_context_proves_nothing(self):
        for context in (
            {"default_state": "ready"},
            {"mailbox_in_step": True, "default_mail_server_id": 1},
        ):
            mailbox = (
                self.env["mail.mailbox"]
                .with_user(self.eve)
                .with_context(**context)
                .create(
                    {
                        "name": "Eve",
                        "email": "eve@spedbud.example",
                        "imap_enabled": False,
                    }
                )
            )
            self.assertEqual(mailbox.state, "draft")
            self.assertFalse(mailbox.mail_server_id)
            mailbox.sudo().unlink()

    @users("mailbox_eve")
    def test_state_is_not_written_by_hand(self):
        mailbox = self.env["mail.mailbox"].create(
            {
                "name": "Eve",
                "email": "eve@spedbud.example",
                "imap_enabled": False,
            }
        )
        for vals in (
            {"state": "ready"},
            {"mail_server_id": self.board.mail_server_id.id},
        ):
            with self.assertRaises(AccessError):
                mailbox.write(vals)

    def test_senders_are_not_changed_by_the_responsible_alone(self):
        self.board.user_ids = [Command.link(self.colleague.id)]
        board = self.board.with_user(self.member)
        with self.assertRaisesRegex(
            AccessError, "Only a mail administrator can decide"
        ):
            board.restrict_senders = False
        board.with_user(self.manager).restrict_senders = False

    def test_chooser_offers_what_one_may_send_from(self):
        def offered(user):
            mailboxes = self.env["mail.mailbox"].with_user(user)
            return mailboxes.search(mailboxes._get_sendable_domain())

        self.assertEqual(offered(self.member), self.mailbox | self.board)
        self.assertFalse(offered(self.eve))
        self.board.sender_ids = [Command.set(self.eve.ids)]
        self.assertEqual(offered(self.eve), self.board)
        self.assertEqual(offered(self.member), self.mailbox)
        # who may send does not read what comes in
        self.deliver(self.board, subject="Secret")
        self.assertFalse(
            self.env["mail.mailbox.arrival"].with_user(self.eve).search([])
        )
