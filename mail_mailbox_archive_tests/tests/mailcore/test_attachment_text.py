"""The words of an attachment are found, and hostile ones end in the limits."""

import io
import zipfile
from unittest.mock import patch

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.inside import office
from odoo.addons.mail_mailbox_archive.mailcore.inside.attachment import (
    MAX_TEXT,
    read,
)
from odoo.addons.mail_mailbox_archive.mailcore.inside.child import (
    Limits,
    NotOpened,
    read_inside,
)
from odoo.addons.mail_mailbox_archive.mailcore.inside.kinds import (
    BY_NAME,
    MAX_WORDS,
    kind_of,
)

from .attachments import docx, ods, odt, pdf, pptx, xlsx, zipped

FILES = {
    "pdf": pdf("Oferta handlowa 12345"),
    "docx": docx("Oferta handlowa", "12345"),
    "xlsx": xlsx("Oferta", "handlowa", number="12345"),
    "pptx": pptx("Oferta handlowa 12345"),
    "odt": odt("Oferta handlowa 12345"),
    "ods": ods("Oferta handlowa 12345"),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_has_its_words(kind):
    answer = read_inside("attachment", FILES[kind])
    assert {"oferta", "handlowa", "12345"} <= set(answer["words"].split())
    assert answer["invoice"] is None


def test_words_are_not_torn_apart_nor_joined():
    words = read(docx("Zażółć", "gęślą"))["words"].split()
    assert words[:2] == ["zazolc", "gesla"]
    assert "zestawienie" in read(xlsx("a"))["words"].split()
    # the cell says which text stands there, not the text
    assert "0" not in read(xlsx("tekst", number="7777"))["words"].split()


@pytest.mark.parametrize(
    "content",
    (b"", b"plain text", b"PK\x03\x04broken", zipped({"a.txt": "text"}), b"%PDF-1.4"),
    ids=range(5),
)
def test_what_is_none_of_them_is_said_to_be_none(content):
    with pytest.raises(NotOpened) as caught:
        read_inside("attachment", content)
    assert caught.value.code == "content"


def test_half_a_document_is_read_as_far_as_it_goes():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<d><p><t>Oferta</t></p><p><t>hand")
        archive.writestr("word/header1.xml", "<d><p><t>stopka</t></p></d>")
    assert {"oferta", "stopka"} <= set(read(file.getvalue())["words"].split())


def test_no_more_is_kept_than_a_message_has():
    many = " ".join(f"w{at}" for at in range(300_000))
    answer = read(docx(many))
    assert len(many) > MAX_TEXT and len(answer["words"]) <= MAX_WORDS


def test_words_are_kept_in_the_order_in_which_they_stand():
    many = [
        " ".join(f"w{at}ż{at}" for at in range(start, start + 1000))
        for start in range(0, 60_000, 1000)
    ]
    words = read(docx("Zażółć", *many, "gęślą", "crane"))["words"].split()
    assert "zazolc" in words and words[-1][0] == "w"
    assert not {"gesla", "crane"} & set(words)
    mixed = read(docx("Zażółć", *[one.replace("ż", "z") for one in many]))["words"]
    assert "zazolc" in mixed.split() and len(mixed) > MAX_WORDS - 50


def test_no_word_is_torn_apart_where_there_are_no_lines():
    many = [f"word{at}" for at in range(8_000)]
    words = read(docx(" ".join(many)))["words"].split()
    assert set(many) == {word for word in words if word.startswith("w")}


def long_sheet(cells):
    """Return a workbook as Excel writes it: the sheets before the words in them."""
    sheet = "<worksheet><sheetData><row>" + cells + "</row></sheetData></worksheet>"
    return zipped(
        {
            "xl/worksheets/sheet1.xml": sheet,
            "xl/sharedStrings.xml": "<sst><si><t>Crane</t></si></sst>",
        }
    )


def test_words_of_a_workbook_come_before_its_numbers():
    numbers = "".join(f"<c><v>{at}</v></c>" for at in range(10**6, 10**6 + 200_000))
    assert read(long_sheet(numbers))["words"].startswith("crane 1000000")


def test_what_was_read_in_time_is_kept():
    words = "".join(f"<p>w{at}</p>" for at in range(20_000))
    content = zipped({"content.xml": f"<d>{words}</d>"})
    clock = iter([0, 0, *[office.MAX_SECONDS + 1] * 9])
    with patch.object(office.time, "process_time", lambda: next(clock)):
        assert 1_000 < len(list(office.office_text(content))) < 19_000


def bomb(size):
    """A few kilobytes that unpack to ``size`` bytes of one paragraph."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        part.write(b"<d><p><t>")
        for _time in range(size // 2**20):
            part.write(b"a " * 2**19)
        part.write(b"</t></p></d>")
    return file.getvalue()


def many_elements(size):
    return zipped({"content.xml": "<d>" + "<p/>" * (size // 4) + "</d>"})


#: Made when they are tried: they take seconds, and every session comes by here.
HOSTILE = {
    "bomb": lambda: bomb(400 * 2**20),
    "elements": lambda: many_elements(60_000_000),
    "parts": lambda: zipped(
        {f"word/header{at}.xml": "<d>" + "x" * 10**6 for at in range(600)}
    ),
    "depth": lambda: zipped({"content.xml": "<d>" * 200_000}),
    "embedded": lambda: pdf("x", {"a.xml": b"<a>" * 200_000}),
    "open": lambda: b"%PDF-1.7\n" + b"<<" * 2_000_000,
    "objects": lambda: (
        b"%PDF-1.7\n" + b"1 0 obj\n" * 1_000_000 + b"startxref\n9\n%%EOF"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_in_the_limits(name):
    """With an answer or a word, never with the server's time or memory."""
    content = HOSTILE[name]()
    try:
        answer = read_inside("attachment", content, Limits(processor=4, wait=20))
    except NotOpened as error:
        assert error.code in ("content", "time", "memory", "crash")
    else:
        assert len(answer["words"]) <= MAX_WORDS


def test_which_attachments_are_read():
    assert kind_of("Faktura.PDF", "application/octet-stream") == "pdf"
    assert kind_of("IT01_a.xml.p7m", "application/pkcs7-mime") == "xml"
    assert kind_of("", "application/pdf") == "pdf"
    for name in ("smime.p7m", "a.zip", "a.exe", "a.png", "pdf", ""):
        assert kind_of(name, "application/octet-stream") == ""
    assert set(FILES) <= set(BY_NAME.values())
