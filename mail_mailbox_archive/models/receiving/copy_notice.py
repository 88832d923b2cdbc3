from odoo import api, models

#: The copy whose system administrators were notified that it is one.
TOLD_DATABASE = "mail_mailbox_archive.told_database_uuid"
COPY = "mail_mailbox_archive.mail_activity_copy"


class MailMailbox(models.Model):
    """A copied database does nothing until it is confirmed: people are to know it."""

    _inherit = "mail.mailbox"

    @api.model
    def _get_copy_sentence(self):
        """Return why nothing is fetched or sent, if this database is a copy."""
        return self._is_copy() and self.env._(
            "This database is a copy or was restored from one, so no emails are sent "
            "or fetched. If it replaces the original, a system administrator confirms "
            "it under Settings, Mail."
        )

    @api.model
    def _tell_of_copy(self):
        """Notify the system administrators, once for each copy that is not neutralised.

        A neutralised one is for trying things out; there it is as it should be.
        """
        # sudo: settings of the system, not secrets
        parameters = self.env["ir.config_parameter"].sudo()
        uuid = parameters.get_param("database.uuid")
        if not self._is_copy() or parameters.get_param(TOLD_DATABASE) == uuid:
            return
        parameters.set_param(TOLD_DATABASE, uuid)
        if parameters.get_param("database.is_neutralized"):
            return
        for person in self._get_system_administrators():
            mailboxes = self.with_context(lang=person.lang)
            mailboxes._tell_people(
                person,
                mailboxes.env._("Emails are not fetched: this database is a copy"),
                mailboxes._get_copy_sentence(),
                COPY,
            )

    @api.model
    def _confirm_database(self):
        result = super()._confirm_database()
        if kind := self.env.ref(COPY, raise_if_not_found=False):
            # sudo: each notice is one person's own; it is settled for all of them
            notices = self.env["mail.activity"].sudo()
            notices.search([("activity_type_id", "=", kind.id)]).unlink()
        return result

    @api.model
    def _get_schedule_problem(self):
        return self._get_copy_sentence() or super()._get_schedule_problem()

    @api.model
    def _cron_poll(self):
        self._tell_of_copy()
        return super()._cron_poll()
