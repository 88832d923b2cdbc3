from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.addresses import domains
from ...mailcore.read.habits import (
    DOMAIN,
    FOLDER,
    SENDER,
    Choice,
    Habits,
    Traits,
    words,
)
from .record_detail import THERE
from .suggestion import SCORES, Suggestion

#: Choices that are looked at for each dialog, however many there are: of the
#: correspondents and of their domains together, of the person, and of each mailbox.
MAX_ALIKE, MAX_NEWEST = 400, 200
#: Of each correspondent at least, where many are asked about at once.
MIN_ALIKE = 10
#: What a habit adds at most to other evidence: for a record, and for its kind.
FOR_RECORD, FOR_KIND = 45, 30
#: The evidence that a habit is never put before; it orders what is equal.
FIRM = SCORES["claimed"]


class MailMailboxLink(models.Model):
    """A link that a person made is a choice that is learned from.

    It notes with whom the email was exchanged, so that the newest choices of one
    correspondent are found by an index, however much is archived.
    """

    _inherit = "mail.mailbox.link"

    correspondent = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    correspondent_domain = fields.Char(readonly=True, groups=fields.NO_ACCESS)

    _correspondent_idx = models.Index(
        "(correspondent, id DESC) WHERE correspondent IS NOT NULL"
    )
    _correspondent_domain_idx = models.Index(
        "(correspondent_domain, id DESC) WHERE correspondent_domain IS NOT NULL"
    )
    _newest_of_user_idx = models.Index("(user_id, id DESC)")
    _newest_of_mailbox_idx = models.Index(
        "(mailbox_id, id DESC) WHERE mailbox_id IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        links = super().create(vals_list)
        # what was archived automatically nobody chose
        links.filtered(lambda one: not one._get_cause())._note_correspondents()
        return links

    def _note_correspondents(self):
        # sudo: of the message that is archived; the system's own note
        for link in self.sudo():
            traits = link.mailbox_message_id._get_traits()
            link.correspondent = traits.sender or False
            link.correspondent_domain = traits.domain or False

    @api.model
    def _find_choices(self, traits, mailboxes):
        """Return the ids of the newest links that may be choices for emails like these.

        By indexes, each with a limit; whether the user may see them is asked later.

        :param traits: list of :class:`Traits`
        :param mailboxes: where the emails are
        """
        self.flush_model()
        arms = [
            _newest("correspondent", {one.sender for one in traits}),
            _newest("correspondent_domain", {one.domain for one in traits}),
            _newest("user_id", {self.env.uid}, MAX_NEWEST),
            _newest("mailbox_id", set(mailboxes.ids), MAX_NEWEST),
        ]
        rows = self.env.execute_query(SQL(" UNION ").join(filter(None, arms)))
        return [row[0] for row in rows]

    @api.model
    def _read_choices(self, traits, mailboxes, but):
        """Return the :class:`Choice` of people for emails like these.

        Only what the user may read: their own choices, and those of others from the
        same mailboxes.

        :param but: messages whose own links do not count
        """
        here = Domain("user_id", "=", self.env.uid)
        here |= Domain("mailbox_id", "in", mailboxes.ids)
        domain = Domain("id", "in", self._find_choices(traits, mailboxes))
        domain &= here
        domain &= Domain("mailbox_message_id", "not in", but.ids)
        domain &= Domain("record_state", "=", THERE) & self._get_record_domain()
        query = self._search(domain)
        if query.is_empty():
            return []
        message = query.left_join(
            query.table, "mailbox_message_id", "mail_mailbox_message", "id", "message"
        )
        names = "correspondent", "correspondent_domain", "res_model", "res_id"
        columns = [SQL.identifier(query.table, name) for name in names]
        columns += [
            SQL.identifier(message, "subject"),
            _folders(SQL.identifier(message, "id"), mailboxes),
            SQL("%s = %s", SQL.identifier(query.table, "user_id"), self.env.uid),
        ]
        return [
            Choice(
                Traits(sender, domain or "", frozenset(folders), words(subject or "")),
                (model, res_id),
                own,
            )
            for sender, domain, model, res_id, subject, folders, own in (
                self.env.execute_query(query.select(*columns))
            )
        ]


class MailMailboxMessage(models.Model):
    """Suggestions are ranked by what was chosen before for emails like this one.

    Who writes an email has no part in these choices. Still a habit chooses no record:
    it offers one, and orders what other evidence found.
    """

    _inherit = "mail.mailbox.message"

    def _get_habits(self):
        """Return message → :class:`Habits`, by as many queries for all as for one."""
        arrivals = self.env["mail.mailbox.arrival"]
        if arrivals.has_access("read"):
            arrivals = arrivals.search([("mailbox_message_id", "in", self.ids)])
        # sudo: the arrivals were found as the user
        by_message = arrivals.sudo().grouped("mailbox_message_id")
        traits = {
            message: message._get_traits(by_message.get(message.sudo()))
            for message in self
        }
        links = self.env["mail.mailbox.link"]
        if not links.has_access("read"):
            return {}
        # sudo: the mailboxes of arrivals that the user reads
        mailboxes = arrivals.sudo().mailbox_id
        choices = links._read_choices(list(traits.values()), mailboxes, self)
        return {one: Habits(traits[one], choices) for one in self} if choices else {}

    def _get_traits(self, arrivals=None):
        """Return what this message may have in common with others.

        :param arrivals: those of it whose folders count
        """
        # sudo: the message's own, which the user may read
        message = self.sudo()
        sent = any(one.direction == "outgoing" for one in message.arrival_ids)
        header = message.email_to if sent else message.email_from
        correspondent = next(iter(self._get_addresses(header)), "")
        owned = domains.owned(domains.domain_of(correspondent))
        folders = arrivals.folder_id if arrivals else []
        return Traits(
            correspondent,
            domains.organisation(owned[0]) or owned[-1] if owned else "",
            frozenset(one.id for one in folders if _is_named(one)),
            words(message.subject or ""),
        )

    def _find_by_habit(self, habits):
        """Return the records that were chosen before, as suggestions."""
        return [
            Suggestion(self.env[model].browse(res_id), "", SCORES["habit"], None, False)
            for model, res_id in (habits.records if habits else ())
            if model in self.env
        ]

    def _weigh(self, suggestion, habits):
        """Return ``suggestion`` with what habits add to it, and that in words."""
        if not habits:
            return suggestion
        record = suggestion.record
        for_record = habits.of_record((record._name, record.id))
        for_kind = habits.of_model(record._name)
        points = FOR_RECORD * for_record.weight + FOR_KIND * for_kind.weight
        if not points:
            return suggestion
        if for_record.weight:
            reason = self._explain_habit(for_record)
        else:
            reason = self.env._(
                "Emails of this correspondent or company were archived to records of "
                "this kind before (%s).",
                for_kind.count,
            )
        score = suggestion.score + points
        if suggestion.score >= FIRM:
            score = suggestion.score + points / 100
        elif score >= FIRM:
            score = FIRM - 1 + points / 100
        reasons = filter(None, (suggestion.reason, reason))
        return replace(suggestion, score=score, reason=" ".join(reasons))

    def _explain_habit(self, habit):
        """Return what was chosen before, in words."""
        told = {"count": habit.own or habit.count, "value": habit.value}
        if habit.own:
            return {
                SENDER: self.env._(
                    "You archived emails of this correspondent here before "
                    "(%(count)s).",
                    **told,
                ),
                DOMAIN: self.env._(
                    "You archived emails of %(value)s here before (%(count)s).", **told
                ),
                FOLDER: self.env._(
                    "You archived emails of this folder here before (%(count)s).",
                    **told,
                ),
            }.get(habit.kind) or self.env._(
                "You archived emails with “%(value)s” in the subject here before "
                "(%(count)s).",
                **told,
            )
        return {
            SENDER: self.env._(
                "Emails of this correspondent in this mailbox were archived here "
                "before (%(count)s).",
                **told,
            ),
            DOMAIN: self.env._(
                "Emails of %(value)s in this mailbox were archived here before "
                "(%(count)s).",
                **told,
            ),
            FOLDER: self.env._(
                "Emails of this folder were archived here before (%(count)s).", **told
            ),
        }.get(habit.kind) or self.env._(
            "Emails with “%(value)s” in the subject in this mailbox were archived here "
            "before (%(count)s).",
            **told,
        )


def _is_named(folder):
    """Return whether a person named ``folder``, for what they sort there."""
    return not folder.role and (folder.name or "").upper() != "INBOX"


def _newest(column, values, limit=None):
    """Return in SQL the ids of the newest links with each of ``values``; or None."""
    wanted = sorted(filter(None, values))
    if not wanted:
        return None
    return SQL(
        "SELECT link.id FROM unnest(%s) AS wanted(value) CROSS JOIN LATERAL "
        "(SELECT id, correspondent FROM mail_mailbox_link WHERE %s = wanted.value "
        "ORDER BY id DESC LIMIT %s) AS link WHERE link.correspondent IS NOT NULL",
        wanted,
        SQL.identifier(column),
        limit or max(MIN_ALIKE, MAX_ALIKE // len(wanted)),
    )


def _folders(message, mailboxes):
    """Return in SQL the folders of ``mailboxes`` that a message is in."""
    return SQL(
        "ARRAY(SELECT folder_id FROM mail_mailbox_arrival WHERE mailbox_message_id = %s"
        " AND mailbox_id = ANY(%s) AND folder_id IS NOT NULL)",
        message,
        mailboxes.ids,
    )
