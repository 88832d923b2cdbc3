"""The words of the add-ons: the template as Odoo exports it, and what is translated.

Odoo exports, polib merges. Written by hand is the check that no language has a gap, an
unclear entry or a broken placeholder, and that no template is out of date.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from . import databases, pins
from .console import output, say, step
from .outcome import Outcome
from .workplace import Workplace, add_ons

#: They tell when a file was made, nothing about its words.
DATES = ('"POT-Creation-Date:', '"PO-Revision-Date:')


def _names() -> list[str]:
    return [name for name in add_ons() if not name.endswith("_tests")]


def _folder(name: str) -> Path:
    return pins.CHECKOUT / name / "i18n"


def _template(name: str) -> Path:
    return _folder(name) / f"{name}.pot"


def _export(place: Workplace) -> dict[str, str]:
    """The templates by add-on, without the time at which they were made."""
    database, _problems = databases.installed(place, add_ons(), kind="glue")
    options = ("shell", "-d", database, "--no-http", "--log-level=warn")
    with tempfile.TemporaryDirectory() as folder:
        output(
            place.command(*options),
            env=place.environment | {"MAILBOX_WORDS": json.dumps([folder, _names()])},
            input=(pins.HERE / "scripts" / "export_words.py").read_text(),
        )
        return {name: _words(Path(folder, f"{name}.pot")) for name in _names()}


def _words(file: Path) -> str:
    lines = file.read_text().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(DATES))


def _merge(place: Workplace, *arguments: str | Path) -> str:
    script = pins.HERE / "scripts" / "translations.py"
    return output([place.python, script, *arguments])


def update(place: Workplace) -> None:
    """Write the templates, and take their words into the translations."""
    with step("Collecting the words"):
        templates = _export(place)
    for name, text in templates.items():
        with step(f"Merging the words of {name}"):
            _folder(name).mkdir(exist_ok=True)
            _template(name).write_text(text)
            # a language begins as an empty file, and is whole from then on
            if files := sorted(_folder(name).glob("*.po")):
                say(_merge(place, "merge", _template(name), *files).rstrip())


def _faults(place: Workplace) -> Iterator[str]:
    for name, text in _export(place).items():
        file = _template(name)
        if not file.exists() or file.read_text() != text:
            say(f"{file.relative_to(pins.CHECKOUT)}: `python3 setup translate`")
            yield f"i18n: the template of {name} is old"
        files = sorted(_folder(name).glob("*.po"))
        for line in _merge(place, "check", file, *files).splitlines():
            say(line)
            yield f"i18n: {line}"


def run(place: Workplace) -> Outcome:
    """The templates are fresh, the translations whole and sound."""
    say("\n== i18n")
    started = time.monotonic()
    failed = list(_faults(place))
    files = [file for name in _names() for file in _folder(name).glob("*.po*")]
    passed = max(0, len(files) - len(failed))
    return Outcome("i18n", passed, tuple(failed), time.monotonic() - started)
