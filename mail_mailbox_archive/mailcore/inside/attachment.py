"""A job: the words of an attachment, and the invoice that it is or holds.

Runs in the process of ``child`` alone. What a file is, its bytes say, not its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from ..read.search import search_text
from ..text import safe_text
from .invoice import Invoice, read_invoice
from .kinds import MAX_WORDS
from .office import is_zip, office_text
from .pdf import embedded_xml, is_pdf, open_pdf, pdf_text
from .signed import signed_content
from .tnef import SIGNATURE, names_in

#: Characters of the text that is read.
MAX_TEXT = 1_000_000
#: Of which so much, and up to twice that, is looked at in one go.
PIECE = 20_000
T = TypeVar("T")


def read(content: bytes) -> dict[str, Any]:
    """Return ``words`` and ``invoice`` of an attachment, None where it is none.

    :raises ValueError: it is of no kind that is read here
    """
    text: Iterable[str] = ()
    # before others: a PDF may stand in it
    if content.startswith(SIGNATURE):
        invoice, text = None, names_in(content)
    elif is_pdf(content):
        reader = open_pdf(content)
        invoice = _first_invoice(_guarded(embedded_xml(reader)))
        # damaged pages hide no invoice
        text = _guarded(pdf_text(reader)) if invoice else pdf_text(reader)
    elif is_zip(content):
        invoice, text = None, office_text(content)
    elif content.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        invoice = read_invoice(content)
    else:
        invoice = read_invoice(signed_content(content))
    return {
        "words": _words(safe_text(_joined(text), 0, lines=True)),
        "invoice": invoice and invoice.as_dict(),
    }


def _words(text: str) -> str:
    """Return the words that are kept, each once, first those that stand first.

    Taken at once, words with letters of their own would come after all others, and of a
    long text none of them would be kept.
    """
    words: dict[str, None] = {}
    at = length = 0
    while at < len(text) and length <= MAX_WORDS:
        # between lines where that goes, since a number may have blanks
        room = at + PIECE, at + 2 * PIECE
        stop = text.find("\n", *room)
        stop = text.rfind(" ", *room) if stop < 0 else stop
        stop = room[1] if stop < 0 else stop
        for word in search_text(text[at:stop]).split(" "):
            if word not in words:
                words[word] = None
                length += len(word) + 1
        at = stop
    joined = " ".join(words)
    return joined if len(joined) <= MAX_WORDS else joined[:MAX_WORDS].rpartition(" ")[0]


def _joined(pieces: Iterable[str]) -> str:
    """Return as many pieces as are read, as one text."""
    kept: list[str] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length > MAX_TEXT:
            break
    return "".join(kept)[:MAX_TEXT]


def _first_invoice(documents: Iterable[bytes]) -> Invoice | None:
    for one in documents:
        try:
            invoice = read_invoice(one)
        except ValueError:
            # not what its name says
            continue
        if invoice:
            return invoice
    return None


def _guarded(found: Iterator[T]) -> Iterator[T]:
    """Yield what is found in a PDF until it is damaged; the library raises anything."""
    try:
        yield from found
    except MemoryError:
        raise
    except Exception:
        return
