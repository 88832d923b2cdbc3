"""Messages come out of the files of mail programs, and nothing else does."""

import io
import tracemalloc
import unittest
import zipfile
from unittest.mock import patch

from odoo.addons.mail_mailbox_archive.mailcore.read.export import write_mbox, write_zip
from odoo.addons.mail_mailbox_archive.mailcore.read.mail_files import (
    BATCH_BYTES,
    read_mail_files,
    take_batch,
)

from .attachments import zipped
from .test_export import exported

LIMIT = 10_000


def letter(subject="Offer", text="Text\r\n"):
    head = "From: anna@spostex.example\r\nDate: Mon, 02 Nov 2026 10:00:00 +0100\r\n"
    return f"{head}Subject: {subject}\r\n\r\n{text}".encode()


def read(content, name="mail.eml"):
    return list(read_mail_files(name, content, LIMIT))


def exports(write, *sources):
    file = io.BytesIO()
    write(file, [exported(source) for source in sources])
    return file.getvalue()


class TestMailFiles(unittest.TestCase):
    def test_one_message(self):
        (one,) = read(letter())
        self.assertEqual((one.name, one.source), ("mail.eml", letter()))
        self.assertEqual(one.message.subject, "Offer")

    def test_what_was_exported_comes_back_as_the_same_messages(self):
        sources = [letter("One"), letter("Two", "Hello\r\nFrom me\r\n>From you\r\n")]
        for write in (write_zip, write_mbox):
            back = read(exports(write, *sources))
            self.assertEqual(
                [one.message.identity for one in back],
                [read(source)[0].message.identity for source in sources],
            )

    def test_zip_of_boxes_and_messages(self):
        box = exports(write_mbox, letter("One"), letter("Two"))
        found = read(
            zipped({"a/": b"", "a/in.mbox": box, "b.eml": letter(), "index.csv": b"x"})
        )
        self.assertEqual(
            [(one.name, one.message.subject) for one in found],
            [("a/in.mbox", "One"), ("a/in.mbox", "Two"), ("b.eml", "Offer")],
        )

    def test_what_is_no_message_says_so(self):
        for content in (b"", b"\0\1\2", b"%PDF-1.4\n%%EOF", "Zażółć".encode()):
            (one,) = read(content)
            self.assertIsNone(one.message)
            self.assertIn(one.error, ("none", "empty", "structure"))

    def test_what_is_too_big_says_so(self):
        big = letter(text="x" * LIMIT)
        for content in (big, zipped({"b.eml": big}), exports(write_mbox, big)):
            (one,) = read(content)
            self.assertEqual((one.message, one.error), (None, "too_big"))

    def test_neighbours_of_what_is_none_are_read(self):
        found = read(zipped({"a.txt": b"notes", "b.eml": letter()}))
        self.assertEqual([bool(one.message) for one in found], [False, True])

    def test_bomb_is_not_unpacked(self):
        content = zipped({"b.eml": b"From: a@b.c\n\n" + bytes(20_000_000)})
        read_all, unpacked = zipfile.ZipExtFile.read, []

        def note(file, size=-1):
            data = read_all(file, size)
            unpacked.append(len(data))
            return data

        with patch.object(zipfile.ZipExtFile, "read", note):
            (one,) = read(content)
        self.assertEqual((one.source, one.error), (b"", "too_big"))
        self.assertLessEqual(sum(unpacked), LIMIT + 1)

    def test_many_large_ones_cost_as_much_memory_as_one(self):
        """A small zip that unpacks to a gigabyte; here to a tenth of that."""
        limit = 4 * 2**20
        large = letter(text="word " * (limit // 5 - 100))
        content = zipped({f"{number}.eml": large for number in range(25)})
        self.assertLess(len(content), 2**20)
        found, count = read_mail_files("bomb.zip", content, limit), 0
        tracemalloc.start()
        try:
            while taken := len(take_batch(found)):
                count += taken
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        self.assertEqual(count, 25)
        # what is taken in at once, one more, and what is made of it to parse it
        self.assertLess(peak, BATCH_BYTES + 5 * limit)

    def test_damaged_zip_says_so_after_what_could_be_read(self):
        content = bytearray(zipped({"a.eml": letter("One"), "b.eml": letter("Two")}))
        second = content.rindex(b"b.eml", 0, content.rindex(b"PK\1\2"))
        content[second + 8 : second + 30] = bytes(22)
        found = read(bytes(content))
        self.assertEqual([one.error for one in found], ["", "zip"])

    def test_zip_in_a_message_as_it_is_does_not_take_its_place(self):
        """Neither in an .eml nor at the end of an mbox: else the mail is lost."""
        decoy = zipped({"decoy.eml": letter("Decoy")})
        binary = b"Content-Transfer-Encoding: binary\r\n"
        real = letter("Real").replace(b"\r\n\r\n", b"\r\n" + binary + b"\r\n", 1)
        for content in (real + decoy, exports(write_mbox, real + decoy)):
            found = read(content)
            self.assertEqual([one.message.subject for one in found], ["Real"])

    def test_zip_that_is_cut_says_so(self):
        content = zipped({"a.eml": letter("One")})
        for cut in (content[:-30], content[:20]):
            self.assertEqual([one.error for one in read(cut)], ["zip"])

    def test_encrypted_zip_says_so(self):
        content = bytearray(zipped({"a.eml": letter()}))
        # the flag of encryption, in the file's own header and in the list
        for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            content[content.index(mark) + place] |= 1
        self.assertEqual([one.error for one in read(bytes(content))], ["zip"])


def test_tokens_of_addresses_that_archive_are_hidden():
    token = "b" * 24
    address = f"office+task-42.{token}@spedbud.example"
    source = f"From: a@b.example\r\nTo: {address}\r\n\r\nHello".encode()
    own = frozenset({"office@spedbud.example"})
    (one,) = read_mail_files("one.eml", source, LIMIT, filing=own)
    assert (one.error, token.encode() in one.source) == ("", False)
    (other,) = read_mail_files("one.eml", source, LIMIT)
    assert other.source == source
