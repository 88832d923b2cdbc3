from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailbox.arguments import checked

PEOPLE = ("email_to", "email_cc", "email_bcc")
MODES = [
    ("new", "New email"),
    ("reply", "Reply"),
    ("reply_all", "Reply to all"),
    ("forward", "Forward"),
]


class MailMailboxDraft(models.Model):
    """A mail being written, kept until it is sent or discarded; its writer's alone.

    Started by ``begin``, ``prepare_new`` or ``mail.mailbox.message.prepare_compose``.
    Sending turns it into a row of ``mail.mailbox.outbox``; the gate decides, not this
    form.
    """

    _name = "mail.mailbox.draft"
    _inherit = "mail.mailbox.guarded"
    _description = "Draft of an Email"
    _owner_field = "create_uid"
    _order = "write_date desc, id desc"
    _rec_name = "subject"

    mailbox_id = fields.Many2one(
        "mail.mailbox",
        "From",
        required=True,
        ondelete="cascade",
        default=lambda self: self._get_default_mailbox(),
        domain=lambda self: self.env["mail.mailbox"]._get_sendable_domain(),
    )
    mode = fields.Selection(MODES, default="new", required=True)
    origin_id = fields.Many2one(
        "mail.mailbox.message",
        "In reply to",
        ondelete="set null",
        index="btree_not_null",
    )
    email_to = fields.Text("To")
    email_cc = fields.Text("Cc")
    email_bcc = fields.Text("Bcc")
    subject = fields.Char()
    body = fields.Html(sanitize_style=True)
    signature = fields.Html(
        compute="_compute_signature",
        help="Added below your text when the email is sent.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "mail_mailbox_draft_attachment_rel",
        "draft_id",
        "attachment_id",
        string="Attachments",
        bypass_search_access=True,
    )
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")
    archives_to = fields.Char("Archived to", compute="_compute_archives_to")
    private_warning = fields.Text(compute="_compute_private_warning")
    send_at = fields.Datetime(
        "Send later", help="Leave empty to send it at once. In your own time zone."
    )
    archive = fields.Boolean(
        "Archive it there as well",
        compute="_compute_archive",
        store=True,
        readonly=False,
        precompute=True,
        help="The sent email is attached to the same records, with the same role "
        "restrictions.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._read_moment(vals.get("send_at"))
        return super().create(vals_list)

    def write(self, vals):
        self._read_moment(vals.get("send_at"))
        try:
            return super().write(vals)
        except MissingError as missing:
            if not self._find_sent_rows():
                raise
            raise UserError(
                self.env._(
                    "This email has already been sent from another window, without "
                    "your latest changes here. You will find it in the Outbox."
                )
            ) from missing

    @api.depends_context("uid")
    @api.depends("mailbox_id")
    def _compute_signature(self):
        for draft in self:
            mailbox = draft.mailbox_id._origin._filtered_access("read")
            # sudo: what recipients see of a mailbox that one may send from
            draft.signature = mailbox and mailbox.sudo()._get_signature(self.env.user)

    @api.depends_context("uid")
    @api.depends("origin_id", "res_model", "res_id")
    def _compute_archives_to(self):
        for draft in self:
            records = draft._get_records()
            names = [record.display_name for record in records]
            draft.archives_to = ", ".join(names)

    @api.depends("origin_id", "mailbox_id")
    def _compute_archive(self):
        # whoever ticks it knows by then who reads it
        for draft in self:
            draft.archive = not draft._leaves_private_mailbox()

    @api.depends("origin_id", "mailbox_id")
    def _compute_private_warning(self):
        for draft in self:
            draft.private_warning = draft._leaves_private_mailbox() and self.env._(
                "This is a reply to an email of a private mailbox. Sent from "
                "%(mailbox)s, your email and the quoted text can be read by "
                "%(readers)s. Where it is archived, only the users of the private "
                "mailbox can see it.",
                mailbox=draft.mailbox_id.display_name,
                readers=draft.mailbox_id._describe_readers(),
            )

    def _leaves_private_mailbox(self):
        """Return whether this quotes a private mailbox's mail to readers of another."""
        self.ensure_one()
        mailbox, bond = self.mailbox_id._origin, self.origin_id._get_private_bond()
        return bool(mailbox and bond) and mailbox not in bond

    def _get_records(self):
        """Return the records that what is sent is archived to, as the user."""
        self.ensure_one()
        found = []
        if self.res_model and self.res_model in self.env and self.res_id:
            record = self.env[self.res_model].browse(self.res_id).exists()
            found += [record] if record and record.has_access("read") else []
        if self.origin_id:
            found += self.origin_id._get_archive_records()
        return list(dict.fromkeys(found))

    def action_discard(self):
        """Throw the draft away, with the attachments made for it; twice is once."""
        self.exists().unlink()
        return {"type": "ir.actions.act_window_close"}

    # Sending

    @checked(one=True)
    def action_send(self, send_at=None):
        """Put the mail into the outbox, which sends it after this transaction.

        Pressed twice, in two tabs or asked again by a browser, it is sent once: what
        the draft became is returned again.

        :param send_at: when it leaves, in UTC; by default when the draft says, or now
        :raises UserError: it may not leave, or to nobody; the draft stays
        """
        return self._send(self._read_moment(send_at))._get_sent_action()

    @api.model
    def _read_moment(self, value):
        """Return the moment that a caller gave, None for none.

        :raises UserError: it is none, or cannot be told in the caller's time zone
        """
        try:
            moment = fields.Datetime.to_datetime(value)
            if moment:
                fields.Datetime.context_timestamp(self, moment)
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(
                self.env._(
                    "“%s” is not a date and time. Write it in UTC, for example "
                    "2030-12-31 08:00:00.",
                    value,
                )
            ) from error
        return moment

    def _send(self, send_at=None):
        """Turn the draft into a row of the outbox; return that."""
        # whoever presses at the same moment waits here, and finds it gone
        self.env.cr.execute(
            SQL("SELECT id FROM mail_mailbox_draft WHERE id = %s FOR UPDATE", self.id)
        )
        if not self.env.cr.fetchone():
            return self._get_sent_row()
        self.invalidate_recordset()
        self.check_access("write")
        self.mailbox_id._check_may_send(sent_as=self._get_sent_as())
        row = self.env["mail.mailbox.outbox"]._take(
            self, send_at or self.send_at, bool(self.env.context.get("mailbox_undo"))
        )
        # sudo: what is sent is done with, whoever of the two sent it
        self.sudo().unlink()
        return row

    def _get_sent_row(self):
        """Return what this draft, which is gone, became."""
        row = self._find_sent_rows()
        if not row:
            raise UserError(self.env._("This draft no longer exists, or is not yours."))
        return row

    def _find_sent_rows(self):
        # sudo: found by their numbers, and then only the writer's own
        rows = self.env["mail.mailbox.outbox"].sudo()
        return rows.search(
            [("draft_id", "in", self.ids), ("user_id", "=", self.env.uid)]
        )

    def _prepare_outbox_values(self):
        """Return the values of what is to leave, as it was written."""
        origin = self.origin_id
        # sudo: what is answered was read when the draft was begun
        asked = origin.sudo()
        answers = self.mode != "forward" and asked.message_id
        header = {name: self._check_people(name) for name in PEOPLE}
        return {
            **header,
            "recipients": ", ".join(filter(None, header.values())),
            "mailbox_id": self.mailbox_id.id,
            "sent_as": self._get_sent_as(),
            "plain": self.plain,
            "plain_text": self.plain and self.plain_text,
            "mode": self.mode,
            "subject": self.subject or "",
            "in_reply_to": answers or False,
            "references": answers and asked._get_answer_references(),
            "origin_id": origin.id,
            "archive": self.archive,
            "res_model": self.res_model,
            "res_id": self.res_id,
        }

    def _hand_over(self, row):
        """Give ``row`` what is attached and shown: its own, or copies of others'."""
        self._check_attachments()
        own, files = self._get_own_attachments(), self._get_files()
        there = {"res_model": row._name, "res_id": row.id}
        for one in files - own:
            # sudo: a copy, the row's; the person may read what is copied
            one.sudo().copy({**there, "name": one.name})
        # sudo: the row's from now on
        (own & files).sudo().write({**there, "access_token": False})
        # without formatting nothing is shown, only attached
        row._take_over_text(self.body if not self.plain else "", (own - files).ids)

    @api.constrains("attachment_ids")
    def _check_attachments(self):
        """Refuse files that the person may not read, and what is no file."""
        for draft in self:
            others = draft._get_files() - draft._get_own_attachments()
            others.check_access("read")
            for one in others.filtered(lambda one: one.type != "binary"):
                raise UserError(
                    self.env._(
                        "“%s” is a link, not a file. Put the address into the text.",
                        one.name,
                    )
                )

    def _get_files(self):
        """Return all that is attached, also what the person may not read any more."""
        # sudo: nothing is left out of a mail because somebody cannot see it
        return self.sudo().attachment_ids.sudo(False)

    def _get_own_attachments(self):
        """Return the attachments that were made for this draft, and only for it."""
        self.ensure_one()
        # sudo: of others' only the ids are known, and they are left out
        attachments = self.env["ir.attachment"].sudo()
        mine = attachments.search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)]
        )
        begun = (
            self._get_files()
            .sudo()
            .filtered(
                lambda one: one.res_model == self._name
                and not one.res_id
                and one.create_uid == self.env.user
            )
        )
        return (mine | begun).sudo(False)

    @api.model
    def _get_untouched_domain(self):
        """Return the domain of what nobody wrote on since it was begun."""
        return Domain("written", "=", False) & Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s = %s",
                SQL.identifier(alias, "write_date"),
                SQL.identifier(alias, "create_date"),
            )
        )

    @checked(one=True)
    def get_progress(self):
        """Return how far it is: ``fresh``, ``written``, ``sent`` or ``gone``.

        On what is fresh nobody wrote since it was begun, here or elsewhere.
        """
        if not self.exists():
            return "sent" if self._find_sent_rows() else "gone"
        if not self.has_access("read"):
            # a reviewer's no more: nothing of theirs is left in it
            return "gone"
        fresh = Domain("id", "=", self.id) & self._get_untouched_domain()
        return "fresh" if self.search_count(fresh) else "written"

    @api.autovacuum
    def _gc_drafts(self):
        """Remove what was opened and never written on; what somebody wrote is kept."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=90)
        old = Domain("write_date", "<", limit) & self._get_untouched_domain()
        self.search(old, limit=1000).action_discard()
