from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .record_detail import THERE

#: Other emails of a conversation that are archived along with one.
MAX_OTHERS = 200
FOLLOWING, ASKS, STOPPED = "following", "asks", "stopped"


class MailMailboxFollow(models.Model):
    """A conversation whose later emails are archived to a record automatically.

    Whoever archives an email of it may begin this; what comes later is archived with
    that person's rights, with the roles of that email and, where it is from a private
    mailbox, for that mailbox's people only. ``mail.mailbox.filing`` has the conditions.
    """

    _name = "mail.mailbox.follow"
    _inherit = "mail.mailbox.record.detail"
    _description = "Followed Conversation"
    _order = "id desc"
    _rec_name = "res_name"

    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference(required=True)
    mailbox_id = fields.Many2one(ondelete="cascade", index="btree_not_null")
    thread_key = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Followed by", readonly=True, default=lambda self: self.env.user
    )
    state = fields.Selection(
        [
            (FOLLOWING, "Followed"),
            (ASKS, "Waiting for your answer"),
            (STOPPED, "Stopped"),
        ],
        default=FOLLOWING,
        required=True,
        readonly=True,
    )
    audience = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    can_stop = fields.Boolean(compute="_compute_can_stop")

    _thread_idx = models.Index("(thread_key) WHERE state <> 'stopped'")
    _record_idx = models.Index("(res_model, res_id)")

    @api.depends_context("uid")
    @api.depends("user_id", "mailbox_id")
    def _compute_can_stop(self):
        for follow in self:
            follow.can_stop = follow.user_id == self.env.user or follow._is_governed()

    def action_stop(self):
        """Archive no more emails of these conversations automatically."""
        self._check_may_stop()
        # sudo: the system writes these, after the check above
        self.sudo()._stop()
        return True

    def action_go_on(self):
        """Archive later emails again, for everybody who can read the record now.

        :raises UserError: the record is gone
        """
        self._check_may_stop()
        for follow in self:
            record = follow._get_record()
            if not record:
                raise UserError(self.env._("The record no longer exists."))
            record.check_access("read")
            # sudo: the system writes these, after the checks above
            follow.sudo().write(
                {
                    "state": FOLLOWING,
                    "user_id": self.env.uid,
                    "audience": follow._get_readers(follow.mailbox_message_id).ids,
                }
            )
        self._note("followed")
        self.env["mail.mailbox.filing"]._wake()
        return True

    def _check_may_stop(self):
        self.check_access("read")
        if not all(follow.can_stop for follow in self):
            raise AccessError(
                self.env._(
                    "Only the person who follows a conversation, the mailbox's users "
                    "or a mail administrator can change that."
                )
            )

    def _stop(self):
        running = self.filtered(lambda follow: follow.state != STOPPED)
        running.state = STOPPED
        filings = self.env["mail.mailbox.filing"]
        filings.search([("follow_id", "in", running.ids)]).unlink()
        running._note("stopped")

    def _note(self, action):
        """Note in the history that the user did ``action`` with these."""
        self.env["mail.mailbox.history"]._note(
            action,
            [
                {
                    "mailbox_message_id": follow.mailbox_message_id.id,
                    "res_model": follow.res_model,
                    "res_id": follow.res_id,
                    "mailbox_id": follow.mailbox_id.id,
                }
                for follow in self
            ],
        )

    def _prepare_cause(self):
        """Return the values of a link that this made."""
        return {"follow_id": self.id}

    def _get_reason(self):
        """Return why an email was archived, for its history."""
        return self.env._("Automatically: this conversation is followed.")

    def _get_bond(self):
        """Return the private mailbox whose people alone read what is archived, if any.

        Its system's own: who follows may have left it.
        """
        # sudo: whether the mailbox is private, whoever may see it
        mailbox = self.sudo().mailbox_id
        return mailbox if mailbox.private else mailbox.browse()

    def _get_readers(self, message, known=None):
        """Return who reads ``message`` once it is on the record, but ``known``."""
        users = self.env["res.users"]
        return message._get_audience(
            self._get_record(),
            # sudo: roles are the system's to keep
            self.sudo().mailbox_message_id.role_ids,
            None,
            users if known is None else known,
            self._get_bond(),
        )

    def _get_follow_data(self):
        """Return what the viewer shows of these."""
        names = self._get_present_names()
        return [
            {
                "id": follow.id,
                "name": names[follow],
                "asks": follow.state == ASKS,
                "can_stop": follow.can_stop,
            }
            for follow in self
            if follow in names
        ]


