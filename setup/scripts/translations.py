"""Merge a template into translations, or check them. Runs with Odoo's Python.

translations.py merge TEMPLATE FILE...     also makes the files that are not there
translations.py check TEMPLATE FILE...     one line for each fault
"""

import re
import sys
from pathlib import Path

import polib

PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && "
    "(n%100<10 || n%100>=20) ? 1 : 2);",
}
#: What is put in by the program, and tags: the translation has the same ones.
PLACEHOLDER = re.compile(
    r"%\([a-z_]+\)[sd]|%[sd]|\{\{.*?\}\}|\$\{.*?\}|</?[a-z]+[^>]*>"
)


def merge(template, path):
    """Take the words of the template into a translation; say what is left to do."""
    path.touch()
    translation = polib.pofile(str(path))
    translation.merge(template)
    for entry in [*translation.obsolete_entries()]:
        translation.remove(entry)
    for entry in translation:
        if entry.fuzzy:
            # another sentence by now
            entry.flags.remove("fuzzy")
            entry.msgstr = ""
    translation.metadata = {
        **template.metadata,
        "Language": path.stem,
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[path.stem],
    }
    translation.header = template.header
    translation.save(str(path), newline="\n")
    left = len(translation.untranslated_entries())
    print(f"  {path.name}: {left} of {len(translation)} are not translated")


def faults(template, path):
    """Yield what is wrong with a translation."""
    translation = polib.pofile(str(path))
    words = {entry.msgid for entry in template}
    if translation.metadata.get("Plural-Forms") != PLURALS[path.stem]:
        yield "the rule of its plurals is another"
    if {entry.msgid for entry in translation} != words:
        yield "it has other words than the template"
    untranslated = translation.untranslated_entries()
    if untranslated:
        first = untranslated[0].msgid[:60]
        yield f"{len(untranslated)} of {len(words)} are not translated: {first!r} ..."
    for entry in translation.translated_entries():
        kinds = (entry.msgid, entry.msgstr)
        asked, given = (sorted(PLACEHOLDER.findall(text)) for text in kinds)
        if asked != given:
            yield f"{entry.msgid[:60]!r}: {asked} has become {given}"
        if entry.msgid[:1].isspace() != entry.msgstr[:1].isspace():
            yield f"{entry.msgid[:60]!r}: a space at its beginning"


def main(action, template, *paths):
    template = polib.pofile(template)
    for path in map(Path, paths):
        if action == "merge":
            merge(template, path)
        else:
            place = f"{path.parent.parent.name}/{path.name}"
            for fault in faults(template, path):
                print(f"{place}: {fault}")


main(*sys.argv[1:])
