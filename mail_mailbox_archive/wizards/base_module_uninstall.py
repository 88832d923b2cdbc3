from odoo import api, fields, models

from ..models.archiving.ir_module_module import ADD_ON
from ..models.keeping.space import in_words


class BaseModuleUninstall(models.TransientModel):
    """Shows in numbers what an uninstallation removes."""

    _inherit = "base.module.uninstall"

    mailbox_loss = fields.Text(compute="_compute_mailbox_loss")

    @api.depends("module_ids")
    def _compute_mailbox_loss(self):
        for wizard in self:
            modules = wizard._get_modules() | wizard.module_ids
            going = ADD_ON in modules.mapped("name")
            wizard.mailbox_loss = going and self._describe_mailbox_loss()

    @api.model
    def _describe_mailbox_loss(self):
        # sudo: how many there are in all, of which none is named
        messages = self.env["mail.mailbox.message"].sudo()
        unread = self.env["mail.mailbox.quarantine"].sudo()
        mailboxes = self.env["mail.mailbox"].sudo()
        stored, _saved, _freed = self.env["mail.mailbox.space"]._get_sums()
        return self.env._(
            "%(messages)s emails (%(size)s), of which %(archived)s are archived, "
            "%(unread)s unreadable ones and %(mailboxes)s mailboxes with their "
            "passwords will be removed with this app. The emails are left as .eml "
            "files, with a list of them in index.csv, in a folder “%(folder)s…” in "
            "the file store on the server; roles and private mailboxes do not protect "
            "them there.",
            messages=messages.search_count([]),
            archived=messages.search_count([("link_ids", "!=", False)]),
            unread=unread.search_count([]),
            size=in_words(stored),
            mailboxes=mailboxes.with_context(active_test=False).search_count([]),
            folder=ADD_ON,
        )
