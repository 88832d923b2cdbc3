import hashlib
from datetime import timedelta
from email.utils import make_msgid
from mimetypes import guess_extension

from odoo import api, fields, models

from ...mailcore.addresses import address


class MailMailboxOutbox(models.Model):
    """A draft becomes a row of the outbox, with what it sends."""

    _inherit = "mail.mailbox.outbox"

    @api.model
    def _take(self, draft, send_at=None, undo=False):
        """Turn a draft into what is to leave, in this transaction; return the row.

        :param send_at: when it leaves; at once when empty or past
        :param undo: whether its writer looks on, may take it back for a moment and is
            told when it left
        """
        now = fields.Datetime.now()
        moment = self._get_moment_to_undo() if undo else timedelta()
        due = max(send_at or now, now + moment)
        values = draft._prepare_outbox_values()
        domain = address.normalise(draft.mailbox_id.email).rpartition("@")[2]
        # sudo: rows are the system's; the person may send, and this is theirs
        row = self.sudo().create(
            {
                **values,
                "draft_id": draft.id,
                "user_id": self.env.uid,
                "message_id": make_msgid(domain=domain),
                "state": "scheduled" if due > now else "waiting",
                "send_at": due if due > now else False,
                "due_at": due,
                "announced": undo,
                "written_in": self._get_here(),
            }
        )
        draft._hand_over(row)
        row._wake()
        row._notify_people()
        return row

    def _take_over_text(self, body, own=()):
        """Take a text with all that it shows of this server, as its writer sees it.

        :param own: ids of attachments that are nobody's but this mail's
        """
        person, shown = self.user_id, {}

        def keep(record, mimetype, content):
            key = hashlib.sha256(content).digest()
            if key not in shown:
                mine = record is not None and record._name == "ir.attachment"
                if not (mine and record.id in own):
                    record = self._store_picture(mimetype, content)
                shown[key] = record.id
            return f"/web/image/{shown[key]}"

        mailbox = self.mailbox_id.with_user(person)
        # sudo: what recipients see of a mailbox that one may send from
        signature = mailbox.sudo()._get_signature(person)
        values = {
            "body": mailbox._clean_own_places(body, keep),
            "signature": mailbox._clean_signature(signature, keep),
        }
        there = {"res_model": self._name, "res_id": self.id, "access_token": False}
        # sudo: the row's from now on
        self.env["ir.attachment"].sudo().browse(shown.values()).write(there)
        self.write({**values, "picture_ids": list(shown.values())})

    def _store_picture(self, mimetype, content):
        """Return an attachment with a picture that the text shows."""
        # sudo: what this shows is its own
        attachments = self.env["ir.attachment"].sudo()
        return attachments.with_context(image_no_postprocess=True).create(
            {
                "name": "image" + (guess_extension(mimetype) or ""),
                "raw": content,
                "mimetype": mimetype,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
