from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

NOTICE = "mail_mailbox_archive.mail_activity_notice"
INCIDENT = "mail_mailbox_archive.mail_activity_mailbox_stopped"
USER = "mail_mailbox_archive.group_user"
MANAGER = "mail_mailbox_archive.group_manager"
#: No caller's switch keeps people from being asked.
NEVER_SKIPPED = {"mail_activity_automation_skip": False}


class MailMailbox(models.Model):
    """Notices about a mailbox reach somebody who still works here."""

    _inherit = "mail.mailbox"

    def _get_caretakers(self):
        """Return who is notified about this mailbox: people who still work here.

        The responsible person; else the other people of the mailbox; else, unless it is
        private, the mail administrators. Of a private mailbox with nobody left none.
        """
        self.ensure_one()
        # sudo: the system notifies, no matter who noticed
        mailbox = self.sudo()
        if people := _working(mailbox.responsible_id):
            return people
        if people := _working(mailbox._get_own_people()):
            return people
        return self._get_managers() if not mailbox.private else people

    def _get_own_people(self):
        """Return the mailbox's users, without those who have temporary access."""
        # sudo: who belongs to it does not depend on who asks
        return self.sudo().user_ids - self._get_guests()

    def _is_abandoned(self):
        """Return whether none of this private mailbox's users is left."""
        return self.private and not _working(self._get_own_people())

    @api.model
    def _get_managers(self):
        # sudo: who administers mail is asked by the system
        return _working(self.env.ref(MANAGER).sudo().all_user_ids)

    @api.model
    def _get_notifier(self):
        """Return an environment for notices, which take nothing of a caller's context.

        A default or a switch in it could have others notified later, or never.
        """
        kept = {"lang", "tz", "allowed_company_ids"} & self.env.context.keys()
        return self.env(context={name: self.env.context[name] for name in kept})

    def activity_schedule(self, *args, **kwargs):
        # what our own code says of how it is mailed stays
        context = {**clean_context(self.env.context), **NEVER_SKIPPED}
        noticed = self.with_env(self.env(context=context))
        return super(MailMailbox, noticed).activity_schedule(*args, **kwargs)

    @api.model
    def _get_system_administrators(self):
        # sudo: who administers the system is asked by the system
        people = self.env.ref("base.group_system").sudo().all_user_ids
        return people.filtered(lambda user: user.active and not user.share)

    @api.model
    def _tell_people(self, people, summary, note="", kind=NOTICE):
        """Give each of ``people`` an activity of their own, that nobody else reads."""
        kind = self.env.ref(kind)
        # sudo: the system notifies
        self._get_notifier()["mail.activity"].sudo().create(
            [
                {
                    "activity_type_id": kind.id,
                    "user_id": person.id,
                    "summary": summary,
                    "note": note,
                }
                for person in people
            ]
        )

    @api.model
    def _tell_of_abandoned(self):
        """Notify the administrators, without name or address, that nobody is left."""
        self._tell_people(
            self._get_managers(),
            self.env._("A private mailbox has no users left"),
            self.env._(
                "All users of a private mailbox have been deactivated, so nobody "
                "reads its emails or is notified about it. Under Mail, Email "
                "mailboxes, open it temporarily with a reason, and add users. The "
                "system administrators will be notified."
            ),
        )

    @api.model
    def _note_leaving(self, users):
        """Notify about the mailboxes of ``users``, who were just deactivated."""
        # sudo: the system notifies, each person of what they may read
        mailboxes = self.sudo()
        cared_for = mailboxes.search([("responsible_id", "in", users.ids)])
        mine = mailboxes.search([("user_ids", "in", users.ids), ("private", "=", True)])
        for mailbox in cared_for:
            for person in mailbox._get_caretakers():
                mailbox._ask_for_another(person)
        if any(mailbox._is_abandoned() for mailbox in cared_for | mine):
            self._tell_of_abandoned()
        if cared_for:
            self._warn_of_leaving(cared_for)

    def _ask_for_another(self, person):
        mailbox = self.with_context(lang=person.lang)
        mailbox.activity_schedule(
            INCIDENT,
            user_id=person.id,
            summary=mailbox.env._("%s needs another responsible person", self.email),
            note=mailbox.env._(
                "%s, the responsible person, has been deactivated. Until there is a "
                "new one, you receive the notices about this mailbox.",
                self.responsible_id.name,
            ),
        )

    @api.model
    def _warn_of_leaving(self, mailboxes):
        """Warn the person who deactivates users, naming only what they may see."""
        # as the person: a mailbox that they may not see is not named to them
        shown = mailboxes.sudo(False).with_user(self.env.user)._filtered_access("read")
        names = ", ".join(shown.mapped("email"))
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "Users you deactivated were responsible for mailboxes: %s. Choose "
                    "another responsible person for each.",
                    names or self.env._("some that you may not see"),
                ),
            },
        )

    def _may_rescue(self):
        """Return whether the user, who opened it with a reason, may put people in."""
        return (
            self._is_manager()
            and self._is_abandoned()
            and self.env.user in self._get_guests()
        )

    @api.depends_context("uid")
    @api.depends("private", "user_ids")
    def _compute_can_change_people(self):
        result = super()._compute_can_change_people()
        for mailbox in self:
            mailbox.can_change_people |= mailbox._may_rescue()
        return result

    def _check_change_of_people(self, vals):
        others = self
        if not self.env.su and "private" not in vals and "user_ids" in vals:
            others = self.filtered(lambda mailbox: not mailbox._may_rescue())
        return super(MailMailbox, others)._check_change_of_people(vals)

    def _before_write(self, vals):
        before = super()._before_write(vals)
        before["rescued"] = self.browse()
        if not self.env.su and {"user_ids", "responsible_id"} & vals.keys():
            before["rescued"] = self.filtered(lambda mailbox: mailbox._is_abandoned())
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        for mailbox in before["rescued"]:
            mailbox._note_rescue()

    def _note_rescue(self):
        """Note for good, and tell the system administrators, who was put in."""
        # sudo: who is in it now, for the log
        people = ", ".join(self.sudo().user_ids.mapped("name"))
        # sudo: the log is written by the system, so that nobody writes it by hand
        accesses = self.env["mail.mailbox.break.glass"].sudo()
        access = accesses.search(
            [("mailbox_id", "=", self.id), ("user_id", "=", self.env.uid)], limit=1
        )
        access.put_in = people
        self._tell_people(
            self._get_system_administrators(),
            self.env._("Users were added to a private mailbox"),
            self.env._(
                "%(user)s added users to a private mailbox that had none left. This "
                "is logged under Access to private mailboxes and cannot be removed.",
                user=self.env.user.name,
            ),
        )

    @api.model
    def _tell_administrators_of_keeping(self):
        """Notify administrators, after an upgrade, of what changes for emails."""
        self._tell_people(
            self._get_managers(),
            self.env._("Emails are no longer removed automatically"),
            self.env._(
                "Until now, emails that were not archived were deleted when they left "
                "the Queue. From now on everything that is fetched is kept, and the "
                "days in the settings only say how long archived emails stay listed "
                "in the Queue. To have emails removed after a time, set up a rule "
                "under Mail, Configuration, Retention."
            ),
        )


class MailMailboxBreakGlass(models.Model):
    _inherit = "mail.mailbox.break.glass"

    put_in = fields.Text("Add users", readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The access log cannot be deleted."))


class ResUsers(models.Model):
    """Users who leave may have been responsible for mailboxes."""

    _inherit = "res.users"

    def write(self, vals):
        leaving = self.browse()
        # a program may write 0 for False
        if "active" in vals and not vals["active"]:
            leaving = self.filtered("active")
        result = super().write(vals)
        if leaving:
            self.env["mail.mailbox"]._note_leaving(leaving)
        return result


def _working(users):
    """Return those of ``users`` who work here and use mail."""
    return users.filtered(
        lambda user: user.active and not user.share and user.has_group(USER)
    )
