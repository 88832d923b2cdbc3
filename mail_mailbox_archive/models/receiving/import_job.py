import contextlib
import io
import logging
import os
from dataclasses import replace
from datetime import datetime, timezone

from odoo import Command, api, fields, models

from ...mailcore.imap.events import Fetched
from ...mailcore.read.mail_files import read_mail_files, take_batch
from .poll import FAULTS_OF_THE_MACHINE, RETRIED

_logger = logging.getLogger(__name__)

#: Files without an email that are named.
MAX_NAMED = 200


class MailMailboxImport(models.Model):
    """Files that are imported in the background, and how far that has come.

    Each batch is stored in the transaction that notes where to go on, so that nothing
    is passed over or taken in twice, whatever ends a run.
    """

    _name = "mail.mailbox.import"
    _inherit = "mail.mailbox.guarded"
    _description = "Import of Emails"
    _written_by_system = True
    _owner_field = "user_id"
    _order = "id desc"
    _rec_name = "mailbox_id"

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Begun by", required=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "mail_mailbox_import_attachment_rel",
        "import_id",
        "attachment_id",
        string="Files",
        bypass_search_access=True,
    )
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("stopped", "Stopped"),
        ],
        required=True,
        default="running",
    )
    size = fields.Float("Bytes", digits=(20, 0))
    done_size = fields.Float("Bytes read", digits=(20, 0))
    progress = fields.Float(compute="_compute_progress")
    imported = fields.Integer()
    known = fields.Integer("In the mailbox already")
    refused = fields.Integer("No email")
    refused_names = fields.Text("Without an email")
    file_number = fields.Integer(groups=fields.NO_ACCESS)
    place_member = fields.Integer(groups=fields.NO_ACCESS)
    place_byte = fields.Float(digits=(20, 0), groups=fields.NO_ACCESS)

    _running_idx = models.Index("(id) WHERE state = 'running'")

    @api.depends("size", "done_size", "state")
    def _compute_progress(self):
        for job in self:
            part = job.done_size / job.size if job.size else 0
            job.progress = 100 if job.state == "done" else min(100 * part, 99)

    @api.model
    def _begin(self, mailbox, attachments):
        """Have files imported into ``mailbox`` for the user, who was checked before."""
        # sudo: jobs are written by the system
        job = self.sudo().create(
            {
                "mailbox_id": mailbox.id,
                "user_id": self.env.uid,
                "size": sum(attachments.mapped("file_size")),
            }
        )
        there = {"res_model": self._name, "res_id": job.id}
        # sudo: files become the job's, to be read later and removed; of what is a
        # record's the person may read, and a copy is taken
        own, files = attachments._filtered_uploaded(), attachments.sudo()
        own.sudo().write(there)
        copies = [one.copy({**there, "name": one.name}).id for one in files - own]
        job.attachment_ids = [Command.set([*own.ids, *copies])]
        # sudo: any user may wake the action, which does what it always does
        self.env.ref("mail_mailbox_archive.ir_cron_import").sudo()._trigger()
        return job

    def action_stop(self):
        """Stop these imports; what came in stays."""
        self.check_access("read")
        # sudo: jobs are written by the system; whoever sees one may stop it
        running = self.sudo().filtered(lambda job: job.state == "running")
        running._end("stopped")
        return True

    def _end(self, state):
        self.state = state
        # what was uploaded is in the messages now
        self.attachment_ids.unlink()

    @api.model
    def _cron_import(self):
        """Go on with the imports, batch by batch."""
        cron, running = self.env["ir.cron"], [("state", "=", "running")]
        cron._commit_progress(remaining=self.search_count(running))
        for job in self.search(running, order="id"):
            with contextlib.closing(job._take_batches()) as batches:
                for _batch in batches:
                    if not cron._commit_progress():
                        return
            if not cron._commit_progress(1):
                return

    def _take_batches(self):
        """Take in one batch after the other; yield after each, where it may end."""
        while file := self._get_file():
            limit = self.mailbox_id._get_max_message_size()
            with _open(file) as stream:
                mails = read_mail_files(
                    file.name,
                    stream,
                    limit,
                    self._get_place(),
                    self.mailbox_id._get_filing_bases(),
                )
                more = True
                while more and self._is_wanted():
                    more = self._take(take_batch(mails), file, stream)
                    yield
            if more:
                return
        if self._is_wanted():
            self._end("done")

    def _is_wanted(self):
        """Return whether to go on, which others may have decided meanwhile."""
        self.invalidate_recordset(["state"])
        return bool(self.try_lock_for_update()) and self.state == "running"

    def _get_file(self):
        files = self.attachment_ids.sorted("id")
        return files[self.file_number : self.file_number + 1]

    def _get_place(self):
        return self.place_member, int(self.place_byte)

    def _take(self, batch, file, stream):
        """Take in a batch, none at the end; note where to go on, return if to go on."""
        with self.env.cr.savepoint():
            self._store([one for one in batch if one.message])
            self._note_place(batch, file, stream)
        return bool(batch)

    def _note_place(self, batch, file, stream):
        self._note_refused([one for one in batch if not one.message])
        before = self.attachment_ids.sorted("id")[: self.file_number]
        size = sum(before.mapped("file_size"))
        if batch:
            member, byte = batch[-1].place
            read = min(stream.tell(), file.file_size)
            values = {"place_member": member, "place_byte": byte}
        else:
            read = file.file_size
            values = {"place_member": 0, "place_byte": 0}
            values["file_number"] = self.file_number + 1
        self.write({**values, "done_size": size + read})

    def _store(self, files):
        """Store messages; if that fails one by one, so that one harms only itself."""
        try:
            with self.env.cr.savepoint():
                stored, new = self._store_files(self.mailbox_id, files, self.user_id)
        except (*RETRIED, *FAULTS_OF_THE_MACHINE):
            raise
        except Exception:
            if len(files) > 1:
                for one in files:
                    self._store([one])
                return
            _logger.exception("Import %s: a message is not stored", self.id)
            self._note_refused([replace(files[0], error="fault")])
            return
        self.imported += new
        self.known += len(stored) - new

    def _note_refused(self, refused):
        if not refused:
            return
        self.refused += len(refused)
        names = (self.refused_names or "").split("\n") if self.refused_names else []
        names += self._describe_refused(refused)
        self.refused_names = "\n".join(names[:MAX_NAMED])

    @api.model
    def _describe_refused(self, files):
        """Return the names of files without an email, each with the reason."""
        reasons = {
            "too_big": self.env._("too big"),
            "zip": self.env._("damaged or encrypted"),
            "msg": self.env._(
                "an Outlook file, which does not hold the email as it was sent; save "
                "it as .eml"
            ),
            "pst": self.env._(
                "an Outlook data file, which does not hold emails as they were sent; "
                "export it as .eml or mbox"
            ),
        }
        refusals = [(one.name, reasons.get(one.error)) for one in files]
        return [f"{name} ({reason})" if reason else name for name, reason in refusals]

    @api.model
    def _store_files(self, mailbox, files, person):
        """Store messages and list them in the Queue of ``mailbox``; as the system.

        :param files: :class:`~..mailcore.mail_files.MailFile` with a message
        :return: the messages, and how many are new in it
        """
        now = datetime.now(timezone.utc)
        fetched = [
            Fetched(
                uid=0,
                internal_date=one.message.date or one.message.received or now,
                seen=True,
                size=len(one.source),
                source=one.source,
                message=one.message,
            )
            for one in files
        ]
        fetched = self.env["mail.mailbox.tombstone"]._without_erased(mailbox, fetched)
        stored = self.env["mail.mailbox.message"]._store(fetched)
        placed = self.env["mail.mailbox.arrival"]._list(
            mailbox, self.env["mail.mailbox.folder"], fetched, stored, live=False
        )
        new = placed.mailbox_message_id
        self.env["mail.mailbox.history"].with_user(person)._note(
            "imported", [{"mailbox_message_id": message.id} for message in new]
        )
        return self.env["mail.mailbox.message"].union(*stored.values()), len(new)


@contextlib.contextmanager
def _open(attachment):
    """Yield an uploaded file; from the disk, where it lies there, not from memory."""
    path = attachment.store_fname and attachment._full_path(attachment.store_fname)
    if path and os.path.isfile(path):
        with open(path, "rb") as stream:
            yield stream
    else:
        yield io.BytesIO(attachment.raw or b"")
