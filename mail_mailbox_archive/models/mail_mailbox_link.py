from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from .sql import compose, one_by_one


class MailMailboxLink(models.Model):
    """An archive link: a message is archived to a record of any model.

    It is seen by who may open the record and may read the message; for anybody else it
    does not exist. Links are made by ``mail.mailbox.message._archive`` and removed by
    ``action_unfile``, never edited.
    """

    _name = "mail.mailbox.link"
    _inherit = "mail.mailbox.message.detail"
    _description = "Archived E-mail"
    _order = "id desc"
    _rec_name = "res_name"

    res_model = fields.Char("Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Record", model_field="res_model", required=True, readonly=True
    )
    res_name = fields.Char("Email attached to", compute="_compute_res_name")
    mailbox_id = fields.Many2one(
        "mail.mailbox",
        "Archived from",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users", "Archived by", readonly=True, default=lambda self: self.env.user
    )
    can_unfile = fields.Boolean(compute="_compute_can_unfile")

    _record_uniq = models.UniqueIndex(
        "(mailbox_message_id, res_model, res_id)",
        "This message is attached to that record already.",
    )
    _record_idx = models.Index("(res_model, res_id, mailbox_message_id)")

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "lang")
    def _compute_res_name(self):
        self.res_name = False
        for model, links in self.grouped("res_model").items():
            if model not in self.env:
                continue
            records = self.env[model].browse(links.mapped("res_id")).exists()
            # sudo: the link itself is read only by who may open its record
            names = {record.id: record.sudo().display_name for record in records}
            for link in links:
                link.res_name = names.get(link.res_id)

    @api.depends_context("uid")
    @api.depends("user_id", "mailbox_id")
    def _compute_can_unfile(self):
        for link in self:
            link.can_unfile = link.user_id == self.env.user or link._is_governed()

    def _is_governed(self):
        """Return whether the user decides about this link whoever made it."""
        self.ensure_one()
        mailboxes = self.env["mail.mailbox"]
        if self.env.su or mailboxes._is_manager():
            return True
        # sudo: whether one belongs to the mailbox, also to a deactivated one
        return self.env.user in self.sudo().mailbox_id.user_ids

    @api.model
    def _get_record_domain(self):
        """Return the domain of the links whose record the user may read.

        One arm per model, an ``EXISTS`` over that model's own search, so that its
        record rules hold in SQL. Never an ``OR`` of ``IN``: PostgreSQL scans the whole
        sub-query per row when it outgrows the working memory.
        """
        arms = []
        for name in self.env["mail.mailbox.record.type"]._get_model_names():
            model = self.env[name].with_context(active_test=False)
            if model._abstract or model._transient or not model.has_access("read"):
                continue
            arms.append(
                Domain("res_model", "=", name) & Domain.custom(to_sql=_exists_in(model))
            )
        return Domain.OR(arms)

    @api.model
    def _get_mailbox_domain(self):
        """Return the domain of links that no private mailbox keeps from the user."""
        # any!: whether a mailbox is private is asked about mailboxes one cannot see too
        return Domain("mailbox_id", "=", False) | Domain(
            "mailbox_id",
            "any!",
            Domain("private", "=", False) | Domain("user_ids", "in", self.env.user.ids),
        )

    @api.model
    def _get_showing_domain(self):
        """Return the domain of the links that show the user a message, roles apart."""
        return self._get_record_domain() & self._get_mailbox_domain()

    @api.model
    def _get_read_domain(self):
        return super()._get_read_domain() & self._get_showing_domain()

    def _get_record(self):
        """Return the record of the link, as the user; empty when it is gone."""
        self.ensure_one()
        if self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id).exists()

    def action_open_record(self):
        """Open the record that the message is attached to."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    @api.model
    def _create_anew(self, values):
        """Create links that were not there when this transaction began.

        :raises ConcurrencyError: somebody attached one of the messages meanwhile; Odoo
            then does the whole request again, which sees that it is attached already
        """
        try:
            with self.env.cr.savepoint():
                return self.create(values)
        except UniqueViolation as error:
            raise ConcurrencyError("attached by somebody else meanwhile") from error

    def action_unfile(self):
        """Remove the links; the messages stay, archived as long as others are left."""
        self.check_access("read")
        if not all(link.can_unfile for link in self):
            raise AccessError(
                self.env._(
                    "A message is detached by who attached it, by the people of its "
                    "mailbox or by a mail administrator."
                )
            )
        self.env["mail.mailbox.history"]._note_links("unfiled", self)
        # sudo: links are removed by this method alone, after the check above
        self.sudo()._remove()
        return True

    def _remove(self):
        """Remove the links; a message left without any goes back to the Queue's rules.

        It loses its roles and, when it had left the Queue already, is listed there anew
        in the mailbox it was archived from, so that nobody's slip hides it from all.
        """
        sources = {link.mailbox_message_id: link.mailbox_id for link in self}
        self.unlink()
        left = self.env["mail.mailbox.message"].browse(
            [message.id for message in sources if not message.link_ids]
        )
        left.filtered("role_ids").role_ids = [Command.clear()]
        self.env["mail.mailbox.arrival"].create(
            [
                {
                    "mailbox_id": sources[message].id,
                    "mailbox_message_id": message.id,
                    "internal_date": message.date or fields.Datetime.now(),
                    "seen": True,
                }
                for message in left
                if sources[message] and not message.arrival_ids
            ]
        )

    @api.autovacuum
    def _gc_dangling(self):
        """Remove links to records that are no more, also those deleted by SQL."""
        for name in self.env["mail.mailbox.record.type"]._get_model_names():
            model = self.env[name]
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM mail_mailbox_link WHERE res_model = %s"
                    " AND NOT EXISTS (SELECT FROM %s WHERE id = res_id)",
                    name,
                    SQL.identifier(model._table),
                )
            )
            self.browse([row[0] for row in self.env.cr.fetchall()])._remove()


def _exists_in(model):
    """Return what says in SQL that the record of a link is one the user may read."""

    def to_sql(_link, alias, _query):
        def make():
            query = model._search(Domain.TRUE)
            query.add_where(
                SQL(
                    "%s = %s",
                    SQL.identifier(model._table, "id"),
                    SQL.identifier(alias, "res_id"),
                )
            )
            return one_by_one(query)

        return compose(model.env, (model._name, alias), make)

    return to_sql
