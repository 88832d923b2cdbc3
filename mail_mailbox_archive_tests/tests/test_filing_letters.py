"""Generated emails: by rules and addresses nothing is filed that the tables forbid."""

import random
from dataclasses import dataclass
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from .common import SERVER
from .test_filing_address import FilingAddressCase
from .test_filing_rule import FilingRuleCase
from .test_follow import JAN

EVIL, LAWYER = "evil@attacker.example", "eva@lawyer.example"
MEMBER = "member@spedbud.example"
#: What the trusted server says: of the sender, of somebody else, or another server.
SAID = ("pass", "pass", "fail", "forged", "elsewhere", "nothing")


def told(said, sender):
    """Return the header in which a server says ``said`` of ``sender``."""
    if said == "nothing":
        return {}
    domain = "other.example" if said == "forged" else sender.rpartition("@")[2]
    server = "mx.attacker.example" if said == "elsewhere" else SERVER
    result = "fail" if said == "fail" else "pass"
    value = f"{server}; dmarc={result} header.from={domain}"
    return {"authentication_results": value}


@dataclass(frozen=True)
class Letter:
    """A generated email, and what the table of rules in USAGE.rst says of it."""

    sender: str
    said: str
    subject: str
    mailboxes: tuple

    def goes_to(self):
        """Return the names of the records it is archived to, and whether it is done."""
        hidden = self.mailboxes == ("board",)
        records = set()
        if self.sender == JAN and self.said == "pass" and not hidden:
            records.add("by sender")
        if "Roof" in self.subject and "board" in self.mailboxes:
            records.add("by word")
        known = self.sender == JAN and self.said == "pass"
        if self.subject.count("SO00") == 1 and known and not hidden:
            records.add("by number")
        if self.sender == LAWYER:
            records.clear()
        return records, "Notice" in self.subject and not hidden


@tagged("post_install", "-at_install")
class TestGeneratedForRules(FilingRuleCase):
    NUMBER = 120

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_board()
        cls.env["mail.mailbox.never.archive"].create({"name": "lawyer.example"})
        cls.orders = cls.env["mail.mailbox.record.type"].create(
            {
                "name": "Orders",
                "model_id": cls.env["ir.model"]._get_id("mailbox.test.order"),
            }
        )
        cls.order, cls.other = cls.env["mailbox.test.order"].create(
            [
                {"name": name, "partner_id": cls.spostex.id}
                for name in ("SO0012", "SO0034")
            ]
        )
        cls.spostex.email = "office@partner.example"

    def make_rules(self):
        """Make the rules; return (model, id) of their records → what finds them."""
        self.rule(words=False, sender="partner.example")
        self.rule(res_id=self.north.id, mailbox_ids=[Command.set(self.board.ids)])
        self.rule(target="number", record_type_id=self.orders.id, res_id=False)
        self.rule(action="done", words="notice", res_id=False)
        self.rule(action="suggest", words="walls")
        return {
            ("res.partner", self.spostex.id): "by sender",
            ("res.partner", self.north.id): "by word",
            ("mailbox.test.order", self.order.id): "by number",
            ("mailbox.test.order", self.other.id): "by number",
        }

    def generate(self, seed):
        pick = random.Random(seed)
        words = ("Roof", "Walls", "Notice", "SO0012", "SO0034", "hello")
        for _number in range(self.NUMBER):
            yield Letter(
                pick.choice((JAN, EVIL, LAWYER, JAN)),
                pick.choice(SAID),
                " ".join(pick.sample(words, 2)),
                pick.choice((("office",), ("board",), ("office", "board"))),
            )

    def put(self, letter, number):
        for name in letter.mailboxes:
            message = self.receive(
                self.board if name == "board" else self.mailbox,
                verified=False,
                sender=letter.sender,
                subject=f"{letter.subject} {number}",
                references="",
                message_id=f"<r{number}@x.example>",
                **told(letter.said, letter.sender),
            )
        return message

    def test_only_what_the_table_allows(self):
        names = self.make_rules()
        letters = list(self.generate(seed=27))
        messages = [self.put(letter, one) for one, letter in enumerate(letters)]
        self.work_off_all()
        filed = done = 0
        for letter, message in zip(letters, messages, strict=True):
            records, is_done = letter.goes_to()
            links = message.sudo().link_ids
            with self.subTest(letter=letter):
                went = {names[link.res_model, link.res_id] for link in links}
                self.assertEqual(went, records)
                states = set(message.arrival_ids.mapped("work_state"))
                self.assertEqual(states, {"done" if is_done else "open"})
            if letter.mailboxes == ("board",):
                # for the people of the private mailbox only
                self.assertLessEqual(set(links.mailbox_id.ids), {self.board.id})
            filed, done = filed + bool(links), done + is_done
        self.assertGreater(min(filed, done), 10)
        self.assertGreater(len(letters) - filed, 30)


