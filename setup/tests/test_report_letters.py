"""The report on how mails read finds what it is there for."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "report_letters.py"
HEAD = b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\n"
UTF8 = HEAD + b"Content-Type: text/plain; charset=utf-8\n\n"
DAMAGED = {
    "U+FFFD": UTF8 + "ą\ufffd".encode(),
    "C1 controls": HEAD
    + b"Content-Type: text/html; charset=utf-8\n\n"
    + "a\x9c".encode(),
    "mojibake": UTF8 + "ZamÃ³wienie".encode(),
    "unreadable": b"\n\n",
}
WHOLE = HEAD + (
    b"Content-Type: multipart/related; boundary=b\n\n"
    b"--b\nContent-Type: text/html\n\n<p>words <img src=cid:p></p>\n"
    b"--b\nContent-Type: image/gif\nContent-ID: <p>\n\nGIF89a\n"
    b"--b\nContent-Type: a/b; name=c\n\nd\n--b--\n"
)
#: The viewer shows nothing, the reader sees no part, or fails.
BROKEN = """
import sys
sys.path.insert(0, {folder!r})
sys.argv[1:] = [{mails!r}]
import report_letters as report
view, parse = report.view_pieces, report.parse
{change}
report.main()
"""
CHANGES = {
    "report.view_pieces = lambda pieces, rules: view([], rules)": {
        "words missing in the view",
        "pictures not shown",
    },
    "report.parse = lambda source: parse(b'From: a@b\\n\\n')": {
        "attachments not listed"
    },
    "report.parse = lambda source: {}['ſcript']": {"raised"},
}


def told(tmp_path, source, change="pass"):
    """Return the kinds that the report on one mail tells."""
    (tmp_path / "a.eml").write_bytes(source)
    code = BROKEN.format(folder=str(SCRIPT.parent), mails=str(tmp_path), change=change)
    command = [sys.executable, "-X", "utf8", "-c", code]
    found = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    lines = [line.split(None, 1) for line in found.stdout.splitlines()]
    assert lines[0][0] == "1" and lines[-1][0] == "slowest:"
    return {kind for count, kind in lines[1:-1] if count == "1"}


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.slow
def test_damage_is_found(kind, tmp_path):
    assert told(tmp_path, DAMAGED[kind]) == {kind}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.slow
def test_what_is_lost_is_found(change, tmp_path):
    assert told(tmp_path, WHOLE) == set()
    assert told(tmp_path, WHOLE, change) == CHANGES[change]
