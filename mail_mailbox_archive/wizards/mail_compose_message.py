from odoo import models

from ..models.sending.sender_origin import (
    PERSON,
    get_origin,
    is_called_from_outside,
    sender_origin,
)


class MailComposeMessage(models.TransientModel):
    """What is sent with the composer has the sender that stands in it."""

    _inherit = "mail.compose.message"

    def action_send_mail(self):
        with sender_origin(PERSON if is_called_from_outside() else get_origin()):
            return super().action_send_mail()
