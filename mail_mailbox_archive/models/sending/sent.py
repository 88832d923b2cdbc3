from datetime import timedelta, timezone
from email.parser import BytesParser
from email.policy import compat32

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.addresses import address
from ...mailcore.errors import LoginRefused, MailCoreError, SendDeferred
from ...mailcore.read.message import parse
from ...mailcore.retry import RetryPolicy
from ...mailcore.text import safe_text
from ..mailbox.work import come_again, waiting_place
from ..receiving.sentences import fill, find_sentence

HOUR = timedelta(hours=1)
#: Five minutes, doubling to four hours, for five days: like mail itself.
POLICY = RetryPolicy(
    first=timedelta(minutes=5), factor=2, limit=timedelta(hours=4), auth_limit=40
)
LAST_TRY = timedelta(days=5)
#: Messages that one session puts into a Sent folder.
BATCH = 50
#: Bytes of a header that are looked through.
MAX_HEADER = 2**16
#: Keeps our Message-ID in a copy that a provider gave another one.
OWN_ID_HEADER = "X-Mailbox-Message-Id"


class MailMailboxSent(models.Model):
    """A message that left from a mailbox, and its way into the server's Sent folder.

    Its ``message_id`` is ours, whatever the provider made of it.
    """

    _name = "mail.mailbox.sent"
    _inherit = ["mail.mailbox.message.detail", "mail.mailbox.work"]
    _description = "Sent Email"
    _order = "id desc"
    _rec_name = "message_id"

    _due = "append_at"
    _waits = SQL("append_state = 'waiting'")

    account_id = fields.Many2one("mail.mailbox.sending.account", readonly=True)
    user_id = fields.Many2one("res.users", "Sent by", readonly=True)
    message_id = fields.Char("Message-ID", readonly=True, index="btree_not_null")
    mail_id = fields.Integer(readonly=True, index="btree_not_null")
    provider_message_id = fields.Char(readonly=True, index="btree_not_null")
    sent_at = fields.Datetime(
        readonly=True, required=True, default=lambda self: fields.Datetime.now()
    )
    delivery_ids = fields.One2many("mail.mailbox.delivery", "sent_id", readonly=True)
    append_state = fields.Selection(
        [
            ("none", "Not kept on the server"),
            ("waiting", "Waiting"),
            ("done", "In the Sent folder"),
            ("failed", "Not in the Sent folder"),
        ],
        "Sent folder",
        required=True,
        readonly=True,
        default="none",
    )
    append_at = fields.Datetime(readonly=True)
    append_tries = fields.Integer(readonly=True)
    append_error = fields.Char(readonly=True)

    _mailbox_idx = models.Index("(mailbox_id, sent_at)")
    _account_idx = models.Index("(account_id, sent_at) WHERE account_id IS NOT NULL")
    _waiting_idx = models.Index("(append_at, mailbox_id) WHERE append_state='waiting'")

    @api.model
    def _note(self, pairs):
        """Remember what left; it waits for the Sent folder now.

        :param pairs: of ``Entry`` and ``mail.mailbox.message``
        """
        now, rows = fields.Datetime.now(), []
        for entry, message in pairs:
            mailbox = self.env["mail.mailbox"].browse(entry.mailbox_id)
            kept = mailbox.imap_enabled and mailbox.save_sent
            if kept:
                self._wake_append()
            rows.append(
                {
                    "mailbox_id": mailbox.id,
                    "account_id": mailbox.sending_account_id.id,
                    "user_id": entry.user_id,
                    "mailbox_message_id": message.id,
                    "mail_id": entry.mail_id,
                    "message_id": entry.message_id,
                    "provider_message_id": entry.provider_message_id,
                    "append_state": "waiting" if kept else "none",
                    "append_at": now,
                }
            )
        return self.create(rows)

    @api.model
    def _check_rate(self, domain, limit, uncounted):
        """Refuse for now what exceeds ``limit`` messages an hour.

        :param uncounted: messages that left and have no row yet

        :raises SendDeferred: with the seconds until there is room
        """
        now = fields.Datetime.now()
        recent = self.search_fetch(
            [*domain, ("sent_at", ">", now - HOUR)],
            ["sent_at"],
            order="sent_at desc",
            limit=limit,
        )
        if len(recent) + uncounted >= limit:
            oldest = recent[-1:].sent_at or now
            wait = oldest + HOUR - now
            raise SendDeferred("rate", retry_after=max(wait.total_seconds(), 1))

    # Its copies

    @api.model
    def _recognise(self, mailbox, fetched):
        """Return identity → message for copies of what was sent from ``mailbox``.

        A provider that keeps what it delivers may give it another Message-ID, or leave
        Bcc out. Ours then stands in a header of our own, or is what the provider told
        us. A header alone proves nothing: sender, subject and words must agree as well,
        or a forged copy could hide a mail of its own.
        """
        own, addresses = {}, mailbox._get_own_addresses()
        for one in fetched:
            senders = one.message.from_
            if any(address.is_one_of(ours, senders) for ours in addresses):
                for name in _get_ids(one):
                    own.setdefault(name, []).append(one)
        if not own:
            return {}
        # sudo: what is recognised does not depend on who fetches
        outbox = self.env["mail.mailbox.outbox"].sudo()
        outbox._resolve_by(own, [("mailbox_id", "=", mailbox.id)])
        sent = self.search(
            [
                ("mailbox_id", "=", mailbox.id),
                "|",
                ("message_id", "in", list(own)),
                ("provider_message_id", "in", list(own)),
            ]
        )
        recognised = {}
        for row in sent:
            ours = row.mailbox_message_id
            for one in own.get(row.message_id, []) + own.get(
                row.provider_message_id, []
            ):
                if _says_the_same(ours, one.message):
                    recognised[one.message.identity] = ours
        return recognised

    # The Sent folder

    @api.model
    def _wake_append(self):
        """Have the scheduled action run soon; once per transaction."""
        data = self.env.cr.precommit.data
        if "mail_mailbox_archive.append" not in data:
            data["mail_mailbox_archive.append"] = True
            # sudo: any user may wake the action, which does what it always does
            self.env.ref("mail_mailbox_archive.ir_cron_append").sudo()._trigger()

    @api.model
    def _cron_append(self):
        """Put sent messages into the Sent folders of their mailboxes.

        First those are listed that a worker sent and did not live to list.
        """
        with waiting_place(self.env) as place:
            if place:
                self._append_waiting()
            else:
                come_again(self.env)

    @api.model
    def _append_waiting(self):
        while self.env["mail.mailbox"]._transact(
            lambda env: env["mail.mailbox.dispatch"]._keep_noted()
        ):
            pass
        waiting = [
            ("append_state", "=", "waiting"),
            ("append_at", "<=", fields.Datetime.now()),
        ]
        self._go_through(self.search_count(waiting), BATCH, self._append)

    @api.model
    def _append(self, mailbox_id, ids, token):
        """Put the messages ``ids`` into the Sent folder; note what came of it.

        No transaction is open while the server is waited for.
        """
        transact = self.env["mail.mailbox"]._transact

        def read(env):
            mailbox = env["mail.mailbox"].browse(mailbox_id)
            rows = env["mail.mailbox.sent"].browse(ids)
            folder = mailbox._get_sent_folder()
            sources = [row._get_copy() for row in rows]
            if mailbox.stopped or mailbox.refused_logins:
                # one login too many locks the account
                raise LoginRefused(mailbox.error_code or "password")
            return mailbox._session__(), folder, sources

        done, error = 0, None
        try:
            opener, folder, sources = transact(read)
            with opener() as session:
                folder = folder or session.place("Sent")
                for source, moment in sources:
                    session.append(folder, source, moment)
                    done += 1
        except MailCoreError as failure:
            error = failure

        def note(env):
            mine = env["mail.mailbox.sent"].browse(ids)._still_mine(token)
            mine._note_append(set(ids[:done]), error)
            mine._let_go()

        transact(note)

    def _get_copy(self):
        """Return the bytes of the message, and when it was sent."""
        moment = self.sent_at.replace(tzinfo=timezone.utc)
        return self.mailbox_id._read_copy(self.mailbox_message_id), moment

    def _note_append(self, done, error):
        """Note that those with the ids ``done`` are there, and why the others not."""
        there = self.filtered(lambda row: row.id in done)
        there.write({"append_state": "done", "append_error": False})
        for row in self - there:
            row._note_append_failure(error)

    def _note_append_failure(self, error):
        now = fields.Datetime.now()
        tries = self.append_tries + 1
        again = POLICY.decide(tries, error, now.replace(tzinfo=timezone.utc))
        given_up = not again or now > self.sent_at + LAST_TRY
        self.write(
            {
                "append_state": "failed" if given_up else "waiting",
                "append_at": again and again.replace(tzinfo=None),
                "append_tries": tries,
                "append_error": safe_text(self._explain_append(error), 500),
            }
        )

    def _explain_append(self, error):
        sentence = find_sentence(error.code, error.detail)
        text = fill(self.env, sentence, self.mailbox_id._get_names())
        return f"{text} {error.detail}".strip()


def _get_ids(fetched):
    """Return the Message-IDs that a copy of what we sent may be known by."""
    header = BytesParser(policy=compat32).parsebytes(
        fetched.source[:MAX_HEADER], headersonly=True
    )
    written = (fetched.message.message_id, header[OWN_ID_HEADER])
    ids = {str(value).strip() for value in written if value}
    return ids | {value.strip("<>") for value in ids}


def _says_the_same(ours, message):
    try:
        known = parse(ours._read_source())
    except MailCoreError:
        return False
    return _get_content(known) == _get_content(message)


def _get_content(message):
    files = [(part.filename, part.mimetype, part.size) for part in message.parts]
    return message.subject, " ".join(message.text.split()), files


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    def _get_sent_folder(self):
        """Return the name, as the server writes it, of where sent mail belongs.

        "" where the server has no such folder yet.
        """
        self.ensure_one()
        # nobody else's: what a boss shares has a Sent folder as well
        folders = self.folder_ids.filtered(lambda f: not (f.missing or f.shared))
        return folders.filtered(lambda f: f.role == "sent")[:1].wire_name or ""
