from odoo import api, fields, models


class MailMailboxImageConsent(models.Model):
    """A user's consent to load external images: of one message, or one sender.

    Loading them reveals to the sender that, when and where an email was read. Each
    person decides for themselves, and nobody else sees what they decided.
    """

    _name = "mail.mailbox.image.consent"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _description = "Consent to Images in an Email"
    _written_by_system = True

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", "Email", ondelete="cascade", index="btree_not_null"
    )
    addr_spec = fields.Char("Sender", help="In the form used to compare addresses.")

    _message_uniq = models.UniqueIndex(
        "(user_id, mailbox_message_id) WHERE mailbox_message_id IS NOT NULL"
    )
    _sender_uniq = models.UniqueIndex(
        "(user_id, addr_spec) WHERE addr_spec IS NOT NULL"
    )

    @api.model
    def _find(self, message):
        """Return the user's consents that let images of ``message`` load."""
        of_message = [("mailbox_message_id", "=", message.id)]
        sender = message._get_sender()
        of_any = (
            ["|", *of_message, ("addr_spec", "=", sender)] if sender else of_message
        )
        # sudo: nobody has a right to the model; one's own are looked up here alone
        return self.sudo().search([("user_id", "=", self.env.uid), *of_any])

    @api.model
    def _give(self, message, always=False):
        """Note the user's consent to load the images of ``message``.

        :param always: also those of all other messages of its sender
        """
        message.check_access("read")
        consents = self._find(message)
        sender = always and message._get_sender()
        if sender and not consents.filtered("addr_spec"):
            # sudo: as in _find
            self.sudo().create({"user_id": self.env.uid, "addr_spec": sender})
        elif not sender and not consents.filtered("mailbox_message_id"):
            # sudo: as in _find
            self.sudo().create(
                {"user_id": self.env.uid, "mailbox_message_id": message.id}
            )
