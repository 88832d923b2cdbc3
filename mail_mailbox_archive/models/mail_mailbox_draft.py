import logging

from markupsafe import Markup

from odoo import Command, api, fields, models, modules
from odoo.exceptions import UserError

from ..mailcore import address
from ..mailcore.message import read_part

_logger = logging.getLogger(__name__)

MODES = [
    ("new", "New"),
    ("reply", "Reply"),
    ("reply_all", "Reply to all"),
    ("forward", "Forward"),
]


class MailMailboxDraft(models.Model):
    """A mail being written, kept until it is sent or discarded; its writer's alone.

    Started by ``mail.mailbox.message.prepare_compose`` or ``prepare_new`` here. Sending
    queues a ``mail.mail`` of the mailbox, so the send gate decides, not this form.
    """

    _name = "mail.mailbox.draft"
    _inherit = "mail.mailbox.guarded"
    _description = "Draft of an E-mail"
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
        "Answers",
        ondelete="set null",
        index="btree_not_null",
    )
    email_to = fields.Text("To")
    email_cc = fields.Text("Cc")
    email_bcc = fields.Text("Bcc")
    subject = fields.Char()
    body = fields.Html(sanitize_style=True)
    signature = fields.Html(
        compute="_compute_signature", help="Put below what you write when it is sent."
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
    archive = fields.Boolean(
        "Archive it there as well",
        compute="_compute_archive",
        store=True,
        readonly=False,
        precompute=True,
        help="What is sent is attached to the same records, for the same roles.",
    )

    @api.model
    def _get_default_mailbox(self):
        mailboxes = self.env["mail.mailbox"]
        domain = mailboxes._get_sendable_domain()
        mine = [*domain, ("user_ids", "in", self.env.user.ids)]
        return mailboxes.search(mine, limit=1) or mailboxes.search(domain, limit=1)

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
                "This answers a mail of a private mailbox. Sent from %(mailbox)s, "
                "your mail and what it quotes will be read by %(readers)s. Where it "
                "is archived, only the people of the private mailbox find it.",
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

    @api.model
    def prepare_new(self, res_model=False, res_id=False, email_to="", mailbox_id=False):
        """Start a new mail, from a record's tab with that record; return its id."""
        values = {"res_model": res_model, "res_id": res_id, "email_to": email_to}
        if mailbox_id:
            values["mailbox_id"] = mailbox_id
        elif not self._get_default_mailbox():
            raise UserError(
                self.env._(
                    "There is no mailbox that you may send from. Set one up under "
                    "Mail, Email mailboxes, or ask a mail administrator."
                )
            )
        return self.create(values).id

    @api.model
    def action_new(self, res_model=False, res_id=False):
        """Start a new mail, of a record to whom that record is about; open its form."""
        email_to = ""
        if res_model and res_model in self.env and res_id:
            record = self.env[res_model].browse(res_id).exists()
            email_to = (
                self._get_people_of(record)
                if record and record.has_access("read")
                else ""
            )
        return self.browse(self.prepare_new(res_model, res_id, email_to)).action_open()

    @api.model
    def _get_people_of(self, record):
        """Return whom a record is about, as a header; as Odoo's own composer does."""
        found = record._message_get_default_recipients()[record.id]
        partners = self.env["res.partner"].browse(found.get("partner_ids"))
        people = partners.filtered("email_normalized").mapped("email_formatted")
        return ", ".join(people) or found.get("email_to") or ""

    def action_open(self):
        """Open the form of this draft."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["mode"]._description_selection(self.env))[
                self.mode
            ],
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large", "mailbox_fresh_draft": True},
        }

    def action_discard(self):
        """Throw the draft away, with the copies of attachments made for it."""
        self.attachment_ids.filtered(lambda a: a.res_model == self._name).unlink()
        self.unlink()
        return {"type": "ir.actions.act_window_close"}

    # Sending

    def action_send(self):
        """Send the mail; the draft goes when anybody gets it, or will.

        :raises UserError: nobody got it; says why, and the draft stays
        """
        self.ensure_one()
        self.check_access("write")
        self.mailbox_id._check_may_send()
        self.env.flush_all()
        mail_id = self._queue()
        state, reason = self._send_queued(mail_id)
        if state == "refused":
            raise UserError(reason)
        self.unlink()
        notification = self.env["mail.mailbox"]._get_notification
        if state == "sent":
            action = notification("success", self.env._("Sent."))
        elif state == "waiting":
            action = notification("warning", self.env._("Not sent yet. %s", reason))
        else:
            action = notification("danger", reason)
            action["params"]["sticky"] = True
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action

    def _queue(self):
        """Queue the mail for good, whatever becomes of this request; return its id.

        Committed before it is sent, so that after a crash it is the same mail that is
        sent again, and not another one that the person writes anew.
        """
        values = self._prepare_mail_values()
        with self._own_env() as env:
            # sudo: the queue is the system's; the gate asks for the person
            mail = env["mail.mail"].sudo().create(values)
            mail.attachment_ids.write(
                {"res_model": "mail.message", "res_id": mail.mail_message_id.id}
            )
            return mail.id

    def _send_queued(self, mail_id):
        """Send the queued mail; return its state in one word, and the reason."""
        with self._own_env() as env:
            # sudo: see _queue
            mail = env["mail.mail"].sudo().browse(mail_id)
            mail.send(auto_commit=not modules.module.current_test)
            reason = mail.failure_reason or ""
            if mail.state == "outgoing":
                # what is sent later by itself needs nobody to clear up after it
                mail.auto_delete = True
                return "waiting", reason
            if mail.state != "sent" and mail.mailbox_accepted:
                return "partly", reason
            sent = mail.state == "sent"
            if not sent:
                # the draft has its attachments back
                mail.attachment_ids.write({"res_model": self._name, "res_id": self.id})
            mail.unlink()
            return ("sent" if sent else "refused"), reason

    def _own_env(self):
        return _OwnEnv(self.env)

    def _prepare_mail_values(self):
        """Return the values of the ``mail.mail``."""
        origin = self.origin_id
        answers = origin and self.mode != "forward" and origin.message_id
        return {
            "email_from": self.mailbox_id.email,
            "email_to": self._check_people("email_to"),
            "email_cc": self._check_people("email_cc"),
            "email_bcc": self._check_people("email_bcc"),
            "subject": self.subject or "",
            "body_html": str(self.body or ""),
            "attachment_ids": [Command.set(self.attachment_ids.ids)],
            "references": origin._get_answer_references() if answers else False,
            "headers": repr({"In-Reply-To": origin.message_id}) if answers else False,
            "mailbox_origin_id": origin.id if self.archive else False,
            "mailbox_res_model": self.archive and self.res_model,
            "mailbox_res_id": self.archive and self.res_id,
            "auto_delete": False,
        }

    def _check_people(self, name):
        """Return the addresses of a field as a header.

        :raises UserError: one of them is no address, or nobody is addressed at all
        """
        found = address.parse_addresses((self[name] or "").replace("\n", ","))
        wrong = [one for one in found if not address.is_valid(one.addr_spec)]
        if wrong:
            raise UserError(
                self.env._(
                    "“%s” is not an email address. Correct it, or remove it.",
                    address.format_addresses(wrong[:1]),
                )
            )
        if name == "email_to" and not (found or self.email_cc or self.email_bcc):
            raise UserError(self.env._("Write to whom the mail goes."))
        return address.format_addresses(found)

    @api.autovacuum
    def _gc_drafts(self):
        """Remove what was opened and never written on."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=90)
        self.search([("write_date", "<", limit)], limit=1000).action_discard()


class _OwnEnv:
    """A transaction of its own, as the same person; committed at its end."""

    def __init__(self, env):
        self._env = env

    def __enter__(self):
        self._cursor = self._env.registry.cursor()
        cr = self._cursor.__enter__()
        return api.Environment(cr, self._env.uid, dict(self._env.context))

    def __exit__(self, *exception):
        return self._cursor.__exit__(*exception)


class MailMailboxArrival(models.Model):
    """A new mail is begun from the Queue."""

    _inherit = "mail.mailbox.arrival"

    def action_write(self):
        """Start a new mail and open its form."""
        return self.env["mail.mailbox.draft"].action_new()


class MailMailboxMessage(models.Model):
    """Answering a message, from the Queue, the Archive or a record's tab."""

    _inherit = "mail.mailbox.message"

    def prepare_compose(self, mode, mailbox_id=False):
        """Start a mail that answers or forwards this one; return the draft's id.

        For the web client: ``orm.call("mail.mailbox.message", "prepare_compose",
        [[id], "reply"])``, then open ``mail.mailbox.draft`` with that id, or let
        ``action_compose`` return the action. The draft holds recipients, subject, the
        sanitised quote, on forward the attachments, and the mailbox that received the
        message where the user may send from it.

        :param mode: ``reply``, ``reply_all`` or ``forward``
        :param mailbox_id: in whose Queue the user is, when known
        :raises AccessError: the user may not read the message
        :raises UserError: there is no mailbox the user may send from
        """
        return self._prepare_compose(mode, mailbox_id).id

    def action_write(self):
        """Start a new mail and open its form."""
        return self.env["mail.mailbox.draft"].action_new()

    def action_compose(self, mode="reply", mailbox_id=False):
        """Start an answer and open its form."""
        return self._prepare_compose(mode, mailbox_id).action_open()

    def _prepare_compose(self, mode, mailbox_id=False):
        self.ensure_one()
        self.check_access("read")
        forward = mode == "forward"
        mailbox = self._choose_mailbox(mailbox_id)
        to = cc = ""
        if not forward:
            to, cc = self._get_answer_people(mailbox, mode == "reply_all")
        quote = self._get_quote(forward)
        drafts = self.env["mail.mailbox.draft"]
        draft = drafts.create(
            {
                "mode": mode,
                "mailbox_id": mailbox.id,
                "origin_id": self.id,
                "email_to": to,
                "email_cc": cc,
                "subject": self._get_answer_subject(forward),
                "body": Markup("<p><br></p>") + quote,
            }
        )
        if forward:
            draft.attachment_ids = self._copy_attachments(draft, quote)
        return draft

    def _choose_mailbox(self, mailbox_id=False):
        """Return the mailbox to answer from: the one that has it, if one may."""
        mailboxes = self.env["mail.mailbox"]
        domain = mailboxes._get_sendable_domain()
        # sudo: of where it arrived, only those are taken that the user may send from
        ids = [mailbox_id, *self.sudo().arrival_ids.mailbox_id.ids]
        sendable = mailboxes.search([*domain, ("id", "in", ids)])
        found = sendable.filtered(lambda m: m.id == mailbox_id) or sendable[:1]
        found = found or self.env["mail.mailbox.draft"]._get_default_mailbox()
        if not found:
            raise UserError(
                self.env._(
                    "There is no mailbox that you may send from. Set one up under "
                    "Mail, Email mailboxes, or ask a mail administrator."
                )
            )
        return found

    def _copy_attachments(self, draft, quote):
        """Return attachments of ``draft``: the parts that ``quote`` does not show."""
        source, parts = self._read_source(), self._get_left_out(quote)
        return (
            self.env["ir.attachment"]
            .with_context(image_no_postprocess=True, attachments_mime_plainxml=True)
            .create(
                [
                    {
                        "name": part.filename or "attachment",
                        "raw": read_part(source, part.path).content,
                        "mimetype": part.mimetype,
                        "res_model": draft._name,
                        "res_id": draft.id,
                    }
                    for part in parts
                ]
            )
        )

    def _get_archive_records(self):
        """Return the records that this message is archived to and the user may open."""
        self.ensure_one()
        links = self.env["mail.mailbox.link"].search(
            [("mailbox_message_id", "=", self.id)], order="id"
        )
        return [record for link in links if (record := link._get_record())]

    def _archive_entry(self, entry):
        """Archive this sent message where the one it answers is, for the same roles.

        :param entry: ``Entry``, with what it answers and where it was written
        """
        # only what the person who sent it may open counts
        env = self.with_user(entry.user_id or self.env.uid).env
        draft = env["mail.mailbox.draft"].new(
            {
                "origin_id": entry.origin_id,
                "res_model": entry.res_model,
                "res_id": entry.res_id,
            }
        )
        origin = self.browse(entry.origin_id)
        mailbox = self.env["mail.mailbox"].browse(entry.mailbox_id)
        bond = origin._get_private_bond()
        bond = bond[:1] if bond and mailbox not in bond else None
        try:
            with self.env.cr.savepoint():
                for record in draft._get_records():
                    # sudo: who sent it need not have the mailbox's Queue; the record
                    # and the links were found as that person
                    self.with_env(env).sudo()._archive(
                        record, roles=origin.role_ids, mailbox=mailbox, bond=bond
                    )
        except UserError as refusal:
            # it has left; that it cannot be archived is no reason to send it again
            _logger.info("Message %s was sent, not archived: %s", self.id, refusal)
