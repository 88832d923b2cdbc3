from itertools import pairwise
from unittest.mock import patch

from psycopg2.errors import RestrictViolation

from odoo import Command
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MANAGER, USER, MailboxCase, write_mail


@tagged("post_install", "-at_install")
class ArchiveCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreman = cls.env["res.groups"].create(
            {"name": "Foreman", "mail_role": True}
        )
        cls.office = cls.env["res.groups"].create({"name": "Office", "mail_role": True})
        cls.spostex = cls.env["res.partner"].create(
            {"name": "Spostex S.A.", "is_company": True}
        )
        cls.north = cls.env["res.partner"].create(
            {"name": "North Pier Ltd", "is_company": True}
        )
        cls.arrival = cls.deliver(cls.mailbox)
        cls.message = cls.arrival.mailbox_message_id.with_user(cls.member)

    def archive(self, record, user=None, roles=None, messages=None, mailbox=None):
        messages = (messages or self.message).with_user(user or self.member)
        return messages._archive(record.with_user(user or self.member), roles, mailbox)

    def open_form(self, user=None, messages=None, **values):
        messages = messages or self.message
        wizard = self.env["mail.mailbox.archive.wizard"].with_user(user or self.member)
        return wizard.with_context(
            active_model="mail.mailbox.message", active_ids=messages.ids
        ).create(values)

    def fill(self, wizard, *records):
        record_type = self.env.ref("mail_mailbox_archive.record_type_company")
        wizard.line_ids = [
            Command.clear(),
            *(
                Command.create({"record_type_id": record_type.id, "res_id": record.id})
                for record in records
            ),
        ]
        return wizard


