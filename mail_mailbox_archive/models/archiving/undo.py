from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL


class MailMailboxHistory(models.Model):
    """Undoing what was done with a message: archiving, detaching, a change of roles.

    Each such line keeps what was before, as ids. Undoing restores exactly that, with
    the rights of who undoes, and is noted itself; of what was changed once more
    meanwhile nothing is undone.
    """

    _inherit = "mail.mailbox.history"

    before = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    undone = fields.Boolean(readonly=True)
    can_undo = fields.Boolean(compute="_compute_can_undo")

    @api.depends("undone")
    def _compute_can_undo(self):
        for line in self:
            # sudo: whether there is something to restore; whether the user may is asked
            # when they want it
            line.can_undo = bool(not line.undone and line.sudo().before)

    @api.model
    def _get_mark(self):
        """Return a mark in the history, for ``_get_since``."""
        self.flush_model()
        return self.env.execute_query(
            SQL("SELECT coalesce(max(id), 0) FROM %s", SQL.identifier(self._table))
        )[0][0]

    @api.model
    def _get_since(self, mark):
        """Return the lines that the user wrote since ``mark`` and may undo."""
        # sudo: their own lines, also of a message that they no longer read
        own = [("id", ">", mark), ("user_id", "=", self.env.uid)]
        return self.sudo().search(own).filtered("can_undo").sudo(False)

    @api.model
    def _count_freed(self, mark):
        """Return of how many emails the user has since ``mark`` freed the links.

        Whoever was shown them knows them: there is nothing to restore.
        """
        # sudo: their own lines; only how many comes out
        lines = self.sudo().search([("id", ">", mark), ("user_id", "=", self.env.uid)])
        return len(
            lines.filtered(lambda one: one.action == "archived" and not one.before)
        )

    @api.model
    def _tell_done(self, kind, message, mark):
        """Return an action that shows ``message`` with a button to undo it.

        :param kind: success, info, warning or danger
        :param mark: in the history, from before it was done
        """
        following = {"type": "ir.actions.act_window_close"}
        action = self.env["mail.mailbox"]._get_notification(kind, message, following)
        action["tag"] = "mail_mailbox_archive_done"
        action["params"]["undo"] = self._get_since(mark).ids
        return action

    def action_undo(self):
        """Undo what these lines tell of, all or nothing.

        :raises AccessError: the user may not do the opposite
        :raises UserError: something was changed meanwhile, or undone already
        """
        lines = self.exists()
        # sudo: whose lines they are; one's own are undone also when the message is no
        # longer read after it, as after detaching it
        others = lines.sudo().filtered(lambda line: line.user_id != self.env.user)
        others.sudo(False).check_access("read")
        lines._lock()
        for line in lines.sorted("id", reverse=True):
            # sudo: the system keeps what was before
            before = line.sudo().before
            if not before or line.sudo().undone:
                line._refuse_undo()
            # of a line that keeps no states the mailbox's setting decides
            env = self.with_context(states_restored="states" in before).env
            # sudo: the line's own values; what is undone is checked as the user
            kept = line.with_env(env).sudo()
            getattr(kept, f"_undo_{kept.action}")(before, env)
            kept.mailbox_message_id._restore_states(kept._get_restored(before))
            kept.undone = True
        lines._note_undone()
        return self.env["mail.mailbox"]._get_notification(
            "info", self.env._("Undone."), {"type": "ir.actions.act_window_close"}
        )

    def _get_restored(self, before):
        """Return the states that undoing this line restores, see ``_get_states``.

        What an archiving changed stays while the email is attached to another record.
        Of the last one it is also what an earlier archiving changed, to a record that
        the email was detached from since.
        """
        states = before.get("states") or {}
        if self.action != "archived":
            return states
        message = self.mailbox_message_id
        if message.link_ids:
            return {}
        lines = self.search([("mailbox_message_id", "=", message.id)])
        detached = {
            (line.res_model, line.res_id)
            for line in lines
            if line.action in ("unfiled", "undone") and line.id > self.id
        }
        earlier = lines.filtered(
            lambda line: line.action == "archived"
            and line.id < self.id
            and (line.res_model, line.res_id) in detached
        )
        for line in earlier.sorted("id", reverse=True):
            states = states or (line.before or {}).get("states") or {}
        return states

    def _lock(self):
        """Have a second person who undoes the same wait, and see that it was done."""
        self.env.cr.execute(
            SQL(
                "SELECT FROM %s WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                SQL.identifier(self._table),
                self.ids,
            )
        )

    def _refuse_undo(self):
        raise UserError(
            self.env._("This cannot be undone: it was changed in the meantime.")
        )

    def _note_undone(self):
        labels = dict(self._fields["action"]._description_selection(self.env))
        # sudo: the lines' own values
        lines = self.sudo()
        self._note(
            "undone",
            [
                {
                    "mailbox_message_id": line.mailbox_message_id.id,
                    "res_model": line.res_model,
                    "res_id": line.res_id,
                    "mailbox_id": line.mailbox_id.id,
                    "note": labels[line.action],
                }
                for line in lines
            ],
        )

    def _undo_archived(self, before, env):
        """Detach the message again."""
        link = env["mail.mailbox.link"].browse(before["link"]).exists()
        # sudo: whether it was archived once more meanwhile, from another mailbox
        if not link or link.sudo().mailbox_id != self.mailbox_id:
            self._refuse_undo()
        link.check_access("read")
        if not link.can_unfile:
            link._refuse_unfile()
        # sudo: links are removed by the system alone, after the check above
        link.sudo()._remove()

    def _undo_unfiled(self, before, env):
        """Attach the message again, as it was: by whom, from where, for which roles."""
        record = env[self.res_model].browse(self.res_id)
        message = self.mailbox_message_id
        message.with_env(env)._check_target(record)
        message._refuse_never_archived()
        links = self.env["mail.mailbox.link"]
        here = links._get_about_domain(record) & Domain(
            "mailbox_message_id", "=", message.id
        )
        if self not in self._search_about(record) or links.search_count(here, limit=1):
            self._refuse_undo()
        first = not message.link_ids
        if not first:
            # other people would read it there than did
            self._refuse_other_roles(before["roles"])
        link = links._create_anew(
            [
                {
                    "mailbox_message_id": message.id,
                    "res_model": self.res_model,
                    "res_id": self.res_id,
                    "mailbox_id": self.mailbox_id.id,
                    "user_id": before["user"],
                    **self._get_former_cause(before),
                }
            ]
        )
        if first:
            roles = env["res.groups"].browse(before["roles"])
            message.role_ids = [Command.set(message._check_roles(roles).ids)]
            # what listed it anew when it was detached
            listed = message.arrival_ids.browse(before["listed"]).exists()
            listed.filtered(lambda arrival: not arrival.folder_id).unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        # by its roles and its mailbox: who may not read it again restores nothing
        link.with_env(env).check_access("read")

    def _get_former_cause(self, before):
        """Return what had the message archived, if no person had and it is there."""
        # lines of before this was kept tell of none
        cause = before.get("cause") or {}
        fields = self.env["mail.mailbox.link"]._fields
        return {
            name: value
            for name, value in cause.items()
            if value
            and (
                fields[name].type == "boolean"
                or self.env[fields[name].comodel_name].browse(value).exists()
            )
        }

    def _refuse_other_roles(self, role_ids):
        """Refuse to undo unless the message has these roles."""
        if set(self.mailbox_message_id.role_ids.ids) != set(role_ids):
            self._refuse_undo()

    def _undo_roles(self, before, env):
        """Give the message the roles back that it had."""
        message = self.mailbox_message_id
        self._refuse_other_roles(before["after"])
        message.with_env(env)._refuse_governing()
        roles = env["res.groups"].browse(before["roles"])
        message.role_ids = [Command.set(message._check_roles(roles).ids)]


class MailMailboxLink(models.Model):
    """What is kept of a new link, to be undone."""

    _inherit = "mail.mailbox.link"

    def _get_before(self, states):
        """Return what undoing the archiving has to know.

        :param states: of the messages, from before; see ``_get_states``
        """
        changed = self.mailbox_message_id._get_changed_states(states)
        return {"link": self.id, "states": changed}


class MailMailboxMessage(models.Model):
    """What else changes when a message is archived or detached, for the undoing."""

    _inherit = "mail.mailbox.message"

    def _get_states(self):
        """Return id → state of what goes along, as JSON has it."""
        return {}

    def _get_changed_states(self, former):
        """Return id → [former state, state now] of what changed.

        :param former: of :meth:`_get_states`, from before
        """
        now = self._get_states()
        return {
            one: [former.get(one), state]
            for one, state in now.items()
            if state != former.get(one)
        }

    def _restore_states(self, changed):
        """Restore what is still as it was left.

        :param changed: of :meth:`_get_changed_states`
        """
