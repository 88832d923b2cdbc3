"""Pages of ``docs/`` that are made of the code, so that they are true.

What others may rely on, with the words of the code itself, and the sizes and times that
it keeps. ``python3 setup lint --fix`` writes them; ``lint`` compares.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import pages_calls, pins, readme
from .console import say
from .workplace import manifest

ADD_ON = pins.CHECKOUT / "mail_mailbox_archive"
NAMES = pins.CHECKOUT / "mail_mailbox_archive_tests" / "public_names.py"
DOCS = pins.CHECKOUT / "docs"
PROVIDERS = ADD_ON / "mailcore" / "send" / "providers"
MADE = "<!-- Made by `python3 setup lint --fix` from the code; not written by hand. -->"


@dataclass(frozen=True)
class Limit:
    """A line of the page of limits.

    :param file: where the constant is, below the add-on
    :param name: the constant, or ``DEFAULTS.key``
    :param unit: what follows the number; ``{}`` in it stands for the number
    """

    what: str
    file: str
    name: str
    unit: str = ""
    where: str = "fixed"


SETTINGS = "models/mailbox/res_config_settings.py"
LIMITS = {
    "Receiving": (
        Limit(
            "Mailboxes are checked every",
            SETTINGS,
            "DEFAULTS.poll_interval",
            "minutes",
            "Settings",
        ),
        Limit(
            "Largest email; of larger ones the headers are kept",
            SETTINGS,
            "DEFAULTS.max_message_size",
            "MB",
            "Settings",
        ),
        Limit(
            "Archived emails stay listed in the Queue",
            SETTINGS,
            "DEFAULTS.queue_days",
            "days after they were fetched",
            "Settings",
        ),
        Limit(
            "Mailboxes that a worker talks to at a time",
            "models/receiving/poll.py",
            "PARALLEL",
        ),
        Limit(
            "Turn of a scheduled action that fetches",
            "models/receiving/poll.py",
            "RUN_TIME",
            "seconds",
        ),
        Limit(
            "The blue circle counts what is at most so old",
            "models/receiving/badge.py",
            "NEW_FOR",
        ),
        Limit(
            "The responsible person is notified when a mailbox fails for",
            "models/receiving/health_notice.py",
            "PATIENCE",
        ),
        Limit("Folders of a mailbox", "mailcore/imap/listing.py", "MAX_FOLDERS"),
    ),
    "Reading": (
        Limit("Parts of an email", "mailcore/read/structure.py", "MAX_PARTS"),
        Limit("Depth of nested parts", "mailcore/read/structure.py", "MAX_DEPTH"),
        Limit(
            "Characters of an email that are searched",
            "mailcore/read/message_words.py",
            "MAX_SEARCH",
        ),
        Limit(
            "Other emails of a conversation that are listed",
            "models/messages/view_data.py",
            "MAX_THREAD",
        ),
        Limit(
            "Unread emails of a conversation that opening its line marks as read",
            "models/teamwork/line.py",
            "TOLD",
        ),
    ),
    "Archiving": (
        Limit(
            "Suggested records",
            "models/archiving/suggestion.py",
            "MAX_SUGGESTIONS",
        ),
        Limit(
            "Emails that are looked at for suggestions in one go",
            "models/archiving/suggestion.py",
            "MAX_MESSAGES",
        ),
        Limit(
            "A record with more emails is counted as so many",
            "models/archiving/tab.py",
            "MAX_COUNT",
            "and more",
        ),
        Limit(
            "Message-IDs that a program asks about in one call",
            "models/archiving/by_message_id.py",
            "MAX_MESSAGE_IDS",
        ),
        Limit(
            "Emails with one Message-ID that a program is told of, the oldest first",
            "models/archiving/by_message_id.py",
            "MAX_COPIES",
        ),
        Limit(
            "Emails with one Message-ID that are listed, the oldest first",
            "controllers/mail_mailbox_email.py",
            "MAX_LISTED",
        ),
        Limit(
            "Other emails of a conversation that are archived along with one",
            "models/archiving/follow.py",
            "MAX_OTHERS",
        ),
        Limit(
            "Emails of a conversation that a filing rule marks as done, at most",
            "models/teamwork/filing_done.py",
            "MAX_EMAILS",
        ),
    ),
    "Working together": (
        Limit(
            "Longest time within which a reply is due",
            "models/teamwork/due.py",
            "LONGEST",
            "working hours",
        ),
        Limit(
            "Somebody is shown as writing after the last sign of their browser",
            "models/teamwork/writing.py",
            "ALIVE",
        ),
        Limit(
            "Note with a draft for review",
            "models/sending/draft_review.py",
            "LONGEST",
            "characters",
        ),
        Limit(
            "Marking as read on the server is retried for",
            "models/teamwork/seen_there.py",
            "LAST_TRY",
        ),
    ),
    "Sending": (
        Limit(
            "Time to undo",
            SETTINGS,
            "DEFAULTS.undo_seconds",
            "seconds",
            "Settings",
        ),
        Limit("Longest time to undo", SETTINGS, "LONGEST_UNDO", "seconds"),
        Limit(
            "Sent emails stay listed in the Outbox",
            "models/sending/outbox.py",
            "KEPT_DAYS",
            "days",
        ),
        Limit("Verification code: digits", "models/sending/verification.py", "DIGITS"),
        Limit("Verification code: valid for", "models/sending/verification.py", "LIFE"),
        Limit(
            "Verification code: wrong attempts",
            "models/sending/verification.py",
            "MAX_TRIES",
        ),
        Limit(
            "Verification codes for a mailbox in an hour",
            "models/sending/verification.py",
            "MAX_PER_MAILBOX",
        ),
        Limit(
            "Copying to the Sent folder is retried for",
            "models/sending/sent.py",
            "LAST_TRY",
        ),
    ),
    "Automatic replies": (
        Limit(
            "Of a mailbox in an hour; then it pauses and says so",
            SETTINGS,
            "DEFAULTS.autoresponder_cap",
            "",
            "Settings",
        ),
        Limit("Their list is kept for", "models/autoresponder/journal.py", "KEPT"),
        Limit(
            "No reply to emails older than",
            "mailcore/autoreply/autoreply.py",
            "MAX_AGE",
        ),
    ),
    "Retention and webhooks": (
        Limit(
            "A dry run takes at most",
            "models/keeping/retention_rule.py",
            "PATIENCE",
            "seconds",
        ),
        Limit(
            "Emails that a preview counts",
            "models/keeping/retention_rule.py",
            "MAX_PREVIEW",
        ),
        Limit(
            "Size of one call of a webhook",
            "controllers/mail_mailbox_provider.py",
            "MAX_BODY",
            "bytes",
        ),
    ),
}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _constants(path: Path) -> dict[str, ast.expr]:
    """The values that a file gives to names at its top."""
    return {
        target.id: node.value
        for node in _tree(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _number(value: ast.expr) -> str:
    """A number, or a ``timedelta`` in words."""
    if isinstance(value, ast.Call):
        (keyword,) = value.keywords
        count = ast.literal_eval(keyword.value)
        return f"{count:,} {keyword.arg if count != 1 else keyword.arg[:-1]}"
    # 2**20 and the like: numbers and operators alone
    allowed = (ast.Expression, ast.BinOp, ast.Constant, ast.operator)
    if not all(isinstance(node, allowed) for node in ast.walk(value)):
        raise ValueError(ast.unparse(value))
    return f"{eval(compile(ast.Expression(value), '', 'eval')):,}"


def _value(limit: Limit) -> str:
    name, _dot, key = limit.name.partition(".")
    value = _constants(ADD_ON / limit.file)[name]
    if key:
        value = {k.value: v for k, v in zip(value.keys, value.values, strict=True)}[key]
    return f"{_number(value)} {limit.unit}".strip()


def _assigned(node: ast.ClassDef, name: str) -> ast.expr | None:
    return next(
        (
            line.value
            for line in node.body
            if isinstance(line, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == name for t in line.targets)
        ),
        None,
    )


def _providers() -> Iterator[str]:
    """What a message may be at most, by provider."""
    for path in sorted(PROVIDERS.glob("*.py")):
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and _assigned(node, "max_bytes"):
                able = _assigned(node, "capabilities")
                most = {k.arg: k.value for k in able.keywords}["max_recipients"]
                label = ast.literal_eval(_assigned(node, "label"))
                size = int(_number(_assigned(node, "max_bytes")).replace(",", ""))
                yield (
                    f"| {label}: an email, encoded | {size // 10**6} MB, "
                    f"{_number(most)} recipients | fixed |"
                )


def limits() -> str:
    """The page of defaults and limits."""
    lines = [MADE, "", "# Defaults and limits", ""]
    lines.append("What is set to *Settings* can be changed under Settings, Mail.")
    for title, rows in LIMITS.items():
        lines += ["", f"## {title}", "", "| what | value | where |", "|---|---|---|"]
        lines += [f"| {row.what} | {_value(row)} | {row.where} |" for row in rows]
        if title == "Sending":
            lines += _providers()
    return "\n".join(lines) + "\n"


def _classes() -> Iterator[tuple[str, ast.ClassDef]]:
    """The classes of our models, each with the name of its model."""
    for folder in ("models", "wizards"):
        for path in sorted((ADD_ON / folder).rglob("*.py")):
            for node in _tree(path).body:
                if isinstance(node, ast.ClassDef):
                    model = _assigned(node, "_name") or _assigned(node, "_inherit")
                    if isinstance(model, ast.Constant):
                        yield model.value, node


def _methods() -> dict[tuple[str, str], ast.FunctionDef]:
    """Every method of our models, by model and name; the one with most words counts."""
    found: dict[tuple[str, str], ast.FunctionDef] = {}
    for model, node in _classes():
        _add(found, model, node)
    return found


def _add(found: dict, model: str, node: ast.ClassDef) -> None:
    for one in node.body:
        if isinstance(one, ast.FunctionDef):
            known = found.get((model, one.name))
            if not known or (not ast.get_docstring(known) and ast.get_docstring(one)):
                found[model, one.name] = one


def _row(node: ast.FunctionDef) -> str:
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
    words = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
    return f"| `{node.name}({arguments})` | {words.replace('|', chr(92) + '|')} |"


def calls() -> str:
    """The page of what programs call."""
    methods, public = (ast.literal_eval(_constants(NAMES)[k]) for k in pages_calls.USED)
    return pages_calls.calls(MADE, methods, public, _methods(), _classes())


def public_names() -> str:
    """The page of what others may rely on."""
    known = {k: ast.literal_eval(v) for k, v in _constants(NAMES).items()}
    methods = _methods()
    lines = [MADE, "", *PROMISE.splitlines()]
    for title, table in (
        ("Methods that programs call", known["METHODS"]),
        ("Methods that add-ons extend or call", known["HOOKS"]),
    ):
        lines += ["", f"## {title}"]
        for model, names in table.items():
            lines += [
                "",
                f"### `{model}`",
                "",
                "| method | what it does |",
                "|---|---|",
            ]
            lines += [_row(methods[model, name]) for name in names]
    lines += ["", "## Fields", "", "| model | fields |", "|---|---|"]
    for model, names in known["PUBLIC"].items():
        listed = ", ".join(f"`{name}`" for name in sorted(names))
        lines.append(f"| `{model}` | {listed} |")
    ids = ", ".join(
        f"`mail_mailbox_archive.{name}`" for name in sorted(known["STABLE"])
    )
    lines += [
        "",
        "## XML ids",
        "",
        ids,
        "",
        "## Python",
        "",
        "From `mail_mailbox_archive.mailcore.send.providers`:",
        "",
    ]
    exported = [
        alias.name
        for node in _tree(PROVIDERS / "__init__.py").body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    ]
    lines.append(", ".join(f"`{name}`" for name in sorted(exported)))
    lines += [
        "",
        "From `mail_mailbox_archive.models.archiving.suggestion`: `Suggestion`,",
    ]
    lines.append("`SCORES`. From `mail_mailbox_archive.models.messages.card`: `Card`.")
    lines.append("From `mail_mailbox_archive.mailcore.send.outgoing`:")
    lines.append("`OutgoingMessage`, `prepare`. The classes of `mailcore.errors`.")
    return "\n".join(lines) + "\n"


PROMISE = """# Public names

