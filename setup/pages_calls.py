"""The page ``docs/calls.md``: what programs call, read out of the code.

As an OpenAPI file says it: path, body, what each argument is, which are required; and
the type of each field that may be relied on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

#: The tables of ``public_names.py`` that the page is made of.
USED = ("METHODS", "PUBLIC")
#: What the readers of ``models/mailbox/arguments.py`` take, in words.
KINDS = {
    "record_id": "id",
    "record_ids": "list of ids",
    "number": "number",
    "text": "text",
    "texts": "list of texts",
    "future": "date and time, UTC",
    "values_by_name": "object",
    "MODE": "`new`, `reply`, `reply_all`, `forward`",
}
#: Of arguments that read themselves.
OTHER_KINDS = {"send_at": "date and time, UTC"}
FIELD_KINDS = {
    "Boolean": "true or false",
    "Char": "text",
    "Text": "text",
    "Html": "HTML",
    "Integer": "number",
    "BigInteger": "number",
    "Datetime": "date and time, UTC",
    "Selection": "word",
    "Many2one": "id and name",
    "One2many": "list of ids",
    "Many2many": "list of ids",
    "Many2oneReference": "id",
}
INTRODUCTION = """# Calls

`POST /json/2/<model>/<method>` with the arguments as a JSON object; how to connect is
on [Use it from outside](from_outside.md). `ids`: a list with the records it is about,
of exactly one where it says so. Beside these, Odoo's own `search_read`, `read` and
`search_count` work on every model here, with the user's rights. Names and promises:
[Public names](public_names.md)."""


def calls(
    made: str, methods: Mapping[str, tuple], public: Mapping[str, set], known, trees
) -> str:
    """The page.

    :param methods: by model, the names that programs call
    :param public: by model, the fields that others read
    :param known: (model, name) → the method's definition
    :param trees: (model, class definition) of all models
    """
    lines = [made, "", *INTRODUCTION.splitlines()]
    for model, names in methods.items():
        lines += ["", f"## `{model}`", "", "| method | body | what it does |"]
        lines.append("|---|---|---|")
        lines += [_row(known[model, name]) for name in names]
    lines += ["", "## Fields"]
    declared = dict(_field_kinds(trees))
    # what a model has of one that it inherits from is of the same type
    inherited = {name: kind for (_model, name), kind in declared.items()}
    kinds = declared | {
        (model, name): declared.get((model, name)) or inherited[name]
        for model, fields in public.items()
        for name in fields
    }
    for model, fields in public.items():
        lines += ["", f"### `{model}`", "", "| field | type |", "|---|---|"]
        lines += [f"| `{name}` | {kinds[model, name]} |" for name in sorted(fields)]
    return "\n".join(lines) + "\n"


def _row(node: ast.FunctionDef) -> str:
    words = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
    body = "; ".join(_body(node)) or "none"
    return f"| `{node.name}` | {body} | {words.replace('|', chr(92) + '|')} |"


def _body(node: ast.FunctionDef) -> Iterator[str]:
    """What the body of a call holds, each argument with what it is."""
    checked = _checked(node)
    if not any(ast.unparse(one) == "api.model" for one in node.decorator_list):
        one = checked.get("one") == "True" or "self.ensure_one()" in ast.unparse(node)
        yield "`ids` (one)" if one else "`ids`"
    arguments = node.args.args[1:]
    first_default = len(arguments) - len(node.args.defaults)
    for number, argument in enumerate(arguments):
        kind = KINDS.get(checked.get(argument.arg, ""), OTHER_KINDS.get(argument.arg))
        required = ", required" if number < first_default else ""
        yield f"`{argument.arg}`: {kind or 'value'}{required}"


def _checked(node: ast.FunctionDef) -> dict[str, str]:
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "checked":
            return {word.arg: ast.unparse(word.value) for word in one.keywords}
    return {}


def _field_kinds(trees) -> Iterator[tuple]:
    """(model, field) and its type, of every field that is declared."""
    for model, node in trees:
        for line in node.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call):
                kind = ast.unparse(line.value.func).rpartition(".")[2]
                for target in line.targets:
                    if kind in FIELD_KINDS and isinstance(target, ast.Name):
                        yield (model, target.id), FIELD_KINDS[kind]