@dataclass(frozen=True)
class Sent:
    """A generated email to a filing address, and what the table says of it."""

    token: str
    place: str
    of: str
    arrives: str
    reply: bool
    sender: str
    said: str

    def is_filed(self):
        if self.sender == LAWYER or self.of != self.arrives:
            return False
        if self.token != "none":
            return self.token == "right"
        knowingly = self.place == "delivered_to" or not self.reply
        return self.sender == MEMBER and self.said == "pass" and knowingly


@tagged("post_install", "-at_install")
class TestGeneratedForAddresses(FilingAddressCase):
    NUMBER = 120

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_board(filing_by_address=True)
        cls.env["mail.mailbox.never.archive"].create({"name": "lawyer.example"})

    def generate(self, seed):
        pick = random.Random(seed)
        tokens = ("right", "right", "none", "none", "other", "old", "hidden", "random")
        for _number in range(self.NUMBER):
            yield Sent(
                pick.choice(tokens),
                pick.choice(("to", "cc", "delivered_to")),
                pick.choice(("office", "board")),
                pick.choice(("office", "office", "board")),
                pick.random() < 0.4,
                pick.choice((JAN, EVIL, MEMBER, MEMBER, LAWYER)),
                pick.choice(SAID),
            )

    def make_addresses(self):
        """Return (mailbox, kind of token) → an address of the record."""
        addresses = {}
        boxes = {"office": self.mailbox, "board": self.board}
        with freeze_time(fields.Datetime.now() - timedelta(days=120)):
            for name, box in boxes.items():
                addresses[name, "old"] = self.address(mailbox=box)
        for name, box in boxes.items():
            right = self.address(mailbox=box)
            token = right.split(".")[1].split("@")[0]
            elsewhere = self.address(self.north, mailbox=box)
            other = elsewhere.split(".")[1].split("@")[0]
            addresses |= {
                (name, "right"): right,
                (name, "none"): right.replace(f".{token}", ""),
                (name, "other"): right.replace(token, other),
                (name, "hidden"): right.replace(token, "x" * 24),
                (name, "random"): right.replace(token, "k3" * 12),
            }
        return addresses

    def put(self, letter, number, addresses):
        headers = {"to": "somebody@x.example", **told(letter.said, letter.sender)}
        headers[letter.place] = addresses[letter.of, letter.token]
        if letter.reply:
            headers["in_reply_to"] = f"<before{number}@x.example>"
        box = self.board if letter.arrives == "board" else self.mailbox
        return self.send(box, sender=letter.sender, subject=f"L{number}", **headers)

    def test_only_what_the_table_allows(self):
        addresses = self.make_addresses()
        letters = list(self.generate(seed=28))
        messages = [
            self.put(letter, one, addresses) for one, letter in enumerate(letters)
        ]
        self.work_off_all()
        filed = 0
        for letter, message in zip(letters, messages, strict=True):
            links = message.sudo().link_ids
            with self.subTest(letter=letter):
                expected = self.spostex.ids if letter.is_filed() else []
                self.assertEqual(links.mapped("res_id"), expected)
                self.assertLessEqual(set(links.user_id.ids), {self.member.id})
            if links and letter.arrives == "board":
                self.assertEqual(links.mailbox_id, self.board)
            filed += bool(links)
        self.assertGreater(filed, 5)
        self.assertGreater(len(letters) - filed, 50)
