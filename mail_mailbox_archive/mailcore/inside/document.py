"""XML that strangers wrote, read without entities, document types and network.

An element is looked up by the names on the way to it, whatever prefix or namespace it
has: which form a document has, its root says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

#: Bytes of a document that is read as a whole.
MAX_DOCUMENT = 8 * 2**20
#: Children of one element that are looked at.
MAX_CHILDREN = 10_000


def parse_document(raw: bytes) -> Any:
    """Return the root of a document.

    :raises ValueError: it is none, or one that says how to read it (a document type)
    """
    if len(raw) > MAX_DOCUMENT:
        raise ValueError("too long")
    parser = etree.XMLParser(**SAFE)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not XML") from error
    if root is None or root.getroottree().docinfo.doctype:
        raise ValueError("a document type")
    return root


#: How every document is read here, also those in pieces.
SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace, "" for what is none."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Any) -> str:
    """Return the namespace of an element."""
    return str(element.tag).partition("}")[0].lstrip("{") if "}" in element.tag else ""


def find_all(element: Any, path: str) -> Iterator[Any]:
    """Yield the elements at ``path``: names of children, parted by ``/``."""
    name, _slash, rest = path.partition("/")
    for at, child in enumerate(element):
        if at >= MAX_CHILDREN:
            return
        if local_name(child) == name:
            if rest:
                yield from find_all(child, rest)
            else:
                yield child


def find_text(element: Any, *paths: str) -> str:
    """Return the text at the first of ``paths`` that has any, else ""."""
    for path in paths:
        for found in find_all(element, path):
            if text := (found.text or "").strip():
                return str(text)
    return ""
