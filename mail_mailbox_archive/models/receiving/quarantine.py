import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.modules.module import Manifest

from ...mailcore.addresses import address
from ...mailcore.read.message import parse_headers
from ...mailcore.text import safe_text
from ..mailbox.fields import naive_utc
from .sentences import UNREADABLE

_logger = logging.getLogger(__name__)

#: Until what the server or the line withheld is asked for again; doubled each time.
FIRST_WAIT = timedelta(minutes=10)
LAST_WAIT = timedelta(days=1)
#: Seconds that a person waits while messages are read again; the rest goes on behind.
PATIENCE = 20
#: Characters of a subject or a sender.
MAX_SHOWN = 250
VERSION = Manifest.for_addon("mail_mailbox_archive")["version"]


class MailMailboxQuarantine(models.Model):
    """A message that could not be read, with its bytes and the reason.

    It keeps one bad message from stopping a folder, and from being lost. A row is never
    removed: it says what became of the message, as long as that is in the Queue.
    """

    _name = "mail.mailbox.quarantine"
    _inherit = ["mail.mailbox.content", "mail.mailbox.source"]
    _description = "Unreadable Email"
    _order = "create_date desc, id desc"
    _rec_names_search = ["subject", "email_from"]

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="mailbox_id.company_id")
    folder_id = fields.Many2one(
        "mail.mailbox.folder", readonly=True, ondelete="set null"
    )
    uid_validity = fields.Char("UIDVALIDITY", readonly=True)
    uid = fields.Char(
        "UID", readonly=True, help="Empty after its folder was renumbered."
    )
    internal_date = fields.Datetime("Received", readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    subject = fields.Char(readonly=True)
    email_from = fields.Char("From", readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("reaction", "In the Queue, a rule failed"),
            ("gone", "No longer on the server"),
            ("arrived", "Arrived later"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    reason = fields.Text(compute="_compute_reason")
    error = fields.Char("Technical reason", readonly=True)
    culprit = fields.Char(
        "Caused by", readonly=True, help="The rule or add-on whose code failed."
    )
    attempts = fields.Integer(readonly=True, default=1)
    tried_version = fields.Char(
        readonly=True, help="The version of this add-on that tried to read it last."
    )
    withheld = fields.Boolean(
        readonly=True,
        help="The server did not deliver it, or the connection broke each time: at "
        "most its headers are here. It is requested again automatically.",
    )
    # empty while the server is being asked
    ask_at = fields.Datetime("Asked for again", readonly=True)
    # what leaves the Queue takes along what is told of it here
    arrival_id = fields.Many2one(
        "mail.mailbox.arrival",
        "Email",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    arrived_at = fields.Datetime("Arrived", readonly=True)

    _place_uniq = models.UniqueIndex(
        "(mailbox_id, folder_id, uid_validity, uid)",
        "This message is already in quarantine.",
    )

    @api.depends("subject")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.subject or self.env._("(no subject)")

    @api.depends_context("lang")
    @api.depends("state", "withheld", "error", "culprit")
    def _compute_reason(self):
        for row in self:
            code = (row.error or "").partition(":")[0]
            if row.state != "waiting":
                code = row.state
            elif row.withheld:
                code = "withheld"
            sentence = self.env._(UNREADABLE.get(code, UNREADABLE["fault"]))
            culprit = row.culprit or self.env._("another add-on")
            row.reason = sentence % {"culprit": culprit}

    # What the polls report

    @api.model
    def _keep(self, folder, fetched, culprit=""):
        """Put aside what could not be read, with its place and its bytes.

        :param culprit: the rule or add-on that did not let it be stored
        """
        if not fetched:
            return
        new = []
        for one, row in self._match(folder, fetched):
            if row:
                row._note_failure(folder, one)
            else:
                new.append(one)
        rows = self.create([self._prepare_values(folder, one) for one in new])
        rows._store_sources(new)
        if culprit:
            rows.write({"culprit": culprit, "ask_at": self._get_next_try(1)})

    @api.model
    def _get_next_try(self, attempts):
        wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LAST_WAIT)
        return fields.Datetime.now() + wait

    @api.model
    def _release(self, folder, fetched, messages):
        """Close the rows of what could be read now.

        :param messages: dict of identity → ``mail.mailbox.message``
        """
        arrived = [
            (one.message.identity, row)
            for one, row in self._match(folder, fetched)
            if row.state in ("waiting", "gone")
        ]
        if not arrived:
            return
        arrivals = self.env["mail.mailbox.arrival"].search(
            [
                ("mailbox_id", "=", folder.mailbox_id.id),
                ("mailbox_message_id", "in", [one.id for one in messages.values()]),
            ]
        )
        listed = {one.mailbox_message_id: one.id for one in arrivals}
        for identity, row in arrived:
            # none where the Queue had it and let it go
            row._close(listed.get(messages.get(identity)))

    @api.model
    def _match(self, folder, fetched):
        """Return pairs of what came and the row that it has, which may be empty."""
        if not fetched:
            return []
        validity = str(folder.uid_validity)
        here = Domain("uid_validity", "=", validity) & Domain(
            "uid", "in", [str(one.uid) for one in fetched]
        )
        loose = Domain("uid", "=", False) & Domain("state", "!=", "arrived")
        rows = self.search(
            Domain("mailbox_id", "=", folder.mailbox_id.id)
            & Domain("folder_id", "=", folder.id)
            & (here | loose)
        )
        placed = {row.uid: row for row in rows if row.uid}
        loose = rows.filtered(lambda row: not row.uid)
        pairs = []
        for one in fetched:
            row = placed.get(str(one.uid)) or loose.filtered(
                lambda row, one=one: row._may_be(one)
            )
            pairs.append((one, row[:1]))
            loose -= row[:1]
        return pairs

    def _may_be(self, fetched):
        """Return whether this row, which has no place, is of what came."""
        received = naive_utc(fetched.internal_date)
        if (self.size, self.internal_date) != (fetched.size, received):
            return False
        # of another one of that size and second nothing may be lost
        return self.withheld or self._read_source() == fetched.source

    @api.model
    def _prepare_values(self, folder, fetched, attempts=1):
        withheld = fetched.withheld
        return {
            "mailbox_id": folder.mailbox_id.id,
            "folder_id": folder.id,
            "uid_validity": str(folder.uid_validity) if fetched.uid else False,
            "uid": str(fetched.uid) if fetched.uid else False,
            "internal_date": naive_utc(fetched.internal_date),
            "size": fetched.size,
            "state": "waiting",
            "error": str(fetched.error),
            "attempts": attempts,
            "tried_version": VERSION,
            "withheld": withheld,
            "ask_at": withheld and self._get_next_try(attempts),
            "culprit": False,
            "arrival_id": False,
            "arrived_at": False,
            **_read_headers(fetched.source),
        }

    def _note_failure(self, folder, fetched):
        """Note another failed reading, and keep the most complete source."""
        values = self._prepare_values(folder, fetched, self.attempts + 1)
        if self.state == "waiting" and not self.withheld:
            values |= {"withheld": False, "ask_at": False}
        elif fetched.source:
            self._source_attachments().unlink()
            self._store_sources([fetched])
        self.write(values)

    def _close(self, arrival_id):
        """Note that the message is in the Queue, which has its bytes from now on."""
        self._source_attachments().unlink()
        self.write(
            {
                "state": "arrived",
                "arrival_id": arrival_id,
                "arrived_at": fields.Datetime.now(),
                "withheld": False,
                "ask_at": False,
            }
        )

    @api.model
    def _ask_again(self, mailbox_ids):
        """Have the folders gone through for what was withheld, if it is time for it."""
        due = self.search(
            [
                ("mailbox_id", "in", mailbox_ids),
                ("withheld", "=", True),
                ("state", "=", "waiting"),
                ("ask_at", "<=", fields.Datetime.now()),
            ]
        )
        lost = due.filtered(lambda r: r.folder_id.skipped or r.folder_id.missing)
        lost.state = "gone"
        asked = due - lost
        asked.ask_at = False
        asked.folder_id._go_through_again()

    @api.model
    def _give_up(self, folder):
        """Stop asking for what a folder, read whole by now, no longer has.

        What the server still withholds was put aside once more meanwhile.
        """
        self.search(
            [
                ("folder_id", "=", folder.id),
                ("withheld", "=", True),
                ("state", "=", "waiting"),
                ("ask_at", "=", False),
            ]
        ).state = "gone"

    @api.model
    def _unplace(self, folders):
        """Forget the places in folders that were renumbered."""
        rows = self.search([("folder_id", "in", folders.ids)])
        rows.write({"uid_validity": False, "uid": False, "ask_at": False})

    # Reading again

    def action_retry(self):
        """Read the messages again; what the server withheld is asked for again."""
        self.check_access("read")
        for _one in self.filtered(lambda row: row.state == "reaction")._react_each():
            pass
        self._read_again()
        asked = self.filtered(lambda row: row.withheld).mailbox_id
        asked = asked.filtered(lambda box: box.active and box.imap_enabled)
        if asked:
            asked.action_check()
        # in a new transaction: this request's one does not see the result yet
        states = self._transact(lambda rows: rows.mapped("state"))
        arrived, mailboxes = states.count("arrived"), self.env["mail.mailbox"]
        if arrived == len(states):
            sentence = self.env._("The selected emails are in the Queue now.")
            return mailboxes._get_notification("success", sentence)
        if len(states) == 1:
            sentence = self.env._(
                "It could not be read this time either: see the reason."
            )
            return mailboxes._get_notification("warning", sentence)
        return mailboxes._get_notification(
            "warning",
            self.env._(
                "%(arrived)s of %(count)s emails are in the Queue now. The others stay "
                "here, with the reason.",
                count=len(states),
                arrived=arrived,
            ),
        )

    def _read_again(self):
        """Read messages once more; after some seconds the scheduled action goes on."""
        end = time.monotonic() + PATIENCE
        here = self._transact(lambda rows: rows._make_due().ids)
        for _one in self.browse(here)._read_each():
            if time.monotonic() > end:
                # sudo: any user may wake the scheduled action, which does what it does
                cron = self.env.ref("mail_mailbox_archive.ir_cron_read_again")
                cron.sudo()._trigger()
                break

    def _transact(self, work):
        """Return ``work(self)`` done in a transaction of its own, as the system."""
        name, ids = self._name, self.ids
        return self.env["mail.mailbox"]._transact(
            lambda env: work(env[name].browse(ids))
        )

    def action_download_source(self):
        """Download what is here of the message as .eml."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/mail_mailbox_archive/quarantine/{self.id}",
            "target": "download",
        }


def _read_headers(source):
    """Return subject and sender as far as they can be read, to find the message by."""
    try:
        message = parse_headers(source)
    except Exception:
        # what makes the message unreadable may be in its headers
        _logger.debug("Nothing can be read of a message in quarantine", exc_info=True)
        return {}
    return {
        "subject": safe_text(message.subject, MAX_SHOWN),
        "email_from": safe_text(address.format_addresses(message.from_), MAX_SHOWN),
    }
