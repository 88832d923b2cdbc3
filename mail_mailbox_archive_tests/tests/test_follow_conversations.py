"""Generated conversations: nothing is archived automatically that the table forbids."""

import random
from dataclasses import dataclass

from odoo.tests import tagged

from .common import SERVER
from .test_follow import JAN, FollowCase

ANNA, EVIL, LAWYER = (
    "anna@partner.example",
    "evil@attacker.example",
    "eva@lawyer.example",
)
ROOT, PRIVATE, OTHER = (f"<{name}@partner.example>" for name in ("root", "b", "other"))
#: What a server says of a sender: of a real one, of nobody, of another one.
SAID = ("pass", "fail", "forged", "elsewhere", "nothing")


@dataclass(frozen=True)
class Letter:
    """A generated email, and what the table in USAGE.rst says of it."""

    sender: str
    said: str
    references: str
    mailboxes: frozenset
    copied: str
    sent: bool
    subject: str

    def is_proven(self):
        own = {f"{name}@spedbud.example" for name in self.mailboxes}
        return self.said == "pass" or (self.sent and self.sender in own)

    def goes_to(self, people):
        """Return the record that it is archived to automatically, or "".

        :param people: record → who took part by then; whoever gets a copy does
        """
        record = {ROOT: "public", PRIVATE: "bound"}.get(self.references, "")
        if LAWYER in (self.copied, self.sender) or not self.is_proven():
            return ""
        if record == "public" and "office" not in self.mailboxes:
            return ""
        if not record or self.sender not in people[record]:
            return ""
        people[record].add(self.copied)
        return record


@tagged("post_install", "-at_install")
class TestGeneratedConversations(FollowCase):
    """Forged, forked, of one subject, with links missing, in one mailbox or two."""

    NUMBER = 120

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_board()
        cls.env["mail.mailbox.never.archive"].create({"name": "lawyer.example"})
        both = f"{ANNA}, {cls.mailbox.email}"
        cls.first = cls.receive(message_id=ROOT, references="", to=both)
        cls.bound = cls.receive(
            cls.board, message_id=PRIVATE, references="", to=both, subject="Board"
        )

    def generate(self, seed):
        pick = random.Random(seed)
        for _number in range(self.NUMBER):
            mailboxes = pick.choice((("office",), ("board",), ("office", "board")))
            yield Letter(
                sender=pick.choice((JAN, ANNA, EVIL, LAWYER, self.mailbox.email)),
                said=pick.choice(SAID),
                references=pick.choice((ROOT, ROOT, PRIVATE, PRIVATE, OTHER, "")),
                mailboxes=frozenset(mailboxes),
                copied=pick.choice(("", "", "", LAWYER, EVIL)),
                sent=pick.random() < 0.3,
                subject=pick.choice(("Re: Hello", "Roof", "Re: Board")),
            )

    def put(self, letter, number):
        domain = letter.sender.rpartition("@")[2]
        headers = {"message_id": f"<g{number}@x.example>", "cc": letter.copied}
        name = "mx.attacker.example" if letter.said == "elsewhere" else SERVER
        told = "attacker.example" if letter.said == "forged" else domain
        if letter.said == "forged" and domain == told:
            told = "partner.example"
        if letter.said != "nothing":
            result = "fail" if letter.said == "fail" else "pass"
            said = f"{name}; dmarc={result} header.from={told}"
            headers["authentication_results"] = said
        for mailbox in sorted(letter.mailboxes):
            box = self.board if mailbox == "board" else self.mailbox
            message = self.receive(
                box,
                verified=False,
                sender=letter.sender,
                references=letter.references,
                subject=f"{letter.subject} {number}",
                **{key: value for key, value in headers.items() if value},
            )
            if letter.sent:
                folder = self.make_folder(box, "Sent")
                folder.role = "sent"
                here = message.arrival_ids.grouped("mailbox_id")[box]
                here.folder_id = folder
        return message

    def test_only_what_the_table_allows(self):
        self.follow()
        self.follow(record=self.north, messages=self.bound)
        letters = list(self.generate(seed=26))
        messages = [self.put(letter, one) for one, letter in enumerate(letters)]
        self.work_off_all()
        names = {self.spostex.id: "public", self.north.id: "bound"}
        office = self.mailbox.email
        people = {name: {JAN, ANNA, office} for name in names.values()}
        filed = 0
        for letter, message in zip(letters, messages, strict=True):
            went = "".join(names[link.res_id] for link in message.link_ids)
            with self.subTest(letter=letter):
                self.assertEqual(went, letter.goes_to(people))
            filed += bool(went)
            if went == "bound":
                # for the people of the private mailbox only, whichever other has it
                self.assertEqual(message.link_ids.mailbox_id, self.board)
        self.assertGreater(filed, 5)
        self.assertGreater(len(letters) - filed, 50)
