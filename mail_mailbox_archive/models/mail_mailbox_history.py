from odoo import api, fields, models
from odoo.fields import Domain


class MailMailboxHistory(models.Model):
    """What people did with a message, and when: archived it, detached it and so on.

    A line about a record is seen by who may open the record, and of a private mailbox
    only by its people: as the link that it tells of.
    """

    _name = "mail.mailbox.history"
    _inherit = "mail.mailbox.message.detail"
    _description = "History of an E-mail"
    _order = "id desc"
    _rec_name = "action"

    user_id = fields.Many2one(
        "res.users", "By", readonly=True, default=lambda self: self.env.user
    )
    action = fields.Selection(
        [
            ("archived", "Archived"),
            ("unfiled", "Detached"),
            ("roles", "Roles changed"),
            ("saved", "Attachment saved"),
            ("imported", "Imported from a file"),
        ],
        required=True,
        readonly=True,
    )
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    res_name = fields.Char("Record", compute="_compute_res_name")
    mailbox_id = fields.Many2one(
        "mail.mailbox",
        "Archived from",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    note = fields.Char(readonly=True)

    @api.model
    def _get_read_domain(self):
        showing = self.env["mail.mailbox.link"]._get_showing_domain()
        return super()._get_read_domain() & (Domain("res_model", "=", False) | showing)

    @api.depends_context("uid", "lang")
    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        self.res_name = False
        for model, lines in self.filtered("res_model").grouped("res_model").items():
            if model not in self.env or not self.env[model].has_access("read"):
                continue
            records = self.env[model].browse(lines.mapped("res_id")).exists()
            names = {r.id: r.display_name for r in records._filtered_access("read")}
            for line in lines:
                line.res_name = names.get(line.res_id)

    @api.model
    def _note(self, action, lines):
        """Note that the user did ``action``.

        :param lines: dicts of values, ``mailbox_message_id`` and what else there is
        """
        # sudo: history is written by the system, so that nobody writes it by hand
        return self.sudo().create(
            [{"action": action, "user_id": self.env.uid, **line} for line in lines]
        )

    @api.model
    def _note_links(self, action, links):
        """Note that the user did ``action`` with ``links``."""
        return self._note(
            action,
            [
                {
                    "mailbox_message_id": link.mailbox_message_id.id,
                    "res_model": link.res_model,
                    "res_id": link.res_id,
                    "mailbox_id": link.mailbox_id.id,
                }
                for link in links
            ],
        )
