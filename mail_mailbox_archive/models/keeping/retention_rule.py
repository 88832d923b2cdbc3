from __future__ import annotations

import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..archiving.record_detail import is_of_type
from .copies import ON_ITS_WAY
from .hold import HELD
from .space import in_words

#: Candidates beyond this many are not counted for a preview.
MAX_PREVIEW = 100_000
#: Seconds that a person waits for a dry run; it says how far it got.
PATIENCE = 60
UNARCHIVED, ARCHIVED = "unarchived", "archived"
#: What says which messages a rule is about; who changes it, answers for it.
CONDITIONS = {
    "scope",
    "days",
    "only_on_server",
    "mailbox_ids",
    "record_type_ids",
    "role_ids",
    "active",
}
#: What no rule removes: `message` is a row.
KEPT = SQL("(%s OR %s)", HELD, ON_ITS_WAY)


class MailMailboxRetentionRule(models.Model):
    """What is removed after a time, if somebody chose so. There are no rules at first.

    A rule reaches the mailboxes that are not private, and those private ones that the
    person who chose it belongs to. It never removes what a legal hold covers.
    """

    _name = "mail.mailbox.retention.rule"
    _inherit = "mail.mailbox.guarded"
    _description = "Retention Rule"
    _order = "sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        "res.users",
        "Chosen by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    scope = fields.Selection(
        [
            (UNARCHIVED, "Emails that are not archived"),
            (ARCHIVED, "Archived emails"),
        ],
        "Removes",
        required=True,
        default=UNARCHIVED,
    )
    days = fields.Integer("Older than (days)", required=True, default=365)
    only_on_server = fields.Boolean(
        "Only if the server still has it",
        compute="_compute_only_on_server",
        store=True,
        readonly=False,
        help="The server is asked when the rule runs. Emails that it no longer has, "
        "does not answer for, or never had are kept.",
    )
    # what is gone from one of these three would leave its rule to remove more
    mailbox_ids = fields.Many2many(
        "mail.mailbox", string="Mailboxes", ondelete="restrict", help="Or all."
    )
    record_type_ids = fields.Many2many(
        "mail.mailbox.record.type",
        string="Record types",
        ondelete="restrict",
        help="Only emails whose records are all of these types.",
    )
    role_ids = fields.Many2many(
        "res.groups",
        string="Roles",
        ondelete="restrict",
        domain=[("mail_role", "=", True)],
        help="Only emails restricted to these roles and no others.",
    )
    preview = fields.Char("Would be removed now", compute="_compute_preview")
    preview_count = fields.Integer("Emails", compute="_compute_preview")
    preview_size = fields.Float("Bytes", compute="_compute_preview", digits=(16, 0))
    preview_oldest = fields.Datetime("The oldest of", compute="_compute_preview")
    space = fields.Char(compute="_compute_space", help="Of all emails.")
    run_ids = fields.One2many("mail.mailbox.retention.run", "rule_id", readonly=True)

    _days_positive = models.Constraint(
        "CHECK (days > 0)", "A retention rule must keep emails for at least one day."
    )

    @api.depends("scope")
    def _compute_only_on_server(self):
        for rule in self:
            rule.only_on_server = rule.scope == UNARCHIVED

    @api.depends_context("uid")
    @api.depends(*sorted(CONDITIONS - {"active"}))
    def _compute_preview(self):
        for rule in self:
            mailboxes = rule._get_reached()._filter_readable(self.env)
            count, size, oldest = rule._count_candidates(mailboxes)
            rule.preview_count, rule.preview_size = count, size
            rule.preview_oldest = oldest
            rule.preview = rule._describe_preview(count, size, oldest)

    def _compute_space(self):
        self.space = self.env["mail.mailbox.space"]._describe()

    def _describe_preview(self, count, size, oldest):
        if not count:
            return self.env._("Nothing")
        values = {
            "count": count if count < MAX_PREVIEW else f"{MAX_PREVIEW}+",
            "size": in_words(size),
            "date": fields.Date.to_string(oldest),
        }
        sentence = self.env._(
            "Emails: %(count)s, %(size)s, the oldest of %(date)s", **values
        )
        if self.only_on_server:
            sentence += " " + self.env._("(of these, those the server still has)")
        return sentence

    def write(self, vals):
        result = super().write(vals)
        if CONDITIONS & vals.keys() and not self.env.su:
            # sudo: whoever chooses a rule answers for it, and nobody else
            self.sudo().user_id = self.env.user
        return result

    @api.constrains("mailbox_ids")
    def _check_mailboxes(self):
        for rule in self:
            # sudo: also those that the person does not see count
            if rule.sudo().mailbox_ids - rule._get_reached():
                raise ValidationError(
                    self.env._(
                        "Only rules set up by a private mailbox's own users remove "
                        "emails from it."
                    )
                )

    # What it is about

    def _get_reached(self):
        """Return the mailboxes whose mail this rule may remove, active or not."""
        # sudo: the rule works as the person who chose it, whoever looks at it
        mailboxes = self.env["mail.mailbox"].sudo().with_context(active_test=False)
        # who left the company belongs to no mailbox any more
        person = self.sudo().user_id.filtered("active")
        mine = Domain("user_ids", "in", person.ids)
        mine &= Domain("id", "not in", self._get_visited())
        companies = [False, *self.sudo().user_id.company_ids.ids]
        reached = (Domain("private", "=", False) | mine) & Domain(
            "company_id", "in", companies
        )
        return mailboxes.search(reached)

    def _get_visited(self):
        """Return the ids of private mailboxes its owner has temporary access to."""
        # sudo: the log is not everybody's to read
        accesses = self.env["mail.mailbox.break.glass"].sudo()
        return accesses.search(
            [("user_id", "=", self.user_id.id), ("ended_at", "=", False)]
        ).mailbox_id.ids

    def _get_limit(self):
        return fields.Datetime.now() - timedelta(days=self.days)

    def _count_candidates(self, mailboxes):
        """Return number, bytes and oldest date of what it would remove now.

        :param mailboxes: counted is what these hold and the rule reaches
        """
        self._flush_counted()
        rows = self.env.execute_query(
            SQL(
                "SELECT count(*), coalesce(sum(size), 0), min(moment)"
                " FROM (%s LIMIT %s) AS found",
                self._select(mailboxes),
                MAX_PREVIEW,
            )
        )
        return rows[0]

    def _flush_counted(self):
        names = ("", ".folder", ".message", ".arrival", ".link", ".hold", ".outbox")
        for name in names:
            self.env[f"mail.mailbox{name}"].flush_model()

    def _select(self, mailboxes, more=None):
        """Return the query of the candidates: id, size, moment.

        Of mail that nobody archived a candidate is an arrival: a message leaves each
        mailbox alone, and is removed with the last of them.

        :param mailboxes: those that it may remove from
        :param more: a condition on ``candidate.id``, in SQL
        """
        self.ensure_one()
        # sudo: mailboxes that the person who looks does not see as well
        chosen = self.sudo().mailbox_ids.ids
        wanted = [m for m in mailboxes.ids if not chosen or m in chosen]
        make = self._select_archived if self.scope == ARCHIVED else self._select_open
        return make(wanted, more or SQL("TRUE"))

    def _select_open(self, mailbox_ids, more):
        return SQL(
            """
            SELECT candidate.id, coalesce(message.stored_size, 0) AS size,
                   greatest(candidate.fetched_at, candidate.internal_date) AS moment
              FROM mail_mailbox_arrival AS candidate
              JOIN mail_mailbox_message AS message
                ON message.id = candidate.mailbox_message_id
             WHERE NOT coalesce(message.has_links, false)
               AND candidate.mailbox_id = ANY(%s)
               AND greatest(candidate.fetched_at, candidate.internal_date) < %s
               AND %s AND NOT %s AND %s
            """,
            mailbox_ids,
            self._get_limit(),
            PLACED if self.only_on_server else SQL("TRUE"),
            KEPT,
            more,
        )

    def _select_archived(self, mailbox_ids, more):
        return SQL(
            """
            SELECT message.id, coalesce(message.stored_size, 0) AS size,
                   coalesce(message.date, message.create_date) AS moment
              FROM mail_mailbox_message AS message
              JOIN mail_mailbox_message AS candidate ON candidate.id = message.id
             WHERE message.has_links
               AND NOT EXISTS (
                   SELECT FROM mail_mailbox_link AS link
                    WHERE link.mailbox_message_id = message.id AND NOT (%s))
               AND NOT EXISTS (
                   SELECT FROM mail_mailbox_arrival AS arrival
                    WHERE arrival.mailbox_message_id = message.id AND NOT (
                          arrival.mailbox_id = ANY(%s)
                          AND coalesce(arrival.internal_date, arrival.fetched_at) < %s
                          AND %s))
               AND (%s OR EXISTS (SELECT FROM mail_mailbox_arrival AS arrival
                           WHERE arrival.mailbox_message_id = message.id))
               AND %s AND NOT %s AND %s
            """,
            self._match_links(mailbox_ids),
            mailbox_ids,
            self._get_limit(),
            _placed("arrival") if self.only_on_server else SQL("TRUE"),
            self._match_listed_nowhere(),
            self._match_roles(),
            KEPT,
            more,
        )

    def _match_listed_nowhere(self):
        """Return what says in SQL that a message without arrivals is old enough."""
        if self.only_on_server:
            return SQL("FALSE")
        # what came lately cannot be old, whatever its sender says
        moment = SQL("greatest(message.date, message.create_date)")
        return SQL("%s < %s", moment, self._get_limit())

    def _match_links(self, mailbox_ids):
        """Return what says in SQL that the rule is about what a link leads to."""
        mailboxes = SQL("link.mailbox_id = ANY(%s)", mailbox_ids)
        if not self.mailbox_ids:
            mailboxes = SQL("(link.mailbox_id IS NULL OR %s)", mailboxes)
        if not self.record_type_ids:
            return mailboxes
        # sudo: a rule works the same, whoever looks at it
        types = [is_of_type(kind, "link") for kind in self.sudo().record_type_ids]
        return SQL("%s AND (%s)", mailboxes, SQL(" OR ").join(types))

    def _match_roles(self):
        if not self.role_ids:
            return SQL("TRUE")
        field = self.env["mail.mailbox.message"]._fields["role_ids"]
        return SQL(
            "ARRAY(SELECT %s FROM %s WHERE %s = message.id) <@ %s::int[]"
            " AND EXISTS (SELECT FROM %s WHERE %s = message.id)",
            SQL.identifier(field.column2),
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            self.role_ids.ids,
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
        )

    def action_dry_run(self):
        """Do a dry run: go through the candidates, ask the servers; remove nothing."""
        self.ensure_one()
        self.check_access("write")
        if self.env.user != self.user_id:
            raise AccessError(
                self.env._(
                    "%s set up this rule. If you change it, you become responsible "
                    "for it.",
                    self.user_id.name,
                )
            )
        run = self._run(dry=True, deadline=time.monotonic() + PATIENCE)
        return {
            "type": "ir.actions.act_window",
            "res_model": run._name,
            "res_id": run.id,
            "views": [(False, "form")],
            "target": "new",
        }


def _placed(arrival):
    """Return what says in SQL that a server may hold what ``arrival`` tells of."""
    return SQL(
        """
        (%(uid)s > 0 AND EXISTS (
            SELECT FROM mail_mailbox_folder AS folder
              JOIN mail_mailbox AS mailbox ON mailbox.id = folder.mailbox_id
             WHERE folder.id = %(folder)s AND mailbox.id = %(mailbox)s
               AND mailbox.active AND mailbox.imap_enabled
               AND NOT coalesce(mailbox.stopped, false)))
        """,
        uid=SQL.identifier(arrival, "uid"),
        folder=SQL.identifier(arrival, "folder_id"),
        mailbox=SQL.identifier(arrival, "mailbox_id"),
    )


PLACED = _placed("candidate")


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    def _filter_readable(self, env):
        """Return those of these mailboxes whose contents the user of ``env`` reads."""
        mailboxes = env["mail.mailbox"].with_context(active_test=False)
        if env.su:
            return self
        readable = mailboxes._get_readable_domain() & Domain("id", "in", self.ids)
        return mailboxes.search(readable)
