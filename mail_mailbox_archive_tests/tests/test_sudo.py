"""Every privilege step is listed with its reason."""

import ast
from pathlib import Path

from odoo.tests import TransactionCase, tagged

import odoo.addons.mail_mailbox_archive as addon

#: How far above the line of a ``sudo()`` its reason may stand.
NEAR = 6


@tagged("post_install", "-at_install")
class TestSudo(TransactionCase):
    def test_every_sudo_has_its_reason(self):
        missing, count = [], 0
        for file in Path(addon.__file__).parent.rglob("*.py"):
            lines = file.read_text().splitlines()
            for node in ast.walk(ast.parse("\n".join(lines))):
                if not _is_sudo(node):
                    continue
                count += 1
                above = lines[max(0, node.lineno - 1 - NEAR) : node.end_lineno]
                if not any("sudo:" in line for line in above):
                    missing.append(f"{file.name}:{node.lineno}")
        self.assertFalse(missing, "sudo() without a reason")
        self.assertGreater(count, 20)


def _is_sudo(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "sudo"
        and not node.args
    )
