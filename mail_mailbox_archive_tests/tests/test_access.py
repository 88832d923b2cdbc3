"""The leak matrix: for who may not read a message it does not exist, on any channel."""

from contextlib import ExitStack
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import MANAGER, USER, MailboxCase, write_mail

SUBJECT = "Zebrasecret offer"
WORD = "quaggasecret"

CHANNELS = {}


def channel(function):
    """Register a way to learn of the message: true when ``env`` gives it away."""
    CHANNELS[function.__name__] = function
    return function


def _messages(env):
    return env["mail.mailbox.message"]


@channel
def message_search(env, case):
    return case.message in _messages(env).search([])


@channel
def message_search_by_id(env, case):
    return bool(_messages(env).search([("id", "=", case.message.id)]))


@channel
def message_count(env, case):
    return _messages(env).search_count([("subject", "=", SUBJECT)])


@channel
def message_read(env, case):
    return _messages(env).browse(case.message.id).read(["subject"])


@channel
def message_read_preview(env, case):
    return _messages(env).browse(case.message.id).preview


@channel
def message_display_name(env, case):
    return _messages(env).browse(case.message.id).display_name == SUBJECT


@channel
def message_body(env, case):
    return WORD in _messages(env).browse(case.message.id).body_text


@channel
def message_source_field(env, case):
    return _messages(env).browse(case.message.id).source


@channel
def message_web_read(env, case):
    return _messages(env).browse(case.message.id).web_read({"subject": {}})


@channel
def message_web_search_read(env, case):
    return _messages(env).web_search_read([], {"subject": {}})["length"]


@channel
def message_search_read(env, case):
    return _messages(env).search_read([("subject", "like", "Zebra")], ["subject"])


@channel
def message_read_group(env, case):
    groups = _messages(env)._read_group([], ["subject"], ["__count"])
    return any(subject == SUBJECT for subject, _count in groups)


@channel
def message_formatted_read_group(env, case):
    return _messages(env).formatted_read_group([], ["email_from"], ["__count"])


@channel
def message_web_read_group(env, case):
    return _messages(env).web_read_group([], ["date:month"], ["__count"])["length"]


@channel
def message_name_search(env, case):
    return _messages(env).name_search("Zebra")


@channel
def message_export(env, case):
    return _messages(env).browse(case.message.id).export_data(["subject"])["datas"]


@channel
def message_oracle_on_preview(env, case):
    return _messages(env).search_count([("preview", "like", f"{WORD[:5]}%")])


@channel
def message_oracle_on_text(env, case):
    return _messages(env).search_count([("content", "ilike", WORD)])


@channel
def message_oracle_on_size(env, case):
    return _messages(env).search_count([("size", ">", 0)])


@channel
def message_order(env, case):
    return _messages(env).search([], order="subject desc", limit=1)


@channel
def message_archived_filter(env, case):
    return _messages(env).search([("archived", "in", [True, False])])


@channel
def message_negated_filter(env, case):
    return _messages(env).search([("subject", "!=", "something else")])


@channel
def link_names(env, case):
    return _messages(env).browse(case.message.id).attached_to


@channel
def part_search(env, case):
    return env["mail.mailbox.part"].search([("filename", "=", "zebra.pdf")])


@channel
def part_read(env, case):
    return env["mail.mailbox.part"].browse(case.message.part_ids.ids).read(["filename"])


@channel
def part_read_group(env, case):
    return env["mail.mailbox.part"]._read_group([], ["filename"])


@channel
def part_oracle_on_message(env, case):
    return env["mail.mailbox.part"].search_count(
        [("mailbox_message_id.subject", "=", SUBJECT)]
    )


@channel
def history_search(env, case):
    return env["mail.mailbox.history"].search([])


@channel
def link_search(env, case):
    return env["mail.mailbox.link"].search([])


@channel
def link_of_record(env, case):
    return env["mail.mailbox.link"].search_count(
        [("res_model", "=", "res.partner"), ("res_id", "in", case.record.ids)]
    )


