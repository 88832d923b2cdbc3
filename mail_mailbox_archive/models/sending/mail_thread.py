from odoo import api, models

from .sender_origin import (
    AUTHOR,
    CODE,
    OUTSIDE,
    PERSON,
    get_origin,
    is_called_from_outside,
    sender_origin,
)


class MailThread(models.AbstractModel):
    """Notes who chose the sender of what is posted and notified."""

    _inherit = "mail.thread"

    @api.model
    def message_process(self, *args, **kwargs):
        # what may not leave in a mailbox's name fails alone and stops no delivery
        quiet = self.with_context(mailbox_quiet=True)
        with sender_origin(OUTSIDE):
            return super(MailThread, quiet).message_process(*args, **kwargs)

    def message_post(self, *args, **kwargs):
        with sender_origin(self._find_origin(kwargs, is_called_from_outside())):
            return super().message_post(*args, **kwargs)

    def message_notify(self, *args, **kwargs):
        with sender_origin(self._find_origin(kwargs, is_called_from_outside())):
            return super().message_notify(*args, **kwargs)

    def message_mail_with_source(self, *args, **kwargs):
        with sender_origin(PERSON if is_called_from_outside() else get_origin()):
            return super().message_mail_with_source(*args, **kwargs)

    def message_post_with_source(self, *args, **kwargs):
        with sender_origin(PERSON if is_called_from_outside() else get_origin()):
            return super().message_post_with_source(*args, **kwargs)

    def _find_origin(self, values, outside):
        """Return who chose the sender of a message that is posted with ``values``."""
        if get_origin() in (PERSON, OUTSIDE):
            return get_origin()
        author = values.get("author_id")
        # sudo: who one is oneself
        is_other = author and author != self.env.user.sudo().partner_id.id
        if values.get("mail_server_id") or values.get("email_from") or is_other:
            return PERSON if outside else CODE
        return AUTHOR


class MailTemplate(models.Model):
    """A person who sends a template by hand answers for its sender."""

    _inherit = "mail.template"

    def send_mail(self, *args, **kwargs):
        with sender_origin(PERSON if is_called_from_outside() else get_origin()):
            return super().send_mail(*args, **kwargs)

    def send_mail_batch(self, *args, **kwargs):
        with sender_origin(PERSON if is_called_from_outside() else get_origin()):
            return super().send_mail_batch(*args, **kwargs)


class MailScheduledMessage(models.Model):
    """What a person scheduled is theirs when it is posted."""

    _inherit = "mail.scheduled.message"

    def _post_message(self, raise_exception=True):
        with sender_origin(PERSON):
            return super()._post_message(raise_exception)
