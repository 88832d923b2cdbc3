"""What people archived before is learned from: with whom each email was exchanged."""

from odoo.api import SUPERUSER_ID, Environment

#: Links that are read at once.
BATCH = 1000


def migrate(cr, version):
    """Note the correspondent of each link that a person made."""
    if not version:
        return
    links = Environment(cr, SUPERUSER_ID, {})["mail.mailbox.link"]
    by_people = [("rule_id", "=", False), ("follow_id", "=", False)]
    last = 0
    while found := links.search(
        [*by_people, ("id", ">", last)], limit=BATCH, order="id"
    ):
        found._note_correspondents()
        last = found[-1].id
        found.env.flush_all()
        found.env.invalidate_all()