What add-ons and programs may rely on. Everything else, and everything that begins with
`_` and is not listed, may change in any version.

- A name on this page is renamed or removed only in a version whose major number is
  higher (19.0.**3**.0.0), and not before it was marked *deprecated* here and in the
  changelog for at least six months and one such version. Until then the old name works
  and logs a warning.
- A method gets new arguments only with a default. A field keeps its type and its
  meaning; a selection may get new values.
- Data is migrated; an upgrade never needs more than `-u mail_mailbox_archive`.
- Rights may become stricter at any time where they were a mistake."""
PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "public_names.md": public_names,
    DOCS / "limits.md": limits,
    DOCS / "calls.md": calls,
}


def write() -> None:
    """Write the pages."""
    for file, make in PAGES.items():
        file.write_text(make())


def check() -> Iterator[str]:
    """Yield the pages that are not what the code says."""
    for file, make in PAGES.items():
        if not file.exists() or file.read_text() != make():
            say(f"{file.relative_to(pins.CHECKOUT)}: `python3 setup lint --fix`")
            yield f"pages: {file.name}"
    yield from _versions()


def _versions() -> Iterator[str]:
    """Yield it if the manifest is behind the migrations or the history."""

    def number(version: str) -> tuple[int, ...]:
        return tuple(map(int, version.split(".")))

    mine = manifest(ADD_ON)["version"]
    told = readme.versions(readme.changelog(ADD_ON))
    if mine not in told:
        say(f"The changelog does not tell of {mine}, the manifest's version.")
        yield "pages: history"
    known = [path.name for path in (ADD_ON / "migrations").iterdir()] + told
    if newer := [one for one in known if number(one) > number(mine)]:
        say(f"The manifest says {mine}; there is {', '.join(newer)}.")
        yield "pages: version"