@channel
def link_read(env, case):
    links = env["mail.mailbox.link"].browse(case.message.link_ids.ids)
    return links.read(["res_id"])


@channel
def link_oracle_on_message(env, case):
    return env["mail.mailbox.link"].search_count(
        [("mailbox_message_id.subject", "=", SUBJECT)]
    )


@channel
def attachment_search(env, case):
    return env["ir.attachment"].search(
        [("res_model", "=", "mail.mailbox.message"), ("res_field", "=", "source")]
    )


@channel
def attachment_count(env, case):
    return env["ir.attachment"].search_count(
        [("res_model", "=", "mail.mailbox.message"), ("id", "!=", 0)]
    )


# Channels of the Queue: they show a message to the people of its mailbox only.

QUEUE_CHANNELS = {}


def queue_channel(function):
    QUEUE_CHANNELS[function.__name__] = function
    return function


def _arrivals(env):
    return env["mail.mailbox.arrival"]


@queue_channel
def arrival_search(env, case):
    return _arrivals(env).search([])


@queue_channel
def arrival_count(env, case):
    return _arrivals(env).search_count([])


@queue_channel
def arrival_read(env, case):
    return _arrivals(env).browse(case.arrival.id).read(["subject", "preview"])


@queue_channel
def arrival_related_field(env, case):
    return _arrivals(env).browse(case.arrival.id).subject


@queue_channel
def arrival_read_group(env, case):
    return _arrivals(env)._read_group([], ["mailbox_id"], ["__count"])


@queue_channel
def arrival_web_search_read(env, case):
    return _arrivals(env).web_search_read([], {"subject": {}})["length"]


@queue_channel
def arrival_export(env, case):
    return _arrivals(env).browse(case.arrival.id).export_data(["subject"])["datas"]


@queue_channel
def arrival_name_search(env, case):
    return _arrivals(env).name_search("")


@queue_channel
def arrival_oracle_on_message(env, case):
    return _arrivals(env).search_count([("mailbox_message_id.subject", "=", SUBJECT)])


@queue_channel
def arrival_order(env, case):
    return _arrivals(env).search([], order="mailbox_message_id", limit=1)


@queue_channel
def folder_search(env, case):
    return env["mail.mailbox.folder"].search([])


@queue_channel
def folder_counters(env, case):
    return env["mail.mailbox.folder"]._read_group([], [], ["unseen_count:sum"])[0][0]


@queue_channel
def mailbox_unread(env, case):
    return env["mail.mailbox"].browse(case.box.id).unread_count


@queue_channel
def mailbox_folders(env, case):
    return env["mail.mailbox"].browse(case.box.id).folder_ids


@queue_channel
def quarantine_search(env, case):
    return env["mail.mailbox.quarantine"].search([])


@queue_channel
def quarantine_source(env, case):
    return env["mail.mailbox.quarantine"].browse(case.quarantine.id).source


@queue_channel
def message_arrivals(env, case):
    return _messages(env).browse(case.message.id).arrival_ids


def leaks(function, user, case):
    """Return whether a channel gives the message away to ``user``."""
    env = case.env(user=user.id, context={"allowed_company_ids": user.company_ids.ids})
    env.invalidate_all()
    try:
        return bool(function(env, case))
    except AccessError:
        return False
    except UserError:
        # people without the right to export learn nothing by it either
        return False


