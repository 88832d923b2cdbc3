"""The search box takes operators, and finds by them what the reader may read."""

from odoo.tests import tagged

from .common import MailboxCase, write_mail
from .mailcore.attachments import docx


@tagged("post_install", "-at_install")
class TestSearchOperators(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crane = cls.send("Crane", "The crane yard opens.", day=2)
        cls.yard = cls.send("Yard", "In the yard stands a crane.", day=3)
        cls.jan = cls.send(
            "Sand for the crane",
            "Sand",
            day=4,
            **{"from": "Jan Żółty <jan@piaski.example>", "cc": "anna@biuro.example"},
        )
        cls.file = cls.send("File", "See the file.", day=5, file=docx("Wiadro czeka"))

    @classmethod
    def send(cls, subject, text, day, file=None, **headers):
        date = (
            f"{('Mon', 'Tue', 'Wed', 'Thu')[day - 2]}, 0{day} Nov 2026 23:30:00 +0000"
        )
        mail = write_mail(subject, text, date=date, **headers)
        if file:
            mail.add_attachment(file, "application", "x-docx", filename="a.docx")
        return cls.deliver(cls.mailbox, mail).mailbox_message_id

    def assert_found(self, query, expected, **context):
        messages = self.env["mail.mailbox.message"].with_user(self.member)
        messages = messages.with_context(**context)
        domain = [("content", "ilike", query)]
        names = sorted(messages.search(domain).mapped("subject"))
        self.assertEqual(names, sorted(expected.mapped("subject")), query)
        found = messages.web_search_read(domain, {"subject": {}}, 0, 80, None, 100)
        self.assertEqual(found["length"], len(expected), query)
        arrivals = self.env["mail.mailbox.arrival"].with_user(self.member)
        arrivals = arrivals.with_context(**context)
        lines = arrivals.search([("mailbox_message_id.content", "ilike", query)])
        self.assertEqual(len(lines), len(expected), query)

    def test_operators(self):
        nobody = self.crane.browse()
        every = self.crane | self.yard | self.jan | self.file
        cases = {
            "crane": self.crane | self.yard | self.jan,
            "from:jan": self.jan,
            "from:jan@piaski.example": self.jan,
            'from:"Jan Żółty" sand': self.jan,
            "from:anna crane": self.crane | self.yard,
            "to:anna": self.jan,
            "to:office": every,
            "subject:crane": self.crane | self.jan,
            "subject:crane -from:jan": self.crane,
            "crane -yard": self.jan,
            "-crane": self.file,
            "has:attachment": self.file,
            "crane has:attachment": nobody,
            "-has:attachment -sand": self.crane | self.yard,
            '"crane yard"': self.crane,
            '"the crane"': self.crane | self.jan,
            'crane -"crane yard"': self.yard | self.jan,
            '"yard crane"': nobody,
            "before:2026-11-03": self.crane,
            "after:2026-11-03": self.yard | self.jan | self.file,
            "after:2026-11-03 before:2026-11-05": self.yard | self.jan,
            "after:2027": nobody,
            "from:crane": nobody,
        }
        for query, expected in cases.items():
            self.assert_found(query, expected)

    def test_a_day_begins_where_the_reader_is(self):
        self.assert_found("before:2026-11-03", self.crane, tz="UTC")
        self.assert_found("before:2026-11-03", self.crane.browse(), tz="Europe/Warsaw")

    def test_of_sources_that_are_looked_through_none_is_kept(self):
        self.env.invalidate_all()
        self.assert_found('"crane yard opens"', self.crane)
        raw = self.env["ir.attachment"]._fields["raw"]
        self.assertFalse(list(raw._get_all_cache_ids(self.env)))

    def test_days_at_the_ends_of_the_calendar_are_words(self):
        for query in ("after:0001-01-01", "before:9999-12-31"):
            self.assert_found(query, self.crane.browse(), tz="Europe/Warsaw")

    def test_nobody_finds_more_by_them(self):
        messages = self.env["mail.mailbox.message"].with_user(self.outsider)
        for query in ("from:jan", '"crane yard"', "-crane", "has:attachment"):
            self.assertFalse(messages.search([("content", "ilike", query)]), query)

    def test_a_phrase_of_an_attachment_is_found_by_its_words(self):
        part = self.file.sudo().part_ids
        part._note_inside(
            self.env["mail.mailbox.inside"]._store("bucket", {"words": "wiadro czeka"})
        )
        self.assert_found('"wiadro czeka"', self.file)
        self.assert_found("wiadro", self.file)
        self.assert_found("subject:wiadro", self.file.browse())
