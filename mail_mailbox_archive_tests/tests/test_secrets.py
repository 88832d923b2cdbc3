"""Secrets at rest, their keys, and copies of the database."""

import io
import subprocess
from pathlib import Path
from runpy import run_path
from unittest.mock import patch

from odoo import Command
from odoo.api import SUPERUSER_ID, Environment
from odoo.cli.command import find_command, load_addons_commands
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import config, file_path
from odoo.tools.misc import exec_pg_environ, find_pg_tool

from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import NetGuard
from odoo.addons.mail_mailbox_archive.mailcore.connect.oauth import Tokens
from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError
from odoo.addons.mail_mailbox_archive.mailcore.vault import (
    PREFIX,
    SecretElsewhere,
    SecretUnreadable,
    Vault,
)

from .common import MailboxCase

KEY = "ODOO_MAILBOX_SECRET_KEY"
#: Sealed, and opened for nobody: what proves who calls us, what waits for a person.
SENT_TO_NOBODY = {
    ("mail_mailbox_sending_account", "hook_secret"),
    ("mail_mailbox_sending_account", "hook_key_secret"),
    ("mail_mailbox_sending_account", "second_secret"),
    ("mail_mailbox_oauth_state", "sealed"),
    ("mail_mailbox_setup_wizard", "sealed"),
}
SECRETS = {
    "imap": "imap-5ecret-7a1f",
    "smtp": "smtp-5ecret-8b2e",
    "api": "SG.api-5ecret-9c3d",
    "refresh": "refresh-5ecret-1d4c",
    "client": "client-5ecret-2e5b",
}


def fill(env):
    """Make a mailbox, a service and an account that hold a secret each."""
    service = env["mail.mailbox.oauth.provider"].create(
        {
            "name": "Secrets",
            "client_id": "id",
            "client_secret": SECRETS["client"],
            "authorization_endpoint": "https://sign.example/authorize",
            "token_endpoint": "https://sign.example/token",
        }
    )
    account = env["mail.mailbox.sending.account"].create(
        {"name": "Secrets", "provider": "sendgrid", "api_key": SECRETS["api"]}
    )
    admin = env.ref("base.user_admin")
    mailbox = env["mail.mailbox"].create(
        {
            "name": "Secrets",
            "email": "secrets@spedbud.example",
            "responsible_id": admin.id,
            "user_ids": [Command.set(admin.ids)],
            "imap_host": "imap.example.com",
            "imap_password": SECRETS["imap"],
            "provider": "smtp",
            "smtp_host": "smtp.example.com",
            "smtp_password": SECRETS["smtp"],
            "oauth_provider_id": service.id,
        }
    )
    mailbox._keep_tokens(Tokens("access", SECRETS["refresh"], 0), mailbox.email)
    return mailbox + mailbox.browse(), service, account


