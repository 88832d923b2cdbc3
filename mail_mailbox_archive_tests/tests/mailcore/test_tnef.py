"""Files in a winmail.dat: found byte for byte, in limits, in a process of their own."""

import struct

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.inside.child import (
    NotOpened,
    read_inside,
)
from odoo.addons.mail_mailbox_archive.mailcore.inside.tnef import (
    MAX_FILES,
    find_files,
    is_tnef,
)

from .packed import (
    MESSAGE,
    PLAN,
    WINMAIL,
    attribute,
    packed_file,
    packed_message,
    properties,
    winmail,
)
from .sources import growth

pytestmark = pytest.mark.inside_odoo


def found(content):
    return [(one.name, bytes(one.content)) for one in find_files(content)]


def test_files_and_names():
    assert found(WINMAIL) == [
        (PLAN, b"%PDF-1.4 plan"),
        ("cenyś.txt", b"Ceny\r\n"),
        ("inner.txt", b"inner words"),
    ]


def test_its_names_are_searched():
    words = read_inside("attachment", WINMAIL)["words"]
    assert {"etap", "inner", "cenys"} <= set(words.split())


def test_in_the_process():
    listed = read_inside("tnef", b"\n" + WINMAIL)
    assert [one["name"] for one in listed] == [PLAN, "cenyś.txt", "inner.txt"]
    assert [one["size"] for one in listed] == [13, 6, 11]
    assert read_inside("tnef", b"1\n" + WINMAIL) == b"Ceny\r\n"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\nMZ", b"9\n" + WINMAIL, b"x\n" + WINMAIL]
)
def test_what_is_none_is_refused_with_a_word(content):
    with pytest.raises(NotOpened) as refusal:
        read_inside("tnef", content)
    assert refusal.value.code == "content"


@pytest.mark.parametrize("stop", range(6, len(WINMAIL), 7))
def test_what_is_cut_off_has_the_files_before(stop):
    names = [name for name, _content in found(WINMAIL[:stop])]
    assert len(names) <= 3


def nested(depth):
    content = winmail(packed_file(b"deep.txt", b"x"))
    for _level in range(depth):
        content = winmail(packed_message("m", content))
    return content


HOSTILE = {
    "lengths": winmail(
        attribute(2, 0x69002, b""), struct.pack("<BII", 2, 0x6800F, 2**32 - 1)
    ),
    "many properties": winmail(
        attribute(2, 0x69002, b""),
        attribute(2, 0x69005, struct.pack("<I", 2**32 - 1) * 999),
    ),
    "many values": winmail(
        attribute(2, 0x69002, b""),
        attribute(2, 0x69005, struct.pack("<IHHI", 1, 0x101E, 0x3707, 2**32 - 1)),
    ),
    "no file": winmail(attribute(2, 0x6800F, b"x")),
    "codepage": winmail(
        attribute(1, 0x69007, b"\xff" * 8), packed_file(b"a\xff", b"x")
    ),
    "message": winmail(packed_message("m", b"")),
    "object": winmail(
        attribute(2, 0x69002, b""),
        attribute(2, 0x69005, properties((0x3701, 0x0D, MESSAGE[:5]))),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_ones_end(name):
    assert len(found(HOSTILE[name])) <= MAX_FILES


def test_a_damaged_message_hides_no_other_file():
    content = winmail(packed_message("m", b"MZ"), packed_file(b"a.txt", b"x"))
    assert found(content) == [("m", b"MZ"), ("a.txt", b"x")]


def test_depth_and_number_are_limited():
    assert found(nested(4)) == [("deep.txt", b"x")]
    assert [name for name, _content in found(nested(50))] == ["m"]
    assert len(found(winmail(*[packed_file(b"a", b"x")] * 1_000))) == MAX_FILES


@pytest.mark.parametrize(
    "make",
    [
        lambda size: winmail(*[attribute(1, 0x1, b"")] * size),
        lambda size: winmail(packed_file(b"a", b"x" * 100 * size)),
        lambda size: winmail(
            attribute(2, 0x69002, b""),
            attribute(2, 0x69005, properties(*[(0x3707, 0x1F, b"a\0")] * size)),
        ),
    ],
)
def test_reading_is_linear(make):
    assert growth(found, make) < 2.7


@pytest.mark.parametrize(
    ("name", "kind", "packed"),
    [
        ("winmail.dat", "application/octet-stream", True),
        ("", "application/ms-tnef", True),
        ("x", "application/vnd.ms-tnef", True),
        ("data.dat", "application/octet-stream", False),
    ],
)
def test_by_what_it_is_known(name, kind, packed):
    assert is_tnef(name, kind) is packed
