from collections import defaultdict

from odoo import api, models

PENDING = "mail_mailbox_archive.changed"


class MailMailbox(models.Model):
    """News: the users of a mailbox are notified, over the bus, of changes.

    Only that it did and in which mailbox. Each browser then asks for what its own user
    may see, so nothing that is in a mailbox travels on the bus, and nobody who is not
    logged in costs anything.
    """

    _inherit = "mail.mailbox"

    def _before_write(self, vals):
        before = super()._before_write(vals)
        concerned = {"user_ids", "private", "active", "company_id"} & vals.keys()
        before["readers"] = {
            mailbox: mailbox._get_readers() for mailbox in self if concerned
        }
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        for mailbox, readers in before["readers"].items():
            # those who lost the mailbox have new counts as well
            mailbox._notify(readers | mailbox._get_readers())

    def _get_readers(self):
        """Return the users who may read what is in this mailbox."""
        self.ensure_one()
        # sudo: who is notified does not depend on who caused the change
        mailbox, company = self.sudo(), self.sudo().company_id
        readers = mailbox.user_ids
        if not mailbox.private:
            readers |= mailbox.env.ref(
                "mail_mailbox_archive.group_manager"
            ).all_user_ids
        return readers.filtered(
            lambda user: user.active
            and user.has_group("mail_mailbox_archive.group_user")
            and (not company or company in user.company_ids)
        )

    def _notify_changed(self):
        """Notify those who may read these mailboxes of something new."""
        for mailbox in self:
            mailbox._notify(mailbox._get_readers())

    def _notify(self, users):
        """Notify ``users``, once per transaction, that this mailbox changed."""
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = defaultdict(set)
            # sudo: who is notified is settled here; sending only looks up counters
            precommit.add(self.env["mail.mailbox"].sudo()._send_news)
        precommit.data[PENDING][self.id].update(users.ids)

    @api.model
    def _send_news(self):
        for mailbox_id, user_ids in self.env.cr.precommit.data.pop(PENDING).items():
            for user in self.env["res.users"].browse(sorted(user_ids)):
                user._bus_send(
                    "mail_mailbox_archive/changed", {"mailbox_id": mailbox_id}
                )


class MailMailboxFolder(models.Model):
    """The number of unread messages is sent as soon as it is stored."""

    _inherit = "mail.mailbox.folder"

    def write(self, vals):
        before = {folder: folder._get_unread() for folder in self}
        result = super().write(vals)
        changed = self.filtered(lambda folder: folder._get_unread() != before[folder])
        changed.mailbox_id._notify_changed()
        return result

    def _get_unread(self):
        return 0 if self.skipped else self.unseen_count


class MailMailboxArrival(models.Model):
    """News of a new email goes out when it is stored, not when the check ends."""

    _inherit = "mail.mailbox.arrival"

    def _after_create(self):
        self.filtered("live").mailbox_id._notify_changed()
        super()._after_create()


class ResUsers(models.Model):
    """A user who gains or loses access to emails gets new counts, too."""

    _inherit = "res.users"

    def write(self, vals):
        if not vals.keys() & {"group_ids", "company_ids"}:
            return super().write(vals)
        concerned = self._filter_mail_users()
        result = super().write(vals)
        concerned |= self._filter_mail_users()
        concerned._bus_send("mail_mailbox_archive/changed", {"mailbox_id": False})
        return result

    def _filter_mail_users(self):
        return self.filtered(
            lambda user: user.active
            and user.has_group("mail_mailbox_archive.group_user")
        )
