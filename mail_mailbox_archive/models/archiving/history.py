from odoo import api, fields, models
from odoo.fields import Domain


class MailMailboxHistory(models.Model):
    """What people did with a message, and when: archived it, detached it and so on.

    A line about a record is seen by who may open the record, and of a private mailbox
    only by its people: as the link that it tells of. It calls the record as it was
    called at the time.
    """

    _name = "mail.mailbox.history"
    _inherit = "mail.mailbox.record.detail"
    _description = "History of an Email"
    _order = "id desc"
    _rec_name = "action"

    user_id = fields.Many2one(
        "res.users", "By", readonly=True, default=lambda self: self.env.user
    )
    action = fields.Selection(
        [
            ("archived", "Archived"),
            ("unfiled", "Detached"),
            ("moved", "Moved along with its record"),
            ("roles", "Roles changed"),
            ("saved", "Attachment saved"),
            ("imported", "Imported from a file"),
            ("undone", "Undone"),
            ("followed", "Conversation followed"),
            ("stopped", "Conversation no longer followed"),
        ],
        required=True,
        readonly=True,
    )
    res_name = fields.Char("Record")
    mailbox_id = fields.Many2one(ondelete="cascade", index="btree_not_null")
    note = fields.Char(readonly=True)

    _record_idx = models.Index("(res_model, res_id) WHERE res_model IS NOT NULL")

    @api.model
    def _get_showing_domain(self):
        # a line that tells of no record is seen with its message
        return Domain("res_model", "=", False) | super()._get_showing_domain()

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
    def _note_links(self, action, links, before=None, note=None):
        """Note that the user did ``action`` with ``links``.

        :param before: link → what was before, to be undone
        :param note: a sentence about it
        """
        return self._note(
            action,
            [
                {
                    "mailbox_message_id": link.mailbox_message_id.id,
                    "res_model": link.res_model,
                    "res_id": link.res_id,
                    "mailbox_id": link.mailbox_id.id,
                    "before": before and before[link],
                    "note": note,
                }
                for link in links
            ],
        )
