import re
import secrets

from odoo import Command, api, fields, models

#: Characters of the name that a window gives what it saves.
LONGEST = 64


class MailMailboxDraft(models.Model):
    """A draft that is open in several windows, on one machine or on several.

    Each window says which revisions it has read or written. What it saves over another
    one becomes a draft of its own, so that neither text is lost.
    """

    _inherit = "mail.mailbox.draft"

    revision = fields.Char(readonly=True, copy=False)
    # made of what somebody wrote, though nobody wrote on it since
    written = fields.Boolean(readonly=True, copy=False)

    def write(self, vals):
        result = super().write(vals)
        if "revision" not in vals:
            # sudo: the system's field
            self.sudo().write({"revision": self._get_next_revision()})
        return result

    def _get_next_revision(self):
        """Return the name that the window gave it, else one that no window knows."""
        name = self.env.context.get("mailbox_revision")
        return name[:LONGEST] if name and isinstance(name, str) else secrets.token_hex()

    def web_save(self, vals, specification, next_id=None):
        """Save over what the window has read, else in a new draft: see its ``id``.

        With ``mailbox_asks`` in the context nothing is saved then, and the answer is
        empty: the window sends all that it shows, so that nobody sends what they
        have not seen.
        """
        draft = self
        seen = self.env.context.get("mailbox_seen")
        if len(self) == 1 and isinstance(seen, list) and self.exists():
            self.check_access("write")
            if (self.revision or False) not in seen:
                if self.env.context.get("mailbox_asks"):
                    return []
                draft, vals = self._branch(vals)
        return super(MailMailboxDraft, draft).web_save(vals, specification, next_id)

    def _branch(self, vals):
        """Return a copy of this draft, with files of its own, and ``vals`` for it."""
        # sudo: all of it, also the system's fields; the person may write it
        draft = self.sudo().copy({"written": True}).sudo(False)
        there = {"res_model": self._name, "res_id": draft.id}
        copies = {
            # sudo: the new draft's; what is the person's own is copied
            one.id: one.sudo().copy({**there, "name": one.name}).id
            for one in self._get_own_attachments()
        }

        def moved(html):
            def rename(match):
                return match[1] + str(copies.get(int(match[2]), match[2]))

            return re.sub(r"(/web/image/)(\d+)\b", rename, str(html or ""))

        files = [copies.get(one, one) for one in self._get_files().ids]
        draft.write(
            {"body": moved(self.body), "attachment_ids": [Command.set(files)]},
        )
        vals = dict(vals)
        if "body" in vals:
            vals["body"] = moved(vals["body"])
        if "attachment_ids" in vals:
            vals["attachment_ids"] = [
                self._move_command(command, copies)
                for command in vals["attachment_ids"]
            ]
        return draft, vals

    @api.model
    def _move_command(self, command, copies):
        """Return a command on files as one on their copies, without those gone."""
        kind, one, *rest = command
        if kind != Command.SET:
            return [kind, copies.get(one, one), *rest]
        there = self.env["ir.attachment"].browse(rest[0]).exists().ids
        return Command.set([copies.get(file, file) for file in there])
