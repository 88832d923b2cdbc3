# ruff: noqa: F821 (Odoo's shell gives env)
"""Uninstall the add-on as the Apps list does. For Odoo's shell.

Before, it says with numbers what goes; afterwards all emails lie in a folder as files.
"""

import csv
from pathlib import Path

from odoo.tools import config, human_size


def sources():
    """Return what is to be left of each email, sorted."""
    messages = env["mail.mailbox.message"].search([])
    return sorted((m.arrival_ids[:1] or m)._read_source() for m in messages)


def check_loss(wizard, emails):
    """Check that all numbers are said before anything goes."""
    archived = env["mail.mailbox.message"].search_count([("link_ids", "!=", False)])
    size = human_size(sum(env["mail.mailbox.message"].search([]).mapped("stored_size")))
    said = wizard.mailbox_loss
    for part in (f"{len(emails)} emails ({size})", f"{archived} are archived"):
        assert part in said, (part, said)
    mailboxes = env["mail.mailbox"].with_context(active_test=False).search_count([])
    assert f"{mailboxes} mailboxes" in said and ".eml" in said, said


def check_files(emails):
    """Check that each email was left as a file, and stands in the list."""
    store = Path(config.filestore(env.cr.dbname))
    (folder,) = store.glob("mail_mailbox_archive-*")
    files = sorted(file.read_bytes() for file in folder.rglob("*.eml"))
    assert files == emails, (len(files), len(emails))
    with (folder / "index.csv").open(encoding="utf-8-sig", newline="") as index:
        rows = list(csv.reader(index))
    assert len(rows) == 1 + len(emails), rows[:2]
    assert any("Spostex S.A." in ",".join(row) for row in rows), rows[:2]


add_on = env["ir.module.module"].search([("name", "=", "mail_mailbox_archive")])
emails = sources()
assert len(emails) > 70
check_loss(env["base.module.uninstall"].create({"module_ids": add_on.ids}), emails)
add_on.button_immediate_uninstall()
check_files(emails)
env.cr.commit()
env = add_on.env(cr=env.cr)
# those that the scripts of the earlier version made
users = env["res.users"].search([("login", "=like", "upgrade\\_%")])
names = ("Spostex S.A.", "Upgrade Anna")
partners = users.partner_id | env["res.partner"].search([("name", "in", names)])
queued = env["mail.mail"].search([("email_to", "=like", "waits-%")])
queued.unlink()
users.unlink()
partners.unlink()
env["res.groups"].search([("name", "=", "Upgrade foreman")]).unlink()
