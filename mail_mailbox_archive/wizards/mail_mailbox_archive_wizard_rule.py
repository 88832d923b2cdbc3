from odoo import models


class MailMailboxArchiveWizard(models.TransientModel):
    """From what is archived a rule is made for later emails like it."""

    _inherit = "mail.mailbox.archive.wizard"

    def action_make_rule(self):
        """Attach the messages, then open a new filing rule for later ones like them."""
        rule = self._prepare_rule()
        done = self.action_confirm()
        done["params"]["next"] = {
            "type": "ir.actions.act_window",
            "name": self.env._("Filing rule"),
            "res_model": "mail.mailbox.filing.rule",
            "views": [(False, "form")],
            "target": "new",
            "context": {f"default_{name}": value for name, value in rule.items()},
        }
        return done

    def _prepare_rule(self):
        """Return the values of a rule that would archive what this form archives."""
        lines = self.line_ids.filtered(lambda line: line._get_readable_record())
        line, messages = lines[:1], self._get_messages()
        senders = messages[:1]._get_addresses(messages[:1].email_from)
        return {
            "name": messages[:1].email_from or "",
            "sender": ", ".join(senders),
            "mailbox_ids": self.mailbox_id.ids,
            "record_type_id": line.record_type_id.id,
            "res_id": line.res_id,
            "role_ids": self.role_ids.ids,
        }
