"""Every privilege step is listed with its reason."""

import ast
from pathlib import Path

from odoo.tests import TransactionCase, tagged

import odoo.addons.mail_mailbox_archive as addon

#: Where something is written with all rights and values from an argument, and no check
#: of them stands in the same function: where it stands, or why none is needed.
CHECKED_ELSEWHERE = {
    ("mailbox.py", "write"): "values that order a list, of what one may read",
    ("mail_mail.py", "_fail"): "a text",
    ("invitation_reply.py", "_send_reply"): "reply_to_invitation",
    ("journal.py", "_note_arrivals"): "of a poll",
    ("break_glass.py", "_begin"): "action_confirm of its wizard",
    ("farewell.py", "_tell_once"): "who is told",
    ("health_notice.py", "_mail_responsible"): "a text",
    ("history.py", "_note"): "what its callers did, after their checks",
    ("import_job.py", "_begin"): "the wizard, of the files as the person",
    ("notice.py", "_tell_people"): "who is told, and a text",
    ("push.py", "_push"): "whose devices, and a text",
    ("draft.py", "_hand_over"): "_check_attachments",
    ("outbox_take.py", "_store_picture"): "_find_own_picture, as the person",
    ("outbox_take.py", "_take"): "_send of the draft",
    ("oauth.py", "_keep_tokens"): "of the provider",
    ("mail_mail_private.py", "_note_private"): "what the gate answered",
    ("oauth_state.py", "_keep"): "action_oauth_sign_in",
    ("retention_run.py", "_begin_run"): "whether it is a dry run",
}
CHECKS = ("check_access", "_check_working", "_filtered_access", "has_access")

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

    def test_ids_are_checked_before_they_are_written_with_all_rights(self):
        unchecked, count = set(), 0
        for file in Path(addon.__file__).parent.rglob("*.py"):
            for function in ast.walk(ast.parse(file.read_text())):
                if not isinstance(function, ast.FunctionDef):
                    continue
                if not _writes_what_is_given(function):
                    continue
                count += 1
                if not _checks(function):
                    unchecked.add((file.name, function.name))
        self.assertEqual(unchecked, set(CHECKED_ELSEWHERE))
        self.assertGreater(count, len(unchecked))

    def test_the_list_finds_what_it_is_to_find(self):
        for source, found in (
            ("def f(self, x): self.sudo().create({'a': x})", True),
            ("def f(self, x):\n m = self.sudo()\n v = {'a': x}\n m.write(v)", True),
            ("def f(self, x): self.sudo().a = x.id", True),
            ("def f(self, x):\n for y in x: self.sudo().write({'a': y})", True),
            ("def f(self, x): self.create({'a': x})", False),
            ("def f(self, x): self.sudo(False).create({'a': x})", False),
            ("def f(self): self.sudo().create({'a': 1})", False),
        ):
            (function,) = ast.parse(source).body
            self.assertEqual(_writes_what_is_given(function), found, source)


def _writes_what_is_given(function):
    """Return whether values from an argument are written with all rights."""
    arguments = function.args
    given = {one.arg for one in [*arguments.args, *arguments.kwonlyargs]}
    given -= {"self", "cls"}
    elevated = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            value = node.value
            names = set().union(*map(_names, filter(_is_plain, node.targets)))
        elif isinstance(node, (ast.For, ast.comprehension)):
            value, names = node.iter, _names(node.target)
        else:
            continue
        given |= names if _names(value) & given else set()
        elevated |= names if _is_elevated(value, elevated) else set()
    return any(_is_write(node, given, elevated) for node in ast.walk(function))


def _is_write(node, given, elevated):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        target, values = node.func.value, [*node.args, *node.keywords]
        if node.func.attr not in ("create", "write"):
            return False
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
        target, values = node.targets[0].value, [node.value]
    else:
        return False
    return _is_elevated(target, elevated) and any(_names(v) & given for v in values)


def _is_elevated(node, elevated):
    return any(_is_sudo(one) for one in ast.walk(node)) or bool(_names(node) & elevated)


def _names(node):
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} - {"self"}


def _is_plain(target):
    return isinstance(target, (ast.Name, ast.Tuple))


def _checks(function):
    return any(
        isinstance(node, ast.Attribute) and node.attr in CHECKS
        for node in ast.walk(function)
    )


def _is_sudo(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "sudo"
        and not node.args
    )
