"""What nobody may write is not written: every field × role, every relation by id.

Each role has a mailbox of its own where it may have one, and forms and drafts of its
own: there it tries to write what only the system writes, and to refer to what it may
not read, by each way in. The other half of ``test_access_matrix``.
"""

import inspect
import itertools
from unittest.mock import patch

from psycopg2 import Error

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.mail_mailbox_archive.models.mailbox.guarded import (
    MailMailboxGuarded,
    MailMailboxSystemFields,
)

from .matrix_ways import public_methods
from .matrix_world import MAGIC, MatrixCase, Target
from .reliability.extent import extent

REFUSALS = (UserError, Error, ValueError, KeyError, TypeError, AttributeError)
OURS = "mail_mailbox_archive"
SERVER = ("mail.mailbox", "mail_server_id")
#: Of them one is known to have been writeable once.
KNOWN = {
    ("mail.mailbox", "email_normalized"),
    ("mail.mailbox", "stopped"),
    ("mail.mailbox", "last_check"),
    ("mail.mailbox", "check_requested_by"),
    ("mail.mailbox", "oauth_problem"),
    ("mail.mailbox", "state"),
    SERVER,
    ("mail.mail", "mailbox_origin_id"),
    ("ir.mail_server", "mailbox_id"),
}


def shared_out(roles, cells):
    """Yield (role, cell): all of them, or in the short form for each role a twelfth.

    Another twelfth for each role, so that no cell goes untried.
    """
    step = extent(12, 1)
    for shift, role in enumerate(roles):
        for cell in cells[shift % step :: step]:
            yield role, cell


