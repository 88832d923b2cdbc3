"""``odoo mailboxkey``: the keys that seal the secrets of mailboxes."""

import argparse
import sys

from odoo.api import SUPERUSER_ID, Environment
from odoo.cli import Command
from odoo.tools import config

HELP = """
Keys stand in the environment variable ODOO_MAILBOX_SECRET_KEY, or as secret_key in the
section [mail_mailbox_archive] of odoo.conf; never in the database. Several are
separated by commas: the first seals, all open.

To replace a key: write the new one before the old one, restart Odoo, run `rotate`,
remove the old one, restart Odoo.

Odoo finds this command if the environment names its configuration:

  ODOO_RC=/etc/odoo/odoo.conf odoo mailboxkey check -d database
"""


class MailboxKey(Command):
    """Make, check and replace the keys of mailbox passwords and tokens."""

    name = "mailboxkey"

    def run(self, args):
        """Do what the command line says; end with 1 when a secret cannot be opened."""
        parser = argparse.ArgumentParser(
            prog=self.prog,
            usage=f"{self.prog} {{new,check,rotate}} [-d NAME]",
            epilog=HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("work", choices=["new", "check", "rotate"])
        options, rest = parser.parse_known_args(args)
        # Odoo loads a command by its file, before it knows the add-ons
        # pylint: disable=import-outside-toplevel,odoo-addons-relative-import
        from odoo.addons.mail_mailbox_archive.mailcore.vault import (
            SecretUnreadable,
            Vault,
        )
        from odoo.addons.mail_mailbox_archive.models.mailbox.command import (
            open_registry,
        )

        if options.work == "new":
            sys.stdout.write(Vault.new_key() + "\n")
            return
        config.parse_config(rest, setup_logging=True)
        for name in config["db_name"] or parser.error("which database? -d NAME"):
            with open_registry(name).cursor() as cr:
                mailboxes = Environment(cr, SUPERUSER_ID, {})["mail.mailbox"]
                try:
                    count = mailboxes._reseal_secrets()
                except SecretUnreadable:
                    sys.exit(
                        f"{name}: a secret opens with none of the keys. Nothing was "
                        "changed. Add the key that sealed it, or type the passwords "
                        "again and sign in again."
                    )
                if options.work == "check":
                    cr.rollback()
                    sys.stdout.write(f"{name}: the keys open all {count} secrets\n")
                else:
                    sys.stdout.write(
                        f"{name}: {count} secrets are sealed with the first key\n"
                    )
