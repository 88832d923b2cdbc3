from odoo import api, fields, models
from odoo.fields import Domain

from ...mailcore.addresses import domains, names
from .evidence import MAX_CONTACTS, MAX_LINKS, in_domains
from .filing_rule import DOMAIN, NUMBER, RECORD, SENDER, SUGGEST
from .record_detail import made_of
from .suggestion import SCORES, Suggestion


class MailMailboxFilingRule(models.Model):
    """Where a rule archives an email to, and when it only suggests."""

    _inherit = "mail.mailbox.filing.rule"

    def _get_record(self):
        """Return the record that this rule names, as the user; None if it is gone."""
        self.ensure_one()
        if self.res_model not in self.env:
            return None
        record = self.env[self.res_model].browse(self.res_id or [])
        made = made_of(record).get(record.id)
        # sudo: the system's own note of which record was meant
        meant = self.sudo().res_create_date
        same = (made and made.replace(microsecond=0)) == (meant or None)
        return record if record and same and record.exists() else None

    def _find_records(self, message):
        """Return the records that this rule points ``message`` to, as the user."""
        self.ensure_one()
        model = self.env.get(self.res_model)
        if model is None or not model.has_access("read"):
            return self.env["res.partner"]
        if self.target == RECORD:
            records = self._get_record() or model
        elif self.target == NUMBER:
            records = self._find_numbered(model, message)
        else:
            records = self._find_partners(message)
        return records._filtered_access("read")

    def _find_numbered(self, model, message):
        # sudo: the message's own, which the user may read
        message = message.sudo()
        files = message.part_ids.mapped("filename")
        text = names.read("\n".join(filter(None, (message.subject, *files))))
        keys = [key for key in text.keys() if any(map(str.isdigit, key))]
        types = self.record_type_id
        if not (keys and types._may_search_named(model)):
            return model
        found = types._search_named_of_model(model, "\n".join(keys))
        return found.filtered(lambda record: text.holds(record[record._rec_name]))

    def _find_partners(self, message):
        # sudo: the message's own, which the user may read
        senders = message._get_addresses(message.sudo().email_from)
        if len(senders) != 1:
            return self.env["res.partner"]
        if self.target == SENDER:
            found = Domain("email_normalized", "in", senders)
        else:
            found = in_domains(list(domains.owned(domains.domain_of(senders[0]))))
        partners = message._search_partners(found, limit=MAX_CONTACTS)
        if self.target == DOMAIN:
            partners = partners.commercial_partner_id.filtered("is_company")
        else:
            partners |= partners.commercial_partner_id
        partners = partners._filtered_access("read")
        partners -= message._get_ours(partners)
        return partners.filtered_domain(self.record_type_id._get_domain())

    def _judge(self, message):
        """Return the records that ``message`` is pointed to, and what speaks against.

        :return: records, as the user, and a sentence why nothing is archived
            automatically; "" where it is
        """
        records = self._find_records(message)
        never = message._get_never_archived()
        if never:
            return records, message._get_never_archived_sentence(never[message])
        if not records:
            return records, self.env._("No record was found.")
        if len(records) > 1:
            return records, self.env._("More than one record was found.")
        objection = message._get_claim() or self._object(message)
        return records, objection or self._object_to_stranger(message, records)

    def _object(self, message):
        """Return what speaks against doing anything with ``message`` automatically."""
        if self._needs_proof() and not message._is_authenticated():
            return self.env._("It is not verified who sent it.")
        private = message._get_private_bond()
        # sudo: which mailboxes the rule names, seen or not
        if private and not private & self.sudo().mailbox_ids:
            return self.env._("It is in a private mailbox that the rule does not name.")
        return ""

    def _object_to_stranger(self, message, record):
        """Return what speaks against archiving a number that anybody can write.

        Where the rule names the sender, whoever made it vouches for them.
        """
        if self.target != NUMBER or self.sender or message._is_with_people_of(record):
            return ""
        return self.env._(
            "Its people have had nothing to do with the record so far: they are no "
            "contacts of it, and no email with them is archived there."
        )

    # Archiving

    def _file(self, message):
        """Do with ``message`` what this rule is for, as the rule's person."""
        user = self.user_id
        if not (self.active and user.active and self.action != SUGGEST):
            return
        env = self.env(user=user.id, su=False)
        companies = user.company_ids.ids
        # as who made the rule, with the rights that they have now
        rule = self.with_env(env).with_context(allowed_company_ids=companies)
        message = message.with_env(rule.env)
        if rule.has_access("read") and message.has_access("read"):
            rule._act(message)

    def _act(self, message):
        """Archive ``message`` if nothing speaks against it."""
        record, objection = self._judge(message)
        if objection:
            return
        # sudo: a private mailbox that the rule names, seen or not
        bond = message._get_private_bond() & self.sudo().mailbox_ids
        # sudo: roles are the system's to keep
        roles = self.sudo().role_ids.with_env(self.env)
        message._archive(record, roles, bond=bond[:1], cause=self)

    def _get_outcome(self):
        """Return what becomes of an email against which nothing speaks, for people."""
        return self.env._("Archived.")

    def _suggest(self, message):
        """Return ``message``'s suggestions by this rule."""
        records, objection = self._judge(message)
        reason = self.env._("The filing rule “%s” points to it.", self.name)
        return [
            Suggestion(
                record, reason, SCORES["rule"], self.record_type_id, not objection
            )
            for record in records
        ]

    def _prepare_cause(self):
        """Return the values of a link that this made."""
        return {"rule_id": self.id}

    def _get_reason(self):
        """Return why an email was archived, for its history."""
        return self.env._("Automatically: by the filing rule “%s”.", self.name)

    @api.model
    def _follow(self, source, target):
        """Have rules that archive to ``source`` archive to ``target`` instead."""
        domain = [("res_model", "=", source._name), ("res_id", "in", source.ids)]
        rules = self.with_context(active_test=False).search(domain)
        for rule in rules.filtered(lambda rule: rule._get_record()):
            rule.res_id = target.id


