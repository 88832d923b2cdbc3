"""What refers to something tells nothing of it: by no order, no group and no path.

Rows of every model that refers to a model of ours, by every many2one, are taken as if
the person could read all of them. What they refer to is not theirs: whatever it holds,
the same rows come in the same order. Once it holds what comes first, once what comes
last; models and fields come from the registry.
"""

import dataclasses
from unittest.mock import patch

from psycopg2 import Error

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive.models.mailbox.guarded import ToldName
from odoo.addons.mail_mailbox_archive.models.mailbox.order import Base

from .matrix_ways import references_to, words_of
from .matrix_world import CODES, MatrixCase
from .reliability.extent import extent

#: By type of a field: what comes before, and after, all else.
ENDS = {
    "char": ("a0@first.example", "z9@last.example"),
    "text": ("a0@first.example", "z9@last.example"),
    "html": ("a0@first.example", "z9@last.example"),
    "integer": (-9, 2_000_000_000),
    "float": (-9, 2_000_000_000),
    "date": ("1990-01-01", "2090-01-01"),
    "datetime": ("1990-01-01", "2090-01-01"),
}
#: Of two rows one holds the first and one the last: each tells of the other, too.
VALUES = extent(ENDS["char"][:1], ENDS["char"])
ORDERS = ("%s", "%s desc", "%s nulls first", "%s desc nulls last")
#: The methods that put rows into groups, each with what it is told besides.
GROUPING = {
    "read_group": lambda spec: (["id:array_agg"], [spec]),
    "formatted_read_group": lambda spec: ([spec], ["id:array_agg"]),
    "web_read_group": lambda spec: ([spec], ["id:array_agg"]),
}


