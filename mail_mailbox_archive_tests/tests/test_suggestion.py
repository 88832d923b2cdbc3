"""Suggestions: which records a message may belong to, why, and for whom."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive.mailcore.addresses import names
from odoo.addons.mail_mailbox_archive.models.archiving.name_index import (
    _in_keys,
    name_key,
)
from odoo.addons.mail_mailbox_archive.models.archiving.suggestion import (
    SCORES,
    Suggestion,
)

from .common import MailboxCase, write_mail
from .mailcore.sources import effort
from .mailcore.test_names import KEYS

STRANGER = "Somebody <somebody@unknown.example>"


@tagged("post_install", "-at_install")
class SuggestionCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"]
        cls.spostex = cls.make_company("Spostex S.A.")
        cls.order_type = cls.env["mail.mailbox.record.type"].create(
            {
                "name": "Orders",
                "model_id": cls.env["ir.model"]._get_id("mailbox.test.order"),
            }
        )

    @classmethod
    def make_company(cls, name, **values):
        return cls.partners.create({"name": name, "is_company": True, **values})

    @classmethod
    def make_order(cls, name, **values):
        return cls.env["mailbox.test.order"].create({"name": name, **values})

    def receive(
        self, text="Hello", subject="Hello", mailbox=None, user=None, **headers
    ):
        """Return a message that arrived, as ``user``, a member of its mailbox."""
        headers.setdefault("from", STRANGER)
        mailbox = mailbox or self.mailbox
        mail = write_mail(subject=subject, text=text, **headers)
        message = self.deliver(mailbox, mail).mailbox_message_id
        self.env.flush_all()
        return message.with_user(user or self.member)

    def suggest(self, messages):
        """Return the proposed records, and check what holds for every proposal."""
        suggestions, note = messages._suggest_for_archiving()
        self.assertEqual(bool(note), not suggestions)
        for suggestion in suggestions:
            self.assertEqual(suggestion.record.env, messages.env)
            self.assertEqual(suggestion.record_type.res_model, suggestion.record._name)
            self.assertTrue(suggestion.record.has_access("read"))
            self.assertTrue(suggestion.reason)
        return [suggestion.record for suggestion in suggestions]

    def get_reason(self, message, record):
        suggestions, _note = message._suggest_for_archiving()
        return next(s.reason for s in suggestions if s.record == record)

    def hide_partners(self, *partners):
        """Make ``partners`` unreadable for people without administrator rights."""
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": repr([("id", "not in", [p.id for p in partners])]),
                "groups": [Command.link(self.env.ref("base.group_user").id)],
            }
        )


class TestKey(SuggestionCase):
    def test_database_computes_the_same_keys(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT name, %s FROM unnest(%s) AS name",
                name_key(SQL("name")),
                list(KEYS),
            )
        )
        self.assertEqual(dict(rows), KEYS)

    def test_database_agrees_on_every_letter(self):
        letters = [
            f"a{chr(code)}b.{chr(code)}.c {chr(code)}"
            for code in (*range(1, 0xD800), *range(0x1F000, 0x1FB00, 7))
        ]
        rows = self.env.execute_query(
            SQL(
                "SELECT name, %s FROM unnest(%s) AS name",
                name_key(SQL("name")),
                letters,
            )
        )
        wrong = [repr(name) for name, key in rows if key != names.key(name)]
        # characters that only one of the two Unicode versions knows
        self.assertLess(len(wrong), 30, wrong)
        self.assertFalse([name for name in wrong if name < "'a\u0530"])

    def test_index_is_what_a_lookup_asks_for(self):
        # a table of its own: an index on an old one serves only when every older
        # transaction of the server has ended
        self.env.cr.execute("CREATE TEMP TABLE named (id int, name varchar)")
        self.env["mail.mailbox.record.type"]._create_name_index("named", "name", "")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        condition = _in_keys(self.partners, "named", SQL("%s", ["spostex"]))
        plan = self.env.execute_query(
            SQL("EXPLAIN SELECT id FROM named WHERE %s", condition)
        )
        self.assertIn("mail_mailbox_name_named_name", str(plan))

    def test_names_of_suggested_types_are_indexed(self):
        self.env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE starts_with(indexname, %s)",
            ["mail_mailbox_name_"],
        )
        indexes = {name for (name,) in self.env.cr.fetchall()}
        self.assertLessEqual(
            {
                "mail_mailbox_name_res_partner_name",
                "mail_mailbox_name_mailbox_test_order_name",
            },
            indexes,
        )

    def test_upgrade_replaces_function_and_indexes_of_another_version(self):
        self.env.cr.execute(
            """
            CREATE FUNCTION mail_mailbox_name_key_0(name text) RETURNS text
                LANGUAGE sql IMMUTABLE AS 'SELECT name';
            DROP INDEX mail_mailbox_name_res_partner_name;
            CREATE INDEX mail_mailbox_name_res_partner_name
                ON res_partner (mail_mailbox_name_key_0(name));
            """
        )
        record_types = self.env["mail.mailbox.record.type"]
        record_types.init()
        record_types.search([("suggest", "=", True)])._index_names()
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s",
            ["mail_mailbox_name_res_partner_name"],
        )
        ((definition,),) = self.env.cr.fetchall()
        self.assertNotIn("mail_mailbox_name_key_0", definition)
        self.assertEqual(self.suggest(self.receive("Spostex")), [self.spostex])

    def test_index_of_a_translated_name(self):
        model = self.env["ir.model"]._get_id("res.country")
        self.env["mail.mailbox.record.type"].create(
            {"name": "Countries", "model_id": model}
        )
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s",
            ["mail_mailbox_name_res_country_name_en_US"],
        )
        self.assertIn("en_US", str(self.env.cr.fetchall()))


class TestEvidence(SuggestionCase):
    def test_company_in_the_text(self):
        message = self.receive("We have an offer of SPOSTEX Sp. z o.o. for you.")
        self.assertEqual(self.suggest(message), [self.spostex])
        self.assertIn("Spostex S.A.", self.get_reason(message, self.spostex))
        self.assertIn("text", self.get_reason(message, self.spostex))

    def test_company_in_the_subject(self):
        message = self.receive(subject="Spostex: offer")
        self.assertIn("subject", self.get_reason(message, self.spostex))

    def test_company_in_the_name_of_the_sender(self):
        message = self.receive(**{"from": "Biuro Spostex <biuro@gmail.com>"})
        self.assertIn("sender", self.get_reason(message, self.spostex))

    def test_company_in_the_name_of_an_attachment(self):
        mail = write_mail(text="see there", **{"from": STRANGER})
        mail.add_attachment(
            b"x", maintype="application", subtype="pdf", filename="Spostex-offer.pdf"
        )
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        message = message.with_user(self.member)
        self.assertIn("attachment", self.get_reason(message, self.spostex))

    def test_longest_name_first(self):
        logistics = self.make_company("Spostex Logistics Sp. z o.o.")
        message = self.receive("Spostex Logistics delivers")
        self.assertEqual(self.suggest(message), [logistics, self.spostex])

    def test_subject_before_text_before_quoted_text(self):
        subject, text, quoted = (
            self.make_company(name)
            for name in ("Alfabet", "Betagamma Ltd", "Quotex AG")
        )
        message = self.receive(
            "Betagamma will do it.\n\n"
            "On Mon, 2 Nov 2026, Jan <jan@unknown.example> wrote:\n"
            "> Please ask Quotex.\n",
            subject="Alfabet",
        )
        self.assertEqual(self.suggest(message), [subject, text, quoted])
        self.assertIn("quoted", self.get_reason(message, quoted))

    def test_our_own_company_is_not_proposed(self):
        own = self.env.company.partner_id
        own.name = "Spedbud Great Construction S.A."
        message = self.receive("Spostex to Spedbud Great Construction")
        self.assertEqual(self.suggest(message), [self.spostex])
        message = self.receive("Spedbud Great Construction")
        suggestions, why = message._suggest_for_archiving()
        self.assertFalse(suggestions)
        self.assertTrue(why)
        # by hand it can be chosen
        message._archive(own)
        self.assertEqual(message.sudo().link_ids.res_id, own.id)

    def test_colleagues_are_not_proposed(self):
        person = self.member.partner_id
        person.email = "marianna@elsewhere.example"
        message = self.receive("Spostex", **{"from": person.email})
        self.assertEqual(self.suggest(message), [self.spostex])

    def test_ours_is_proposed_last_where_the_conversation_is_archived(self):
        own = self.env.company.partner_id
        first = self.receive("Of the tax office", message_id="<tax@office.example>")
        first._archive(own)
        reply = self.receive("Spostex", in_reply_to="<tax@office.example>")
        self.assertEqual(self.suggest(reply), [self.spostex, own])

    def test_sender_before_recipient_before_name(self):
        sender = self.make_company("Sender", email="a@sender.example")
        recipient = self.make_company("Recipient", email="b@recipient.example")
        message = self.receive(
            "Spostex",
            cc="b@recipient.example",
            **{"from": "A <A@Sender.example>"},
        )
        self.assertEqual(self.suggest(message), [sender, recipient, self.spostex])

    def test_company_of_a_contact_before_the_contact(self):
        anna = self.partners.create(
            {
                "name": "Anna Nowak",
                "email": "Anna Nowak <Anna@spostex.example>",
                "parent_id": self.spostex.id,
            }
        )
        message = self.receive(**{"from": "anna@spostex.example"})
        self.assertEqual(self.suggest(message), [self.spostex, anna])
        self.assertIn("Anna Nowak", self.get_reason(message, self.spostex))
        suggestions, _note = message._suggest_for_archiving()
        self.assertEqual(
            [s.record_type for s in suggestions],
            [
                self.env.ref("mail_mailbox_archive.record_type_company"),
                self.env.ref("mail_mailbox_archive.record_type_contact"),
            ],
        )

    def test_own_mailbox_is_nobodys_address(self):
        self.make_company("Trap", email=self.mailbox.email)
        self.assertEqual(self.suggest(self.receive("nothing")), [])

    def test_number_of_a_record(self):
        order = self.make_order("INV/2026/0001")
        self.make_order("INV/2026/00011")
        message = self.receive("We paid inv-2026-0001 today.")
        self.assertEqual(self.suggest(message), [order])
        self.assertIn("INV/2026/0001", self.get_reason(message, order))

    def test_number_before_company_name(self):
        order = self.make_order("SO0012")
        message = self.receive("SO0012 of Spostex")
        self.assertEqual(self.suggest(message), [order, self.spostex])

    def test_number_model_is_not_found_by_words(self):
        self.make_order("Draft")
        self.assertEqual(self.suggest(self.receive("Draft")), [])

    def test_translated_name(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        model = self.env["ir.model"]._get_id("res.country")
        self.env["mail.mailbox.record.type"].create(
            {"name": "Countries", "model_id": model}
        )
        country = self.env.ref("base.de")
        country.with_context(lang="pl_PL").name = "Niemczech Republika"
        self.member.lang = "pl_PL"
        message = self.receive("w Niemczech Republika").with_context(lang="pl_PL")
        self.assertEqual(self.suggest(message), [country])

    def test_first_name_alone_is_no_contact(self):
        self.partners.create({"name": "Zbigniew"})
        contact = self.partners.create({"name": "Zbigniew Kowalewski"})
        message = self.receive("Zbigniew, ask Zbigniew Kowalewski")
        self.assertEqual(self.suggest(message), [contact])

    def test_domain_of_the_sender(self):
        self.partners.create(
            {
                "name": "Piotr",
                "email": "piotr@spostex.example",
                "parent_id": self.spostex.id,
            }
        )
        message = self.receive(**{"from": "new.person@mail.spostex.example"})
        self.assertEqual(self.suggest(message), [self.spostex])
        self.assertIn("spostex.example", self.get_reason(message, self.spostex))

    def test_domain_of_a_public_provider_tells_nothing(self):
        self.partners.create(
            {"name": "Piotr", "email": "piotr@gmail.com", "parent_id": self.spostex.id}
        )
        message = self.receive(**{"from": "new.person@gmail.com"})
        suggestions, note = message._suggest_for_archiving()
        self.assertFalse(suggestions)
        self.assertIn("gmail.com", note)

    def test_conversation_archived_there(self):
        first = self.receive(
            subject="first", message_id="<root@unknown.example>", user=self.member
        )
        order = self.make_order("X/1")
        first._archive(order.with_user(self.member))
        reply = self.receive(
            "about Spostex", subject="Re: first", references="<root@unknown.example>"
        )
        self.assertEqual(
            self.suggest(reply), [order.with_user(self.member), self.spostex]
        )

    def test_no_hit_says_why(self):
        suggestions, note = self.receive("nothing")._suggest_for_archiving()
        self.assertEqual(suggestions, [])
        self.assertIn("No suggestion", note)

    def test_no_message_no_suggestion(self):
        empty = self.env["mail.mailbox.message"].with_user(self.member)
        self.assertEqual(empty._suggest_for_archiving(), ([], False))

    def test_what_it_is_attached_to_is_not_proposed(self):
        message = self.receive("Spostex")
        message._archive(self.spostex.with_user(self.member))
        suggestions, note = message._suggest_for_archiving()
        self.assertFalse(suggestions)
        self.assertIn("already", note)

    def test_unreadable_source(self):
        message = self.receive("hidden", subject="Spostex")
        message.sudo()._source_attachments().raw = b""
        self.assertEqual(self.suggest(message), [self.spostex])

    def test_at_most_five(self):
        for number in range(8):
            self.make_company(f"Manyfold {number}")
        text = " ".join(f"Manyfold {number}." for number in range(8))
        self.assertEqual(len(self.suggest(self.receive(text))), 5)


class TestSelection(SuggestionCase):
    def test_what_most_messages_point_to_first(self):
        other = self.make_company("Otherwise GmbH")
        messages = self.receive("Otherwise, Spostex") | self.receive("Spostex alone")
        self.assertEqual(self.suggest(messages), [self.spostex, other])

    def test_each_message_is_of_the_group_it_points_to(self):
        other = self.make_company("Otherwise GmbH")
        messages = [self.receive(text) for text in ("Spostex", "Otherwise", "nothing")]
        found = messages[0].union(*messages)._suggest_for_each()
        groups, left = messages[0]._group(found)
        self.assertEqual(
            {record: group for record, (_one, group) in groups.items()},
            {self.spostex: messages[0], other: messages[1]},
        )
        self.assertEqual(left, messages[2])

    def test_proposed_until_all_are_attached(self):
        messages = self.receive("Spostex one") | self.receive("Spostex two")
        messages[0]._archive(self.spostex.with_user(self.member))
        self.assertEqual(self.suggest(messages), [self.spostex])
        messages[1]._archive(self.spostex.with_user(self.member))
        self.assertEqual(self.suggest(messages), [])


class TestEnough(SuggestionCase):
    """Which evidence chooses a record; USAGE.rst shows the same table to people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.trusted_server = "mx.spedbud.example"
        cls.order = cls.make_order("SO0012")

    def choose(self, message):
        """Return the record that the form chooses, or None."""
        groups, _left = message._group(message._suggest_for_each())
        return next(iter(groups), None)

    def write_reply(self, sender, result="", server="mx.spedbud.example", **headers):
        if result:
            headers["authentication_results"] = f"{server}; {result}"
        # what a server says of it makes it no other message
        return self.receive(
            subject=f"Re: {sender} {result} {server}",
            references="<root@partner.example>",
            **{"from": sender},
            **headers,
        )

    def archive_first(self):
        first = self.receive(
            message_id="<root@partner.example>", **{"from": "jan@partner.example"}
        )
        first._archive(self.order.with_user(self.member))

    def test_who_continues_a_conversation(self):
        self.archive_first()
        jan, passed = "jan@partner.example", "dmarc=pass header.from=partner.example"
        forged = "dmarc=pass header.from=attacker.example"
        for enough, sender, result, server in (
            (True, jan, passed, "mx.spedbud.example"),
            (False, jan, "", ""),
            (
                False,
                jan,
                "dmarc=fail header.from=partner.example",
                "mx.spedbud.example",
            ),
            (False, jan, passed, "mx.attacker.example"),
            (False, jan, forged, "mx.spedbud.example"),
            (False, "evil@attacker.example", forged, "mx.spedbud.example"),
        ):
            with self.subTest(sender=sender, result=result, server=server):
                reply = self.write_reply(sender, result, server)
                self.assertIn(self.order, self.suggest(reply))
                chosen = self.choose(reply)
                self.assertEqual(chosen, self.order if enough else None)

    def test_what_we_sent_ourselves(self):
        self.archive_first()
        mine = self.write_reply(self.mailbox.email, to="jan@partner.example")
        self.assertIsNone(self.choose(mine))
        sent = self.make_folder(self.mailbox, "Sent")
        sent.role = "sent"
        mine.sudo().arrival_ids.folder_id = sent
        self.assertEqual(self.choose(mine), self.order)

    def test_what_a_text_or_an_address_chooses(self):
        anna = self.make_company("Anna Ltd", email="anna@partner.example")
        quoted = "Hello\n\nOn Mon, 2 Nov 2026, Jan <j@x.example> wrote:\n> Spostex\n"
        for chosen, message in (
            (self.order, self.receive("about SO0012")),
            (self.spostex, self.receive(subject="Spostex")),
            (anna, self.receive(**{"from": "anna@partner.example"})),
            (None, self.receive(quoted)),
            (None, self.receive(cc="anna@partner.example")),
            (None, self.receive(**{"from": "new@partner.example"})),
        ):
            self.assertTrue(self.suggest(message))
            self.assertEqual(self.choose(message), chosen)

    def test_only_an_administrator_says_whose_word_counts(self):
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.member).trusted_server = "mx.attacker.example"


