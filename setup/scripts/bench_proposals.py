"""How often a proposal is right, and what is archived automatically wrongly.

Run by ``python3 setup bench proposals`` in Odoo's shell, which gives ``env``: a
generated year of a company's email, 1,500 of them, another number with ``--size``,
another year with ``--seed``, of which it is known where each belongs
(``mail_mailbox_archive_tests/bench/company_year.py``). A person archives what belongs
somewhere and follows every second conversation; rules are made after a quarter. Each
email is proposed for twice: without and with what was chosen before.
"""

from collections import Counter
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive_tests.bench.company_year import (
    OFFICE,
    SERVER,
    Year,
)

from setup.scripts.reporting import OPTIONS, Report

SIZE = OPTIONS.size or 1_500
PARTS = ("first quarter", "second quarter", "third quarter", "fourth quarter")
TYPE = "mail_mailbox_archive.record_type_company"
USER = "mail_mailbox_archive.group_user"


class Company:
    """The company's mailbox, its person, and the records by name."""

    def __init__(self, env, year):
        self.env = env
        groups = [env.ref(USER).id, env.ref("base.group_partner_manager").id]
        self.person = env["res.users"].create(
            {"name": "Anna", "login": "anna_year", "group_ids": [Command.set(groups)]}
        )
        self.mailbox = env["mail.mailbox"].create(
            {
                "name": "Office",
                "email": OFFICE,
                "user_ids": [Command.set(self.person.ids)],
                "imap_enabled": False,
                "trusted_server": SERVER,
            }
        )
        self.order_type = env["mail.mailbox.record.type"].create(
            {
                "name": "Orders",
                "model_id": env["ir.model"]._get_id("mailbox.test.order"),
            }
        )
        self.folders = {
            role: env["mail.mailbox.folder"].create(
                {
                    "mailbox_id": self.mailbox.id,
                    "name": role,
                    "wire_name": role,
                    "role": role,
                    "uid_validity": 1,
                }
            )
            for role in ("inbox", "sent")
        }
        self.records = {}
        for firm in year.firms:
            self._make_firm(firm)

    def _make_firm(self, firm):
        partners = self.env["res.partner"]
        company = partners.create({"name": firm.name, "is_company": True})
        for address in firm.known:
            name = address.partition("@")[0]
            values = {"name": name, "email": address, "parent_id": company.id}
            partners.create(values)
        self.records[firm.name] = company

    def get_record(self, name):
        """Return the record of that name, made when it is first meant."""
        if name not in self.records:
            self.records[name] = self.env["mailbox.test.order"].create({"name": name})
        return self.records[name].with_user(self.person)

    def receive(self, letter, number):
        """Store an email as a poll does; return its message, as the person."""
        fetched = Fetched(
            uid=number + 1,
            internal_date=datetime(2026, 1, 1).astimezone()
            + timedelta(hours=6 * number),
            seen=False,
            size=len(letter.source),
            source=letter.source,
            message=parse(letter.source),
        )
        (message,) = self.env["mail.mailbox.message"]._store([fetched]).values()
        folder = self.folders["sent" if letter.sent else "inbox"]
        stored = {fetched.message.identity: message}
        self.env["mail.mailbox.arrival"]._place(folder, [fetched], stored, True)
        return message.with_user(self.person)

    def make_rules(self, firms):
        """Have every third firm's emails archived by its domain, orders by number."""
        rules = self.env["mail.mailbox.filing.rule"].with_user(self.person)
        by_domain = [one for one in firms if one.habit == "company"][::3]
        for firm in by_domain:
            rules.create(
                {
                    "name": firm.name,
                    "sender": firm.domain,
                    "record_type_id": self.env.ref(TYPE).id,
                    "res_id": self.records[firm.name].id,
                }
            )
        rules.create(
            {
                "name": "Orders",
                "target": "number",
                "record_type_id": self.order_type.id,
            }
        )


def propose(message, truth):
    """Return whether the first proposal is right, and the chosen one."""
    suggestions = message._suggest_for_each()[message]
    best = suggestions[:1]
    right = bool(best) and best[0].record == truth
    chosen = "" if not (best and best[0].enough) else "right" if right else "wrong"
    return right, chosen


def measure(company, year):
    """Yield for each email (letter, part, what was proposed, what was filed)."""
    unlearned = patch.object(
        type(company.env["mail.mailbox.message"]), "_get_habits", lambda self: {}
    )
    for number, letter in enumerate(year.letters()):
        part = 4 * number // SIZE
        if number == SIZE // 4:
            company.make_rules(year.firms)
        truth = letter.truth and company.get_record(letter.truth)
        message = company.receive(letter, number)
        company.env["mail.mailbox.filing"]._cron_file()
        links = message.sudo().link_ids
        if links:
            yield (
                letter,
                part,
                None,
                [(one._get_cause(), one.res_name) for one in links],
            )
            continue
        with unlearned:
            before = propose(message, truth)
        yield letter, part, (before, propose(message, truth)), []
        if truth:
            message._archive(truth)
            if letter.begins and number % 2:
                message._follow(truth)
        company.env.cr.commit()
        company.env.invalidate_all()


def count(rows):
    """Return what of all emails was proposed and filed how, counted."""
    counts = Counter()
    for letter, part, proposed, filed in rows:
        for cause, name in filed:
            counts[cause, "right" if name == letter.truth else "wrong"] += 1
        if not proposed:
            continue
        for when, (right, chosen) in zip(("before", "after"), proposed, strict=True):
            if letter.truth:
                counts[when, part, "all"] += 1
                counts[when, part, "right"] += right
                counts[when, "chosen", chosen] += 1
            else:
                counts[when, "noise", "all"] += 1
                counts[when, "noise", chosen] += 1
    return counts


def main(env):
    year = Year(OPTIONS.seed, SIZE)
    company = Company(env, year)
    counts = count(measure(company, year))
    report = Report("proposals")
    report.say(f"{SIZE:,} emails, {len(year.firms)} companies, seed {OPTIONS.seed}.")
    report.table(
        ("Proposal at first place is right, of 100", "without learning", "learning"),
        [
            (name, *(share(counts, when, part) for when in ("before", "after")))
            for part, name in enumerate(PARTS)
        ],
    )
    report.table(
        ("Record chosen beforehand", "without learning", "learning"),
        [
            (kind, counts["before", "chosen", key], counts["after", "chosen", key])
            for kind, key in (("right", "right"), ("wrong", "wrong"), ("none", ""))
        ],
    )
    report.table(
        ("Archived automatically", "right", "wrong"),
        [
            (name, counts[cause, "right"], counts[cause, "wrong"])
            for cause, name in (("follow", "by following"), ("rule", "by rules"))
        ],
    )


def share(counts, when, part):
    """Return how many of a hundred were right."""
    return 100 * counts[when, part, "right"] / max(1, counts[when, part, "all"])


main(env)  # noqa: F821 - Odoo's shell gives it
