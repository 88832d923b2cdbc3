from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mailcore import address
from .mail_mailbox_outbox import LONGEST_UNDO


class ResConfigSettings(models.TransientModel):
    """The settings of all mailboxes."""

    _inherit = "res.config.settings"

    mailbox_poll_interval = fields.Integer(
        "Check for new emails every",
        default=5,
        config_parameter="mail_mailbox_archive.poll_interval",
    )
    mailbox_queue_days = fields.Integer(
        "Days in the Queue",
        default=30,
        config_parameter="mail_mailbox_archive.queue_days",
    )
    mailbox_max_message_size = fields.Integer(
        "Largest message (MB)",
        default=50,
        config_parameter="mail_mailbox_archive.max_message_size",
    )
    # kept as it is written: Odoo would forget a parameter that is 0
    mailbox_undo_seconds = fields.Integer("Time to undo", default=10)
    # not "on", since Odoo forgets a parameter that is false
    mailbox_autoresponders_off = fields.Boolean(
        "Switch all autoresponders off",
        config_parameter="mail_mailbox_archive.autoresponders_off",
    )
    mailbox_autoresponder_cap = fields.Integer(
        "Automatic answers per hour",
        default=100,
        config_parameter="mail_mailbox_archive.autoresponder_cap",
    )

    mailbox_smtp_name = fields.Char(
        "Name told to SMTP servers",
        config_parameter="mail_mailbox_archive.smtp_name",
    )

    @api.constrains("mailbox_smtp_name")
    def _check_mailbox_smtp_name(self):
        for settings in self:
            name = (settings.mailbox_smtp_name or "").strip()
            if name and not address.is_valid(f"postmaster@{name}"):
                raise ValidationError(
                    self.env._(
                        "“%s” is no name that a server can have. Write it in full, for "
                        "example erp.example.com.",
                        name,
                    )
                )

    @api.constrains(
        "mailbox_poll_interval",
        "mailbox_max_message_size",
        "mailbox_queue_days",
        "mailbox_autoresponder_cap",
        "mailbox_undo_seconds",
    )
    def _check_mailbox_settings(self):
        for settings in self:
            if settings.mailbox_poll_interval < 1:
                raise ValidationError(
                    self.env._("New emails are checked for every minute at the most.")
                )
            if settings.mailbox_queue_days < 1:
                raise ValidationError(
                    self.env._(
                        "Archived emails stay in the Queue for at least one day."
                    )
                )
            if not 0 <= settings.mailbox_undo_seconds <= LONGEST_UNDO:
                raise ValidationError(
                    self.env._(
                        "A mail can be taken back for up to %s seconds; 0 means not "
                        "at all.",
                        LONGEST_UNDO,
                    )
                )
            if settings.mailbox_autoresponder_cap < 1:
                raise ValidationError(
                    self.env._(
                        "A mailbox gives one automatic answer in an hour at the least. "
                        "To have none at all, switch the autoresponders off."
                    )
                )
            if not 1 <= settings.mailbox_max_message_size <= 500:
                raise ValidationError(
                    self.env._("The largest message to fetch is between 1 and 500 MB.")
                )

    @api.model
    def get_values(self):
        seconds = self.env["mail.mailbox.outbox"]._get_undo_seconds()
        return super().get_values() | {"mailbox_undo_seconds": seconds}

    def set_values(self):
        result = super().set_values()
        # sudo: whoever may open the settings may change this one
        self.env["ir.config_parameter"].sudo().set_param(
            "mail_mailbox_archive.undo_seconds", str(self.mailbox_undo_seconds)
        )
        return result