@tagged("post_install", "-at_install")
class TestDump(BaseCase):
    def test_dump_and_filestore_hold_no_secret(self):
        with Registry(get_db_name()).cursor() as cr:
            made = [(r._name, r.ids) for r in fill(Environment(cr, SUPERUSER_ID, {}))]
        self.addCleanup(self._remove, made)
        dump = subprocess.run(
            [find_pg_tool("pg_dump"), "--no-owner", get_db_name()],
            env=exec_pg_environ(),
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        self.assertIn(b"secrets@spedbud.example", dump)
        files = Path(config.filestore(get_db_name())).rglob("*")
        stored = [file.read_bytes() for file in files if file.is_file()]
        for name, secret in SECRETS.items():
            with self.subTest(secret=name):
                self.assertNotIn(secret.encode(), dump)
                self.assertFalse(any(secret.encode() in one for one in stored))
        self.assertGreaterEqual(dump.count(b"fernet:"), len(SECRETS))

    def _remove(self, made):
        with Registry(get_db_name()).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            for name, ids in made:
                env[name].browse(ids).unlink()


@tagged("post_install", "-at_install")
class TestKeys(MailboxCase):
    def setUp(self):
        super().setUp()
        self.old, self.new = Vault.new_key(), Vault.new_key()
        self.use(self.old)
        self.box, self.service, self.account = fill(self.env)
        self.env.flush_all()

    def use(self, *keys):
        self.enterContext(patch.dict("os.environ", {KEY: ",".join(keys)}))

    def sealed(self):
        return list(self.env["mail.mailbox"]._read_sealed())

    def assertOpens(self):
        self.assertEqual(self.box._imap_secret__().value, SECRETS["imap"])
        self.assertEqual(self.box._get_smtp_settings__().password, SECRETS["smtp"])
        self.assertEqual(self.service._client__().secret, SECRETS["client"])

    def test_each_secret_is_for_a_host(self):
        # also one that is added tomorrow
        accounts = self.env["mail.mailbox.sending.account"]
        signed = accounts.create({"name": "Signed", "provider": "ses_like"})
        signed.setting_ids.filtered("secret").typed = SECRETS["api"]
        self.env.flush_all()
        self.account.api_key = SECRETS["api"]
        vault, bound = self.env["mail.mailbox"]._vault__(), set()
        for table, column, _id, sealed in self.sealed():
            self.assertIsNotNone(vault.hosts_of(sealed), (table, column))
            if vault.hosts_of(sealed):
                bound.add((table, column))
        columns = set(self.env["mail.mailbox"]._sealed_columns())
        self.assertEqual(columns - bound - SENT_TO_NOBODY, set())

    def test_none_opens_at_another_host(self):
        # past every method that would take the secret away
        for table, column in (
            ("mail_mailbox", "imap_host"),
            ("mail_mailbox", "smtp_host"),
        ):
            self.env.cr.execute(f"UPDATE {table} SET {column} = 'evil.example'")
        self.env.cr.execute(
            "UPDATE mail_mailbox_oauth_provider"
            " SET token_endpoint = 'https://evil.example/token'"
        )
        self.env.cr.execute("UPDATE mail_mailbox_sending_account SET region = 'eu'")
        self.env.invalidate_all()
        for use in (
            self.box._imap_secret__,
            self.box._get_smtp_settings__,
            lambda: self.box._get_access_token__("", "evil.example"),
            lambda: self.box._get_access_token__("", "imap.example.com"),
            self.account._open_provider__,
        ):
            with self.assertRaises(MailCoreError) as caught:
                use()
            self.assertEqual(caught.exception.code, "elsewhere")
        with self.assertRaises(SecretElsewhere):
            self.service._client__()

    def test_it_is_entered_again_for_the_other_host(self):
        self.box.write({"imap_host": "new.example", "imap_password": "again"})
        self.assertEqual(self.box._imap_secret__().value, "again")
        self.box.write({"smtp_host": "new.example", "smtp_password": "again"})
        self.assertEqual(self.box._get_smtp_settings__().password, "again")
        self.account.write({"region": "eu", "api_key": "again"})
        values = self.account._read_settings__(lambda setting: True)
        self.assertEqual((values["api_key"], values["region"]), ("again", "eu"))
        self.assertNotIn("again", repr(values))

    def test_old_secrets_are_bound_by_the_upgrade(self):
        vault = self.env["mail.mailbox"]._vault__()
        for table, column, row_id, sealed in self.sealed():
            secret = vault._read(sealed)[1]
            old = PREFIX + vault._fernet.encrypt(secret.encode()).decode()
            self.env.cr.execute(
                f"UPDATE {table} SET {column} = %s WHERE id = %s", [old, row_id]
            )
        self.env.invalidate_all()
        with self.assertRaises(MailCoreError):
            self.box._imap_secret__()
        path = file_path("mail_mailbox_archive/migrations/19.0.2.0.0/post-claims.py")
        upgrade = run_path(path)
        for _time in range(2):
            upgrade["migrate"](self.env.cr, "19.0.1.0.0")
            self.env.invalidate_all()
            self.assertOpens()

    def test_key_is_replaced(self):
        self.use(self.new, self.old)
        self.assertOpens()
        count = self.env["mail.mailbox"]._reseal_secrets()
        self.assertGreaterEqual(count, len(SECRETS))
        self.use(self.new)
        self.assertOpens()
        self.use(self.old)
        with self.assertRaises(MailCoreError):
            self.box._imap_secret__()

    def test_wrong_key_changes_nothing(self):
        before = self.sealed()
        self.assertGreaterEqual(len(before), len(SECRETS))
        for key in (self.new, "no key at all"):
            with self.subTest(key=key):
                self.use(key)
                with self.assertRaises(SecretUnreadable):
                    self.env["mail.mailbox"]._reseal_secrets()
                with self.assertRaises(MailCoreError) as caught:
                    self.box._session__()
                self.assertEqual(caught.exception.code, "key_missing")
                self.assertEqual(self.sealed(), before)
        with self.assertRaisesRegex(UserError, "odoo mailboxkey new"):
            self.box.imap_password = "another"
        self.env.invalidate_all()
        self.assertEqual(self.sealed(), before)

    def test_commands(self):
        load_addons_commands()
        command = find_command("mailboxkey")
        with patch("sys.stdout", new_callable=io.StringIO) as printed:
            command().run(["new"])
        Vault([printed.getvalue().strip()])
        arguments = ["-d", get_db_name(), "-c", config["config"]]
        with (
            self.enter_registry_test_mode(),
            patch.object(config, "parse_config"),
            patch.dict(config.options, {"db_name": [get_db_name()]}),
            patch("sys.stdout", new_callable=io.StringIO) as printed,
        ):
            command().run(["check", *arguments])
            self.assertIn("open all", printed.getvalue())
            self.use(self.new, self.old)
            command().run(["rotate", *arguments])
            self.assertIn("are sealed with the first key", printed.getvalue())
            self.use(self.new)
            self.env.invalidate_all()
            self.assertOpens()
            self.use(self.old)
            with self.assertRaisesRegex(SystemExit, "none of the keys"):
                command().run(["check", *arguments])

    def test_command_for_no_such_database_ends_with_a_sentence(self):
        load_addons_commands()
        for name in ("mailboxkey", "mailboxlisten"):
            work = ["check"] if name == "mailboxkey" else []
            with (
                patch.object(config, "parse_config"),
                patch.dict(config.options, {"db_name": ["no_such_database"]}),
                self.assertRaisesRegex(
                    SystemExit, "^no_such_database cannot be opened"
                ),
            ):
                find_command(name)().run([*work, "-d", "no_such_database"])

    def test_settings_tell_of_the_key(self):
        settings = self.env["res.config.settings"].create({})
        self.assertFalse(settings.mailbox_key_in_file)
        self.use("")
        settings.invalidate_recordset()
        self.assertTrue(settings.mailbox_key_in_file)


@tagged("post_install", "-at_install")
class TestCopies(MailboxCase):
    """Neither kind of copy connects to anybody."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.reached = []
        self.enterContext(
            patch.object(NetGuard, "connect", lambda *a, **o: self.reached.append(a[1]))
        )
        self.box, self.service, self.account = fill(self.env)
        self.env["mail.mailbox"]._confirm_database()
        self.env.flush_all()

    def make_copy(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another-one")

    def test_copy_with_another_uuid(self):
        self.make_copy()
        self.env.flush_all()
        guard = self.env["mail.mailbox"]._get_net_guard()
        with self.assertRaises(MailCoreError) as caught:
            guard.check("imap.gmail.com", 993)
        self.assertEqual(caught.exception.code, "copy")
        for provider in ("smtp", "sendgrid"):
            self.box.write(
                {"provider": provider, "sending_account_id": self.account.id}
            )
            with self.assertRaises(MailCoreError) as caught:
                self.box._open_provider__()
            self.assertEqual(caught.exception.code, "copy")
        self.assertTrue(self.env["res.config.settings"].create({}).mailbox_is_copy)

    def test_only_an_administrator_wakes_a_copy(self):
        self.make_copy()
        with self.assertRaises(AccessError):
            self.env["mail.mailbox"].with_user(self.manager)._confirm_database()
        self.assertTrue(self.env["mail.mailbox"]._is_copy())
        admin = self.env.ref("base.user_admin")
        settings = self.env["res.config.settings"].with_user(admin).create({})
        settings.action_confirm_mailbox_database()
        self.assertFalse(self.env["mail.mailbox"]._is_copy())
        self.assertTrue(self.box._open_provider__())

    def notices(self):
        kind = self.env.ref("mail_mailbox_archive.mail_activity_copy")
        return self.env["mail.activity"].search([("activity_type_id", "=", kind.id)])

    def test_system_administrators_are_notified_of_a_copy_once(self):
        mailboxes = self.env["mail.mailbox"]
        mailboxes._tell_of_copy()
        self.assertFalse(self.notices())
        self.make_copy()
        mailboxes._tell_of_copy()
        mailboxes._tell_of_copy()
        admin = self.env.ref("base.user_admin")
        self.assertIn(admin, self.notices().user_id)
        self.assertEqual(len(self.notices()), len(self.notices().user_id))
        self.assertFalse(self.notices().user_id & self.manager)
        self.assertIn("a copy", self.box.schedule_problem)
        mailboxes.with_user(admin)._confirm_database()
        self.assertFalse(self.notices())
        self.assertFalse(self.box._get_schedule_problem())

    def test_a_neutralised_copy_bothers_nobody(self):
        self.make_copy()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.env["mail.mailbox"]._tell_of_copy()
        self.assertFalse(self.notices())

    def test_poll_on_a_copy_says_so(self):
        self.make_copy()
        self.env.flush_all()
        with patch.object(NetGuard, "connect", _real):
            self.env["mail.mailbox"]._poll(20, only=self.box.ids)
        self.env.invalidate_all()
        self.assertIn("is a copy", self.box.last_error)
        self.assertFalse(self.reached)


_real = NetGuard.connect
