from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...mailcore.send.outgoing_html import finish_html
from ...mailcore.send.providers.base import RecipientResult, SendResult
from .dispatch import MAX_TRIES, Entry
from .outbox import HERE, STAY_AWAKE
from .outbox_run import RUN_TIME, Run, Stopped
from .sent import HOUR
from .signature import sign_html, sign_text, to_text

#: What is due for this long and in nobody's hands makes fetching stop for it.
IMPATIENT = timedelta(seconds=1)
#: What nobody has decided about yet.
OPEN = ("scheduled", "waiting", "sending")
#: A message or report inside of a mail goes as it is, byte for byte, like any file.
_AS_FILE = ("message/", "multipart/")


class MailMailboxOutbox(models.Model):
    """Sending, step by step; ``Run`` calls each in a transaction of its own."""

    _inherit = "mail.mailbox.outbox"

    @api.model
    def _cron_send(self):
        """Send what is due, for the time of one run; then have another one called.

        Told that something remains, Odoo would repeat the run up to ten times at once,
        and kill the worker amid a mail when they take longer than one worker may.
        """
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self._count_due())
        done = self._work_off()
        due = self._get_next_due()
        if due and due - fields.Datetime.now() <= STAY_AWAKE:
            self._call_again()
        cron._commit_progress(done, remaining=0)

    @api.model
    def _call_again(self):
        """Have the running scheduled action run again as soon as it has ended."""
        if number := self.env.context.get("cron_id"):
            self.env["ir.cron"].browse(number)._trigger()

    @api.model
    def _work_off(self, seconds=RUN_TIME):
        """Send what is due, for about ``seconds``; return how many were dealt with."""
        return Run(self.env, seconds).go()

    @api.model
    def _count_due(self):
        query = SQL("SELECT count(*) FROM mail_mailbox_outbox WHERE %s", self._is_due())
        return self.env.execute_query(query)[0][0]

    @api.model
    def _get_next_due(self):
        """Return when the next mail is due that is nobody's yet, None for none."""
        query = SQL(
            "SELECT min(due_at) FROM mail_mailbox_outbox WHERE %s"
            " AND (claimed_until IS NULL OR claimed_until < %s)",
            self._waits,
            fields.Datetime.now(),
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _is_kept_waiting(self):
        """Return whether a mail is due that no worker cares for."""
        now = fields.Datetime.now()
        query = SQL(
            "SELECT EXISTS (SELECT FROM mail_mailbox_outbox WHERE %s AND due_at < %s"
            " AND mailbox_id NOT IN (SELECT mailbox_id FROM mail_mailbox_outbox"
            " WHERE state IN ('scheduled', 'waiting', 'sending')"
            " AND claimed_until > %s))",
            self._is_due(),
            now - IMPATIENT,
            now,
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _count_unlisted(self, mailboxes, asking):
        """Return how many mails are leaving, or left and are not in the Queue yet.

        :param mailboxes: SQL, of which mailboxes
        :param asking: id of a mail that is not counted
        """
        now = fields.Datetime.now()
        query = SQL(
            "SELECT count(*) FROM mail_mailbox_outbox WHERE id <> %s"
            " AND mailbox_id IN (SELECT id FROM mail_mailbox WHERE %s)"
            " AND kept IS NOT TRUE AND mailbox_message_id IS NULL"
            " AND (state = 'sending' AND claimed_until > %s"
            """ OR results @> '[{"status": "accepted"}]' AND write_date > %s)""",
            asking,
            mailboxes,
            now,
            now - HOUR,
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _make_way(self):
        """Have the running scheduled action run again later, if mail waits for it.

        :return: whether it is to end now
        """
        if not self.env.context.get("cron_id") or not self._is_kept_waiting():
            return False
        self._call_again()
        return True

    # What a worker that died left behind

    @api.model
    def _recover(self):
        """Take up what workers that no longer exist left behind.

        :return: (id, step) of the mails about which something is to be noted
        """
        self._release_dead()
        nobodys = SQL(
            "(claimed_until IS NULL OR claimed_until < %s)", fields.Datetime.now()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_outbox SET state = 'waiting', claimed_until = NULL"
                " WHERE state = 'sending' AND intended_at IS NULL AND %s",
                nobodys,
            )
        )
        left = {
            "_hold_lost": SQL("state = 'sending' AND %s", nobodys),
            "_hold_copied": SQL("state IN %s AND written_in <> %s", OPEN, HERE),
            "_keep_sent": SQL(
                "results IS NOT NULL AND kept IS NOT TRUE AND state IN ('sent',"
                " 'partly', 'waiting', 'failed') AND coalesce(keep_tries, 0) < %s"
                " AND %s",
                MAX_TRIES,
                nobodys,
            ),
        }
        return [
            (row.id, step)
            for step, condition in left.items()
            for row in self._lock_those(condition)
        ]

    def _hold_lost(self):
        """Ask about a mail whose worker died while it handed the mail over."""
        self._lock()
        if self.state == "sending":
            mailbox = self._in_writers_words().mailbox_id
            self._note_uncertain(mailbox._get_uncertain_sentence())

    def _hold_copied(self):
        """Ask about a mail that waited when this database was copied from another."""
        self._lock()
        if self.state in OPEN:
            row = self._in_writers_words()
            row._note_uncertain(
                row.env._(
                    "This database was copied or moved while the mail waited. The "
                    "other one may have sent it, so it is not sent from here by itself."
                )
            )

    @api.model
    def _lock_those(self, condition):
        self.invalidate_model()
        query = SQL(
            "SELECT id FROM mail_mailbox_outbox WHERE %s ORDER BY id LIMIT 50"
            " FOR NO KEY UPDATE SKIP LOCKED",
            condition,
        )
        return self.browse(row_id for (row_id,) in self.env.execute_query(query))

    # The steps

    def _begin(self, token, session):
        """Take this mail up; return it as :meth:`_write_out` does, None for not at all.

        :param session: :class:`MailboxSession` to get ready
        :raises MailCoreError: it cannot be sent, or not now
        :raises UserError: it may not leave
        """
        if not self._still_mine(token) or self.state not in ("scheduled", "waiting"):
            return None
        # no hurry to the disk: if it is lost, the mail is taken up again; and it is
        # there before what says that the first byte leaves
        self.env.cr.execute("SET LOCAL synchronous_commit = off")
        now = fields.Datetime.now()
        self.write(
            {
                "state": "sending",
                "intended_at": False,
                "tried_since": self.tried_since or now,
                "dated_at": self._get_date() or now,
                "claimed_until": now + self._lease,
            }
        )
        with self.env.cr.savepoint():
            self._check_writer()
            self.mailbox_id._check_may_send(self.user_id, self.sent_as)
            self.mailbox_id._check_rate(asking=self.id)
            session.open()
            return self._write_out(self._get_next())

    def _intend(self, token):
        """Note that the first byte is about to leave.

        :raises Stopped: it must not
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_outbox SET intended_at = %s, claimed_until = %s"
                " WHERE id = %s AND claim_token = %s AND state = 'sending'"
                " RETURNING id",
                now,
                now + self._lease,
                self.id,
                token,
            )
        )
        if not self.env.cr.fetchone():
            raise Stopped

    # The message

    def _write_out(self, recipients):
        """Return this mail for the wire, and who gets a blind copy; always the same."""
        message = self._build()
        sent_as = self.sent_as or self.mailbox_id.email
        self.mailbox_id._finish_headers(message, self.user_id, sent_as)
        pictures = {
            f"/web/image/{one.id}": (one.mimetype, self._read_file(one))
            for one in self._get_pictures()
        }
        return self.mailbox_id._write_out(message, recipients, pictures=pictures)

    def _get_pictures(self):
        shown = set(self.picture_ids or [])
        return self.attachment_ids.filtered(lambda one: one.id in shown).sorted("id")

    def _build(self):
        """Return the message as the library's object."""
        text, forms = self._write_text()
        files = (self.attachment_ids - self._get_pictures()).sorted("id")
        message = self.env["ir.mail_server"]._build_email__(
            email_from=self.mailbox_id.email,
            email_to=_split(self.email_to),
            subject=self.subject or "",
            body=text,
            email_cc=_split(self.email_cc),
            email_bcc=_split(self.email_bcc),
            attachments=[
                (one.name, self._read_file(one), _get_kind(one)) for one in files
            ],
            message_id=self.message_id,
            references=self.references,
            **forms,
            headers={"In-Reply-To": self.in_reply_to} if self.in_reply_to else None,
        )
        del message["Date"]
        date = self._get_date() or fields.Datetime.now()
        message["Date"] = date.replace(tzinfo=timezone.utc)
        return message

    def _write_text(self):
        """Return the text with its signature, and how Odoo is told its forms."""
        signature = str(self.signature or "")
        if self.plain:
            signature = to_text(signature)
            text = self.plain_text or ""
            return sign_text(text, signature) if signature else text, {
                "subtype": "plain"
            }
        html = finish_html(sign_html(str(self.body or ""), signature))
        return html, {
            "body_alternative": to_text(html),
            "subtype": "html",
            "subtype_alternative": "plain",
        }

    def _get_date(self):
        """Return the Date of the message, as one that was begun has it already."""
        # what an earlier version began has none of its own
        return self.dated_at or self.tried_since

    def _read_file(self, attachment):
        """Return the bytes of an attachment, all of them.

        :raises UserError: the file is not there any more: nothing leaves without it
        """
        content = attachment.raw or b""
        if len(content) != (attachment.file_size or 0):
            raise UserError(
                self.env._(
                    "The file “%s” can no longer be read, so the email was not sent. "
                    "Edit the email, and attach the file again.",
                    attachment.name,
                )
            )
        return content

    # What is kept of it

    def _keep_sent(self, written=None):
        """List those of these mails in the Queue that anybody got.

        :param written: as for :meth:`_keep`
        """
        self._lock()
        self.filtered(lambda row: not row.kept and row._get_accepted())._keep(written)

    def _keep(self, written=None):
        """List these mails in the Queue as sent; what was attached is in there.

        :param written: id → what :meth:`_write_out` gave, where the caller has it still
        """
        entries = [row._get_entry((written or {}).get(row.id)) for row in self]
        kept = self.env["mail.mailbox.dispatch"]._keep_or_log(entries)
        for row, message in zip(self, kept, strict=True):
            if not message:
                row._note_not_kept()
                continue
            row.write({"kept": True, "mailbox_message_id": message.id})
            if row.state == "sent":
                row.attachment_ids.unlink()
                texts = ("body", "plain_text", "signature", "picture_ids", "calendar")
                row.write(dict.fromkeys(texts, False))
        self._notify_people()

    def _get_entry(self, written):
        """Return what is to be kept of this mail, told of who got it."""
        outgoing, bcc = written or self._write_out(self._get_everybody())
        told = [one for one in self.results if one["status"] != "drafted"]
        results = [RecipientResult(**one) for one in told]
        result = SendResult(tuple(results), self.provider_message_id or "")
        entry = Entry.of(self.mailbox_id, outgoing, bcc, self.user_id, result)
        entry.again = bool(self.mailbox_message_id)
        if self.archive:
            entry.origin_id = self.origin_id.id or 0
            entry.res_model, entry.res_id = self.res_model or "", self.res_id or 0
        return entry

    def _note_not_kept(self):
        self.keep_tries = (self.keep_tries or 0) + 1


def _split(header):
    return [one.strip() for one in (header or "").split("\n") if one.strip()]


def _get_kind(attachment):
    kind = attachment.mimetype or ""
    return "application/octet-stream" if kind.startswith(_AS_FILE) else kind
