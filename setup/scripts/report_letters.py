"""Tell of the mails of a folder how they read: what is lost or damaged on the way.

What is to be expected is found by other means than ours wherever there are some: the
parts by the standard library, the pictures that a text wants by a plain search of it.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as LibraryMessage
from pathlib import Path
from urllib.parse import unquote

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

import setup.plugins.pure  # noqa: E402, F401 - there is no Odoo here

# isort: split

from odoo.addons.mail_mailbox_archive.mailcore.errors import (  # noqa: E402
    MailCoreError,
)
from odoo.addons.mail_mailbox_archive.mailcore.html.markup import (  # noqa: E402
    html_to_text,
)
from odoo.addons.mail_mailbox_archive.mailcore.read.body import (  # noqa: E402
    read_body,
)
from odoo.addons.mail_mailbox_archive.mailcore.read.kind import (  # noqa: E402
    shown_as,
)
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (  # noqa: E402
    parse,
)
from odoo.addons.mail_mailbox_archive.mailcore.view.html import (  # noqa: E402
    Rules,
    view_pieces,
)

#: Of files that are mails.
SUFFIXES = frozenset((".eml", ".msg", ".mail"))
KINDS = (
    "unreadable",
    "raised",
    "U+FFFD",
    "C1 controls",
    "mojibake",
    "words missing in the view",
    "pictures not shown",
    "attachments not listed",
)
_WORD = re.compile(r"[^\W_]+")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
# UTF-8 of two bytes that was read as Windows-1252, Windows-1250 or ISO-8859-2.
_MOJIBAKE = re.compile(
    "[ÂÃÄÅĂĹ][\x80-\xbf€‚ƒ„…†‡‰Š‹ŚŤŽŹ‘’“”•–—™š›śťžźˇ˘ŁĄŞŻłµąşĽ˝ľżł]|â€"
)
_REFERENCE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.I)
_UUENCODED = re.compile(rb"(?m)^begin [0-7]{3} \S.*\r?\n(?:M.{60}|[!-L].{1,60})\r?$")


def options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("folder", type=Path, help="mails, one a file, at any depth")
    reader.add_argument("--names", action="store_true", help="say which mails they are")
    return reader.parse_args()


def mails(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and source of what looks like a mail."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in SUFFIXES:
            yield str(path.relative_to(folder)), path.read_bytes()


def findings(source: bytes) -> Iterator[str]:
    """Yield what is wrong with how a mail reads, of ``KINDS``."""
    try:
        message, body = parse(source), read_body(source)
        urls = {name: f"part:{path}" for name, path in body.references.items()}
        view = view_pieces(body.pieces, Rules(inline=urls))
    except MailCoreError:
        yield "unreadable"
        return
    except Exception:
        yield "raised"
        return
    people = (*message.from_, *message.to, *message.cc)
    texts = [message.subject, message.text, *(part.filename for part in message.parts)]
    texts += [piece.content for piece in body.pieces]
    texts += [f"{one.display_name} {one.addr_spec}" for one in people]
    text = "\n".join(texts)
    if "\ufffd" in text:
        yield "U+FFFD"
    if _C1.search(text):
        yield "C1 controls"
    if _MOJIBAKE.search(text):
        yield "mojibake"
    if set(_WORD.findall(message.text)) - set(_WORD.findall(html_to_text(view.markup))):
        yield "words missing in the view"
    library = message_from_bytes(source)
    if wanted_pictures(library, body.html or "") > len(view.used):
        yield "pictures not shown"
    if unlisted_files(library, source, message.parts, body.pieces):
        yield "attachments not listed"


def unlisted_files(library, source, parts, pieces) -> bool:
    """Whether a mail has more files than are listed; texts may have a name as well."""
    texts = ("text/plain", "text/html")
    named = [one.get_content_type() for one in leaves(library) if one.get_filename()]
    listed = [part.mimetype for part in parts if part.filename]
    shown = sum(1 for piece in pieces if piece.kind != "file")
    inside = 0 if library.is_multipart() else len(_UUENCODED.findall(source))
    files = sum(1 for kind in named if kind not in texts) + inside
    others = sum(1 for kind in named if kind in texts)
    known = sum(1 for kind in listed if kind not in texts)
    return files > known or others > len(listed) - known + shown


def leaves(message: LibraryMessage) -> Iterator[LibraryMessage]:
    """Yield the parts that are files or texts; an attached message is one."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            yield from leaves(part)
    else:
        yield message


def wanted_pictures(message: LibraryMessage, markup: str) -> int:
    """Return how many pictures of a mail its HTML asks for, by whatever name."""
    named: dict[str, int] = {}
    for at, part in enumerate(leaves(message)):
        data = part.get_payload(decode=True) if not part.is_multipart() else None
        if shown_as("", "", (data or b"")[:512]).startswith("image/"):
            for name in ("Content-ID", "Content-Location"):
                if value := str(part[name] or "").strip().strip("<>").lower():
                    named.setdefault(value, at)
    asked = (unquote(one).lower() for one in _REFERENCE.findall(markup))
    return len({named.get(one.removeprefix("cid:"), -1) for one in asked} - {-1})


def main() -> None:
    """Print one line for each kind, and the mail that took longest."""
    wanted = options()
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    slowest, total, all_seconds = (0.0, ""), 0, 0.0
    for name, source in mails(wanted.folder):
        started = time.process_time()
        kinds = list(findings(source))
        seconds = time.process_time() - started
        slowest = max(slowest, (seconds, name))
        total, all_seconds = total + 1, all_seconds + seconds
        for kind in kinds:
            found[kind].append(name)
    print(f"{total:7} mails in {all_seconds:.1f} s")
    for kind, names in found.items():
        print(f"{len(names):7} {kind}")
        if wanted.names:
            print("".join(f"          {name}\n" for name in names), end="")
    print(f"        slowest: {slowest[0]:.2f} s  {slowest[1]}")


if __name__ == "__main__":
    main()