class TestFreshness(SuggestionCase):
    def test_renamed_company_is_found_at_once(self):
        before, after = self.receive("Spostex"), self.receive("Renamex")
        self.assertEqual(self.suggest(before), [self.spostex])
        # not written to the database yet
        self.spostex.name = "Renamex Ltd"
        self.assertEqual(self.suggest(after), [self.spostex])
        self.assertEqual(self.suggest(before), [])
        self.spostex.name = "Spostex S.A."
        self.assertEqual(self.suggest(before), [self.spostex])

    def test_archived_and_deleted_companies_are_not_proposed(self):
        self.spostex.active = False
        self.assertEqual(self.suggest(self.receive("Spostex")), [])
        self.spostex.unlink()
        self.assertEqual(self.suggest(self.receive("Spostex")), [])

    def test_type_not_suggested(self):
        order = self.make_order("SO0012")
        message = self.receive("SO0012")
        self.assertEqual(self.suggest(message), [order])
        self.order_type.suggest = False
        self.assertEqual(self.suggest(message), [])

    def test_one_of_two_types_of_a_model_not_suggested(self):
        self.partners.create({"name": "Zbigniew Kowalewski"})
        self.env.ref("mail_mailbox_archive.record_type_contact").suggest = False
        message = self.receive("Spostex, Zbigniew Kowalewski")
        self.assertEqual(self.suggest(message), [self.spostex])

    def test_domain_of_the_type(self):
        self.make_order("SO0012")
        self.order_type.domain = "[('name', '!=', 'SO0012')]"
        self.assertEqual(self.suggest(self.receive("SO0012")), [])

    def test_deactivated_type(self):
        self.env.ref("mail_mailbox_archive.record_type_company").active = False
        self.assertEqual(self.suggest(self.receive("Spostex")), [])


