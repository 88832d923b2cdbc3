from odoo import models

from ..models.sending.sender_origin import (
    PERSON,
    get_origin,
    is_called_from_outside,
    sender_origin,
)


class MailComposeMessage(models.TransientModel):
    """Emails sent with the composer have the sender that is shown in it."""

    _inherit = "mail.compose.message"

    def action_send_mail(self):
        with sender_origin(PERSON if is_called_from_outside() else get_origin()):
            return super().action_send_mail()