@tagged("post_install", "-at_install")
class TestAccessOrder(MatrixCase):
    def setUp(self):
        super().setUp()
        self.asked, self.told = 0, {}

    # What is referred to, and by what

    def pairs(self):
        """Yield (model, field, its two rows, what they refer to, two words of that)."""
        first, second = self.targets[0], self.targets[2]
        for name in self.our_models():
            if name not in first.rows or name not in second.rows:
                continue
            for model, field in references_to(self.env[name]):
                if field.type == "many2one" and field.store:
                    rows = [self.row(one, model._name) for one in (first, second)]
                    if all(rows) and rows[0] != rows[1]:
                        self.refer(rows[0], field, first.rows[name])
                        self.refer(rows[1], field, second.rows[name])
                        yield model, field, rows[0] | rows[1], name

    def row(self, target, name):
        """Return a row of the model that belongs to ``target``, made if need be."""
        if name in target.rows:
            return target.rows[name]
        copy = dataclasses.replace(target, rows=dict(target.rows))
        copy.reader = target.reader
        self.build(copy, name)
        return copy.rows.get(name, self.env[name]).sudo()

    def refer(self, row, field, to):
        self.update(row, field, to.id)

    def update(self, row, field, value):
        try:
            with self.cr.savepoint():
                self.cr.execute(
                    SQL(
                        "UPDATE %s SET %s = %s WHERE id = %s",
                        SQL.identifier(row._table),
                        SQL.identifier(field.name),
                        value,
                        row.id,
                    )
                )
        except Error:
            # a value that its constraints do not allow
            return

    def fill_all(self, target, end):
        """Have all that belongs to ``target`` hold what comes first, or last."""
        for row in target.rows.values():
            for field in row._fields.values():
                values = ENDS.get(field.type)
                plain = field.store and field.column_type and not field.translate
                if values and plain and field.name not in CODES | {"id"}:
                    self.update(row, field, values[end])
        self.env.invalidate_all()

    # What is told

    def ask(self, role, model, field, rows, name):
        """Yield (question, answer) of one person about rows that refer to others."""
        model = self.env(user=self.people[role], su=False)[model._name]
        here = [("id", "in", rows.ids)]
        for order in ORDERS:
            order = order % field.name
            yield order, list(model._search(here, order=order, bypass_access=True))
        words = words_of(self.env[name])
        for word in extent(words[:2], words):
            for operator in ("=", "!=", "ilike", "not ilike"):
                for value in VALUES:
                    path = (f"{field.name}.{word}", operator, value)
                    yield path, self.search(model, [*here, path])
        for operator in ("ilike", "not ilike"):
            for value in VALUES:
                named = (field.name, operator, value)
                yield named, self.search(model, [*here, named])
        paths = [f"{field.name}.{word}" for word in extent(words[:1], words[:5])]
        for spec in (field.name, *paths):
            for order in extent((spec,), (None, spec, f"{spec} desc")):
                for method in GROUPING:
                    asked = (method, spec, order)
                    yield asked, self.group(model, here, *asked)

    def group(self, model, here, method, spec, order):
        """Return the groups of rows, as if the person could read all of the rows."""
        search = model._search

        def readable(self, domain, *args, **options):
            if Domain(domain) == Domain(here):
                options["bypass_access"] = True
            return search.__func__(self, domain, *args, **options)

        by = "orderby" if method == "read_group" else "order"
        with patch.object(type(model), "_search", readable):
            try:
                groups = getattr(model, method)(
                    here, *GROUPING[method](spec), **{by: order}
                )
            except (AccessError, ValueError) as refusal:
                return type(refusal).__name__
        return str(groups)

    def search(self, model, domain):
        try:
            return sorted(model._search(domain, bypass_access=True))
        except (AccessError, ValueError):
            return []

    def may_ask(self, role, model, field):
        model = self.env(user=self.people[role], su=False)[model._name]
        return model._has_field_access(field, "read")

    def answers(self, roles, cells):
        """Ask; who may read it all has asked before, for what that leaves behind."""
        for target in self.targets[::2]:
            with patch.dict(self.people, {"reader": target.reader}):
                for model, field, rows, name in cells:
                    if self.may_ask("reader", model, field):
                        list(self.ask("reader", model, field, rows, name))
        return {
            (role, str(field), question): answer
            for number, (model, field, rows, name) in enumerate(cells)
            for role in self.dealt(roles, number)
            if not any(one.may_read(role, name) for one in self.targets[::2])
            and self.may_ask(role, model, field)
            for question, answer in self.ask(role, model, field, rows, name)
        }

    @staticmethod
    def dealt(roles, number):
        """Return who asks about a pair: all, or in the short form two in turn."""
        turn = number % len(roles)
        return extent((*roles, *roles)[turn : turn + min(2, len(roles))], roles)

    def compare(self, roles, cells):
        """Return the questions whose answers depend on what the person may not read."""
        answers = []
        for turn in (0, 1):
            self.fill_all(self.targets[0], turn)
            self.fill_all(self.targets[2], 1 - turn)
            answers.append(self.answers(roles, cells))
        self.asked = len(answers[0])
        return {key for key, answer in answers[0].items() if answers[1][key] != answer}

    def test_nothing_that_refers_tells_of_it(self):
        cells = list(self.pairs())
        self.assertGreater(len(cells), 30)
        roles = extent(("other", "plain", "mail_admin", "settings_admin"), self.people)
        self.assertFalse(self.compare(roles, cells))
        self.assertGreater(self.asked, 500)

    def some_pairs(self):
        """Return as many pairs as show that the measure finds something.

        All of the model that has no rule of its own: it tells in every way.
        """
        step = extent(4, 1)
        return [
            pair
            for number, pair in enumerate(self.pairs())
            if number % step == 0 or pair[0]._name == "mailbox.test.keeper"
        ]

    def test_without_the_rules_groups_tell(self):
        """By their names without the rule of names, by their order without its own."""
        cells = self.some_pairs()
        with (
            patch.object(ToldName, "compute_value", fields.Char.compute_value),
            patch.object(ToldName, "__get__", fields.Char.__get__),
        ):
            told = self.compare(("other",), cells)
        methods = {question[0] for _role, _field, question in told}
        self.assertLessEqual(set(GROUPING), methods)
        with patch.object(
            Base, "_order_field_to_sql", models.BaseModel._order_field_to_sql
        ):
            told = self.compare(("other",), cells)
        methods = {question[0] for _role, _field, question in told}
        self.assertIn("formatted_read_group", methods)

    def test_without_the_rule_an_order_tells(self):
        cells = self.some_pairs()
        plain = models.BaseModel._order_field_to_sql
        with patch.object(Base, "_order_field_to_sql", plain):
            told = self.compare(("other",), cells)
        self.assertGreater(len({field for _role, field, _question in told}), 5)

    def test_readers_still_have_their_order(self):
        """By the address of a mailbox, and not by its number."""
        last = self.make_mailbox("z@spedbud.example", self.member)
        first = self.make_mailbox("a@spedbud.example", self.member)
        arrivals = self.deliver(last, subject="1") | self.deliver(first, subject="2")
        arrivals = arrivals.with_user(self.member)
        here = [("id", "in", arrivals.ids)]
        for order, wanted in (
            ("mailbox_id", first + last),
            ("mailbox_id desc", last + first),
        ):
            found = arrivals.search(here, order=order)
            self.assertEqual(found.mailbox_id.ids, wanted.ids)
            groups = arrivals._read_group(here, ["mailbox_id"], order=order)
            self.assertEqual([group.id for (group,) in groups], wanted.ids)