class MailMailboxMessage(models.Model):
    """Rules as evidence."""

    _inherit = "mail.mailbox.message"

    def _get_claim(self):
        """Return why this message may not be of the conversation it claims to continue.

        Whoever forges a reply also copies its subject, with the number in it.

        :return: a sentence; "" where the conversation is not archived, or it is of it
        """
        # sudo: the message's own, which the user may read
        if not (thread_key := self.sudo().thread_key):
            return ""
        links = self._search_links(
            [
                ("mailbox_message_id.thread_key", "=", thread_key),
                ("mailbox_message_id", "!=", self.id),
            ],
            limit=MAX_LINKS,
        )
        if not links:
            return ""
        kind, reason = self._get_part_taken(links.mailbox_message_id)
        return "" if kind == "thread" else reason

    def _is_with_people_of(self, record):
        """Return whether it was exchanged with people of ``record``, as a user sees it.

        Whoever wrote it, or got what was sent from here, is a contact of the company or
        person that the record is for, has an address in that company's own domain, or
        took part in an email that is archived there. Whether the sender is proven is
        asked elsewhere.
        """
        people = self._get_other_side()
        links = self._search_links(
            [("res_model", "=", record._name), ("res_id", "=", record.id)],
            limit=MAX_LINKS,
        )
        if any(people & one._get_people() for one in links.mailbox_message_id - self):
            return True
        customers = record._mail_get_partners(introspect_fields=True)[record.id]
        # sudo: which company a contact is of; contacts are searched as the user
        companies = customers.sudo().commercial_partner_id
        owned = [
            domain for one in people for domain in domains.owned(domains.domain_of(one))
        ]
        theirs = Domain("email_normalized", "in", list(people))
        theirs &= Domain("commercial_partner_id", "in", companies.ids)
        of_company = in_domains(owned) & Domain("id", "in", companies.ids)
        return bool(self._search_partners(theirs | of_company, limit=1))

    def _get_other_side(self):
        """Return the addresses of whom it is exchanged with."""
        # sudo: the message's own, which the user may read
        message = self.sudo()
        if not self._is_sent_from_here():
            return set(self._get_addresses(message.email_from))
        fields = (message.email_to, message.email_cc, message.email_bcc)
        return {one for field in fields for one in self._get_addresses(field)}

    def _find_by_rules(self):
        rules = self.env["mail.mailbox.filing.rule"]
        if not (rules._get_compiled() and rules.has_access("read")):
            return []
        arrivals = self.env["mail.mailbox.arrival"].search(
            [("mailbox_message_id", "=", self.id)]
        )
        met = rules.union(*arrivals._get_filing_rules(acting=False).values())
        mine = met._filtered_access("read").filtered(
            lambda rule: rule.for_everybody or rule.user_id == self.env.user
        )
        return [suggestion for rule in mine for suggestion in rule._suggest(self)]


class MailMailboxLink(models.Model):
    """Links that rules made."""

    _inherit = "mail.mailbox.link"

    rule_id = fields.Many2one(
        "mail.mailbox.filing.rule",
        "Archived by a rule",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
