"""Record rules that the code says now are gone: they would only be asked once more."""

from odoo import SUPERUSER_ID, api

CONTENT = ("arrival", "autoresponder_journal", "correspondent", "folder", "quarantine")
NAMES = [
    *(f"{name}_rule_{who}" for name in CONTENT for who in ("user", "manager")),
    "outbox_rule_user",
    *(f"{name}_rule" for name in ("draft", "import", "tombstone")),
    *(
        f"{name}_wizard_rule"
        for name in (
            "archive",
            "break_glass",
            "erase",
            "export",
            "import",
            "person",
            "roles",
            "save",
            "verify",
        )
    ),
    "archive_wizard_line_rule",
]


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    known = env["ir.model.data"].search(
        [
            ("module", "=", "mail_mailbox_archive"),
            ("model", "=", "ir.rule"),
            ("name", "in", [f"mail_mailbox_{name}" for name in NAMES]),
        ]
    )
    env["ir.rule"].browse(known.mapped("res_id")).exists().unlink()
