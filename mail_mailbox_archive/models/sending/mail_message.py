import contextvars
import itertools

from odoo import api, fields, models

from .sender_origin import CODE, ORIGINS, OUTSIDE, PERSON, SENDER_FIELDS, get_origin

#: What is noted of the messages that are made just now.
_noted = contextvars.ContextVar("mailbox_noted_origin", default=False)
_DEFAULTS = frozenset(f"default_{name}" for name in SENDER_FIELDS)


class MailMessage(models.Model):
    """Who chose the sender of a message is noted when it is made, for the send gate."""

    _name = "mail.message"
    _inherit = ["mail.message", "mail.mailbox.system.fields"]

    mailbox_sender_origin = fields.Selection(
        ORIGINS,
        readonly=True,
        copy=False,
        default=lambda self: _noted.get(),
        help="Who chose its sender; empty: code of Odoo or of an add-on.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        messages = self.browse()
        # one statement for those of one origin, which nearly always are all
        # in their order, which Odoo's own groupby does not keep
        # pylint: disable-next=bad-builtin-groupby
        for origin, group in itertools.groupby(vals_list, self._get_sender_origin):
            token = _noted.set(origin or False)
            try:
                messages += super().create(list(group))
            finally:
                _noted.reset(token)
        return messages

    def write(self, vals):
        changed = not self.env.su and SENDER_FIELDS & vals.keys()
        result = super().write(vals)
        if changed:
            # sudo: noted of who changed it, who may not write it
            self.sudo().mailbox_sender_origin = PERSON
        return result

    @api.model
    def _get_sender_origin(self, vals):
        origin = get_origin()
        if origin == OUTSIDE and vals.get("message_type") != "email":
            # what Odoo makes of an email from outside, a bounce for one
            return False
        if origin is not None:
            return origin
        # a context comes from outside, also in what is made with all rights
        named = _DEFAULTS & self.env.context.keys()
        named |= set() if self.env.su else SENDER_FIELDS & vals.keys()
        return PERSON if named else CODE
