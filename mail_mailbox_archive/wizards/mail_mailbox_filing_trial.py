from odoo import Command, fields, models

from ..models.archiving.filing_rule import SUGGEST

#: Newest emails that a rule is tried on.
MAX_EMAILS = 500


class MailMailboxFilingTrial(models.TransientModel):
    """What a filing rule would do with the newest emails; nothing is archived."""

    _name = "mail.mailbox.filing.trial"
    _inherit = "mail.mailbox.guarded"
    _description = "Trial of a Filing Rule"

    rule_id = fields.Many2one("mail.mailbox.filing.rule", required=True)
    email_count = fields.Integer("Emails looked at", readonly=True)
    line_ids = fields.One2many("mail.mailbox.filing.trial.line", "trial_id", "Emails")


class MailMailboxFilingTrialLine(models.TransientModel):
    """One email that meets the conditions of the rule."""

    _name = "mail.mailbox.filing.trial.line"
    _inherit = "mail.mailbox.guarded"
    _description = "Email in the Trial of a Filing Rule"

    trial_id = fields.Many2one(
        "mail.mailbox.filing.trial", required=True, ondelete="cascade"
    )
    mailbox_message_id = fields.Many2one("mail.mailbox.message", "Email")
    email_from = fields.Char(
        "From", related="mailbox_message_id.email_from", related_sudo=False
    )
    date = fields.Datetime(related="mailbox_message_id.date", related_sudo=False)
    records = fields.Char("Record")
    outcome = fields.Char("What would happen")


class MailMailboxFilingRule(models.Model):
    _inherit = "mail.mailbox.filing.rule"

    def action_try(self):
        """Show what this rule would do with the newest emails that one can read.

        :return: the action that opens the trial
        """
        self.ensure_one()
        self.check_access("read")
        arrivals = self.env["mail.mailbox.arrival"].search(
            [], order="id desc", limit=MAX_EMAILS
        )
        met = arrivals.filtered(self._get_conditions().are_met_by)
        trial = self.env["mail.mailbox.filing.trial"].create(
            {
                "rule_id": self.id,
                "line_ids": [
                    Command.create(self._try_on(message))
                    for message in met.mailbox_message_id
                ],
            }
        )
        # sudo: how many were looked at is the system's to say
        trial.sudo().email_count = len(arrivals)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Trial of the rule"),
            "res_model": trial._name,
            "res_id": trial.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _try_on(self, message):
        """Return the values of the line about ``message``."""
        records, objection = self._judge(message)
        if self.action == SUGGEST:
            outcome = self.env._("Suggested.")
        elif objection and records:
            outcome = self.env._("Suggested. %s", objection)
        else:
            outcome = objection or self._get_outcome()
        return {
            "mailbox_message_id": message.id,
            "records": ", ".join(records[:5].mapped("display_name")),
            "outcome": outcome,
        }