class MailMailboxMessage(models.Model):
    """Messages whose conversation is followed."""

    _inherit = "mail.mailbox.message"

    def _follow(self, record):
        """Have later emails of these messages' conversations archived to ``record``.

        :param record: a record that these messages are attached to
        :return: the new ``mail.mailbox.follow``, one per conversation that is not
            followed there already
        :raises AccessError: the user may not read a message or the record
        """
        self.check_access("read")
        self._check_target(record)
        # sudo: followed by somebody else is followed
        follows = self.env["mail.mailbox.follow"].sudo()
        links = self.env["mail.mailbox.link"]._search_about(record)
        here = links.filtered(lambda link: link.mailbox_message_id in self)
        known = follows._search_about(record).filtered(
            lambda follow: follow.state == FOLLOWING
        )
        followed = {(follow.thread_key, follow._get_bond()) for follow in known}
        created = follows.browse()
        # sudo: the conversation and the bond of links that the user sees
        for link in here.sorted("id").sudo():
            message, mailbox = link.mailbox_message_id, link.mailbox_id
            bond = mailbox if mailbox.private else mailbox.browse()
            if not message.thread_key or (message.thread_key, bond) in followed:
                continue
            followed.add((message.thread_key, bond))
            created += follows.create(
                {
                    "mailbox_message_id": message.id,
                    "res_model": record._name,
                    "res_id": record.id,
                    "mailbox_id": mailbox.id,
                    "thread_key": message.thread_key,
                    "user_id": self.env.uid,
                }
            )
        for follow in created.sudo(False):
            readers = follow._get_readers(follow.mailbox_message_id)
            # sudo: the system's own note of who reads it
            follow.sudo().audience = readers.ids
        created.with_user(self.env.user)._note("followed")
        return created.sudo(False)

    def _get_others_of_conversation(self):
        """Return the other messages of these conversations that belong with them.

        Those that the user may read, the newest first, from people who took part in
        the conversation as these messages show it, and that may be archived.
        """
        keys = {message.thread_key for message in self} - {False, ""}
        if not keys:
            return self.browse()
        others = self.search(
            [("thread_key", "in", list(keys)), ("id", "not in", self.ids)],
            order="date desc, id desc",
            limit=MAX_OTHERS,
        )
        never = others._get_never_archived()
        by_key = self.grouped("thread_key")
        return others.filtered(
            lambda one: one not in never and one._took_part(by_key[one.thread_key])
        )

    def _explain_following(self):
        """Return which later emails are archived automatically, for people."""
        sentence = self.env._(
            "Later emails are archived automatically if they were sent from here, or "
            "if their sender took part in the conversation and is verified. The others "
            "are suggested."
        )
        mailboxes = self.env["mail.mailbox.arrival"].search(
            [("mailbox_message_id", "in", self.ids)]
        )
        # sudo: which server the administrators named, of mailboxes the user reads
        mailboxes = mailboxes.sudo().mailbox_id
        unnamed = mailboxes.filtered(lambda one: not one._get_trusted_server())
        if unnamed:
            names = ", ".join(unnamed.mapped("email"))
            sentence += " " + self.env._(
                "No server that verifies senders is named yet for %s.", names
            )
        return sentence

    def _get_follows_data(self):
        return self._get_follows()._get_follow_data()

    def _get_follows(self):
        """Return what is followed of this message's conversation, as the user sees."""
        self.ensure_one()
        follows = self.env["mail.mailbox.follow"]
        if not self.thread_key:
            return follows
        return follows.search(
            [
                ("thread_key", "=", self.thread_key),
                ("state", "!=", STOPPED),
                ("record_state", "=", THERE),
            ]
        )


class MailMailboxLink(models.Model):
    """Links that followed conversations made; and what detaching an email stops."""

    _inherit = "mail.mailbox.link"

    follow_id = fields.Many2one(
        "mail.mailbox.follow",
        "Archived automatically",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Because this conversation is followed.",
    )

    def _remove(self):
        # what was taken from the record shall not bring the rest there
        places = {(one.mailbox_message_id, one.res_model, one.res_id) for one in self}
        follows = self.env["mail.mailbox.follow"].search(
            [("mailbox_message_id", "in", self.mailbox_message_id.ids)]
        )
        follows.filtered(
            lambda one: (one.mailbox_message_id, one.res_model, one.res_id) in places
        )._stop()
        return super()._remove()