class TestDeny(SuggestionCase):
    """A record that the user may not read is neither proposed nor named."""

    def check_denied(self, message, *words):
        suggestions, note = message._suggest_for_archiving()
        told = " ".join([note or "", *(s.reason for s in suggestions)])
        for word in words:
            self.assertNotIn(word, told)
        return [s.record for s in suggestions]

    def test_company_by_name(self):
        self.hide_partners(self.spostex)
        message = self.receive("Spostex")
        self.assertEqual(self.check_denied(message, "Spostex"), [])

    def test_company_by_contact(self):
        anna = self.partners.create(
            {
                "name": "Anna Nowak",
                "email": "anna@spostex.example",
                "parent_id": self.spostex.id,
            }
        )
        self.hide_partners(self.spostex)
        message = self.receive(**{"from": "anna@spostex.example"})
        self.assertEqual(self.check_denied(message, "Spostex"), [anna])

    def test_contact_of_a_company(self):
        anna = self.partners.create(
            {
                "name": "Anna Nowak",
                "email": "anna@spostex.example",
                "parent_id": self.spostex.id,
            }
        )
        self.hide_partners(anna)
        message = self.receive(**{"from": "anna@spostex.example"})
        self.assertEqual(self.check_denied(message, "Nowak"), [])
        message = self.receive(**{"from": "other@spostex.example"})
        self.assertEqual(self.check_denied(message, "Nowak"), [])

    def test_number(self):
        self.make_order("SO0012", user_id=self.colleague.id)
        self.assertEqual(self.check_denied(self.receive("SO0012"), "SO0012"), [])

    def test_model_without_access(self):
        self.make_order("SO0012")
        message = self.receive("SO0012")
        self.assertEqual(len(self.suggest(message)), 1)
        self.env["ir.model.access"].search(
            [("model_id", "=", self.order_type.model_id.id)]
        ).unlink()
        self.assertEqual(self.check_denied(message, "SO0012"), [])

    def test_conversation_archived_on_a_hidden_record(self):
        order = self.make_order("X/1")
        first = self.receive(subject="first", message_id="<root@unknown.example>")
        first._archive(order.with_user(self.member))
        order.user_id = self.colleague
        reply = self.receive(subject="second", references="<root@unknown.example>")
        self.assertEqual(self.check_denied(reply, "conversation is archived"), [])

    def test_conversation_in_a_private_mailbox(self):
        private = self.make_mailbox(
            "boss@spedbud.example", self.colleague, private=True
        )
        first = self.receive(
            subject="first",
            message_id="<root@unknown.example>",
            mailbox=private,
            user=self.colleague,
        )
        order = self.make_order("X/1")
        first._archive(order.with_user(self.colleague))
        reply = self.receive(subject="second", references="<root@unknown.example>")
        self.assertEqual(self.check_denied(reply), [])

    def test_private_mailbox_of_others_changes_nothing(self):
        contact = self.make_company("Head office", email="boss@spedbud.example")
        mail = write_mail(text="nothing", to="boss@spedbud.example")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        before = self.suggest(message.with_user(self.member))
        private = self.make_mailbox(
            "boss@spedbud.example", self.colleague, private=True
        )
        self.deliver(private, mail)
        self.assertEqual(self.suggest(message.with_user(self.member)), before)
        self.assertEqual(before, [contact])

    def test_forged_references_grant_nothing(self):
        order = self.make_order("X/1")
        first = self.receive(
            subject="first",
            message_id="<root@unknown.example>",
            **{"from": "jan@partner.example"},
        )
        first._archive(order.with_user(self.member))
        links = self.env["mail.mailbox.link"].search_count([])
        forged = self.receive(
            "about Spostex",
            references="<root@unknown.example>",
            **{"from": "evil@attacker.example"},
        )
        # nothing is attached, nobody reads more, and it is the last to be believed
        self.assertEqual(self.suggest(forged), [self.spostex, order])
        self.assertIn("claims", self.get_reason(forged, order))
        self.assertEqual(self.env["mail.mailbox.link"].search_count([]), links)
        self.assertFalse(forged.sudo().link_ids)
        self.assertFalse(forged.with_user(self.outsider).has_access("read"))

    def test_what_a_hook_finds_with_more_rights_is_dropped(self):
        order = self.make_order("SO0012", user_id=self.colleague.id)
        hidden = Suggestion(order.sudo(), "SO0012", 999)
        gone = Suggestion(order.browse(2**30), "gone", 999)
        message = self.receive("nothing")
        model = self.env.registry["mail.mailbox.message"]
        with patch.object(model, "_find_records", lambda self: [hidden, gone]):
            self.assertEqual(self.check_denied(message, "SO0012"), [])


