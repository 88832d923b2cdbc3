from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...mailcore.addresses import address

#: Seconds that a mail may wait for its writer to think again.
LONGEST_UNDO = 60
#: What counts until an administrator decides otherwise, by the name of the parameter.
DEFAULTS = {
    "poll_interval": 5,
    "queue_days": 30,
    "max_message_size": 50,
    "undo_seconds": 10,
    "autoresponder_cap": 100,
}


def read_number(env, name):
    """Return a setting of this add-on that is a number."""
    # sudo: a setting of the system, not a secret
    value = env["ir.config_parameter"].sudo().get_param(f"mail_mailbox_archive.{name}")
    return int(value) if str(value or "").isdecimal() else DEFAULTS[name]


class ResConfigSettings(models.TransientModel):
    """The settings of all mailboxes."""

    _inherit = "res.config.settings"

    mailbox_poll_interval = fields.Integer(
        "Check for new emails every",
        default=DEFAULTS["poll_interval"],
        config_parameter="mail_mailbox_archive.poll_interval",
    )
    mailbox_queue_days = fields.Integer(
        "Days in the Queue",
        default=DEFAULTS["queue_days"],
        config_parameter="mail_mailbox_archive.queue_days",
    )
    mailbox_max_message_size = fields.Integer(
        "Largest email (MB)",
        default=DEFAULTS["max_message_size"],
        config_parameter="mail_mailbox_archive.max_message_size",
    )
    # kept as it is written: Odoo would forget a parameter that is 0
    mailbox_undo_seconds = fields.Integer(
        "Time to undo", default=DEFAULTS["undo_seconds"]
    )
    # not "on", since Odoo forgets a parameter that is false
    mailbox_autoresponders_off = fields.Boolean(
        "Turn off all autoresponders",
        config_parameter="mail_mailbox_archive.autoresponders_off",
    )
    mailbox_autoresponder_cap = fields.Integer(
        "Automatic replies per hour",
        default=DEFAULTS["autoresponder_cap"],
        config_parameter="mail_mailbox_archive.autoresponder_cap",
    )

    mailbox_smtp_name = fields.Char(
        "Name given to SMTP servers",
        config_parameter="mail_mailbox_archive.smtp_name",
    )

    @api.constrains("mailbox_smtp_name")
    def _check_mailbox_smtp_name(self):
        for settings in self:
            name = (settings.mailbox_smtp_name or "").strip()
            if name and not address.is_valid(f"postmaster@{name}"):
                raise ValidationError(
                    self.env._(
                        "“%s” is not a valid server name. Enter it in full, for "
                        "example erp.example.com.",
                        name,
                    )
                )

    mailbox_space = fields.Char("Space", compute="_compute_mailbox_space")

    def _compute_mailbox_space(self):
        self.mailbox_space = self.env["mail.mailbox.space"]._describe()

    mailbox_reread = fields.Char(
        "Emails to read again", compute="_compute_mailbox_reread"
    )

    def _compute_mailbox_reread(self):
        left = self.env["mail.mailbox.message"]._count_to_reread()
        sentence = self.env._(
            "After the update stored emails are read again, the newest first: %s are "
            "left. Until then these are shown in lists, and found, as before.",
            left,
        )
        self.mailbox_reread = sentence if left else False

    # not "on", since Odoo forgets a parameter that is false
    mailbox_attachments_off = fields.Boolean(
        "Do not read attachments",
        config_parameter="mail_mailbox_archive.attachments_off",
    )
    mailbox_attachments = fields.Char(
        "Attachments read for the search", compute="_compute_mailbox_attachments"
    )

    def _compute_mailbox_attachments(self):
        waiting, failed = self.env["mail.mailbox.inside"]._count()
        self.mailbox_attachments = self.env._(
            "%(waiting)s attachments wait to be read; %(failed)s could not be read",
            waiting=waiting,
            failed=failed,
        )

    def action_read_attachments(self):
        """Have all attachments read again."""
        self.check_access("create")
        # sudo: whoever may open the settings may start the reading
        self.env["mail.mailbox.inside"].sudo()._read_again()

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
                    self.env._("The shortest checking interval is one minute.")
                )
            if settings.mailbox_queue_days < 1:
                raise ValidationError(
                    self.env._("Emails stay in the Queue for at least one day.")
                )
            if not 0 <= settings.mailbox_undo_seconds <= LONGEST_UNDO:
                raise ValidationError(
                    self.env._(
                        "An email can be taken back for up to %s seconds; 0 means not "
                        "at all.",
                        LONGEST_UNDO,
                    )
                )
            if settings.mailbox_autoresponder_cap < 1:
                raise ValidationError(
                    self.env._(
                        "The limit must be at least one automatic reply per hour. To "
                        "send none at all, turn off the autoresponders."
                    )
                )
            if not 1 <= settings.mailbox_max_message_size <= 500:
                raise ValidationError(
                    self.env._(
                        "The largest email to fetch must be between 1 and 500 MB."
                    )
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