class AccessCase(MailboxCase):
    """People who may and may not, and one message with every kind of detail."""

    record = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreman = cls.env["res.groups"].create(
            {"name": "Foreman", "mail_role": True}
        )
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.with_role = cls.make_user("with_role", USER)
        cls.foreman.user_ids = cls.with_role
        cls.without_role = cls.make_user("without_role", USER)
        cls.elsewhere = cls.make_user(
            "elsewhere",
            USER,
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.foreman.user_ids += cls.elsewhere
        cls.plain = cls.make_user("plain")
        cls.portal = new_test_user(cls.env, "mailbox_portal", "base.group_portal")
        cls.system = cls.make_user("system", MANAGER, "base.group_system")
        other = cls.make_mailbox("other@spedbud.example", cls.colleague)
        cls.env["res.partner"].flush_model()
        cls.other_mailbox = other

    @classmethod
    def make_case(cls, **mailbox_values):
        cls.box = cls.make_mailbox(
            "secret@spedbud.example", cls.member, **mailbox_values
        )
        mail = write_mail(SUBJECT, f"{WORD} and more")
        mail.add_attachment(b"%PDF", "application", "pdf", filename="zebra.pdf")
        cls.arrival = cls.deliver(cls.box, mail)
        cls.message = cls.arrival.mailbox_message_id
        cls.attachment = cls.message._source_attachments()
        folder = cls.make_folder(cls.box)
        folder.unseen_count = 7
        cls.quarantine = cls.env["mail.mailbox.quarantine"].create(
            {
                "mailbox_id": cls.box.id,
                "folder_id": folder.id,
                "error": "x",
                "source": "eA==",
            }
        )

    def check(self, readers, others, channels):
        """Check every cell; return how many there were."""
        cells = 0
        for name, function in channels.items():
            for user, expected in [(u, True) for u in readers] + [
                (u, False) for u in others
            ]:
                cells += 1
                with self.subTest(channel=name, user=user.login, expected=expected):
                    self.assertEqual(leaks(function, user, self), expected)
        return cells


@tagged("post_install", "-at_install")
class TestQueueAccess(AccessCase):
    """A message in a shared mailbox, not archived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_case()
        cls.readers = cls.member + cls.manager
        cls.others = (
            cls.colleague
            + cls.outsider
            + cls.with_role
            + cls.elsewhere
            + cls.plain
            + cls.portal
        )

    def test_matrix(self):
        channels = {
            k: v for k, v in CHANNELS.items() if not k.startswith(("link", "hist"))
        }
        cells = self.check(self.readers, self.others, channels | QUEUE_CHANNELS)
        self.assertGreaterEqual(cells, 300)

    def test_cells_can_fail(self):
        """Without the rules every channel gives the message away."""
        self.env["ir.rule"].search(
            [("model_id.model", "=like", "mail.mailbox%")]
        ).active = False
        channels = {
            k: v for k, v in CHANNELS.items() if not k.startswith(("link", "hist"))
        }
        with ExitStack() as stack:
            everything = {"_get_read_domain": lambda _self: Domain.TRUE}
            row = {"_is_open": lambda _self: True}
            for name, rules in {
                "message": everything,
                "arrival": everything | row,
                "folder": everything | row,
                "quarantine": everything | row,
            }.items():
                model = type(self.env[f"mail.mailbox.{name}"])
                stack.enter_context(patch.multiple(model, **rules))
            for name, function in (channels | QUEUE_CHANNELS).items():
                with self.subTest(channel=name):
                    self.assertTrue(leaks(function, self.outsider, self))


@tagged("post_install", "-at_install")
class TestPrivateAccess(AccessCase):
    """A message in a private mailbox: managers are outsiders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_case(private=True)

    def test_matrix(self):
        channels = {
            k: v for k, v in CHANNELS.items() if not k.startswith(("link", "hist"))
        }
        self.check(
            self.member,
            self.manager + self.system + self.outsider + self.elsewhere,
            channels | QUEUE_CHANNELS,
        )

    def test_manager_sees_that_it_exists_and_how_it_goes(self):
        box = self.box.with_user(self.manager)
        self.assertEqual(box.email, "secret@spedbud.example")
        self.assertEqual(box.health, "off")


@tagged("post_install", "-at_install")
class TestArchiveAccess(AccessCase):
    """A message archived on a record of one company, for foremen only."""

    private = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_case(private=cls.private)
        cls.record = cls.env["res.partner"].create(
            {
                "name": "Spostex S.A.",
                "company_id": cls.env.company.id,
                "is_company": True,
            }
        )
        cls.message.with_user(cls.member)._archive(
            cls.record.with_user(cls.member), cls.foreman, cls.box
        )
        cls.arrival.unlink()

    def test_matrix(self):
        cells = self.check(
            self.with_role,
            self.without_role
            + self.elsewhere
            + self.manager
            + self.plain
            + self.portal,
            CHANNELS,
        )
        self.assertGreaterEqual(cells, 200)

    def test_cells_can_fail(self):
        """Without the role, and with the record, every channel gives it away."""
        self.message.role_ids = False
        for name, function in CHANNELS.items():
            with self.subTest(channel=name):
                self.assertTrue(leaks(function, self.without_role, self))

    def test_without_the_record_the_role_is_not_enough(self):
        self.record.company_id = self.other_company
        self.check(self.env["res.users"], self.with_role, CHANNELS)

    def test_deleted_record_leaves_its_mail_to_its_keepers(self):
        self.record.unlink()
        self.assertEqual(self.message.link_ids.record_state, "deleted")
        self.assertEqual(self.message.role_ids, self.foreman)
        # who archived it, and the administrators, have not the role
        nobody = self.with_role + self.without_role + self.manager + self.member
        self.check(self.env["res.users"], nobody, CHANNELS)
        self.foreman.user_ids |= self.member + self.manager
        keepers = self.member + (self.manager if not self.private else self.member)
        others = self.with_role + self.without_role + self.elsewhere + self.system
        self.check(keepers, others - self.manager, CHANNELS)

    def test_record_deleted_by_sql_is_read_by_administrators_only(self):
        self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [self.record.id])
        self.env.invalidate_all()
        self.foreman.user_ids |= self.member + self.manager
        managers = self.manager if not self.private else self.env["res.users"]
        for when in ("at reading", "nightly"):
            with self.subTest(when):
                self.check(managers, self.with_role + self.member, CHANNELS)
            self.env["mail.mailbox.link"]._find_lost()
        self.assertEqual(self.message.link_ids.record_state, "deleted")

    def test_uninstalling_asks_none_of_our_tables(self):
        """They are gone already when the last records of the add-on are deleted."""
        other = self.record.copy().with_context(**{MODULE_UNINSTALL_FLAG: True})
        types = self.env["mail.mailbox.record.type"]
        self.assertIn(other._name, types._get_known_model_names())
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        self.env.cr.execute("ALTER TABLE mail_mailbox_record_type RENAME TO gone")
        other.unlink()
        self.assertFalse(other.exists())
        self.assertEqual(types._get_known_model_names(), ())

    def test_uninstalled_module_means_no(self):
        self.env.cr.execute("UPDATE mail_mailbox_link SET res_model = 'gone.model'")
        self.env.invalidate_all()
        self.check(self.env["res.users"], self.with_role + self.manager, CHANNELS)

    def test_deactivated_type_and_record_stay_readable(self):
        self.env["mail.mailbox.record.type"].search([]).active = False
        self.record.active = False
        self.assertTrue(leaks(message_read, self.with_role, self))

    def test_chatter_of_the_record_does_not_tell(self):
        for message in self.record.message_ids:
            self.assertNotIn(
                "Zebra", f"{message.subject}{message.body}{message.preview}"
            )


@tagged("post_install", "-at_install")
class TestPrivateArchiveAccess(TestArchiveAccess):
    """The same, archived from a private mailbox: only its people read it there."""

    allow_inherited_tests_method = True
    private = True

    def test_matrix(self):
        self.foreman.user_ids += self.member
        self.check(
            self.member,
            self.with_role + self.without_role + self.manager + self.system,
            CHANNELS,
        )

    def test_cells_can_fail(self):
        self.message.role_ids = False
        self.box.private = False
        for name, function in CHANNELS.items():
            with self.subTest(channel=name):
                self.assertTrue(leaks(function, self.without_role, self))

    def test_deactivated_type_and_record_stay_readable(self):
        """Concerns the record, not the mailbox: shown once above."""
