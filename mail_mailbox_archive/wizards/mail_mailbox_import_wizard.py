from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..mailcore.read.mail_files import read_mail_files, take_batch

#: Bytes of files that somebody waits for; more are imported in the background.
MAX_AT_ONCE = 20 * 2**20
#: Files that are named when they hold no email.
MAX_NAMED = 5


class MailMailboxImportWizard(models.TransientModel):
    """Takes in messages from files: of another mail program, or of an export.

    They are listed in the Queue of one mailbox as if they had been there all the time:
    nobody is told of them and nothing answers them. Opened on a record, it goes on to
    archive them there.
    """

    _name = "mail.mailbox.import.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Import of Emails"

    mailbox_id = fields.Many2one(
        "mail.mailbox",
        required=True,
        default=lambda self: self._default_mailbox(),
        domain="[('user_ids', 'in', uid)]",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "mail_mailbox_import_wizard_attachment_rel",
        "wizard_id",
        "attachment_id",
        string="Files",
        help=".eml files, mbox files, or zip files of them or of a Maildir.",
    )

    @api.model
    def _default_mailbox(self):
        mailboxes = self.env["mail.mailbox"]
        mine = [("user_ids", "in", self.env.uid)]
        return mailboxes.search(mine, order=f"private, {mailboxes._order}", limit=1)

    def action_import(self):
        """Import the messages of the files; report which files hold none."""
        self.ensure_one()
        self._check_mailbox()
        if not self.attachment_ids:
            raise UserError(self.env._("Choose the files to import."))
        self.attachment_ids.check_access("read")
        if sum(self.attachment_ids.mapped("file_size")) > MAX_AT_ONCE:
            return self._go_on_behind()
        limit = self.mailbox_id._get_max_message_size()
        filing = self.mailbox_id._get_filing_bases()
        messages, new, refused = self.env["mail.mailbox.message"], 0, []
        for attachment in self.attachment_ids:
            source = attachment.raw or b""
            mails = read_mail_files(attachment.name, source, limit, filing=filing)
            while batch := take_batch(mails):
                refused += [one for one in batch if not one.message]
                stored, count = self._store([one for one in batch if one.message])
                messages |= stored
                new += count
                # no two of them are held at once
                batch.clear()
        # what was uploaded is in the messages now, and takes up its space only once
        self.attachment_ids._filtered_uploaded().unlink()
        if not messages:
            erased = self.env._("These emails were erased on request.")
            raise UserError(self._get_refusal(refused) if refused else erased)
        return self._tell(messages, new, refused)

    def _go_on_behind(self):
        """Import the files in the background; say where to see the progress."""
        self.env["mail.mailbox.import"]._begin(self.mailbox_id, self.attachment_ids)
        return self.env["mail.mailbox"]._get_notification(
            "info",
            self.env._(
                "These files are imported in the background. See the progress under "
                "Mail, Email, Running imports."
            ),
        )

    def _check_mailbox(self):
        # sudo: whether one is among a mailbox's people, which is not a secret to them
        if self.env.user not in self.mailbox_id.sudo().user_ids:
            raise AccessError(
                self.env._(
                    "You can import emails only into a mailbox that you have access to."
                )
            )

    def _store(self, files):
        """Store messages and list them in the Queue.

        :return: the messages, and how many are new in it
        """
        # sudo: messages are stored by the system; the mailbox was checked before
        imports = self.env["mail.mailbox.import"].sudo()
        stored, new = imports._store_files(self.mailbox_id.sudo(), files, self.env.user)
        return stored.sudo(False), new

    def _tell(self, messages, new, refused):
        """Return the result in words, and on a record the archive form after it."""
        sentences = []
        if new:
            sentences.append(
                self.env._("1 email imported.")
                if new == 1
                else self.env._("%s emails imported.", new)
            )
        if known := len(messages) - new:
            sentences.append(self.env._("Already in this mailbox: %s.", known))
        if refused:
            sentences.append(self._get_refusal(refused))
        return self.env["mail.mailbox"]._get_notification(
            "warning" if refused or not new else "success",
            " ".join(sentences),
            self._get_archive_form(messages),
        )

    def _get_archive_form(self, messages):
        """Return the form that archives them on the record one is on, if on one."""
        target = self.env.context.get("mailbox_archive_target")
        if not target:
            return None
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_mailbox_archive.mail_mailbox_archive_wizard_action"
        )
        context = {
            "active_model": messages._name,
            "active_ids": messages.ids,
            "default_mailbox_id": self.mailbox_id.id,
            "mailbox_archive_target": target,
        }
        return {**action, "context": context}

    def _get_refusal(self, refused):
        """Return which files hold no email, or one that is too big, in words."""
        imports = self.env["mail.mailbox.import"]
        named = imports._describe_refused(refused[:MAX_NAMED])
        more = len(refused) - len(named)
        if more:
            named.append(self.env._("%s more", more))
        return self.env._("No email was found in: %s", ", ".join(named))
