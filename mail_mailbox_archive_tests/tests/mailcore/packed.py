"""Files packed as Outlook does, written by hand after MS-OXTNEF."""

import struct

SIGNATURE = struct.pack("<IH", 0x223E9F78, 1)
MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def attribute(level, number, data):
    checksum = sum(data) & 0xFFFF
    return (
        struct.pack("<BII", level, number, len(data))
        + data
        + struct.pack("<H", checksum)
    )


def padded(data):
    return struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4)


def properties(*values):
    """Return MAPI properties of (number, type, bytes)."""
    out = struct.pack("<I", len(values))
    for number, kind, data in values:
        out += struct.pack("<HH", kind, number)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            out += struct.pack("<I", 1) + padded(data)
        else:
            out += data
    return out


def wide(text):
    return (text + "\0").encode("utf-16-le")


def packed_file(title, content, long_name=""):
    """Return the attributes of one attachment."""
    parts = [
        attribute(2, 0x00069002, b"\1" + b"\0" * 13),
        attribute(2, 0x00018010, title + b"\0"),
        attribute(2, 0x0006800F, content),
    ]
    if long_name:
        values = (0x3702, 0x0003, b"\1\0\0\0"), (0x3707, 0x1F, wide(long_name))
        parts.append(attribute(2, 0x00069005, properties(*values)))
    return b"".join(parts)


def packed_message(name, inner):
    """Return the attributes of an attachment that is a message."""
    values = (0x3001, 0x1F, wide(name)), (0x3701, 0x0D, MESSAGE + inner)
    return attribute(2, 0x00069002, b"\0" * 14) + attribute(
        2, 0x00069005, properties(*values)
    )


def winmail(*files):
    """Return a winmail.dat that holds files."""
    head = attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    head += attribute(1, 0x00069007, struct.pack("<II", 1250, 0))
    head += attribute(1, 0x00078008, b"IPM.Note\0")
    return SIGNATURE + head + b"".join(files)


PLAN = "Plan budowy – etap 2.pdf"
WINMAIL = winmail(
    packed_file("Plan za\u017c.pdf".encode("cp1250"), b"%PDF-1.4 plan", PLAN),
    packed_file("ceny\u015b.txt".encode("cp1250"), b"Ceny\r\n"),
    packed_message("Forwarded", winmail(packed_file(b"inner.txt", b"inner words"))),
)
