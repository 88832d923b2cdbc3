"""Who may not read something learns nothing of it: every model × way × role.

The cells are generated (``matrix_world``, ``matrix_ways``); the short form is in every
run, ``python3 setup test --long`` tries the whole. Each rule that is to close a kind of
leak is taken out once, and the matrix has to find that.
"""

from unittest.mock import patch

from odoo import fields, models
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive.models.mailbox.guarded import (
    MailMailboxGuarded,
    ToldName,
)

from .matrix_trying import REFUSALS, TryingCase
from .matrix_ways import NAMED, WAYS, references_to, spec_of, words_of
from .matrix_world import TOKEN
from .reliability.extent import LONG, extent

#: Whose names the core meets first.
NAMED_MOST = ("mail.mailbox", "mail.mailbox.message", "mail.mailbox.draft")


@tagged("post_install", "-at_install")
class TestAccessMatrix(TryingCase):
    # The tests

    def test_everything_is_planted(self):
        self.assertFalse(self.unplanted)
        for target in self.targets:
            planted = {
                model for one, model, _f in self.tokens.values() if one == target
            }
            self.assertGreater(len(planted), 25)

    def test_readers_see_the_tokens(self):
        """Or the matrix would find nothing because there is nothing to find."""
        for target in self.targets:
            self.people["reader"] = target.reader
            told = ""
            for row in target.rows.values():
                for _label, thunk in WAYS["read"](self.call, row, row):
                    told += str(self.try_cell("reader", thunk))
            del self.people["reader"]
            seen = {self.tokens[token][1] for token in TOKEN.findall(told)}
            self.assertGreater(len(seen), 10, seen)

    def test_nobody_learns_what_they_may_not_read(self):
        private, for_role, _elsewhere = self.targets
        self.try_all(self.people, extent([private], self.targets))
        if not LONG:
            self.try_all(("with_role", "without_role"), [for_role])
        self.assertFalse(self.found, "\n".join(map(str, self.found.items())))

    # What the core keeps

    def naming_models(self):
        """Yield (model, field of the model's name, field of the id) of the core."""
        for model in self.env.values():
            if (
                model._abstract
                or not model._auto
                or model._name.startswith("mail.mail")
            ):
                continue
            for names in NAMED:
                if all(
                    one in model._fields and model._fields[one].store for one in names
                ):
                    yield model, *names

    def refer(self, user, target, row):
        """Have rows of the core refer to ``row``, as the system does for ``user``."""
        for model, model_field, id_field in self.naming_models():
            values = self.prepare_reference(target, row, model, model_field, id_field)
            self.note(model, user, values)
        for model, field in references_to(self.env[row._name]):
            if not model._name.startswith("mail.mailbox"):
                self.note(model, user, {field.name: row.id})

    def prepare_reference(self, target, row, model, model_field, id_field):
        name = f"n{next(self._numbers)}"
        values = {
            field.name: value
            for field in model._fields.values()
            if field.name not in (model_field, id_field)
            and (value := self.value_for(target, field, name)) is not None
        }
        many = model._fields[id_field].type in ("char", "text", "json")
        values[id_field] = f"[{row.id}]" if many else row.id
        by_id = f"{model_field}_id"
        if by_id in model._fields:
            values[by_id] = self.env["ir.model"]._get(row._name).id
        if not model._fields[model_field].readonly:
            values[model_field] = row._name
        return values

    def note(self, model, user, values):
        """Make a row of the core with all rights, as ``user``; remember it."""
        transaction = self.env.transaction
        # what is left to be computed is computed as whoever makes the request
        before, transaction.default_env = transaction.default_env, self.env(user=user)
        try:
            with self.cr.savepoint():
                noted = model.with_user(user).sudo().create(values)
                self.env(user=user).flush_all()
        except REFUSALS:
            return
        finally:
            transaction.default_env = before
        # what is tracked is kept at the end of a request
        self.cr.flush()
        self.noted[model._name] = self.noted.get(model._name, model) | noted

    def try_noted(self, roles, when):
        self.env.invalidate_all()
        for rows in self.noted.values():
            for role in roles:
                for label, thunk in self.reading(rows):
                    told = self.try_cell(role, thunk)
                    for leak in self.leaks(role, told):
                        at = f"{role}: {rows._name} {label} {when}"
                        self.found.setdefault(leak, at)

    def reading(self, rows):
        call, name = self.call, rows._name
        words = [*words_of(rows), "display_name"]
        here = [("id", "in", rows.ids)]
        yield "search_read", lambda: call(name, "search_read", here, words)
        yield "read", lambda: call(name, "read", rows.ids, words)
        yield "web_read", lambda: call(name, "web_read", rows.ids, spec_of(rows))

    def recompute(self):
        """Compute anew what was noted, as a scheduled action does."""
        root = self.env.ref("base.user_root")
        for rows in self.noted.values():
            for field in rows._fields.values():
                if field.store and field.compute:
                    rows = rows.with_user(root).exists()
                    self.env.add_to_compute(field, rows)
        self.env.flush_all()

    def stored_elsewhere(self):
        """Return (table, what) of each token that stands outside of our tables."""
        self.env.flush_all()
        self.cr.execute(
            "SELECT table_name, array_agg(column_name::text)"
            " FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public'"
            r" AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'mail\_mailbox%'"
            " AND data_type IN ('character varying', 'text', 'jsonb') GROUP BY 1"
        )
        for table, columns in self.cr.fetchall():
            words = SQL(", ").join(map(SQL.identifier, columns))
            text = SQL("concat_ws(' ', %s)", words)
            self.cr.execute(
                SQL(
                    "SELECT %s FROM %s WHERE %s ~ 'zq[a-z]+x[0-9]{4}x'",
                    text,
                    SQL.identifier(table),
                    text,
                )
            )
            for (found,) in self.cr.fetchall():
                for token in TOKEN.findall(found):
                    target, model, name = self.tokens[token]
                    yield table, target.name, model, name

    def note_all(self, names=None):
        self.noted = {}
        for target in extent(self.targets[:1], self.targets):
            for name, row in target.rows.items():
                if not names or name in names:
                    self.refer(target.reader, target, row)

    def test_what_the_core_notes_is_neutral(self):
        """The reader triggers, then the stranger reads; and after a recompute."""
        self.note_all(extent(NAMED_MOST, None))
        kinds = {"mail.activity", "rating.rating", "mailbox.test.keeper"}
        self.assertLessEqual(kinds | {"privacy.lookup.wizard.line"}, set(self.noted))
        self.assertFalse(set(self.stored_elsewhere()))
        self.try_noted(self.people, "after the reader")
        self.recompute()
        self.assertFalse(set(self.stored_elsewhere()))
        self.try_noted(self.people, "after a recompute")
        self.assertFalse(self.found, "\n".join(map(str, self.found.items())))

    # Each rule taken out

    def test_names_taken_out_are_found(self):
        """Without the rule of names, Odoo tells and stores them for everybody."""
        with (
            patch.object(ToldName, "compute_value", fields.Char.compute_value),
            patch.object(ToldName, "__get__", fields.Char.__get__),
        ):
            self.note_all(NAMED_MOST)
            stored = {table for table, *_what in self.stored_elsewhere()}
            self.assertLessEqual({"mail_activity", "rating_rating"}, stored)
            self.try_noted(("plain",), "after the reader")
        self.assertIn("subject", {name for _target, _model, name in self.found})
        self.assertIn("email", {name for _target, _model, name in self.found})

    def test_only_the_storing_taken_out_is_found(self):
        """A name that a reader is told, and that is kept for whoever comes next."""
        with patch.object(ToldName, "__get__", fields.Char.__get__):
            self.note_all(NAMED_MOST)
            stored = {table for table, *_what in self.stored_elsewhere()}
        self.assertLessEqual({"mail_activity", "rating_rating"}, stored)

    def track(self):
        """Have the core note that a mailbox and a message were referred to."""
        target = self.targets[0]
        keeper = self.env["mailbox.test.keeper"].with_user(target.reader).create({})
        self.cr.flush()
        for name in ("mailbox_id", "mailbox_message_id"):
            row = target.rows[keeper._fields[name].comodel_name]
            keeper.write({name: row.id})
        self.env.flush_all()
        self.cr.flush()
        return keeper.sudo().message_ids.tracking_value_ids

    def test_what_is_tracked_is_neutral(self):
        self.assertEqual(len(self.track()), 2)
        self.assertFalse(set(self.stored_elsewhere()))
        with patch.object(ToldName, "__get__", fields.Char.__get__):
            self.track()
        stored = {table for table, *_what in self.stored_elsewhere()}
        self.assertIn("mail_tracking_value", stored)

    def test_forms_of_others_taken_out_are_found(self):
        plain = models.BaseModel
        target = self.targets[0]
        with (
            patch.object(MailMailboxGuarded, "_search", plain._search),
            patch.object(MailMailboxGuarded, "_check_access", plain._check_access),
        ):
            row = target.rows["mail.mailbox.setup.wizard"]
            self.try_row(("other",), target, row)
        self.assertTrue(self.found)
