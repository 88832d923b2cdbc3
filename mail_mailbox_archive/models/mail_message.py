from odoo import api, fields, models
from odoo.exceptions import AccessError

from .sender_origin import CODE, ORIGINS, OUTSIDE, PERSON, SENDER_FIELDS, get_origin

_DEFAULTS = frozenset(f"default_{name}" for name in SENDER_FIELDS)


class MailMessage(models.Model):
    """Who chose the sender of a message is noted when it is made, for the send gate."""

    _inherit = "mail.message"

    mailbox_sender_origin = fields.Selection(
        ORIGINS,
        readonly=True,
        copy=False,
        help="Who chose its sender; empty: code of Odoo or of an add-on.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # whatever was handed in
            vals["mailbox_sender_origin"] = self._get_sender_origin(vals) or False
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and "mailbox_sender_origin" in vals:
            raise AccessError(self.env._("Who chose a sender is noted by the system."))
        if not self.env.su and SENDER_FIELDS & vals.keys():
            vals = {**vals, "mailbox_sender_origin": PERSON}
        return super().write(vals)

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
