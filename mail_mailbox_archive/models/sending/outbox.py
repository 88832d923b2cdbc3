from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ...mailcore.addresses import address
from ..mailbox.arguments import checked
from ..mailbox.res_config_settings import LONGEST_UNDO, read_number

STATES = [
    ("scheduled", "Scheduled"),
    ("waiting", "Waiting"),
    ("sending", "Sending"),
    ("sent", "Sent"),
    ("partly", "Partly sent"),
    ("failed", "Not sent"),
    ("cancelled", "Cancelled"),
]
#: A mail that is planned for a moment this near has a worker stay awake for it: a
#: trigger of a scheduled action at a later time wakes nobody.
STAY_AWAKE = timedelta(seconds=15)
#: What times in whole seconds may cut off.
ROUNDED = timedelta(seconds=1)
#: Days that what is done with stays in the list.
KEPT_DAYS = 30
#: This very database: a copy of it, however it was made, is another one.
HERE = SQL(
    "(SELECT system_identifier || '.' || oid FROM pg_control_system(), pg_database"
    " WHERE datname = current_database())"
)


class MailMailboxOutbox(models.Model):
    """What is to leave from a mailbox, and what became of it.

    A row is written in the transaction in which somebody presses Send, and is all there
    is of that mail: its words, its attachments, its Message-ID. A worker sends it after
    the commit. Its writer may stop it until its first byte is on its way; whether that
    may have been is committed before, so that nothing is sent twice.
    """

    _name = "mail.mailbox.outbox"
    _inherit = ["mail.mailbox.content", "mail.mailbox.work"]
    _description = "Email to Be Sent"
    _order = "id desc"
    _rec_name = "subject"

    _waits = SQL(
        "state IN ('scheduled', 'waiting')"
        " AND coalesce(written_in, %(here)s) = %(here)s",
        here=HERE,
    )
    _lease = timedelta(minutes=5)

    mailbox_id = fields.Many2one(string="From", ondelete="cascade", index=True)
    sent_as = fields.Char(
        "From address",
        readonly=True,
        help="Another address of the mailbox that it is sent from.",
    )
    user_id = fields.Many2one(
        "res.users", "Written by", required=True, readonly=True, index=True
    )
    draft_id = fields.Integer(readonly=True, copy=False)
    mode = fields.Char(readonly=True)
    state = fields.Selection(
        STATES, required=True, readonly=True, default="waiting", index=True
    )
    uncertain = fields.Boolean(
        readonly=True,
        help="It may or may not have been sent: no confirmation was received. It is "
        "sent again only if its author chooses so.",
    )
    subject = fields.Char(readonly=True)
    recipients = fields.Text("To", readonly=True)
    email_to = fields.Text(readonly=True)
    email_cc = fields.Text("Cc", readonly=True)
    email_bcc = fields.Text("Bcc", readonly=True)
    body = fields.Html(readonly=True, sanitize_style=True)
    signature = fields.Html(readonly=True, sanitize_style=True)
    plain = fields.Boolean("Plain text", readonly=True)
    plain_text = fields.Text("Text", readonly=True)
    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        bypass_search_access=True,
    )
    picture_ids = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    message_id = fields.Char(
        "Message-ID", required=True, readonly=True, index="btree", copy=False
    )
    in_reply_to = fields.Char(readonly=True)
    references = fields.Text(readonly=True)
    origin_id = fields.Many2one(
        "mail.mailbox.message",
        "In reply to",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    archive = fields.Boolean(readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    send_at = fields.Datetime("Planned for", readonly=True)
    due_at = fields.Datetime("Next try", readonly=True, required=True)
    tries = fields.Integer(readonly=True)
    tried_since = fields.Datetime(readonly=True)
    #: The Date of the message: the same for all who get it, whenever they do.
    dated_at = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    sent_at = fields.Datetime("Sent on", readonly=True)
    reason = fields.Text("What happened", readonly=True)
    written_in = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    announced = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    #: Set before the first byte of the message leaves.
    intended_at = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    #: What was said about each recipient, and whether the Queue has it.
    results = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    provider_message_id = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    kept = fields.Boolean(readonly=True, groups=fields.NO_ACCESS)
    keep_tries = fields.Integer(readonly=True, groups=fields.NO_ACCESS)
    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message",
        "Message",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    is_drafted = fields.Boolean(compute="_compute_is_drafted")
    status = fields.Char(compute="_compute_status", help="The state in one word.")

    _draft_uniq = models.UniqueIndex(
        "(draft_id) WHERE draft_id IS NOT NULL", "This email is already in the outbox."
    )
    _due_idx = models.Index(
        "(due_at, mailbox_id) WHERE state IN ('scheduled', 'waiting', 'sending')"
    )

    @api.model
    def _get_read_domain(self):
        """Return the domain of what the user wrote, and of that of their mailboxes."""
        mine = self.env["mail.mailbox"]._get_mine_domain()
        return Domain("user_id", "=", self.env.uid) | Domain("mailbox_id", "any!", mine)

    def _is_open(self):
        return self.env.user in self.user_id | self.mailbox_id.user_ids

    @api.depends_context("uid")
    @api.depends("user_id", "mailbox_id")
    def _compute_is_mine(self):
        for row in self:
            row.is_mine = row._is_in_my_hands()

    @api.depends_context("lang")
    @api.depends("state", "uncertain")
    def _compute_status(self):
        names = dict(self._fields["state"]._description_selection(self.env))
        for row in self:
            row.status = names.get(row.state)
            if row.uncertain and row.state != "cancelled":
                row.status = self.env._("Uncertain")

    # In

    @api.model
    def _get_here(self):
        """Return which database this is, as no copy of it is."""
        return self.env.execute_query(SQL("SELECT %s", HERE))[0][0]

    @api.model
    def _get_undo_seconds(self):
        return min(read_number(self.env, "undo_seconds"), LONGEST_UNDO)

    @api.model
    def _get_moment_to_undo(self):
        seconds = self._get_undo_seconds()
        # times are kept in whole seconds, and the one that runs is not cut off
        return timedelta(seconds=seconds) + ROUNDED if seconds else timedelta()

    def _wake(self):
        """Have a worker look at the outbox as soon as this is committed, or due."""
        # sudo: any user may wake the action, which does what it always does
        cron = self.env.ref("mail_mailbox_archive.ir_cron_outbox").sudo()
        now = fields.Datetime.now()
        for due in set(self.mapped("due_at")) or {now}:
            moment = due - STAY_AWAKE
            cron._trigger(moment if moment > now else None)

    @api.model
    def wake(self):
        """Have what is due leave now; called by a browser when a delay is over."""
        self.browse()._wake()

    # In its writer's hands

    def _lock(self):
        """Keep workers away from these rows until the end of the transaction."""
        self.env.cr.execute(
            SQL(
                "SELECT id FROM mail_mailbox_outbox WHERE id = ANY(%s)"
                " ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset()

    def _is_stoppable(self):
        """Return whether nothing of it is on its way yet."""
        # sudo: whether a worker has it
        row = self.sudo()
        return row.state in ("scheduled", "waiting") or (
            row.state == "sending" and not row.intended_at
        )

    @checked()
    def action_send_now(self):
        """Send these mails as soon as possible, also what failed or is uncertain."""
        self._check_mine()
        self._lock()
        now = fields.Datetime.now()
        for row in self:
            # sudo: from which address it leaves
            row.mailbox_id._check_may_send(sent_as=row.sudo().sent_as)
            row._check_writer()
            some = row.state in ("scheduled", "waiting", "failed", "partly")
            if not (some or row.uncertain) or not row._get_left():
                raise UserError(
                    self.env._("“%s” does not need to be sent.", row.subject or "")
                )
            # sudo: what workers noted
            results, dated_at = row.sudo().results or [], row.sudo()._get_date()
            # sudo: see _take
            row.sudo().write(
                {
                    # who refused it is asked again
                    "results": [r for r in results if r["status"] == "accepted"],
                    # it is the same mail where anybody may have it
                    "dated_at": (row.uncertain or row._get_accepted()) and dated_at,
                    "state": "waiting",
                    "uncertain": False,
                    "intended_at": False,
                    "due_at": now,
                    "tries": 0,
                    "tried_since": False,
                    "reason": False,
                    "written_in": self._get_here(),
                }
            )
        self._wake()
        self._notify_people()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_sent_action(self):
        """Return what the web client shows once it is in the outbox."""
        self.ensure_one()
        now = fields.Datetime.now()
        # sudo: the writer's own
        row = self.sudo()
        kind, undo = "success", 0
        problem = row.mailbox_id._get_schedule_problem()
        if problem:
            kind, message = "warning", problem
        elif row.state == "cancelled":
            message = self.env._("This email was taken back and is not sent.")
        elif row.state == "scheduled" and row._was_planned():
            moment = format_datetime(self.env, row.send_at)
            message = self.env._("It is sent on %s.", moment)
        elif row.state == "scheduled":
            undo = max((row.due_at - now - ROUNDED).total_seconds(), 0)
            message = self.env._("Sending…")
        else:
            message = self.env._("It is in the outbox.")
        return {
            "type": "ir.actions.client",
            "tag": "mail_mailbox_archive.sent",
            "params": {
                "type": kind,
                "message": message,
                "outbox_id": row.id,
                "undo": undo,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @checked()
    def action_mark_sent(self):
        """Say that an uncertain mail has arrived, as its writer knows."""
        self._check_mine()
        self._lock()
        for row in self.filtered("uncertain"):
            # sudo: see _take
            row.sudo()._resolve()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @checked(one=True)
    def action_open_message(self):
        """Show the message as it was sent."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.mailbox.message",
            "res_id": self.mailbox_message_id.id,
            "views": [(False, "form")],
        }

    # Out

    def _get_told(self, statuses):
        """Return the recipients of whom one of ``statuses`` is known, normalised."""
        # sudo: what workers noted
        results = self.sudo().results or []
        return {
            address.normalise(one["address"])
            for one in results
            if one["status"] in statuses
        }

    def _get_accepted(self):
        """Return the recipients that have it, normalised."""
        return self._get_told(("accepted",))

    def _get_everybody(self):
        """Return all addresses it is for, each once."""
        found = {}
        for header in (self.email_to, self.email_cc, self.email_bcc):
            for one in address.parse_addresses(header or ""):
                found.setdefault(address.normalise(one.addr_spec), one.addr_spec)
        return list(found.values())

    def _get_others(self, known):
        """Return the addresses it is for, but those that are in ``known``."""
        return [
            one for one in self._get_everybody() if address.normalise(one) not in known
        ]

    def _get_left(self):
        """Return the addresses of those who have it not, nor get it by a draft."""
        return self._get_others(self._get_told(("accepted", "drafted")))

    def _get_next(self):
        """Return the addresses that it is sent to next: nobody has decided on them."""
        return self._get_others(self._get_told(("accepted", "refused", "drafted")))

    def _notify_people(self):
        """Tell the lists of who may see these rows that something changed."""
        # sudo: who is notified does not depend on who caused the change
        for mailbox, rows in self.sudo().grouped("mailbox_id").items():
            mailbox._notify(mailbox._get_readers() | rows.user_id)

    def _tell_writer(self, kind, message):
        """Tell the person who wrote it, where they are now."""
        user = self.user_id
        if user._is_internal() and user.active:
            user._bus_send(
                "simple_notification",
                {"type": kind, "message": message, "sticky": kind == "danger"},
            )

    @api.autovacuum
    def _gc_done(self):
        """Forget what is done with: it is in the Queue, the archive or the drafts."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        # what was sent and could not be listed has no other copy
        sent = Domain("state", "in", ("sent", "partly")) & Domain("kept", "=", True)
        empty = Domain("body", "=", False) & Domain("email_to", "=", False)
        taken_back = Domain("state", "=", "cancelled") & empty
        done = Domain("write_date", "<", limit) & (sent | taken_back)
        self.search(done, limit=1000).unlink()