class TestArchive(ArchiveCase):
    """A message is attached to records, and detached from them."""

    allow_inherited_tests_method = True

    def test_archived_message_names_its_records(self):
        self.archive(self.spostex)
        self.archive(self.north)
        self.assertTrue(self.message.archived)
        self.assertEqual(self.message.attached_to, "Spostex S.A., North Pier Ltd")
        arrival = self.arrival.with_user(self.member)
        self.assertEqual(arrival.attached_to, "Spostex S.A., North Pier Ltd")

    def test_times_are_kept_in_utc(self):
        self.assertEqual(str(self.arrival.internal_date), "2026-11-02 11:00:00")
        self.assertEqual(str(self.message.date), "2026-11-02 09:00:00")

    def test_reader_of_the_record_finds_it(self):
        model = self.env["mail.mailbox.message"].with_user(self.outsider)
        self.assertFalse(model.search([]))
        link = self.archive(self.spostex)
        self.assertEqual(model.search([("archived", "=", True)]), self.message)
        self.assertEqual(link.user_id, self.member)
        self.assertEqual(link.mailbox_id, self.mailbox)
        self.assertEqual(model.search([("content", "ilike", "HELL")]), self.message)

    def test_text_is_read_also_when_sizes_are_asked_for(self):
        """As the web client does: its context asks for sizes of binary fields."""
        arrival = self.arrival.with_user(self.member).with_context(bin_size=True)
        self.assertEqual(
            arrival.web_read({"body_text": {}})[0]["body_text"].strip(), "Hello"
        )

    def test_attaching_twice_changes_nothing(self):
        self.archive(self.spostex)
        self.assertFalse(self.archive(self.spostex))
        self.assertEqual(len(self.message.link_ids), 1)

    def test_attached_by_somebody_else_at_the_same_moment(self):
        self.archive(self.spostex)
        links = self.env["mail.mailbox.link"]
        # as a transaction that began before sees it
        with (
            patch.object(type(links), "search", lambda self, *_args, **_more: links),
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
        ):
            self.archive(self.spostex)
        # which Odoo answers by doing the request again
        self.assertFalse(self.archive(self.spostex))
        self.assertEqual(len(self.message.sudo().link_ids), 1)

    def test_who_may_not_read_the_message_cannot_archive_it(self):
        with self.assertRaises(AccessError):
            self.archive(self.spostex, user=self.outsider)

    def test_who_may_not_read_the_record_cannot_archive_to_it(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.spostex.company_id = company
        with self.assertRaises(AccessError):
            self.archive(self.spostex)

    def test_model_that_is_not_enabled_is_refused(self):
        with self.assertRaisesRegex(UserError, "record type"):
            self.archive(self.env["res.country"].search([], limit=1))

    def test_deleted_record_is_refused(self):
        gone = self.north.with_user(self.member)
        self.north.unlink()
        with self.assertRaisesRegex(UserError, "deleted"):
            self.archive(gone)

    def test_roles_are_chosen_the_first_time_only(self):
        self.archive(self.spostex, roles=self.foreman)
        self.assertEqual(self.message.role_ids, self.foreman)
        self.archive(self.north, roles=self.office)
        self.assertEqual(self.message.role_ids, self.foreman)

    def test_archiving_again_never_adds_roles(self):
        self.archive(self.spostex)
        self.archive(self.north, roles=self.office)
        self.assertFalse(self.message.role_ids)

    def test_deleted_role_is_refused_in_words(self):
        role = self.office
        role.sudo().unlink()
        with self.assertRaisesRegex(UserError, "role was deleted"):
            self.archive(self.spostex, roles=role)

    def test_group_that_is_no_role_is_refused(self):
        with self.assertRaisesRegex(UserError, "role"):
            self.archive(self.spostex, roles=self.env.ref("base.group_user"))

    def test_roles_are_changed_by_who_archived_and_noted(self):
        self.archive(self.spostex)
        self.message._set_roles(self.office)
        self.assertEqual(self.message.role_ids, self.office)
        self.assertIn("roles", self.message.history_ids.mapped("action"))

    def test_roles_are_not_changed_by_other_readers(self):
        self.archive(self.spostex)
        with self.assertRaises(AccessError):
            self.message.with_user(self.outsider)._set_roles(self.office)
        with self.assertRaises(AccessError):
            self.message.with_user(self.outsider).write({"role_ids": [Command.clear()]})

    def test_unfile_by_who_archived(self):
        link = self.archive(self.spostex)
        link.with_user(self.member).action_unfile()
        self.assertFalse(self.message.archived)
        self.assertEqual(
            self.message.history_ids.mapped("action"), ["unfiled", "archived"]
        )

    def test_unfile_is_refused_to_other_readers(self):
        link = self.archive(self.spostex).with_user(self.outsider)
        self.assertFalse(link.can_unfile)
        with self.assertRaises(AccessError):
            link.action_unfile()
        with self.assertRaises(AccessError):
            link.unlink()

    def test_links_are_not_made_by_hand(self):
        values = {
            "mailbox_message_id": self.message.id,
            "res_model": "res.partner",
            "res_id": self.spostex.id,
        }
        for user in (self.member, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["mail.mailbox.link"].with_user(user).create(values)

    def test_unfiled_from_one_record_stays_archived_on_the_other(self):
        self.archive(self.north, roles=self.foreman)
        self.archive(self.spostex).with_user(self.member).action_unfile()
        self.assertTrue(self.message.archived)
        self.assertEqual(self.message.role_ids, self.foreman)

    def test_unfiled_message_has_no_roles_and_is_in_the_queue(self):
        link = self.archive(self.spostex, roles=self.foreman)
        self.arrival.unlink()
        self.foreman.user_ids = self.member
        link.with_user(self.member).action_unfile()
        self.assertFalse(self.message.role_ids)
        self.assertEqual(self.message.arrival_ids.mailbox_id, self.mailbox)

    def test_history_names_no_record_to_who_cannot_open_it(self):
        self.archive(self.spostex)
        self.archive(self.north)
        self.north.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.invalidate_all()
        lines = self.message.with_user(self.outsider).history_ids
        self.assertEqual(lines.mapped("res_name"), ["Spostex S.A."])

    def test_history_tells_nothing_about_records_one_cannot_open(self):
        self.archive(self.spostex)
        self.archive(self.north)
        self.north.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.invalidate_all()
        for user in (self.outsider, self.member):
            lines = self.env["mail.mailbox.history"].with_user(user)
            self.assertEqual(lines.search([]).mapped("res_id"), [self.spostex.id])
            self.assertFalse(lines.search_count([("res_id", "=", self.north.id)]))

    def test_history_of_a_private_mailbox_is_for_its_people(self):
        board = self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        message = self.deliver(board).mailbox_message_id
        self.assertEqual(message, self.message)
        self.archive(self.spostex)
        self.archive(self.north, user=self.colleague, mailbox=board)
        self.env.invalidate_all()
        lines = message.with_user(self.outsider).history_ids
        self.assertEqual(lines.mapped("user_id"), self.member)
        self.env.invalidate_all()
        self.assertEqual(len(message.with_user(self.colleague).history_ids), 2)

    def test_attaching_once_more_gives_no_right_to_the_roles(self):
        self.archive(self.spostex, roles=self.foreman)
        self.foreman.user_ids = self.colleague
        again = self.archive(self.north, user=self.colleague)
        self.assertTrue(again.with_user(self.colleague).can_unfile)
        message = self.message.with_user(self.colleague)
        self.assertFalse(message.may_govern)
        with self.assertRaises(AccessError):
            message._set_roles(self.env["res.groups"])
        self.assertFalse(self.message.with_user(self.outsider).has_access("read"))

    def test_role_that_mail_is_restricted_to_is_not_deleted(self):
        self.archive(self.spostex, roles=self.foreman)
        with self.assertRaisesRegex(UserError, "everybody could read"):
            self.foreman.unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation):
            self.env.cr.execute(
                "DELETE FROM res_groups WHERE id = %s", [self.foreman.id]
            )

    def test_people_of_a_deactivated_mailbox_unfile(self):
        self.mailbox.user_ids += self.colleague
        link = self.archive(self.spostex)
        self.mailbox.active = False
        self.env.invalidate_all()
        link.with_user(self.colleague).action_unfile()
        self.assertFalse(link.exists())

    def test_fifty_records_store_the_message_once(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Company {n}", "is_company": True} for n in range(50)]
        )
        self.env.flush_all()

        def rows():
            self.env.flush_all()
            counts = {}
            for table in ("message", "part", "arrival", "link"):
                self.env.cr.execute(f"SELECT count(*) FROM mail_mailbox_{table}")
                counts[table] = self.env.cr.fetchone()[0]
            self.env.cr.execute("SELECT count(*), sum(file_size) FROM ir_attachment")
            return counts, self.env.cr.fetchone()

        counts, files = rows()
        for partner in partners:
            self.archive(partner)
        more, files_after = rows()
        self.assertEqual(files_after, files)
        self.assertEqual(more, counts | {"link": counts["link"] + 50})

    def test_queries_do_not_grow_with_the_messages(self):
        def queries(count, record):
            messages = self.env["mail.mailbox.message"]
            for number in range(count):
                arrival = self.deliver(self.mailbox, subject=f"{record.name} {number}")
                messages |= arrival.mailbox_message_id
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.archive(record, messages=messages)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(1, self.env["res.partner"].create({"name": "Warm-up"}))
        self.assertAlmostEqual(
            queries(40, self.north), queries(4, self.spostex), delta=3
        )


class TestContentSearch(ArchiveCase):
    """The full-text search, also with what nobody would type on purpose."""

    allow_inherited_tests_method = True

    def find(self, words, operator="ilike"):
        return self.env["mail.mailbox.message"].search([("content", operator, words)])

    def test_words_match_from_their_beginning_in_any_order(self):
        arrival = self.deliver(
            self.mailbox, subject="Faktura VAT", text="Łódź, ul. Święty Jan 12/3"
        )
        message = arrival.mailbox_message_id
        for words in (
            "lodz faktura",
            "VAT swi",
            "jan 12",
            "ANNA.NOWAK@spostex.example",
        ):
            with self.subTest(words=words):
                self.assertIn(message, self.find(words))
        self.assertNotIn(message, self.find("faktura other"))

    def test_nothing_but_operators_finds_nothing(self):
        for words in ("&", "| ! ()", ":*", "''", "\\", "<-> <2>", "  ", "%"):
            with self.subTest(words=words):
                self.assertFalse(self.find(words))

    def test_operators_among_words_are_no_operators(self):
        for words in ("hello & !hello", "hello')", "hel:*", "hello | other\\"):
            with self.subTest(words=words):
                self.assertEqual(bool(self.find(words)), "other" not in words)

    def test_long_text_is_answered(self):
        self.assertFalse(self.find("word " * 2000))
        self.assertFalse(self.find("w" * 10_000))


class TestArchiveForm(ArchiveCase):
    """The form "Archive new email"."""

    allow_inherited_tests_method = True

    def ask_form(self, line, fields_spec):
        """Ask the form of the member for values, with what a browser might send."""
        values = {
            "mailbox_message_ids": [Command.link(self.message.id)],
            "line_ids": [Command.create(line)],
        }
        wizard = self.env["mail.mailbox.archive.wizard"].with_user(self.member)
        self.env.invalidate_all()
        return wizard.onchange(
            values, ["line_ids"], {"line_ids": {"fields": {}}, **fields_spec}
        )["value"]

    def test_form_does_not_name_a_record_one_cannot_open(self):
        record_type = self.env.ref("mail_mailbox_archive.record_type_company")
        line = {"record_type_id": record_type.id, "res_id": self.north.id}
        asked = {"audience": {}, "audience_user_ids": {}}
        self.assertIn("North Pier", self.ask_form(line, asked)["audience"])
        self.north.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        value = self.ask_form(line, asked)
        self.assertNotIn("North Pier", str(value))
        self.assertFalse(value.get("audience_user_ids"))
        self.north.unlink()
        self.assertFalse(self.ask_form(line, asked).get("audience"))

    def test_form_tells_nothing_about_messages_of_others(self):
        self.archive(self.spostex)
        self.spostex.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        wizard = self.env["mail.mailbox.archive.wizard"].with_user(self.outsider)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            wizard.onchange(
                {"mailbox_message_ids": [Command.link(self.message.id)]},
                ["mailbox_message_ids"],
                {"mailbox_message_ids": {}, "first_time": {}, "subjects": {}},
            )

    def test_roles_are_not_offered_when_only_the_link_is_hidden(self):
        self.archive(self.spostex)
        self.spostex.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        wizard = self.open_form()
        self.env.invalidate_all()
        self.assertFalse(wizard.attached_to)
        self.assertFalse(wizard.first_time)

    def test_form_of_somebody_else_is_closed(self):
        wizard = self.fill(self.open_form(), self.spostex)
        model = self.env["mail.mailbox.archive.wizard"].with_user(self.outsider)
        self.assertFalse(model.search([("id", "=", wizard.id)]))
        for own in (wizard, wizard.line_ids):
            with self.assertRaises(AccessError):
                own.with_user(self.outsider).read(["create_uid"])
        with self.assertRaises(AccessError):
            self.fill(wizard.with_user(self.outsider), self.north)

    def test_several_records_at_once(self):
        wizard = self.fill(self.open_form(), self.spostex, self.north)
        action = wizard.action_confirm()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(len(self.message.link_ids), 2)

    def test_form_is_filled_as_in_the_browser(self):
        self.deliver(self.mailbox, subject="Offer", text="For Spostex, as agreed")
        arrival = self.env["mail.mailbox.arrival"].search([], limit=1, order="id desc")
        wizard = self.env["mail.mailbox.archive.wizard"].with_user(self.member)
        context = {"active_model": "mail.mailbox.arrival", "active_ids": arrival.ids}
        with Form(wizard.with_context(**context)) as form:
            self.assertEqual(form.subjects, "Offer")
            self.assertIn("Spostex S.A.", form.audience)
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.res_id, self.spostex.id)
                self.assertIn("Spostex", line.reason)

    def open_as_in_the_browser(self, messages):
        wizard = self.env["mail.mailbox.archive.wizard"].with_user(self.member)
        context = {"active_model": "mail.mailbox.message", "active_ids": messages.ids}
        return Form(wizard.with_context(**context))

    def deliver_about(self, *names):
        messages = self.env["mail.mailbox.message"].browse()
        for number, name in enumerate(names):
            mail = write_mail(subject=f"Mail {number}", text=f"About {name}.")
            messages |= self.deliver(self.mailbox, mail).mailbox_message_id
        return messages

    def test_several_are_grouped_by_what_each_points_to(self):
        names = ["Spostex", "North Pier", "Spostex", "nobody", "Spostex"]
        messages = self.deliver_about(*names)
        form = self.open_as_in_the_browser(messages)
        self.assertIn("left open", form.suggestion_note)
        lines = [form.line_ids.edit(number) for number in range(len(form.line_ids))]
        self.assertEqual(
            [(line.res_id, line.emails) for line in lines],
            [
                (self.spostex.id, "3: Mail 0, Mail 2, Mail 4"),
                (self.north.id, "1: Mail 1"),
                (0, "1: Mail 3"),
            ],
        )
        self.assertIn("North Pier", lines[1].reason)
        text = form.save().action_confirm()["params"]["message"]
        self.assertIn("4 emails attached. Left open: 1.", text)
        self.assertEqual(
            [message.link_ids.res_id for message in messages],
            [self.spostex.id, self.north.id, self.spostex.id, False, self.spostex.id],
        )

    def test_a_deleted_email_of_a_group_brings_no_other_one_to_its_record(self):
        messages = self.deliver_about("Spostex", "North Pier")
        wizard = self.open_as_in_the_browser(messages).save()
        messages[0].sudo().unlink()
        wizard.action_confirm()
        self.assertEqual(messages[1].link_ids.res_id, self.north.id)

    def test_a_clicked_suggestion_takes_only_the_emails_that_point_to_it(self):
        messages = self.deliver_about("nobody", "nothing")
        quoting = write_mail(subject="Quote", text="Hello\n\n> Spostex wrote\n> more\n")
        messages |= self.deliver(self.mailbox, quoting).mailbox_message_id
        form = self.open_as_in_the_browser(messages)
        self.assertEqual([one["name"] for one in form.suggestions], ["Spostex S.A."])
        self.assertEqual(len(form.line_ids), 1)
        self.assertFalse(form.line_ids.edit(0).res_id)
        for chosen in ([0, self.spostex.id], [0, 0], [0, self.spostex.id]):
            # a click: the field behind it is on no screen
            form._values["picked"] = 0
            form._perform_onchange("picked")
            lines = [form.line_ids.edit(at) for at in range(len(form.line_ids))]
            self.assertEqual([line.res_id for line in lines], chosen)
        form.save().action_confirm()
        self.assertEqual(messages.filtered("link_ids").mapped("subject"), ["Quote"])

    def test_a_hundred_at_once(self):
        names = ["Spostex", "North Pier", "nobody", "Spostex"] * 25
        messages = self.deliver_about(*names)
        self.env.flush_all()
        self.env.invalidate_all()
        counts = [self.env.cr.sql_log_count]
        wizard = self.open_as_in_the_browser(messages).save()
        counts.append(self.env.cr.sql_log_count)
        wizard.action_confirm()
        self.env.flush_all()
        counts.append(self.env.cr.sql_log_count)
        self.assertEqual(len(messages.filtered("link_ids")), 75)
        looking, filing = (after - before for before, after in pairwise(counts))
        # a few for each email to look for its record, and to file but for each record
        self.assertLess(looking, 20 * len(messages))
        self.assertLess(filing, 2 * len(messages))

    def test_removing_a_line_keeps_the_suggestions(self):
        message = self.deliver_about("Spostex and North Pier")
        form = self.open_as_in_the_browser(message)
        self.assertEqual(len(form.suggestions), 2)
        form.line_ids.remove(0)
        self.assertEqual(len(form.suggestions), 2)
        self.assertEqual(len(form.line_ids), 0)
        # a line is added to, so that the browser asks the server once more
        with form.line_ids.new():
            pass
        self.assertEqual(len(form.suggestions), 2)

    def test_an_empty_line_does_not_stop_the_others(self):
        form = self.open_as_in_the_browser(self.deliver_about("Spostex"))
        with form.line_ids.new():
            pass
        action = form.save().action_confirm()
        self.assertIn("1 email attached", action["params"]["message"])

    def test_one_reader_is_a_person(self):
        self.foreman.user_ids = self.colleague
        wizard = self.fill(self.open_form(), self.spostex)
        wizard.role_ids = self.foreman
        self.assertTrue(wizard.audience.startswith("1 person will read it"))
        self.assertIn("Foreman", wizard.audience)

    def test_nothing_chosen_is_told(self):
        with self.assertRaisesRegex(UserError, "Choose the record"):
            self.fill(self.open_form()).action_confirm()

    def test_batch_goes_through_beside_those_attached_before(self):
        other = self.deliver(self.mailbox, subject="Other").mailbox_message_id
        self.archive(self.spostex)
        wizard = self.fill(self.open_form(messages=self.message + other), self.spostex)
        text = wizard.action_confirm()["params"]["message"]
        self.assertIn("1 email attached", text)
        self.assertIn("Already attached: 1", text)

    def test_what_is_shown_to_all_now_is_told(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        message = self.deliver(board, subject="Both").mailbox_message_id
        message.with_user(self.member)._archive(self.spostex, mailbox=board)
        same = self.deliver(self.mailbox, subject="Both").mailbox_message_id
        self.assertEqual(same, message)
        wizard = self.fill(self.open_form(messages=message), self.spostex)
        wizard.mailbox_id = self.mailbox
        params = wizard.action_confirm()["params"]
        self.assertIn("shown now to everybody", params["message"])
        self.assertNotIn("Nothing changed", params["message"])
        self.assertEqual(message.link_ids.mailbox_id, self.mailbox)

    def test_record_deleted_meanwhile_leaves_the_others(self):
        wizard = self.fill(self.open_form(), self.spostex, self.north)
        self.north.unlink()
        text = wizard.action_confirm()["params"]["message"]
        self.assertIn("1 email attached", text)
        self.assertIn("deleted", text)

    def test_roles_are_offered_the_first_time_only(self):
        self.assertTrue(self.open_form().first_time)
        self.archive(self.spostex)
        self.assertFalse(self.open_form().first_time)

    def test_opened_from_the_queue(self):
        wizard = self.env["mail.mailbox.archive.wizard"].with_user(self.member)
        wizard = wizard.with_context(
            active_model="mail.mailbox.arrival", active_ids=self.arrival.ids
        ).create({})
        self.assertEqual(wizard.mailbox_message_ids, self.message)
        self.assertEqual(wizard.mailbox_id, self.mailbox)

    def test_audience_is_counted_and_named(self):
        readers = self.env["res.users"].search(
            [("all_group_ids", "in", self.env.ref(USER).ids), ("share", "=", False)]
        )
        wizard = self.fill(self.open_form(), self.spostex)
        self.assertEqual(wizard.audience_user_ids, readers)
        self.assertIn(f"{len(readers)} people", wizard.audience)
        self.foreman.user_ids = self.colleague
        wizard.role_ids = self.foreman
        self.assertEqual(wizard.audience_user_ids, self.colleague)
        self.assertIn("Foreman", wizard.audience)

    def test_large_audience_is_one_click_away(self):
        people = self.env["res.users"].browse()
        for number in range(12):
            people |= self.make_user(f"reader{number}", USER)
        self.foreman.user_ids = people
        wizard = self.fill(self.open_form(), self.spostex)
        wizard.role_ids = self.foreman
        self.assertEqual(len(wizard.audience_user_ids), 10)
        self.assertEqual(wizard.audience_more, 2)
        wizard.audience_all = True
        self.assertEqual(wizard.audience_user_ids, people)
        self.assertEqual(wizard.audience_more, 0)

    def test_audience_knows_the_record_rules(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.make_user(
            "stranger",
            USER,
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        self.spostex.company_id = self.env.company
        wizard = self.fill(self.open_form(), self.spostex)
        self.assertNotIn(stranger, wizard.audience_user_ids)
        self.assertIn(self.member, wizard.audience_user_ids)

    def test_private_mailbox_is_warned_about(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        message = self.deliver(board, subject="Salaries").mailbox_message_id
        wizard = self.fill(
            self.open_form(messages=message, mailbox_id=board.id), self.spostex
        )
        self.assertIn("stays invisible", wizard.private_warning)
        self.assertEqual(wizard.audience_user_ids, self.member)
        wizard.action_confirm()
        self.assertEqual(message.link_ids.mailbox_id, board)
        found = self.env["mail.mailbox.message"].with_user(self.outsider).search([])
        self.assertFalse(found)

    def test_message_in_a_shared_and_a_private_mailbox_is_archived_from_the_shared(
        self,
    ):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        self.deliver(board, write_mail())
        self.assertEqual(len(self.message.arrival_ids), 2)
        self.assertFalse(self.open_form().private_warning)
        link = self.archive(self.spostex)
        self.assertEqual(link.mailbox_id, self.mailbox)


class TestRecordType(ArchiveCase):
    """Which kinds of record mail is archived to."""

    allow_inherited_tests_method = True

    def make(self, model, **values):
        return (
            self.env["mail.mailbox.record.type"]
            .with_user(self.system)
            .create(
                {
                    "name": "Type",
                    "model_id": self.env["ir.model"]._get_id(model),
                    **values,
                }
            )
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.make_user("system", MANAGER, "base.group_system")

    def test_companies_and_contacts_are_delivered(self):
        for xml_id in ("record_type_company", "record_type_contact"):
            record_type = self.env.ref(f"mail_mailbox_archive.{xml_id}")
            self.assertEqual(record_type.res_model, "res.partner")

    def test_wrong_models_are_refused_with_the_reason(self):
        for model, reason in (
            ("mail.mailbox.archive.wizard", "stored"),
            ("mail.thread", "stored"),
            ("mail.mailbox.message", "cannot be archived"),
            ("mail.message", "cannot be archived"),
            ("ir.attachment", "cannot be archived"),
            ("ir.model.relation", "no form"),
        ):
            with (
                self.subTest(model=model),
                self.assertRaisesRegex(ValidationError, reason),
            ):
                if model == "ir.model.relation":
                    self.env["ir.ui.view"].search(
                        [("model", "=", model), ("type", "=", "form")]
                    ).unlink()
                self.make(model)

    def test_bad_domain_is_refused(self):
        for domain in ("[('nothing', '=', 1)]", "nonsense(", "[(1,)]"):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.make("res.country", domain=domain)

    def test_type_in_use_is_deactivated_not_deleted(self):
        self.archive(self.spostex)
        record_type = self.env.ref("mail_mailbox_archive.record_type_company")
        with self.assertRaisesRegex(UserError, "Deactivate"):
            record_type.with_user(self.system).unlink()

    def test_type_in_use_keeps_its_model(self):
        country = self.env["res.country"].search([], limit=1)
        record_type = self.make("res.country").with_user(self.system)
        other = self.env["ir.model"]._get_id("res.currency")
        self.archive(country)
        with self.assertRaisesRegex(UserError, "Deactivate"):
            record_type.model_id = other
        same = record_type.model_id
        record_type.model_id = False
        record_type.model_id = same
        self.message.sudo().link_ids.action_unfile()
        record_type.model_id = other
        self.assertEqual(record_type.res_model, "res.currency")

    def test_model_without_a_name_field(self):
        model = "mail.activity.plan.template"
        self.make(model)
        record = self.env[model].create(
            {
                "plan_id": self.env["mail.activity.plan"]
                .create({"name": "Plan", "res_model": "res.partner"})
                .id,
                "summary": "Call",
            }
        )
        link = self.message.sudo()._archive(record.sudo())
        self.assertTrue(link.sudo().res_name)

    def test_users_do_not_change_types(self):
        record_type = self.env.ref("mail_mailbox_archive.record_type_company")
        with self.assertRaises(AccessError):
            record_type.with_user(self.member).active = False
