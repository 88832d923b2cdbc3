from odoo import api, fields, models

from ...mailcore.imap.responses import MAX_COUNT
from ..mailbox.arguments import checked, record_ids


class MailMailbox(models.Model):
    """The progress of a mailbox's import, and pausing it."""

    _inherit = "mail.mailbox"

    import_paused = fields.Boolean(
        "Import paused",
        copy=False,
        readonly=True,
        tracking=True,
        help="New emails are fetched; older ones wait.",
    )
    import_since = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)
    import_left = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS)
    import_progress = fields.Char(compute="_compute_import_progress")

    @api.depends_context("uid", "lang")
    @api.depends(
        "folder_ids.waiting_count", "folder_ids.message_count", "import_paused"
    )
    def _compute_import_progress(self):
        # as the user: of a mailbox whose contents one may not see there is nothing left
        for mailbox in self:
            left = mailbox.waiting_count
            mailbox.import_progress = left and mailbox._get_progress_sentence(left)

    def _get_progress_sentence(self, left):
        total = max(self.server_count, left)
        sentence = self.env._(
            "%(found)s emails found, %(fetched)s fetched, %(left)s left",
            found=total,
            fetched=total - left,
            left=left,
        )
        if self.import_paused:
            return self.env._("%s. Paused; new emails still come in.", sentence)
        minutes = self._estimate_minutes(left)
        if minutes is None:
            return f"{sentence}."
        if minutes < 1:
            return self.env._("%s, less than a minute.", sentence)
        return self.env._("%(left)s, about %(n)s minutes.", left=sentence, n=minutes)

    def _estimate_minutes(self, left):
        """Return how long the rest takes at the pace so far, None for unknown."""
        # sudo: what the estimate is based on is not a secret
        begun = self.sudo()
        done = (begun.import_left or 0) - left
        if not begun.import_since or done <= 0:
            return None
        seconds = (fields.Datetime.now() - begun.import_since).total_seconds()
        return round(seconds / done * left / 60)

    def _begin_import(self):
        """Note when the import began, or went on, and how much there was."""
        for mailbox in self:
            left = sum(
                mailbox.folder_ids.filtered(lambda f: not f.skipped).mapped(
                    "waiting_count"
                )
            )
            # a server may report more than it has
            left = min(left, MAX_COUNT)
            mailbox.write({"import_since": fields.Datetime.now(), "import_left": left})

    def action_pause_import(self):
        """Pause the import of older emails; new ones are fetched."""
        self._set_import_paused(True)
        return True

    def action_resume_import(self):
        """Resume the import."""
        self._set_import_paused(False)
        return True

    def _set_import_paused(self, paused):
        self.check_access("read")
        # sudo: whoever sees a mailbox may have it checked, or hold that up
        mailboxes = self.sudo()
        mailboxes.write({"import_paused": paused})
        mailboxes._begin_import()
        # whoever imports at this moment goes by what was so before
        mailboxes._revoke_claim()
        mailboxes.next_poll_at = False
        # sudo: any user may wake the scheduled action, which does what it always does
        self.env.ref("mail_mailbox_archive.ir_cron_poll_1").sudo()._trigger()
        mailboxes._notify_changed()

    @api.model
    @api.readonly
    @checked(ids=record_ids)
    def get_import_progress(self, ids=None):
        """Return the imports that go on in the mailboxes whose contents one may read.

        :param ids: of the mailboxes that are asked about; None for all
        :return: list of dicts: ``id``, ``email``, ``text``, ``paused``
        """
        mailboxes = self.search(
            [
                *self._get_readable_domain(),
                ("imap_enabled", "=", True),
                ("folder_ids.waiting_count", ">", 0),
                *([] if ids is None else [("id", "in", ids)]),
            ],
            limit=5,
        )
        return [
            {
                "id": mailbox.id,
                "email": mailbox.email,
                "text": mailbox.import_progress,
                "paused": mailbox.import_paused,
            }
            for mailbox in mailboxes
            if mailbox.import_progress
        ]