class TestExtension(SuggestionCase):
    def test_hook_adds_candidates(self):
        order = self.make_order("Never named")
        mine = Suggestion(order, "Because of the weather.", 999)
        model = self.env.registry["mail.mailbox.message"]
        find = model._find_records
        message = self.receive("Spostex")
        with patch.object(model, "_find_records", lambda self: [*find(self), mine]):
            self.assertEqual(self.suggest(message), [order, self.spostex])
            self.assertEqual(self.get_reason(message, order), "Because of the weather.")

    def test_best_evidence_counts(self):
        self.spostex.email = "office@spostex.example"
        message = self.receive("Spostex", **{"from": "office@spostex.example"})
        suggestions, _note = message._suggest_for_archiving()
        self.assertEqual(len(suggestions), 1)
        self.assertGreater(suggestions[0].score, SCORES["recipient"])


class TestCost(SuggestionCase):
    def test_queries_do_not_grow_with_the_text(self):
        short = self.receive("Spostex")
        long = self.receive(" ".join(f"word{n} Spostex" for n in range(2_000)))
        counts = []
        for message in (short, long):
            message.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self.suggest(message), [self.spostex])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_hostile_text(self):
        for piece in (
            "S.A. ",
            "a ",
            "> ",
            "\ufdfa",
            "ABC sp. z o.o. ",
            "On x wrote:\n",
        ):
            message = self.receive(piece * (65_536 // len(piece)))
            message._suggest_for_archiving()
            self.assertLess(effort(message._suggest_for_archiving), 32, repr(piece))
