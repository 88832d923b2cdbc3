"""ARCHITECTURE.md names what is there: each file, folder and method."""

import re

import pytest

from setup import pins

ADD_ON = pins.CHECKOUT / "mail_mailbox_archive"
MAP = (pins.CHECKOUT / "ARCHITECTURE.md").read_text()
#: What stands in it as code, once.
WORDS = sorted(set(re.findall(r"`([^`\n]+)`", MAP)))
#: Folders that a path in it may begin in.
ROOTS = (pins.CHECKOUT, ADD_ON, ADD_ON / "models", ADD_ON / "mailcore")
FILES = [word for word in WORDS if re.search(r"/|\.\w{2,4}$", word) and "<" not in word]
NAMES = [word for word in WORDS if re.fullmatch(r"_\w+", word)]
SOURCES = [path.read_text() for path in ADD_ON.rglob("*.py")]


def _is_there(word: str) -> bool:
    """Whether there is a file or folder of that path, or of that name in a room."""
    paths = [root / word for root in (*ROOTS, ADD_ON.parent / f"{ADD_ON.name}_tests")]
    if "/" not in word:
        paths += ADD_ON.rglob(word)
    return any(path.exists() for path in paths)


def test_something_is_named():
    assert len(FILES) > 30 and len(NAMES) > 6


@pytest.mark.parametrize("word", FILES)
def test_file_is_there(word):
    assert _is_there(word)


@pytest.mark.parametrize("name", NAMES)
def test_method_is_there(name):
    assert any(f"def {name}(" in source for source in SOURCES)


def test_what_is_not_there_is_missed():
    assert not _is_there("models/sending/nothing.py") and not _is_there("nothing.py")
