"""What the commands ``mailboxkey`` and ``mailboxlisten`` begin with."""

import sys

import psycopg2

from odoo.modules.registry import Registry


def open_registry(database):
    """Return the registry of ``database``; end with a sentence where it is of no use.

    :raises SystemExit: there is no such database, or the add-on is not installed in it
    """
    try:
        registry = Registry(database)
    except psycopg2.OperationalError as error:
        sys.exit(f"{database} cannot be opened: {str(error).strip()}")
    if "mail.mailbox" not in registry:
        sys.exit(f"{database}: mail_mailbox_archive is not installed in this database.")
    return registry
