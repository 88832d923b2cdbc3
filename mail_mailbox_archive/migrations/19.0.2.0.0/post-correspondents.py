"""Whom mailboxes exchanged email with is read out of what they hold."""

from odoo.api import SUPERUSER_ID, Environment
from odoo.tools import split_every

#: Older email names hardly anybody that newer does not.
NEWEST = 100_000


def migrate(cr, version):
    cr.execute(
        "SELECT id FROM mail_mailbox_arrival"
        " ORDER BY internal_date DESC NULLS LAST LIMIT %s",
        [NEWEST],
    )
    ids = [row[0] for row in cr.fetchall()]
    env = Environment(cr, SUPERUSER_ID, {})
    for some in split_every(1000, ids, list):
        arrivals = env["mail.mailbox.arrival"].browse(some)
        env["mail.mailbox.correspondent"]._learn(arrivals)
        env.invalidate_all()
