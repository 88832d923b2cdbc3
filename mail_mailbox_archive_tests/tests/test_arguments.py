"""What is handed to public methods: anything else than what they take is refused."""

import inspect

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import write_mail
from .sending import SendingCase

OURS = "odoo.addons.mail_mailbox_archive.models"
JUNK = (
    -1,
    0,
    True,
    2**40,
    1.5,
    "",
    "x",
    "x\0y",
    "base",
    "mail.thread",
    "'; --",
    None,
    ["x"],
    [[]],
    {"x": "y"},
)


@tagged("post_install", "-at_install")
class TestArguments(SendingCase):
    def find_methods(self):
        """Return each public method of ours with arguments: model, name, parameters."""
        found = {}
        for model in self.env.values():
            if model._abstract:
                continue
            classes = type(model).mro()
            ours = [one for one in classes if one.__module__.startswith(OURS)]
            odoos = {n for one in classes if one not in ours for n in vars(one)}
            for name, method in ((n, m) for one in ours for n, m in vars(one).items()):
                if name[0] == "_" or name in odoos or not inspect.isfunction(method):
                    continue
                parameters = list(inspect.signature(method).parameters)[1:]
                if parameters and not getattr(method, "_api_private", False):
                    found[model._name, name] = parameters
        return found

    def make_record(self, model):
        if model == "mail.mailbox.draft":
            return self.write_draft()
        mail = write_mail("Offer", "Text")
        mail.add_attachment(write_mail("Inside", "Text"))
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        if model == "mail.mailbox.part":
            return message.part_ids[:1]
        if model == "mail.mailbox.arrival":
            return message.arrival_ids
        return message if model == message._name else self.mailbox

    def call(self, records, name, values):
        """Call as the web client does; return whether it was refused in words."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            try:
                getattr(records.with_user(self.member), name)(**values)
                self.env.flush_all()
                return False
            except UserError as error:
                self.assertTrue(str(error))
                return True
            finally:
                self.env.invalidate_all(flush=False)
                savepoint.rollback()

    def test_all_that_take_arguments_check_them(self):
        methods = self.find_methods()
        self.assertGreaterEqual(len(methods), 10)
        for (model, name), parameters in methods.items():
            method = getattr(type(self.env[model]), name)
            checks = getattr(method, "_checks_arguments", frozenset())
            with self.subTest(f"{model}.{name}"):
                # a moment is read where drafts are written as well
                self.assertEqual(
                    set(parameters) - checks, set(parameters) & {"send_at"}
                )

    @mute_logger("odoo.sql_db")
    def test_junk_is_refused_in_words(self):
        for (model, name), parameters in self.find_methods().items():
            records = self.make_record(model)
            signature = inspect.signature(getattr(type(records), name))
            usual = {"mode": "reply", "res_id": 1, "message_id": 1, "template_id": 1}
            usual |= {"specification": {}, "res_model": "res.partner", "term": "ann"}
            usual |= {"reason": "Asked for it", "snippet_id": 1, "user_id": False}
            usual |= {"part_id": 1, "answer": "accepted"}
            usual |= {"message_ids": [], "ids": [], "until": "2100-01-01 10:00:00"}
            usual["domain"] = []
            usual |= {"body": "Note", "user_ids": []}
            usual |= {"host": "news.example", "address": "out@news.example"}
            needed = {
                one: usual[one]
                for one in parameters
                if signature.parameters[one].default is inspect.Parameter.empty
            }
            for parameter in parameters:
                refused = 0
                for junk in JUNK:
                    if isinstance(junk, dict) and parameter == "specification":
                        # Odoo's own method says which field there is none of
                        continue
                    with self.subTest(f"{model}.{name}", **{parameter: junk}):
                        values = {**needed, parameter: junk}
                        refused += self.call(records, name, values)
                if parameter != "always":
                    self.assertTrue(refused, (model, name, parameter))

    @mute_logger("odoo.sql_db")
    def test_records_that_are_none_are_refused_in_words(self):
        drafts, rows = self.env["mail.mailbox.draft"], self.env["mail.mailbox.outbox"]
        both = self.write_draft() | self.write_draft()
        for junk in ("x", 2**40, -1, 1.5, None):
            for records, name in (
                (drafts, "action_send"),
                (rows, "action_cancel"),
                (rows, "action_send_now"),
                (rows, "action_mark_sent"),
                (rows, "action_edit"),
                (rows, "action_open_message"),
            ):
                if junk is None and name != "action_send":
                    continue
                with self.subTest(name, id=junk):
                    one = records.browse([junk] if junk is not None else [])
                    self.assertTrue(self.call(one, name, {}))
        self.assertTrue(self.call(both, "action_send", {}))
        self.assertTrue(self.call(drafts.browse(2**31 - 1), "action_send", {}))
