from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MailMailboxSkipFolder(models.Model):
    """A folder on the server that is left out of the import, by its name."""

    _name = "mail.mailbox.skip.folder"
    _inherit = "mail.mailbox.settings.line"
    _description = "Skipped Folder"
    _order = "name"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(
        "Folder",
        required=True,
        help="The name as the server shows it, in upper or lower case. Trash, Junk and "
        "Drafts stand for the folder with that role in any language.",
    )

    _name_uniq = models.UniqueIndex(
        "(mailbox_id, lower(name))",
        "This folder is already in the list of skipped folders.",
    )

    @api.constrains("name")
    def _check_name(self):
        for folder in self:
            if not folder.name.strip():
                raise ValidationError(
                    self.env._(
                        "Enter the name of the folder to skip, or remove the line."
                    )
                )

    @api.model
    def _read_names(self, mailbox_ids):
        """Return the names to skip as sets, by mailbox id; read at each check."""
        rows = self._read_group(
            [("mailbox_id", "in", mailbox_ids)], ["mailbox_id"], ["name:array_agg"]
        )
        return {mailbox.id: frozenset(names) for mailbox, names in rows}

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._trim(vals) for vals in vals_list])

    def write(self, vals):
        if vals.get("mailbox_id"):
            # the rules look at the mailbox it is in, not at the one it goes to
            self.env["mail.mailbox"].browse(vals["mailbox_id"]).check_access("write")
        return super().write(self._trim(vals))

    @api.model
    def _trim(self, vals):
        return {**vals, "name": vals["name"].strip()} if vals.get("name") else vals
