from datetime import timedelta

from odoo import Command, api, models
from odoo.exceptions import UserError

from ...mailcore.addresses import address
from ..mailbox.arguments import checked
from ..mailbox.res_config_settings import LONGEST_UNDO
from .draft import PEOPLE
from .outbox import ROUNDED


class MailMailboxOutbox(models.Model):
    """Taking a mail back: it is cancelled, or a draft again, as its writer left it."""

    _inherit = "mail.mailbox.outbox"

    @checked()
    def action_cancel(self):
        """Do not send these mails; they stay in the list, to be edited or forgotten."""
        self._check_mine()
        self._lock()
        for row in self:
            if row._is_stoppable() or row.state == "failed":
                # sudo: see _take
                row.sudo()._stop()
            elif row.state != "cancelled":
                raise UserError(row._get_too_late_sentence())
        self._notify_people()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _stop(self):
        """Note that nobody gets it any more; what some have stays sent to them."""
        values = {"state": "cancelled", "claimed_until": False}
        if self._get_accepted():
            values["state"] = "partly"
            others = ", ".join(self._get_left())
            values["reason"] = self.env._("Cancelled for %s.", others)
        elif self.state != "failed":
            values["reason"] = False
        self.write(values)

    def _get_too_late_sentence(self):
        if self.uncertain:
            return self.env._(
                "It is not known whether “%s” was sent. Ask a recipient, then mark it "
                "as arrived or send it again.",
                self.subject or "",
            )
        if self.state == "sending":
            return self.env._("“%s” is already on its way.", self.subject or "")
        return self.env._("“%s” has already been sent.", self.subject or "")

    @checked(one=True)
    def action_edit(self):
        """Take a mail back and open it as a draft; return the form's action.

        With ``mailbox_window`` in the context it opens beside what the user reads.
        """
        draft = self._edit()
        if self.env.context.get("mailbox_window"):
            return draft._open_window()
        return draft.action_open()

    def _edit(self):
        """Make a draft of a mail that is taken back; what is sent of it stays so."""
        self.ensure_one()
        self._check_mine()
        self._lock()
        # sudo: what its writer wrote
        row = self.sudo()
        done = row.state in ("failed", "cancelled", "partly")
        if row.uncertain or not (row._is_stoppable() or done):
            raise UserError(row._get_too_late_sentence())
        if row._is_drafted():
            raise UserError(self.env._("It is already a draft again."))
        draft = row._create_draft()
        row._give_back(draft)
        self._notify_people()
        return draft

    def _create_draft(self):
        """Return a new draft with this mail, in the hands of who may write it."""
        # sudo: theirs, also where they may not read any more what it answers
        drafts = self.env["mail.mailbox.draft"].sudo()
        return drafts.create(self._prepare_draft_values()).sudo(False)

    @api.depends("state", "body", "email_to", "results")
    def _compute_is_drafted(self):
        for row in self:
            row.is_drafted = row._is_drafted()

    def _is_drafted(self):
        """Return whether it was taken back into a draft, all that is left of it."""
        if self._get_accepted():
            return not self._get_left()
        return self.state == "cancelled" and not self.body and not self.email_to

    def _prepare_draft_values(self):
        """Return the values of a draft with this mail, to those who have it not."""
        return {
            **{name: self._get_left_in(name) for name in PEOPLE},
            "mailbox_id": self.mailbox_id.id,
            "address_id": self._find_sent_as().id,
            "mode": self.mode or "new",
            "origin_id": self.origin_id.id,
            "subject": self.subject,
            "body": self.body,
            "plain": self.plain,
            "plain_text": self.plain_text,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "archive": self.archive,
            "send_at": self._was_planned() and self.send_at,
            "written": True,
        }

    def _get_left_in(self, name):
        """Return those of the header ``name`` who have it not: Bcc stays hidden."""
        left = {address.normalise(spec) for spec in self._get_left()}
        people = address.parse_addresses(self[name] or "")
        return address.format_addresses(
            person for person in people if address.normalise(person.addr_spec) in left
        )

    def _find_sent_as(self):
        """Return the row of the address it leaves from, where there is a choice."""
        rows = self.mailbox_id._get_sendable_addresses()
        return rows.filtered(lambda row: row.email == self.sent_as) or rows[:1]

    def _was_planned(self):
        """Return whether a person chose when it leaves, beyond a moment to undo."""
        # the row is as old as its transaction, which began before
        moment = timedelta(seconds=LONGEST_UNDO) + 2 * ROUNDED
        return bool(self.send_at and self.send_at > self.create_date + moment)

    def _give_back(self, draft):
        """Give the attachments back; of what some have already, copies."""
        pictures = set(self.picture_ids or [])
        there = {"res_model": draft._name, "res_id": draft.id}
        if self._get_accepted():
            mine = {one: one.copy(there) for one in self.attachment_ids}
            body = str(draft.body or "")
            for one, copy in mine.items():
                body = body.replace(f'/web/image/{one.id}"', f'/web/image/{copy.id}"')
            draft.body = body
            self._leave_to_draft()
        else:
            mine = {one: one for one in self.attachment_ids}
            self.attachment_ids.write(there)
            self._stop()
            self.write(
                {
                    "body": False,
                    "plain_text": False,
                    "email_to": False,
                    "reason": self.env._("Taken back into the drafts."),
                }
            )
        files = [copy.id for one, copy in mine.items() if one.id not in pictures]
        draft.attachment_ids = [Command.set(files)]

    def _leave_to_draft(self):
        """Note that those who have it not get it by a draft, and by this no more."""
        left = self._get_left()
        told = [one for one in self.results if one["status"] == "accepted"]
        rest = {"status": "drafted", "reason": "", "provider_id": ""}
        self.write(
            {
                "state": "partly",
                "claimed_until": False,
                "results": told + [{"address": one, **rest} for one in left],
                "reason": self.env._(
                    "Taken back into the drafts for %s.", ", ".join(left)
                ),
            }
        )
