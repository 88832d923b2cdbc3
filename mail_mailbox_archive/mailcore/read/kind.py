"""What an attachment really is: by its bytes, then by what was declared, then its name.

Senders write ``image/jpg`` over a PNG, and ``application/octet-stream`` over anything.
What is told here decides how a file may be looked at, never that it may be run.
"""

from __future__ import annotations

import re

import filetype

from .node import Node
from .parameters import filename

#: Pictures that every browser shows.
PICTURES = frozenset(
    f"image/{name}" for name in "png jpeg gif webp bmp avif x-icon".split()
)
PDF, TEXT = "application/pdf", "text/plain"
#: What a browser shows without running anything; all others are only downloaded.
SHOWN = PICTURES | {PDF, TEXT}
#: Encoded bytes of a part in which its kind is looked for.
HEAD = 1_024

# Names of the same kind.
_ALIASES = {
    **dict.fromkeys(("image/jpg", "image/pjpeg", "image/x-jpeg"), "image/jpeg"),
    **dict.fromkeys(("image/x-png", "image/vnd.mozilla.apng"), "image/png"),
    **dict.fromkeys(
        ("image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp"), "image/bmp"
    ),
    "image/vnd.microsoft.icon": "image/x-icon",
    "application/x-pdf": PDF,
}
_SAYS_NOTHING = frozenset(
    "application/octet-stream application/octetstream application/x-octet-stream "
    "application/binary application/x-unknown application/unknown "
    "application/force-download application/download application/x-download "
    "application/x-msdownload image/* image/unknown unknown/unknown".split()
)
_BY_NAME = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
    **{name: f"image/{name}" for name in ("png", "gif", "webp", "bmp", "avif")},
    **dict.fromkeys("txt text log md csv tsv json xml ics vcf asc".split(), TEXT),
    "ico": "image/x-icon",
    "pdf": PDF,
}
# Markup that runs something is text as well, and is only downloaded.
_READABLE = re.compile(
    r"text/(?!html$|xml-external|javascript$|ecmascript$|x-amp|rtf$|richtext$)[\w.+-]+"
    r"|application/(?:json|xml|(?!xhtml)[\w.-]+\+(?:xml|json))"
)
_EXTENSION = re.compile(r"\.([a-zA-Z0-9]{1,8})[\s.]*$")


def shown_as(declared: str, name: str, head: bytes) -> str:
    """Return the kind under which a file is looked at, "" for one that is not.

    :param declared: its Content-Type
    :param head: its first bytes
    """
    kind = filetype.guess_mime(head) if head else None
    kind = _ALIASES.get(kind, kind) if kind else ""
    if kind in PICTURES or kind == PDF:
        return kind
    declared = _ALIASES.get(declared, declared)
    if declared in _SAYS_NOTHING or not declared:
        extension = _EXTENSION.search(name)
        declared = _BY_NAME.get(extension[1].lower(), "") if extension else ""
    if declared in SHOWN:
        return declared
    return TEXT if _READABLE.fullmatch(declared) and not kind else ""


def shown_part(node: Node, source: bytes) -> str:
    """Return the kind under which a part is looked at, "" for one that is not."""
    head = node.content(source, HEAD)
    return shown_as(node.mimetype, filename(node.raw_name, None), head)
