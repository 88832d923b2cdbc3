"""The text of a PDF, and the XML embedded in it, by the library that Odoo uses.

PyPDF2 of Odoo's own list or its successor pypdf: whatever is installed. Both are slow
on hostile files, so that reading stops at a part of the process's time with what was
read until then.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

#: Seconds of the processor after which no further page is begun.
MAX_SECONDS = 6
#: Pages, and embedded files that are looked at.
MAX_PAGES, MAX_EMBEDDED = 500, 20
#: Levels and nodes of the tree in which embedded files are listed.
MAX_NODES = 100


def is_pdf(content: bytes) -> bool:
    """Return whether a file is a PDF; some begin with a few other bytes."""
    return b"%PDF-" in content[:1024]


def open_pdf(content: bytes) -> Any:
    """Return the library's reader of a PDF.

    :raises ValueError: the library cannot read it
    :raises ImportError: neither library is installed
    """
    try:
        import pypdf as library
    except ImportError:
        import PyPDF2 as library
    kind = getattr(library, "PdfReader", None) or library.PdfFileReader
    try:
        reader = kind(io.BytesIO(content), strict=False)
        if "/Encrypt" in reader.trailer:
            # many are readable by everybody, with an empty password
            reader.decrypt("")
    except MemoryError:
        raise
    except Exception as error:
        # the library raises what it likes
        raise ValueError("no PDF") from error
    return reader


def pdf_text(reader: Any) -> Iterator[str]:
    """Yield the text of one page after the other, of those that can be read."""
    for at, page in enumerate(reader.pages):
        if at >= MAX_PAGES or time.process_time() > MAX_SECONDS:
            return
        try:
            extract = getattr(page, "extract_text", None) or page.extractText
            yield f"{extract()}\n"
        except MemoryError:
            raise
        except Exception:
            # one page is damaged; the library raises what it likes
            continue


def embedded_xml(reader: Any) -> Iterator[bytes]:
    """Yield the embedded files that are XML by their name (ISO 32000-1, 7.11.4)."""
    root = reader.trailer["/Root"]
    names = _get(_get(root, "/Names"), "/EmbeddedFiles")
    found = 0
    for name, file in _tree(names):
        if found >= MAX_EMBEDDED:
            return
        # the list may have numbers for names
        names = name, _get(file, "/UF"), _get(file, "/F")
        if any(str(one).lower().endswith(".xml") for one in names):
            found += 1
            stream = _get(_get(file, "/EF"), "/F") or _get(_get(file, "/EF"), "/UF")
            if stream is not None:
                data = getattr(stream, "get_data", None) or stream.getData
                yield data()


def _tree(root: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of a name tree, whose nodes may point at each other."""
    nodes = [root]
    for _node in range(MAX_NODES):
        if not nodes:
            return
        node = nodes.pop(0)
        pairs = _get(node, "/Names") or []
        for at in range(0, len(pairs) - 1, 2):
            yield pairs[at], _resolve(pairs[at + 1])
        nodes += [_resolve(kid) for kid in (_get(node, "/Kids") or [])[:MAX_NODES]]


def _get(value: Any, name: str) -> Any:
    return _resolve(value[name]) if isinstance(value, dict) and name in value else None


def _resolve(value: Any) -> Any:
    resolve = getattr(value, "get_object", None) or getattr(value, "getObject", None)
    return resolve() if resolve else value
