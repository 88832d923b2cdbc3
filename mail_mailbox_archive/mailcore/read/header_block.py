"""The fields of one header block (RFC 5322, 2.2), also where the block is broken."""

from __future__ import annotations

import re
from email.parser import HeaderParser
from email.policy import compat32

#: Lines of a header block that are not fields and are skipped.
MAX_BROKEN_LINES = 10

_PARSER = HeaderParser(policy=compat32)
# As nearly all are; the library needs ten times as long for what is the same here.
_FIELD = re.compile(r"([!-9;-~]+):(.*\n)((?:[ \t].*\n)*)")
_USUAL = re.compile(r"(?:[!-9;-~]+:.*\n(?:[ \t].*\n)*)+")
#: Whether the library also drops the blanks of a second line where the first is empty.
_DROPS_MORE = compat32.header_source_parse(["a:\n", " b\n"])[1] == "b"
_LONE_CR = re.compile(rb"\r(?!\n)")
# RFC 5322, 4.5 allows the space; the colon moves, so that lengths stay.
_SPACE_BEFORE_COLON = re.compile(r"^([!-9;-~]+)([ \t]+):", re.M)
# After a line that is not a field, these show that the header continues.
_KNOWN_FIELD = re.compile(
    r"^(?:from|to|subject|date|message-id|mime-version|content-type|received):",
    re.I | re.M,
)


def read_fields(
    block: bytes, *, is_root: bool
) -> tuple[list[tuple[str, str]], int, bool]:
    """Return the fields of a header block, how many bytes at its end are none, and
    whether other lines stood between them.
    """
    # A lone CR ends no line (RFC 5322, 2.2), or one field could hide another.
    if block.count(b"\r") != block.count(b"\r\n"):
        block = _LONE_CR.sub(b" ", block)
    text = block.decode("ascii", "surrogateescape")
    fields, rest = _parse(text)
    if not rest:
        return fields, 0, False
    for repaired in (text.replace("\0", ""), _SPACE_BEFORE_COLON.sub(r"\1:\2", text)):
        fields, rest = _parse(repaired)
        if not rest:
            return fields, 0, True
    for _turn in range(MAX_BROKEN_LINES):
        match = _KNOWN_FIELD.search(rest) if fields or is_root else None
        if not match:
            break
        more, rest = _parse(rest[match.start() :])
        fields += more
    return fields, len(rest), True


def _parse(text: str) -> tuple[list[tuple[str, str]], str]:
    if text.endswith("\n") and _USUAL.fullmatch(text):
        return [_split(*field) for field in _FIELD.findall(text)], ""
    message = _PARSER.parsestr(text)
    fields = list(message.raw_items())
    # The library decodes what it gives back by this field, which may name anything.
    del message["content-type"]
    return fields, text[len(text) - len(message.get_payload()) :]


def _split(name: str, first: str, rest: str) -> tuple[str, str]:
    value = (
        (first + rest).lstrip(" \t\r\n") if _DROPS_MORE else first.lstrip(" \t") + rest
    )
    return name, value.rstrip("\r\n")
