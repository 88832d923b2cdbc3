"""Text that changes its charset by escape sequences: ISO-2022 (RFC 1468, 1554, 1557).

Python's codecs stop at what senders really write: rows that NEC and IBM added, kana of
half width, lines that do not return to ASCII. Each stretch is decoded by the superset
it has.
"""

from __future__ import annotations

import re

#: Escape sequence → how what follows is read.
_SETS = {
    b"(B": "ascii",
    b"(J": "ascii",
    b"(I": "kana",
    b"$@": "cp932",
    b"$B": "cp932",
    b"$(B": "cp932",
    b"$(D": "jisx0212",
    b"$(O": "euc_jis_2004",
    b"$(Q": "euc_jis_2004",
    b"$(P": "plane 2",
    b"$A": "gb18030",
    b"$(A": "gb18030",
    b"$(C": "cp949",
    # these say what stands between the signs "shift out" and "shift in"
    b"$)C": "shifted cp949",
    b"$)A": "shifted gb18030",
}
_ESCAPE = re.compile(rb"\x1b(\([BJI]|\$[@AB]|\$\([ABCDOPQ]|\$\)[AC])")
_PIECE = re.compile(rb"\x1b(\([BJI]|\$[@AB]|\$\([ABCDOPQ]|\$\)[AC])|([\x0e\x0f])|(\n)")
_HIGH = bytes(octet | 0x80 if 0x20 < octet < 0x7F else octet for octet in range(256))
_LOW = bytes(octet & 0x7F for octet in range(256))
# In pairs from the beginning of a stretch, so that no two halves are taken for a whole.
_EUC_EXTENDED = re.compile(
    rb"(?<![\x80-\xff])(?:[\xa1-\xfe]{2})*(?:\xad[\xa1-\xfe])(?:[\xa1-\xfe]{2})*"
)
_PAIR = re.compile(rb"[\x21-\x7e]{2}")


def is_iso2022(data: bytes) -> bool:
    """Whether ``data`` has such escape sequences and no bytes beyond ASCII."""
    return b"\x1b" in data and data.isascii() and bool(_ESCAPE.search(data))


def decode_iso2022(data: bytes) -> str:
    """Return ``data`` as text; what cannot be decoded becomes U+FFFD."""
    return "".join(_decode(bytes(piece), used) for used, piece in _stretches(data))


def _stretches(data: bytes) -> list[tuple[str, bytearray]]:
    """Return stretches of one set each, and how each is read.

    A character may have been cut and its second half begin with the same set anew.
    """
    stretches: list[tuple[str, bytearray]] = []

    def add(used: str, piece: bytes) -> None:
        if piece and stretches and stretches[-1][0] == used:
            stretches[-1][1].extend(piece)
        elif piece:
            stretches.append((used, bytearray(piece)))

    at, used, shifted = 0, "ascii", "ascii"
    for match in _PIECE.finditer(data):
        add(used, data[at : match.start()])
        at = match.end()
        if match[1]:
            name = _SETS[match[1]]
            if name.startswith("shifted "):
                shifted = name.removeprefix("shifted ")
            else:
                used = name
        elif match[2]:
            used = shifted if match[2] == b"\x0e" else "ascii"
        else:
            # a line begins in ASCII, whether the one before returned to it or not
            used = "ascii"
            add(used, b"\n")
    add(used, data[at:])
    return stretches


def decode_euc_jp(data: bytes) -> str:
    """Return EUC-JP as text, with the rows that NEC and IBM added as well."""
    out: list[str] = []
    at = 0
    for match in _EUC_EXTENDED.finditer(data):
        out.append(data[at : match.start()].decode("euc_jp", "replace"))
        out.append(_decode(match[0].translate(_LOW), "cp932"))
        at = match.end()
    return "".join([*out, data[at:].decode("euc_jp", "replace")])


def _decode(data: bytes, name: str) -> str:
    if name == "ascii" or not data:
        return data.decode("ascii", "replace")
    if name == "kana":
        return data.translate(_HIGH).decode("cp932", "replace")
    if name == "cp932":
        return _PAIR.sub(_to_shift_jis, data).decode("cp932", "replace")
    if name in ("jisx0212", "plane 2"):
        codec = "euc_jp" if name == "jisx0212" else "euc_jis_2004"
        data = _PAIR.sub(lambda pair: b"\x8f" + pair[0].translate(_HIGH), data)
        return data.decode(codec, "replace")
    return data.translate(_HIGH).decode(name, "replace")


def _to_shift_jis(pair: re.Match[bytes]) -> bytes:
    """Return two bytes of JIS X 0208 as Shift_JIS, by which Windows extended them."""
    first, second = pair[0]
    row = (first - 0x21) // 2
    lead = row + (0x81 if row < 0x1F else 0xC1)
    if first % 2:
        trail = second + (0x1F if second < 0x60 else 0x20)
    else:
        trail = second + 0x7E
    return bytes((lead, trail))
