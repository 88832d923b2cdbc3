from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged
from odoo.tools import SQL

from .common import MailboxCase

#: What waits to be done on a server; the script cancels or removes each.
WORK = {"mail.mailbox.outbox", "mail.mailbox.seen.mark", "mail.mailbox.sent"}
#: Switches of a mailbox that have nothing done on a server. A new one that is not
#: listed here has to be off in a neutralised copy.
HARMLESS = {
    "active",
    "autoresponder_paused",
    "done_when_archived",
    "import_paused",
    "odoo_mail",
    "open_to_assistants",
    "private",
    "restrict_senders",
    "save_sent",
    "smtp_verify_certificate",
    "stopped",
    "verification_due",
    "verify_certificate",
}
#: What the name of a column that is of use elsewhere ends with.
USEFUL = ("secret", "sealed", "token", "digest", "hash")


@tagged("post_install", "-at_install")
class TestNeutralize(MailboxCase):
    def test_copy_of_a_database_touches_no_mailbox(self):
        self.mailbox.write(
            {
                "imap_enabled": True,
                "imap_host": "imap.example.com",
                "imap_password": "s3cr3t-word",
            }
        )
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(self.mailbox.imap_enabled)
        self.assertFalse(self.mailbox.has_imap_password)
        self.assertFalse(
            self.env["mail.mailbox"].search(self.env["mail.mailbox"]._get_due_domain())
        )

    def test_nothing_is_on_or_waits_that_reaches_a_server(self):
        names = self.columns_of_servers()
        self.assertGreater(len(names), 3)
        self.mailbox.write({"imap_host": "imap.example.com"})
        for name in names:
            self.env.cr.execute(
                SQL("UPDATE mail_mailbox SET %s = TRUE", SQL.identifier(name))
            )
        line = self.deliver(self.mailbox, subject="Roof")
        self.env.invalidate_all()
        self.env["mail.mailbox.seen.mark"]._note(line)
        self.assertTrue(self.env["mail.mailbox.seen.mark"].search([]))
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse([name for name in names if self.mailbox[name]])
        self.assertFalse(self.env["mail.mailbox.seen.mark"].search([]))
        # each kind of waiting work is one that the script knows
        waiting = set(self.env.registry["mail.mailbox.work"]._inherit_children)
        self.assertEqual(waiting, WORK)

    def columns_of_servers(self):
        """Return the names of what a mailbox can have switched on, but the harmless."""
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = 'mail_mailbox'"
            " AND data_type = 'boolean' ORDER BY 1"
        )
        return [name for (name,) in self.env.cr.fetchall() if name not in HARMLESS]

    def test_nothing_sealed_is_left(self):
        columns = self.useful_columns()
        self.assertGreater(len(columns), 8)
        for table in {table for table, _column in columns}:
            self.plant(table)
        for table, column in columns:
            self.assertTrue(self.holding(table, column), "a column this test forgot")
        neutralize_database(self.env.cr)
        left = [one for one in columns if self.holding(*one)]
        self.assertFalse(left)

    def useful_columns(self):
        self.env.cr.execute(
            SQL(
                "SELECT table_name, column_name FROM information_schema.columns"
                r" WHERE table_schema = 'public' AND table_name LIKE 'mail\_mailbox%%'"
                " AND data_type IN ('character varying', 'text', 'bytea')"
                " AND column_name ~ %s ORDER BY 1, 2",
                f"({'|'.join(USEFUL)})$",
            )
        )
        return self.env.cr.fetchall()

    def plant(self, table):
        """Make a row of a table in which every column of use is filled."""
        makers = {
            "mail_mailbox": lambda: self.mailbox,
            "mail_mailbox_sending_account": self.make_account,
            "mail_mailbox_sending_setting": self.make_setting,
            "mail_mailbox_oauth_provider": lambda: self.env[
                "mail.mailbox.oauth.provider"
            ].search([], limit=1),
            "mail_mailbox_oauth_token": lambda: self.env[
                "mail.mailbox.oauth.token"
            ].create(
                {
                    "mailbox_id": self.mailbox.id,
                    "sealed": "v1:x",
                    "account": "a@b.example",
                }
            ),
            "mail_mailbox_oauth_state": self.make_state,
            "mail_mailbox_verification": self.make_verification,
            "mail_mailbox_verify_wizard": lambda: self.env[
                "mail.mailbox.verify.wizard"
            ].create({"mailbox_id": self.mailbox.id}),
            "mail_mailbox_setup_wizard": lambda: self.env[
                "mail.mailbox.setup.wizard"
            ].create({"email": "new@spedbud.example"}),
        }
        record = makers[table]() if table in makers else None
        self.assertTrue(record, f"{table} holds secrets, and this test fills none in")
        names = [column for one, column in self.useful_columns() if one == table]
        record.write({name: f"v1:{name}" for name in names})
        self.env.flush_all()

    def make_account(self):
        return self.env["mail.mailbox.sending.account"].create({"name": "Account"})

    def make_setting(self):
        accounts = self.env["mail.mailbox.sending.account"]
        account = accounts.create({"name": "Signed", "provider": "ses_like"})
        return account.setting_ids.filtered("secret")

    def make_state(self):
        return self.env["mail.mailbox.oauth.state"].create(
            {
                "digest": "d",
                "sealed": "v1:x",
                "mailbox_id": self.mailbox.id,
                "provider_id": self.env["mail.mailbox.oauth.provider"]
                .search([], limit=1)
                .id,
                "user_id": self.member.id,
            }
        )

    def make_verification(self):
        return self.env["mail.mailbox.verification"].create(
            {
                "mailbox_id": self.mailbox.id,
                "user_id": self.member.id,
                "code_hash": "h",
                "requested_at": "2026-11-01",
                "expires_at": "2026-11-01",
            }
        )

    def holding(self, table, column):
        self.env.cr.execute(
            SQL(
                "SELECT 1 FROM %s WHERE %s IS NOT NULL LIMIT 1",
                SQL.identifier(table),
                SQL.identifier(column),
            )
        )
        return bool(self.env.cr.fetchone())
