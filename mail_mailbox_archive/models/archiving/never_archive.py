from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...mailcore.read import criteria


class MailMailboxNeverArchive(models.Model):
    """An address or domain whose emails are never archived: a lawyer, a doctor.

    It stays in the Queue as any other. What was archived before stays on its records.
    """

    _name = "mail.mailbox.never.archive"
    _inherit = "mail.mailbox.guarded"
    _description = "Correspondent Whose Emails Are Never Archived"
    _order = "name"

    name = fields.Char(
        "Address or domain",
        required=True,
        help="anna@example.com, or example.com for the domain and its subdomains.",
    )
    note = fields.Char("Why")

    _name_uniq = models.UniqueIndex(
        "(name)", "This address or domain is already in the list."
    )

    @api.model
    def _check_pattern(self, entry):
        """Return an address or a domain as it is compared.

        :raises ValidationError: it is neither
        """
        try:
            return criteria.normalise_pattern(entry)
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "“%s” is neither an email address nor a domain. Enter for "
                    "example anna@example.com or example.com.",
                    entry,
                )
            ) from error

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalise(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalise(vals))

    @api.model
    def _normalise(self, vals):
        if not vals.get("name"):
            return vals
        return {**vals, "name": self._check_pattern(vals["name"])}


class MailMailboxMessage(models.Model):
    _inherit = "mail.mailbox.message"

    def _get_never_archived(self):
        """Return why some of these messages are not archived, as message → address."""
        patterns = {message: message._get_patterns() for message in self}
        # sudo: the list is the administrators'; an entry is told to whoever meets it
        entries = self.env["mail.mailbox.never.archive"].sudo()
        known = entries.search([("name", "in", list(set().union(*patterns.values())))])
        names = set(known.mapped("name"))
        return {
            message: min(names & met)
            for message, met in patterns.items()
            if names & met
        }

    def _get_patterns(self):
        """Return the addresses of this message and the domains that they are in."""
        self.ensure_one()
        headers = (self.email_from, self.email_to, self.email_cc, self.email_bcc)
        return criteria.patterns(", ".join(filter(None, headers)))

    def _refuse_never_archived(self):
        """Refuse to archive emails from or to people whom an administrator excluded.

        :raises UserError: naming the address or domain
        """
        for name in self._get_never_archived().values():
            raise UserError(self._get_never_archived_sentence(name))

    @api.model
    def _get_never_archived_sentence(self, name):
        return self.env._(
            "Emails from or to %s are not archived. An administrator decides this "
            "under Mail, Configuration, Never archived.",
            name,
        )
