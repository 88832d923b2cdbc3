"""Rooms call only what lies before them, and nothing private of each other.

The order is that of ``models/__init__`` and of the list below; each room's ``__init__``
says what it is for.
"""

import ast
from pathlib import Path

import pytest

from odoo.addons.mail_mailbox_archive import mailcore

ADD_ON = Path(mailcore.__file__).parents[1]
PACKAGE = "odoo.addons.mail_mailbox_archive"
#: Rooms of ``mailcore``, each calling those before it; "" is what lies at its top.
MAILCORE = ("", "addresses", "html", "read", "inside", "view", "connect", "imap")
MAILCORE += ("send", "autoreply")
#: What may call both, and is called by neither.
AROUND = {"wizards", "controllers", "cli", "hooks", ""}


def models():
    """The rooms of ``models`` in the order in which they are imported."""
    tree = ast.parse((ADD_ON / "models/__init__.py").read_text())
    imported = [n for n in tree.body if isinstance(n, ast.ImportFrom) and not n.module]
    return tuple(alias.name for node in imported for alias in node.names)


def place_of(path):
    """Return what a file is in: a part of the add-on, and its room."""
    part, *rooms = path.relative_to(ADD_ON).with_suffix("").parts
    return part, rooms[0] if len(rooms) > 1 else ""


def imports(path):
    """Yield (module below the add-on, imported name) of what a file takes of ours."""
    here = [*path.relative_to(ADD_ON).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = node.module.split(".") if node.module else []
        if node.level:
            module = here[: len(here) - node.level + 1] + module
        elif (node.module or "").startswith(f"{PACKAGE}."):
            module = module[3:]
        else:
            continue
        for alias in node.names:
            yield module, alias.name


FILES = [
    path
    for part in ("models", "mailcore", "wizards", "controllers")
    for path in sorted((ADD_ON / part).rglob("*.py"))
]


def uphill(path):
    """Yield what a file imports that it may not call, in words."""
    part, room = place_of(path)
    order = {"models": models(), "mailcore": MAILCORE}
    for module, name in imports(path):
        target, *rooms = [*module, name]
        if target not in order:
            if (ADD_ON / target).is_dir() and part not in {target, *AROUND}:
                yield f"{part} calls {target}"
            continue
        inner = rooms[0] if rooms and (ADD_ON / target / rooms[0]).is_dir() else ""
        if part == "mailcore" and target != part:
            yield f"mailcore calls {target}"
        elif part == target and path.name != "__init__.py":
            known = order[part]
            if known.index(inner) > known.index(room):
                yield f"{part}/{room} calls {inner}"


def test_imports_go_downhill():
    assert len(FILES) > 150
    found = [(path.name, words) for path in FILES for words in uphill(path)]
    assert not found


def test_nothing_private_is_taken():
    found = [
        (path.name, ".".join([*module, name]))
        for path in FILES
        for module, name in imports(path)
        if any(part.startswith("_") for part in (*module, name))
    ]
    assert not found


@pytest.mark.parametrize("part", ("models", "mailcore"))
def test_each_room_says_what_it_is_for(part):
    rooms = models() if part == "models" else MAILCORE[1:]
    found = {path.parent.name for path in (ADD_ON / part).glob("*/__init__.py")}
    assert found == set(rooms)
    for room in rooms:
        words = ast.get_docstring(
            ast.parse((ADD_ON / part / room / "__init__.py").read_text())
        )
        assert words and len(words) > 80, f"{part}/{room} does not say what it is for"


#: Shorter files that are files nevertheless, as Odoo has one for each model.
SMALL = {
    "models/mailbox/command.py": "what two commands of different rooms begin with",
    "models/mailbox/res_partner.py": "Odoo's model of contacts",
    "wizards/base_partner_merge.py": "Odoo's dialog that merges contacts",
    "wizards/mail_compose_message.py": "Odoo's composer",
}


def lengths(path):
    """Yield (name, lines) of each function of a file, decorators aside."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def test_files_are_read_in_one_go():
    files = [path for path in FILES if path.name != "__init__.py"]
    lines = {
        str(path.relative_to(ADD_ON)): len(path.read_text().splitlines())
        for path in files
    }
    assert {name for name, count in lines.items() if count < 30} == set(SMALL)
    assert not {name: count for name, count in lines.items() if count > 400}


def test_functions_are_read_at_a_glance():
    counts = [(*pair, path.name) for path in FILES for pair in lengths(path)]
    assert not [one for one in counts if one[1] > 50]
    middle = sorted(count for _name, count, _file in counts)[len(counts) // 2]
    assert middle <= 8
