from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..archiving.record_detail import THERE, describe, made_of
from ..mailbox.guarded import with_refused

#: What of a hold is chosen when it is set; nothing of it changes afterwards.
TARGETS = {
    "message": "mailbox_message_id",
    "conversation": "mailbox_message_id",
    "record": "res_id",
    "mailbox": "mailbox_id",
}


class MailMailboxHold(models.Model):
    """A legal hold: what it covers is removed by no rule and by no person.

    It is set with a reason, and lifted, never changed or deleted: what was held, by
    whom and why stays on record.
    """

    _name = "mail.mailbox.hold"
    _inherit = "mail.mailbox.searched"
    _description = "Legal Hold"
    _order = "id desc"
    _rec_name = "reason"

    reason = fields.Text(required=True)
    user_id = fields.Many2one(
        "res.users",
        "Set by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    scope = fields.Selection(
        [
            ("message", "One email"),
            ("conversation", "A conversation"),
            ("record", "A record"),
            ("mailbox", "A mailbox"),
        ],
        "Covers",
        required=True,
        default="message",
    )
    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", "Email", ondelete="set null", index="btree_not_null"
    )
    thread_key = fields.Char(
        compute="_compute_thread_key", store=True, index="btree_not_null"
    )
    record_type_id = fields.Many2one("mail.mailbox.record.type", store=False)
    res_model = fields.Char("Model")
    res_id = fields.Many2oneReference("Record", model_field="res_model")
    res_name = fields.Char("Record name", readonly=True)
    res_create_date = fields.Datetime(readonly=True)
    record_state = fields.Char(default=THERE, readonly=True)
    mailbox_id = fields.Many2one(
        "mail.mailbox", "Mailbox", ondelete="set null", index="btree_not_null"
    )
    active = fields.Boolean(default=True, readonly=True)
    lifted_at = fields.Datetime("Lifted", readonly=True)
    lifted_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    may_lift = fields.Boolean(compute="_compute_may_lift")

    _record_idx = models.Index("(res_model, res_id) WHERE res_model IS NOT NULL")

    @api.depends("scope", "mailbox_message_id")
    def _compute_thread_key(self):
        for hold in self:
            # sudo: what may be held was checked when it was set
            message = hold.sudo().mailbox_message_id
            whole = hold.scope == "conversation"
            hold.thread_key = whole and message.thread_key

    @api.depends_context("uid")
    @api.depends("user_id", "active")
    def _compute_may_lift(self):
        manager = self.env["mail.mailbox"]._is_manager()
        for hold in self:
            mine = hold.user_id == self.env.user
            hold.may_lift = hold.active and (mine or manager)

    @api.onchange("record_type_id")
    def _onchange_record_type_id(self):
        self.res_model = self.record_type_id.res_model
        self.res_id = False

    @api.model_create_multi
    def create(self, vals_list):
        holds = super().create(vals_list)
        for hold in holds:
            hold._check_target()
            hold._check_right()
            hold._note_record()
        # sudo: the email was checked as the person
        holds.sudo().mailbox_message_id._mark_needed()
        return holds

    def _check_target(self):
        if not self[TARGETS[self.scope]]:
            raise ValidationError(self.env._("Choose what to place under hold."))

    def _check_right(self):
        """Refuse a hold on what the user may not read or decide about."""
        if self.env.su:
            return
        # by what it covers: what else is filled in gives no right to that
        mailboxes = self.mailbox_id if self.scope == "mailbox" else self.mailbox_id[:0]
        if TARGETS[self.scope] == "mailbox_message_id":
            self.mailbox_message_id.check_access("read")
            domain = [("mailbox_message_id", "=", self.mailbox_message_id.id)]
            mailboxes = self.env["mail.mailbox.arrival"].search(domain).mailbox_id
        elif self.scope == "record":
            self._get_record().check_access("read")
        mailboxes.check_access("read")
        # sudo: whether one belongs to the mailbox, also to a deactivated one
        people = mailboxes.sudo().user_ids
        if not (mailboxes._is_manager() or self.env.user in people):
            raise AccessError(
                self.env._(
                    "Only a mail administrator or the mailbox's users can place a "
                    "legal hold."
                )
            )

    def _get_record(self):
        if (
            self.res_model
            not in self.env["mail.mailbox.record.type"]._get_model_names()
        ):
            raise ValidationError(self.env._("Choose what to place under hold."))
        return self.env[self.res_model].browse(self.res_id)

    def _note_record(self):
        """Note what the record is called and when it was made, as a link does."""
        if self.scope != "record":
            return
        # sudo: the record was checked as the person
        described = describe(self._get_record().sudo())
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_hold SET res_name = %s, res_create_date = %s"
                " WHERE id = %s",
                *(described.names or [None]),
                *(described.made or [None]),
                self.id,
            )
        )
        self.invalidate_recordset()

    @api.model
    def _follow(self, source, target):
        """Extend the holds on ``source`` to ``target``, which took over its emails."""
        created = made_of(source)
        for hold in self.search(
            [("res_model", "=", source._name), ("res_id", "in", source.ids)]
        ):
            # the reason stays as it was given, and the name that it was given for
            self.env.cr.execute(
                SQL(
                    "UPDATE mail_mailbox_hold SET res_model = %s, res_id = %s,"
                    " res_create_date = %s WHERE id = %s"
                    " AND res_create_date IS NOT DISTINCT FROM %s",
                    target._name,
                    target.id,
                    made_of(target).get(target.id),
                    hold.id,
                    created.get(hold.res_id),
                )
            )
        self.invalidate_model()

    def action_lift(self):
        """Lift these holds; they stay on record."""
        self.check_access("read")
        if not all(hold.may_lift for hold in self):
            raise AccessError(
                self.env._(
                    "Only the person who placed a legal hold or a mail administrator "
                    "can lift it."
                )
            )
        # sudo: holds are written by this method alone, after the check above
        self.sudo().write(
            {
                "active": False,
                "lifted_at": fields.Datetime.now(),
                "lifted_by_id": self.env.uid,
            }
        )
        return True

    def _refuse_removal(self):
        raise UserError(
            self.env._(
                "Nothing was removed: %(user)s placed a legal hold on %(date)s. "
                "Reason: %(reason)s",
                user=self.user_id.name,
                date=fields.Date.to_string(self.create_date),
                reason=self.reason,
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A legal hold cannot be deleted. Lift it instead."))

    # Who sees it

    @api.model
    def _get_read_domain(self):
        """Return the domain of holds on what the user may read, and of their own."""
        links = self.env["mail.mailbox.link"]
        mailboxes = self.env["mail.mailbox"]
        readable = mailboxes._get_readable_domain()
        if mailboxes._is_manager():
            # which mailboxes there are is theirs to see, also of private ones
            readable = Domain.TRUE
        return (
            Domain("user_id", "=", self.env.uid)
            | Domain("mailbox_message_id", "any", Domain.TRUE)
            | Domain("mailbox_id", "any", readable)
            | (Domain("scope", "=", "record") & links._get_record_domain())
        )

    # not mail.mailbox.ruled, which asks the same: a hold is created by whoever may not
    # read it yet, and a lifted one, which is archived, stays readable

    def _check_access(self, operation):
        result = super()._check_access(operation)
        rest = self - result[0] if result else self
        if self.env.su or not any(rest._ids) or operation == "create":
            return result
        ids = self.with_context(active_test=False)._search([("id", "in", rest.ids)])
        return with_refused(
            result,
            rest - self.browse(ids),
            lambda: AccessError(
                self.env._("You may not see this legal hold, or it does not exist.")
            ),
        )


#: Whether a hold covers a message: `hold` and `message` are rows.
COVERS = SQL(
    """
    (hold.scope = 'message' AND hold.mailbox_message_id = message.id
     OR hold.scope = 'conversation' AND (hold.mailbox_message_id = message.id
        OR hold.thread_key = message.thread_key)
     OR hold.scope = 'mailbox' AND (
        EXISTS (SELECT FROM mail_mailbox_arrival AS listed
                 WHERE listed.mailbox_message_id = message.id
                   AND listed.mailbox_id = hold.mailbox_id)
        OR EXISTS (SELECT FROM mail_mailbox_link AS link
                    WHERE link.mailbox_message_id = message.id
                      AND link.mailbox_id = hold.mailbox_id))
     OR hold.scope = 'record' AND EXISTS (
            SELECT FROM mail_mailbox_link AS link
             WHERE link.mailbox_message_id = message.id
               AND link.res_model = hold.res_model AND link.res_id = hold.res_id
               AND link.res_create_date IS NOT DISTINCT FROM hold.res_create_date))
    """
)
#: Whether any hold covers a message: `message` is a row.
HELD = SQL(
    "EXISTS (SELECT FROM mail_mailbox_hold AS hold WHERE hold.active AND %s)", COVERS
)


class MailMailboxMessage(models.Model):
    """Whether a message may be removed."""

    _inherit = "mail.mailbox.message"

    def _get_holds(self):
        """Return the holds on any of these messages, no matter who may see them."""
        # sudo: a hold binds also those who may not see it
        holds = self.env["mail.mailbox.hold"].sudo()
        return holds.browse({hold_id for hold_id, _id in self._get_held_pairs()})

    def _get_held_pairs(self):
        """Return which hold covers which of these messages, as pairs of ids."""
        for name in ("hold", "link", "arrival"):
            self.env[f"mail.mailbox.{name}"].flush_model()
        return self.env.execute_query(
            SQL(
                "SELECT hold.id, message.id FROM mail_mailbox_hold AS hold"
                " JOIN mail_mailbox_message AS message ON message.id = ANY(%s)"
                " WHERE hold.active AND %s ORDER BY hold.id",
                self.ids,
                COVERS,
            )
        )

    def _check_no_hold(self):
        """Refuse to remove a message that a legal hold covers.

        :raises UserError: says who set it, when and why
        """
        if holds := self._get_holds():
            holds[:1]._refuse_removal()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        self._check_no_hold()

    def action_hold(self):
        """Open the form of a new legal hold on this message."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Legal hold"),
            "res_model": "mail.mailbox.hold",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mailbox_message_id": self.id},
        }


class MailMailboxLink(models.Model):
    _inherit = "mail.mailbox.link"

    def _remove(self):
        """Remove the links, but none without which a hold covers a message no more."""
        messages = self.mailbox_message_id
        before = messages._get_held_pairs()
        listed = super()._remove()
        if lost := before and set(before) - set(messages._get_held_pairs()):
            hold_id, _message_id = min(lost)
            # sudo: a hold binds also those who may not see it
            self.env["mail.mailbox.hold"].sudo().browse(hold_id)._refuse_removal()
        return listed


class MailMailboxArrival(models.Model):
    _inherit = "mail.mailbox.arrival"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        self.mailbox_message_id._check_no_hold()
