"""Domains beyond ASCII are compared in another form, by the standard of today."""

from odoo.api import SUPERUSER_ID, Environment

#: Written with a letter that ASCII has not; the few that there are.
OTHERS = "SELECT id FROM mail_mailbox WHERE email ~ '[^ -~]'"


def migrate(cr, version):
    cr.execute(OTHERS)
    ids = [row[0] for row in cr.fetchall()]
    mailboxes = Environment(cr, SUPERUSER_ID, {})["mail.mailbox"].browse(ids)
    mailboxes.modified(["email"])
    mailboxes.flush_recordset()
