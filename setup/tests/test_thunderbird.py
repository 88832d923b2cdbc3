"""The add-on for Thunderbird: its package, its rules, and the tests of its scripts."""

import json
import re
import subprocess
import zipfile

import pytest

from setup import node_tools, thunderbird

LANGUAGES = ("en", "pl", "de")
SCRIPTS = [file for file in thunderbird.files() if file.suffix == ".js"]
PAGES = [file for file in thunderbird.files() if file.suffix == ".html"]


def _words(language):
    file = thunderbird.FOLDER / "_locales" / language / "messages.json"
    return json.loads(file.read_text())


def test_the_same_files_give_the_same_package(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    packages = []
    for folder in (first, second):
        folder.mkdir()
        packages.append(thunderbird.pack(folder).read_bytes())
    assert packages[0] == packages[1]
    names = zipfile.ZipFile(thunderbird.pack(first)).namelist()
    assert names == sorted(names) and "manifest.json" in names
    assert not any("test" in name or "README" in name for name in names)


def test_the_manifest_names_what_is_there():
    said = json.dumps(thunderbird.manifest())
    named = set(re.findall(r'"([\w/.]+\.(?:js|html|svg))"', said))
    assert len(named) >= 4
    assert not [name for name in named if not (thunderbird.FOLDER / name).exists()]


def test_it_asks_for_little():
    manifest = thunderbird.manifest()
    assert manifest["permissions"] == ["messagesRead", "menus", "storage"]
    # a host is asked for when it is set up; without https on this computer alone
    assert "host_permissions" not in manifest
    assert manifest["optional_host_permissions"] == [
        "https://*/*",
        "http://localhost/*",
        "http://127.0.0.1/*",
    ]
    policy = manifest["content_security_policy"]["extension_pages"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("file", SCRIPTS + PAGES, ids=lambda file: file.name)
def test_no_code_from_elsewhere(file):
    text = file.read_text()
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\("
    )
    assert not re.search(rf"{forbidden}|XMLHttpRequest|WebSocket|sendBeacon", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//|\bon\w+=|<script>", text)
    # one place talks to the one server
    assert ("fetch(" in text) == (file.name == "odoo.js")
    imported = re.findall(r'from "([^"]+)"', text)
    assert all(name.startswith(("./", "../")) for name in imported)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_language_has_each_sentence(language):
    english, other = _words("en"), _words(language)
    assert other.keys() == english.keys()
    for name, sentence in english.items():
        assert other[name].get("placeholders") == sentence.get("placeholders")
        parts = re.findall(r"\$\w+\$", sentence["message"])
        assert sorted(re.findall(r"\$\w+\$", other[name]["message"])) == sorted(parts)


def test_each_sentence_is_used_and_each_that_is_used_is_there():
    texts = [
        file.read_text() for file in thunderbird.files() if "_loc" not in str(file)
    ]
    texts = "\n".join(texts)
    used = set(re.findall(r'data-words="(\w+)"|__MSG_(\w+)__', texts))
    used = {one or other for one, other in used}
    assert used <= _words("en").keys()
    for name in _words("en"):
        assert name in used or f'"{name}"' in texts, name


@pytest.mark.slow
def test_the_scripts():
    """In node, with a stand-in for Thunderbird."""
    command = [node_tools.programs() / "node", "--test", "--test-reporter=dot"]
    tests = sorted((thunderbird.FOLDER / "tests").glob("*.test.js"))
    assert len(tests) >= 3
    done = subprocess.run([*command, *tests], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
