"""Header values with parameters (RFC 2045, 5.1; RFC 2183; RFC 2231)."""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from urllib.parse import unquote_to_bytes

from ..charset import certain, decode
from ..text import decode_header, unfold

#: Characters of one value that are read; the longest file name needs a tenth.
MAX_VALUE = 16_384
MAX_FILENAME = 255
_MAX_EXTENSION = 16

_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))', re.S)
_ESCAPED_LETTER = re.compile(r"%[C-Fc-f][0-9A-Fa-f]%[89ABab]")
_CONTINUED = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*?))?")


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """Return the value before the first semicolon and its parameters by name.

    Names and the value are lower case. Pieces (RFC 2231, 3) are joined and their
    charset decoded; other values stay as they are, quotes removed. Never raises.
    """
    main, _semicolon, rest = unfold(value[:MAX_VALUE]).partition(";")
    # Some forget the first semicolon.
    words = main.split(None, 1) or [""]
    rest = f";{' '.join(words[1:])};{rest}"
    values: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, quoted, plain in _PARAMETER.findall(rest):
        content = _unescape(quoted) if quoted else plain.strip()
        piece = _CONTINUED.fullmatch(name) if "*" in name else None
        if piece:
            encoded = piece[2] is None or bool(piece[3])
            entry = (int(piece[2] or 0), encoded, content)
            pieces.setdefault(piece[1].lower(), []).append(entry)
        else:
            values.setdefault(name.lower(), content)
    for name, entries in pieces.items():
        values[name] = _join(entries)
    return words[0].lower(), values


def _unescape(quoted: str) -> str:
    # Other backslashes belong to Windows paths.
    return quoted.replace('\\"', '"').replace("\\\\", "\\")


def _join(entries: list[tuple[int, bool, str]]) -> str:
    entries.sort(key=lambda entry: entry[0])
    if not any(encoded for _index, encoded, _content in entries):
        return "".join(content for _index, _encoded, content in entries)
    charset, first = "", entries[0][2]
    if entries[0][1] and "'" in first:
        charset, _quote, first = first.partition("'")
        first = first.partition("'")[2]
    pieces = [(entries[0][1], first)]
    pieces += [(encoded, content) for _index, encoded, content in entries[1:]]
    # together, since some cut inside of "%C3"
    data = [
        _octets("".join(content for _encoded, content in group), encoded)
        for encoded, group in groupby(pieces, itemgetter(0))
    ]
    return decode(b"".join(data), charset, "cp1252")


def _octets(content: str, encoded: bool) -> bytes:
    data = content.encode("utf-8", "surrogateescape")
    return unquote_to_bytes(data) if encoded else data


def _unescaped(name: str) -> str:
    """Return a name without the escapes of an address that some shops write.

    Only where they are letters beyond ASCII: "100%25.pdf" may be meant.
    """
    if " " in name or not (name.isascii() and _ESCAPED_LETTER.search(name)):
        return name
    data = unquote_to_bytes(name)
    return name if certain(data, None) is None else data.decode("utf-8", "replace")


def filename(raw: str, fallback: str | None) -> str:
    """Return a file name, decoded and cleaned, at most 255 characters.

    It is a label: separators stay, and a cut keeps the extension, which warns people.
    ``fallback`` is the charset of 8-bit names, see :func:`.charset.decode`.
    """
    name = decode_header(_unescaped(raw), fallback=fallback)
    if len(name) <= MAX_FILENAME:
        return name
    dot = name.rfind(".", len(name) - _MAX_EXTENSION)
    extension = name[dot:] if dot >= 0 else ""
    return f"{name[: MAX_FILENAME - 1 - len(extension)]}…{extension}"
