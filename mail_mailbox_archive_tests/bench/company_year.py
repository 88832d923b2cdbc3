"""A generated year of a company's email, of which it is known where each belongs.

Customers, suppliers and forwarders write, and are answered; each has a habit: some of
their emails belong to the company itself, those of others to the order that is meant,
or to one project that no email names. Beside them stand newsletters, notices, people
who name a company that the email is not about, and forged replies. Seeded: the same
seed is the same year.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

SERVER = "mx.year.example"
OFFICE = "office@year.example"
SYLLABLES = "ba do ga ki lo me nu po ra si ta vu wel zor mar tin".split()
SURNAMES = "Nowak Lis Marzec Wilk Schmidt Wójcik Müller Kowal Zając Braun".split()
TOPICS = "offer delivery invoice complaint drawing meeting schedule question".split()
NEWS = ("news@fair.example", "promo@shop.example", "no-reply@portal.example")
#: Of one hundred emails: newsletters and notices; forged or misplaced replies.
NOISE, FORGED = 14, 4
#: One email of so many carries by accident a number that is somebody else's order.
ACCIDENT = 2500


@dataclass(eq=False)
class Firm:
    """A company that emails are exchanged with.

    :param habit: "company", "order" or "project"
    """

    name: str
    domain: str
    habit: str
    people: list[str]
    known: list[str]
    orders: list[str] = field(default_factory=list)
    project: str = ""


@dataclass(eq=False)
class Talk:
    """A conversation, and the name of the record that all of it belongs to."""

    firm: Firm
    subject: str
    truth: str
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Letter:
    """One email.

    :param truth: the name of the record that it belongs to; "" where to none
    :param begins: whether it begins a conversation
    """

    source: bytes
    subject: str
    truth: str
    sent: bool
    begins: bool
    forged: bool


class Year:
    """The firms of a year, and its emails one after the other."""

    def __init__(self, seed: int, size: int) -> None:
        self._pick = random.Random(seed)
        self._size = size
        self._number = 1000
        self.firms = [self._make_firm(number) for number in range(max(6, size // 40))]

    def _make_firm(self, number: int) -> Firm:
        pick = self._pick
        name = "".join(pick.sample(SYLLABLES, 3)).capitalize() + str(number)
        domain = f"{name.lower()}.example"
        people = [f"{one.lower()}@{domain}" for one in pick.sample(SURNAMES, 3)]
        if pick.random() < 0.2:
            people = [f"{name.lower()}.{n}@gmail.com" for n in range(2)]
        habit = pick.choice(("company", "company", "order", "order", "project"))
        # the first is a contact, of the others some are
        known = [one for n, one in enumerate(people) if not n or pick.random() < 0.4]
        firm = Firm(f"{name} Ltd", domain, habit, people, known)
        if habit == "project":
            firm.project = f"Site {number} {pick.choice(SYLLABLES)}"
        return firm

    def letters(self) -> Iterator[Letter]:
        """Yield the emails, the oldest first."""
        talks: list[Talk] = []
        for number in range(self._size):
            chance = self._pick.random() * 100
            if chance < NOISE:
                yield self._write_noise(number)
            elif chance < NOISE + FORGED and talks:
                yield self._forge(number, self._pick.choice(talks[-60:]))
            elif self._pick.random() < 0.5 and talks:
                yield self._continue(number, self._pick.choice(talks[-25:]))
            else:
                talks.append(self._begin())
                yield self._continue(number, talks[-1])

    def _begin(self) -> Talk:
        pick = self._pick
        firm = pick.choice(self.firms)
        subject = f"{pick.choice(TOPICS)} {pick.choice(SYLLABLES)}"
        if firm.habit != "order":
            return Talk(firm, subject, firm.project or firm.name)
        if not firm.orders or pick.random() < 0.4:
            self._number += 1
            firm.orders.append(f"SO{self._number}")
        order = pick.choice(firm.orders[-4:])
        if pick.random() < 0.6:
            subject += f" {order}"
        return Talk(firm, subject, order)

    def _continue(self, number: int, talk: Talk) -> Letter:
        pick = self._pick
        begins = not talk.ids
        sent = not begins and pick.random() < 0.4
        person = pick.choice(talk.firm.people)
        sender, to = (OFFICE, person) if sent else (person, OFFICE)
        text = pick.choice(("Please see below.", "As agreed.", "Thank you."))
        if pick.random() < 0.15:
            # of whom it is not
            text += f" As with {pick.choice(self.firms).name}."
        if not begins and pick.random() < 0.2:
            text += f"\n\nOn Monday, somebody wrote:\n> about {self._any_order()}\n"
        # a mail program, now and then, breaks the thread
        broken = not begins and pick.random() < 0.05
        references = [] if broken else talk.ids[-3:]
        subject = talk.subject if begins else f"Re: {talk.subject}"
        if begins and pick.randrange(ACCIDENT) == 0:
            subject += f" {self._any_order()}"
        talk.ids.append(f"<{number}@{talk.firm.domain}>")
        said = "pass" if pick.random() < 0.9 else "none"
        source = _write(sender, to, subject, text, talk.ids[-1], references, said)
        return Letter(source, subject, talk.truth, sent, begins, False)

    def _any_order(self) -> str:
        return f"SO{self._pick.randint(1000, self._number)}"

    def _write_noise(self, number: int) -> Letter:
        pick = self._pick
        subject = pick.choice(("Newsletter", "Your parcel", "Special offer", "Notice"))
        subject += f" {number}"
        text = f"Only today. {pick.choice(self.firms).name} buys here."
        name = f"<{number}@noise.example>"
        source = _write(pick.choice(NEWS), OFFICE, subject, text, name, [], "pass")
        return Letter(source, subject, "", False, True, False)

    def _forge(self, number: int, talk: Talk) -> Letter:
        """Write a reply of a stranger, or of nobody in the name of who took part."""
        stranger = self._pick.random() < 0.5
        sender = "evil@attacker.example" if stranger else talk.firm.people[0]
        subject = f"Re: {talk.subject}"
        name, said = f"<{number}@attacker.example>", "pass" if stranger else "fail"
        source = _write(sender, OFFICE, subject, "Pay here.", name, talk.ids[-1:], said)
        return Letter(source, subject, "", False, False, True)


def _write(
    sender: str,
    to: str,
    subject: str,
    text: str,
    name: str,
    references: list[str],
    said: str,
) -> bytes:
    mail = EmailMessage()
    domain = sender.rpartition("@")[2]
    mail["Authentication-Results"] = f"{SERVER}; dmarc={said} header.from={domain}"
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = name
    if references:
        mail["References"] = " ".join(references)
        mail["In-Reply-To"] = references[-1]
    mail.set_content(text)
    return mail.as_bytes()
