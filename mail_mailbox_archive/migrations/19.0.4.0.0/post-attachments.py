"""The attachments that are stored wait to be read for the search, the newest first."""

from odoo.addons.mail_mailbox_archive.mailcore.inside.kinds import (
    MAX_SIZE,
    kind_of,
)

#: The end of a name, by which it is told what a file is.
ENDING = r"(\.xml\.p7m|\.[a-z0-9]{1,5})[ .]*$"


def migrate(cr, version):
    """Note of each attachment what it is to be read as."""
    if not version:
        return
    cr.execute(
        "SELECT DISTINCT substring(lower(filename) from %s), lower(mimetype)"
        " FROM mail_mailbox_part WHERE inside_kind IS NULL",
        [ENDING],
    )
    for ending, mimetype in cr.fetchall():
        if kind := kind_of(f"a{ending or ''}", mimetype or ""):
            cr.execute(
                "UPDATE mail_mailbox_part SET inside_kind = %s"
                " WHERE substring(lower(filename) from %s) IS NOT DISTINCT FROM %s"
                " AND lower(mimetype) IS NOT DISTINCT FROM %s"
                " AND coalesce(size, 0) <= %s",
                [kind, ENDING, ending, mimetype, MAX_SIZE],
            )
