"""A rule that is limited to something is not about everything once that is deleted."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import our_models
from .test_filing_rule import FilingRuleCase

#: Many2many fields that limit nothing, or to nobody, once they are empty.
NOT_NARROWING = {
    "mail.mailbox.user_ids",
    "mail.mailbox.sender_ids",
    "mail.mailbox.draft.attachment_ids",
    "mail.mailbox.import.attachment_ids",
    "mail.mailbox.break.glass.notice_ids",
}


@tagged("post_install", "-at_install")
class TestNarrowing(FilingRuleCase):
    def fields(self):
        """Return the stored Many2many fields of ours for which empty means all."""
        return [
            field
            for model in {one._name: one for one in our_models(self.env)}.values()
            if not (model._transient or model._abstract)
            for field in model._fields.values()
            if field.type == "many2many"
            and field.store
            and str(field) not in NOT_NARROWING
            and field._module.startswith("mail_mailbox_archive")
        ]

    def retention(self, **values):
        return self.env["mail.mailbox.retention.rule"].create(
            {"name": "Old", "days": 30, "only_on_server": False, **values}
        )

    def assertRefused(self, record, kind):
        with self.assertRaisesRegex(UserError, f"limited to it .{kind}"):
            record.unlink()
        self.assertTrue(record.exists())

    def test_whatever_narrows_is_kept(self):
        """Whoever adds such a field decides what its emptiness means."""
        fields = self.fields()
        self.assertGreater(len(fields), 6)
        kept = {str(one): one.ondelete for one in fields}
        self.assertEqual(set(kept.values()), {"restrict"}, kept)

    def test_the_database_keeps_it_also_when_it_is_updated(self):
        for field in self.fields():
            with self.subTest(field=str(field)):
                name, deletes = self.foreign_key(field)
                self.assertEqual(deletes, "r")
                self.make_cascade(field, name)
                self.assertEqual(self.foreign_key(field)[1], "c")
        names = list({field.model_name for field in self.fields()})
        context = {"module": "mail_mailbox_archive", "update_custom": False}
        self.env.registry.init_models(self.env.cr, names, context, install=False)
        for field in self.fields():
            with self.subTest(field=str(field)):
                self.assertEqual(self.foreign_key(field)[1], "r")

    def foreign_key(self, field):
        """Return the name of the foreign key, and what it does on deletion."""
        (row,) = self.env.execute_query(
            SQL(
                "SELECT conname, confdeltype FROM pg_constraint JOIN pg_attribute"
                " ON attrelid = conrelid AND attnum = conkey[1]"
                " WHERE contype = 'f' AND conrelid = %s::regclass AND attname = %s",
                field.relation,
                field.column2,
            )
        )
        return row

    def make_cascade(self, field, name):
        table, column = SQL.identifier(field.relation), SQL.identifier(field.column2)
        name = SQL.identifier(name)
        other = SQL.identifier(self.env[field.comodel_name]._table)
        self.env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", table, name))
        self.env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s)"
                " REFERENCES %s(id) ON DELETE CASCADE",
                table,
                name,
                column,
                other,
            )
        )

    def test_a_mailbox_that_a_filing_rule_names(self):
        gone = self.make_mailbox("gone@spedbud.example", self.member)
        rule = self.rule(mailbox_ids=[Command.set(gone.ids)])
        self.assertRefused(gone, "Filing Rule")
        rule.unlink()
        gone.unlink()
        self.assertFalse(gone.exists())

    def test_a_mailbox_that_a_retention_rule_names(self):
        gone = self.make_mailbox("gone@spedbud.example", self.member)
        rule = self.retention(mailbox_ids=[Command.set(gone.ids)], active=False)
        self.assertRefused(gone, "Retention Rule")
        self.assertEqual(rule.mailbox_ids, gone)

    def test_a_role_that_a_rule_names(self):
        self.member.group_ids = [Command.link(self.foreman.id)]
        self.rule(role_ids=[Command.set(self.foreman.ids)])
        self.retention(role_ids=[Command.set(self.office.ids)], scope="archived")
        self.assertRefused(self.foreman, "Filing Rule")
        self.assertRefused(self.office, "Retention Rule")

    def test_a_record_type_that_a_retention_rule_names(self):
        kind = self.contacts.copy({"name": "Builders"})
        self.retention(record_type_ids=[Command.set(kind.ids)], scope="archived")
        self.assertRefused(kind, "Retention Rule")

    def test_a_rule_that_lost_all_it_named_does_nothing(self):
        rule = self.rule(words=False, mailbox_ids=[Command.set(self.mailbox.ids)])
        # as in a database of before
        self.env.flush_all()
        relation = rule._fields["mailbox_ids"].relation
        self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(relation)))
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertProposed(self.receive(subject="Anything"))