@tagged("post_install", "-at_install")
class TestAccessMatrixWriting(MatrixCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = {}
        for role, mailbox in cls.stranger_mailboxes.items():
            target = Target("own", {role})
            cls.put_mail(target, mailbox)
            cls.own[role] = target
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        # what Odoo says of odd calls is not what is looked for
        self.enterContext(mute_logger("odoo.addons.mail.models.mail_thread"))
        self.written = {}

    def attempt(self, work):
        """Try one cell and undo it; return what ``work`` gives, None when refused."""
        self.cells += 1
        try:
            with self.cr.savepoint() as savepoint:
                result = work()
                savepoint.rollback()
            self.ends["done"] += 1
            return result
        except REFUSALS as error:
            self.ends[type(error).__name__] += 1
            return None

    def call(self, role, model, method, *args, **kwargs):
        env = self.env(user=self.people[role], su=False)
        result = call_kw(env[model], method, list(args), kwargs)
        self.env.flush_all()
        return result

    # Fields that only the system writes

    def system_fields(self):
        """Return the (model, field) of ours that a form may not change, as declared."""
        found = []
        for model in self.env.values():
            if model._abstract or not model._auto:
                continue
            for field in model._fields.values():
                own = OURS in field._modules
                shut = field.readonly or field.groups == "."
                if own and field.store and shut and field.name != "id":
                    found.append((model, field))
        return found

    def known(self):
        return {(m, f) for m, f in KNOWN if f in self.env[m]._fields}

    def another(self, field, row):
        """Return a value for ``field`` that ``row`` has not."""
        values = {
            "char": "mine@zq.example",
            "text": "mine",
            "html": "<p>mine</p>",
            "integer": 77,
            "float": 7.5,
            "boolean": not row[field.name] if row else True,
            "date": "2020-02-02",
            "datetime": "2020-02-02 02:02:02",
            "binary": "bWluZQ==",
            "many2one_reference": self.partner.id,
            "json": {"mine": 1},
        }
        if field.type == "selection":
            # the last: what the system would choose by itself is rather the first
            options = field.get_values(self.env)[::-1]
            return next((one for one in options if one != row[field.name]), options[0])
        if field.type == "many2one":
            others = self.env[field.comodel_name].with_context(active_test=False)
            return others.search([("id", "!=", row[field.name].id)], limit=1).id
        if field.relational:
            return [Command.clear()]
        return values[field.type]

    def raw(self, row, field):
        if not field.column_type:
            value = row.sudo()[field.name]
            return sorted(value.ids) if field.relational else value
        self.cr.execute(
            SQL(
                "SELECT %s::text FROM %s WHERE id = %s",
                SQL.identifier(field.name),
                SQL.identifier(row._table),
                row.id,
            )
        )
        return (self.cr.fetchone() or [None])[0]

    def row_for(self, role, model):
        """Return the row that a role is likeliest to be let write."""
        own = self.own.get(role)
        rows = own.rows if own else {}
        return rows.get(model._name) or self.targets[1].rows.get(model._name)

    def try_field(self, role, model, field):
        row = self.row_for(role, model)
        value = self.another(field, row or model)
        at = (model._name, field.name)
        if row:
            before = self.raw(row, field)

            def write():
                self.call(role, model._name, "write", row.ids, {field.name: value})
                return self.raw(row, field) != before

            if self.attempt(write):
                self.written.setdefault(at, f"{role}: write")

        def create(context=None):
            given = self.required(role, model)
            given |= {} if context else {field.name: value}
            plain = self.attempt(lambda: self.created(role, model, field, {}, given))
            made = self.created(role, model, field, context or {}, given)
            return made if context is None or made != plain else None

        for way, context in (
            ("create", None),
            ("default in the context", {f"default_{field.name}": value}),
        ):
            made = self.attempt(lambda c=context: create(c))
            # PostgreSQL writes booleans in small letters
            if made is not None and str(made).lower() == str(value).lower():
                self.written.setdefault(at, f"{role}: {way}")

    def created(self, role, model, field, context, values):
        made = self.call(role, model._name, "create", [values], context=context)
        return self.raw(model.browse(made), field)

    def required(self, role, model):
        target = self.own.get(role) or Target("own")
        target.reader = self.people[role]
        values = {
            field.name: value
            for field in model._fields.values()
            if not field.readonly
            and field.required
            and (value := self.value_for(target, field, "new@zq.example")) is not None
        }
        return values

    def test_no_field_of_the_system_is_written(self):
        fields = self.system_fields()
        names = {(model._name, field.name) for model, field in fields}
        self.assertLessEqual(self.known(), names)
        self.assertGreater(len(fields), 100)
        for role, (model, field) in shared_out(self.people, fields):
            self.try_field(role, model, field)
        self.assertFalse(self.written)

    # References

    def references(self):
        """Return the (model, field) of ours that a caller can refer with."""
        return [
            (self.env[name], field)
            for name in self.our_models()
            for field in self.env[name]._fields.values()
            if field.store
            and (field.relational or field.type == "many2one_reference")
            and not field.readonly
            and field.name not in MAGIC
        ]

    def ways_in(self, role, model, field, row):
        """Yield (way, work) where work returns the row of ours that refers to it."""
        given = {field.name: row.id}
        if field.type in ("many2many", "one2many"):
            given = {field.name: [Command.link(row.id)]}
        if field.type == "many2one_reference":
            given[field.model_field] = row._name
        values = self.required(role, model)
        context = {f"default_{name}": value for name, value in given.items()}
        name = model._name
        yield "create", lambda: self.call(role, name, "create", [values | given])[0]
        bare = {key: values[key] for key in values.keys() - given.keys()}
        yield (
            "default",
            lambda: self.call(role, name, "create", [bare], context=context)[0],
        )

        def write():
            (made,) = self.call(role, name, "create", [values])
            self.call(role, name, "write", [made], given)
            return made

        yield "write", write
        yield (
            "web_save",
            lambda: self.call(role, name, "web_save", [], values | given, {"id": {}})[
                0
            ]["id"],
        )

    def refers(self, model, made, field, row):
        """Return whether what was made refers to ``row`` now."""
        made = model.browse(made).sudo()
        if field.type == "many2one_reference":
            return (made[field.model_field], made[field.name]) == (row._name, row.id)
        return row in made[field.name]

    def test_no_reference_to_what_one_may_not_read(self):
        references = self.references()
        self.assertGreater(len(references), 10)
        self.try_references(references)
        self.assertFalse(self.written)

    def try_references(self, references):
        cells = [
            (model, field, target, row)
            for model, field in references
            for target in self.targets
            for name, row in target.rows.items()
            if field.comodel_name == name or field.type == "many2one_reference"
        ]
        turns, step = itertools.count(), extent(2, 1)
        for role, (model, field, target, row) in shared_out(self.people, cells):
            if target.may_read(role, row._name):
                continue
            # in the short form every other way, and the others at the next cell
            ways = list(self.ways_in(role, model, field, row))
            for way, work in ways[next(turns) % step :: step]:
                if self.attempt(self.referring(model, field, row, work)):
                    at = (model._name, field.name)
                    self.written.setdefault(at, f"{role}: {way} {row}")

    def referring(self, model, field, row, work):
        return lambda: self.refers(model, work(), field, row)

    def test_readers_refer_to_what_they_may_read(self):
        """Or nothing would be refused because nothing can be made at all."""
        reached = set()
        for role in extent(("same", "mail_admin"), tuple(self.own)):
            target = self.own[role]
            for model, field in self.references():
                row = target.rows.get(field.comodel_name)
                if not row:
                    continue
                for _way, work in self.ways_in(role, model, field, row):
                    if self.attempt(self.referring(model, field, row, work)):
                        reached.add((model._name, field.name))
        self.assertGreater(len(reached), 8, reached)

    def test_refusal_is_one_of_access(self):
        drafts = ("mail.mailbox.draft", "create")
        message = self.targets[0].rows["mail.mailbox.message"]
        values = self.required("other", self.env["mail.mailbox.draft"])
        with self.assertRaises(AccessError):
            self.call("other", *drafts, [values | {"origin_id": message.id}])

    # Methods

    def state_of_mail(self):
        """Return by table a digest of all that is kept of mail; forms are not."""
        self.env.flush_all()
        tables = {
            model._table
            for model in self.env.values()
            if model._name.startswith("mail.mailbox") and model._auto
            if not (model._abstract or model._transient)
        }
        query = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, md5(string_agg(t::text, '|' ORDER BY t::text)) FROM %s t",
                table,
                SQL.identifier(table),
            )
            for table in sorted(tables - {"mail_mailbox_draft"})
        )
        self.cr.execute(query)
        return dict(self.cr.fetchall())

    def arguments(self, model, name):
        """Return what a method has to be given besides its records."""
        names = inspect.signature(getattr(type(model), name)).parameters.values()
        return [
            "Reason in so many words"
            for one in list(names)[1:]
            if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
        ]

    def methods(self, targets):
        return [
            (target, row, name)
            for target in targets
            for row in target.rows.values()
            for name in public_methods(row)
        ]

    def try_method(self, role, row, name, before):
        def work():
            arguments = self.arguments(row, name)
            self.call(role, row._name, name, row.ids, *arguments)
            return self.state_of_mail()

        after = self.attempt(work) or before
        for table in after:
            if after[table] != before[table]:
                at = (row._name, name, table)
                self.written.setdefault(at, f"{role}: {row}")

    def test_no_method_changes_what_one_may_not_read(self):
        before = self.state_of_mail()
        cells = self.methods(extent(self.targets[:1], self.targets))
        self.assertGreater(len(cells), 60)
        for role, (target, row, name) in shared_out(self.people, cells):
            if not target.may_read(role, row._name):
                self.try_method(role, row, name, before)
        self.assertFalse(self.written)

    def test_methods_do_something_for_who_may(self):
        """Or nothing would change because nothing can be called."""
        before = self.state_of_mail()
        for target, row, name in self.methods(self.targets[:1]):
            self.people["reader"] = target.reader
            self.try_method("reader", row, name, before)
        del self.people["reader"]
        self.assertGreater(len({at[1] for at in self.written}), 5, self.written)

    # Each rule taken out

    def test_references_taken_out_are_found(self):
        with (
            patch.object(MailMailboxGuarded, "_check_references", lambda *_args: None),
            patch.object(
                MailMailboxGuarded, "_check_named_records", lambda _self: None
            ),
        ):
            # as many as show that the measure finds them
            self.try_references(
                [
                    pair
                    for number, pair in enumerate(self.references())
                    if number % extent(3, 1) == 0 or pair[0]._name.endswith(".draft")
                ]
            )
        self.assertIn(("mail.mailbox.draft", "origin_id"), self.written)
        self.assertGreater(len(self.written), 3)

    def test_fields_of_the_system_taken_out_are_found(self):
        fields = [
            (model, field)
            for model, field in self.system_fields()
            if (model._name, field.name) in KNOWN
        ]
        self.assertGreater(len(fields), 6)
        with patch.object(
            MailMailboxSystemFields, "_is_system_field", lambda *_args: False
        ):
            for model, field in fields:
                self.try_field("both", model, field)
        # a server of another mailbox is refused by more than this rule
        self.assertLessEqual(
            self.known() - {SERVER, ("mail.mail", "mailbox_origin_id")},
            set(self.written),
        )
