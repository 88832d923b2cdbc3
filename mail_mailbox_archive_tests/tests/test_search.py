"""Full-text search finds the same, whichever way it goes through the archive."""

import random
from itertools import product
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.models.messages import (
    search as mail_mailbox_search,
)

from .common import MailboxCase

WORDS = [("content", "ilike", "crane")]
DOMAINS = (
    WORDS,
    [("archived", "=", True), *WORDS],
    ["|", ("subject", "ilike", "7"), *WORDS],
    ["!", *WORDS],
    [("content", "ilike", "crane yard")],
)
ARCHIVED = [("archived", "=", True)]
#: Some of which say that an email is archived, and some of which only seem to.
ARCHIVES = (
    ARCHIVED,
    [*ARCHIVED, ("subject", "ilike", "7")],
    [("archived", "in", [True])],
    [("archived", "in", (True,)), *WORDS],
    [("archived", "in", [True, False])],
    [("archived", "=", False)],
    [("archived", "!=", False)],
    ["!", *ARCHIVED],
    ["|", *ARCHIVED, ("subject", "ilike", "7")],
    ["&", "|", *ARCHIVED, ("subject", "ilike", "7"), *WORDS],
    [],
)
PAGES = ((0, 1), (0, 5), (3, 4), (20, 10), (0, 100), (300, 5))


@tagged("post_install", "-at_install")
class TestSearch(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(7)
        partners = cls.env["res.partner"].create(
            [{"name": f"Firm {number}", "is_company": True} for number in range(4)]
        )
        other = cls.env["res.company"].create({"name": "Other company"})
        partners[0].company_id = other
        role = cls.env["res.groups"].create(
            {"name": "Foreman", "mail_role": True, "user_ids": cls.colleague.ids}
        )
        private = cls.make_mailbox("board@spedbud.example", cls.colleague)
        private.private = True
        for number in range(48):
            mailbox = chance.choice((cls.mailbox, cls.mailbox, private))
            message = cls.deliver(
                mailbox,
                subject=f"Mail {number}",
                text=chance.choice(("The crane", "A crane in the yard", "Sand")),
                date=f"Mon, {1 + number % 9:02} Nov 2026 10:00:00 +0100",
            ).mailbox_message_id
            if number % 4:
                roles = role if number % 5 == 0 else None
                owner = mailbox.responsible_id
                # sudo: also to a record that its people do not see
                message.with_user(owner).sudo()._archive(
                    partners[number % 4], roles, mailbox=mailbox
                )
                message.arrival_ids.unlink()

    def test_emails_are_found_by_their_mailbox(self):
        """Also by what it is, and as far as one may see the mailbox."""
        messages = self.env["mail.mailbox.message"]
        for user, seen in ((self.member, "office"), (self.colleague, "board")):
            own = messages.with_user(user)
            for name in ("office", "board"):
                box = self.env["mail.mailbox"].search([("name", "=", name)])
                found = own.search([("mailbox_ids", "=", box.id)])
                by_path = own.search([("mailbox_ids.email", "=", box.email)])
                self.assertEqual(found, by_path)
                self.assertEqual(bool(found), name == seen)
                others = own.search([("mailbox_ids", "not any", [("id", "=", box.id)])])
                self.assertEqual(others | found, own.search([]))

    def ids(self, user, domain, offset, limit, through):
        model = self.env["mail.mailbox.message"].with_user(user)
        with patch.object(mail_mailbox_search, "LOOKED_THROUGH", through):
            found = model.search(domain, offset=offset, limit=limit)
            count = model.search_count(domain, limit=limit)
        return found.ids, count

    def plain(self, user, domain, offset, limit):
        model = self.env["mail.mailbox.message"].with_user(user)
        # an order that is said in other words takes the long way
        order = f"{model._order}, id"
        found = model.search(domain, offset=offset, limit=limit, order=order)
        return found.ids, len(model.search(domain, limit=limit, order=order))

    def test_the_short_way_finds_what_the_long_one_finds(self):
        users = self.member, self.colleague, self.outsider, self.manager
        found = set()
        for user, domain, page in product(users, DOMAINS, PAGES):
            wanted = self.plain(user, domain, *page)
            for through in (1, 2, 4):
                with self.subTest(user=user.login, domain=domain, page=page):
                    self.assertEqual(self.ids(user, domain, *page, through), wanted)
            found.add((user.id, wanted[1]))
        # they do not all see the same, else nothing would be shown
        self.assertGreater(len(found), 12)

    def test_half_of_the_rule_finds_what_all_of_it_finds(self):
        """Of what is archived for the user only the rest of the rule is asked."""

        def restrict(model, domain):
            return domain & model._get_read_domain()

        users = self.member, self.colleague, self.outsider, self.manager
        counts = set()
        for user, domain in product(users, ARCHIVES):
            model = self.env["mail.mailbox.message"].with_user(user)
            with patch.object(type(model), "_restrict", restrict):
                wanted = model.search(domain)
                groups = model._read_group(domain, ["subject"], ["__count"])
            with self.subTest(user=user.login, domain=domain):
                self.assertEqual(model.search(domain), wanted)
                self.assertEqual(model.search_count(domain), len(wanted))
                found = model._read_group(domain, ["subject"], ["__count"])
                self.assertEqual(found, groups)
            counts.add((user.id, len(wanted)))
        self.assertGreater(len(counts), 10)

    def test_rights_are_asked_of_the_newest_alone(self):
        model = self.env["mail.mailbox.message"].with_user(self.member)
        asked = []
        split = mail_mailbox_search.split_every

        def note(count, *given):
            asked.append(count)
            return split(count, *given)

        # of the messages with the words, so many at a time
        with patch.object(mail_mailbox_search, "split_every", note):
            model.search(WORDS, limit=3)
            model.search(WORDS, limit=3, order="subject")
            model.search([("subject", "=", "x")], limit=3)
            model.search(WORDS)
            model.sudo().search(WORDS, limit=3)
        self.assertEqual(asked, [6])
