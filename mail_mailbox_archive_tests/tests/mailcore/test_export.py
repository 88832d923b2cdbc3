"""Messages as files: what other programs read out of them is what went in."""

import csv
import io
import mailbox
import tempfile
import unittest
import zipfile
from datetime import datetime

from odoo.addons.mail_mailbox_archive.mailcore.read.export import (
    Exported,
    write_mbox,
    write_zip,
)

DATE = datetime(2026, 11, 2, 9, 5, 7)


def exported(source=b"Subject: A\r\n\r\nText\r\n", subject="A", **values):
    values = {"date": DATE, "sender": "anna@spostex.example"} | values
    return Exported(source=source, subject=subject, **values)


def zipped(*messages):
    file = io.BytesIO()
    write_zip(file, messages)
    return zipfile.ZipFile(file)


def index_of(archive):
    return list(
        csv.DictReader(archive.read("index.csv").decode("utf-8-sig").split("\r\n"))
    )


class TestZip(unittest.TestCase):
    def test_a_message_is_there_byte_for_byte(self):
        source = b"Subject: \xff\n\nbare\rand\x00\r\n"
        archive = zipped(exported(source))
        self.assertEqual(archive.read(archive.namelist()[0]), source)

    def test_names_are_labels_and_unique(self):
        archive = zipped(
            exported(subject="../../etc/passwd"),
            exported(subject="A"),
            exported(subject="A"),
            exported(subject="x" * 4000),
            exported(subject="", date=None),
            exported(subject="invoice\u202efdp.exe\0"),
        )
        names = archive.namelist()[:-1]
        self.assertEqual(len(set(names)), 6)
        for name in names:
            self.assertRegex(name, r"^[^/\\\u202e\0]+\.eml$")
            self.assertLess(len(name.encode()), 150)
        self.assertEqual(names[1], "00002 2026-11-02 A.eml")
        self.assertEqual(names[4], "00005 message.eml")

    def test_it_unpacks_inside_its_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            zipped(exported(subject="/../..\\..\\x")).extractall(folder)

    def test_the_list_tells_what_a_message_was_attached_to(self):
        archive = zipped(exported(attached_to="Spostex S.A., Order 7"))
        (line,) = index_of(archive)
        self.assertEqual(line["attached_to"], "Spostex S.A., Order 7")
        self.assertEqual(line["file"], archive.namelist()[0])
        self.assertEqual(line["date"], "2026-11-02 09:05:07")

    def test_a_subject_is_no_formula(self):
        (line,) = index_of(zipped(exported(subject='=HYPERLINK("http://x","y")')))
        self.assertTrue(line["subject"].startswith("'="))

    def test_dates_that_zip_does_not_know(self):
        archive = zipped(exported(date=datetime(1970, 1, 1)), exported(date=None))
        self.assertEqual(archive.infolist()[0].date_time[0], 1980)

    def test_nothing_gives_an_empty_list(self):
        self.assertEqual(index_of(zipped()), [])


class TestMbox(unittest.TestCase):
    def read(self, *messages):
        with tempfile.NamedTemporaryFile() as file:
            write_mbox(file, messages)
            file.flush()
            box = mailbox.mbox(file.name)
            found = [(one.get_from(), one.as_bytes()) for one in box]
            box.close()
            return found

    def test_each_message_is_found_again(self):
        found = self.read(exported(), exported(b"Subject: B\n\nno end"))
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0][0], "anna@spostex.example Mon Nov  2 09:05:07 2026")
        self.assertIn(b"no end", found[1][1])

    def test_a_line_of_text_begins_no_message(self):
        text = b"Subject: A\r\n\r\nFrom here\r\n>From there\r\n\r\nFrom x\r\n"
        found = self.read(exported(text), exported())
        self.assertEqual(len(found), 2)
        self.assertIn(b"\n>From here\n>>From there\n\n>From x\n", found[0][1])

    def test_a_sender_is_one_word(self):
        found = self.read(exported(sender="a b\n\nFrom x@y"), exported(sender=""))
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0][0].split()[0], "abFromx@y")
        self.assertEqual(found[1][0].split()[0], "MAILER-DAEMON")
