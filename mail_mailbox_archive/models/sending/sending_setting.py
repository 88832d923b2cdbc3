from odoo import api, fields, models


class MailMailboxSendingSetting(models.Model):
    """A value that a provider asks an account for, and no field of the account holds.

    Which there are is said by the provider's file; so a provider of another add-on has
    its settings in the form without a view or a field of its own.
    """

    _name = "mail.mailbox.sending.setting"
    _description = "Setting of a Sending Account"
    _inherit = "mail.mailbox.guarded"
    _order = "account_id, sequence, id"

    account_id = fields.Many2one(
        "mail.mailbox.sending.account", required=True, ondelete="cascade", readonly=True
    )
    sequence = fields.Integer(readonly=True)
    name = fields.Char(required=True, readonly=True)
    label = fields.Char("Setting", compute="_compute_setting")
    hint = fields.Char(compute="_compute_setting")
    secret = fields.Boolean("Is secret", compute="_compute_setting")
    value = fields.Char()
    value_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    typed = fields.Char(
        "Secret",
        compute="_compute_typed",
        inverse="_inverse_typed",
        copy=False,
        help="You can set or replace it, but not view it.",
    )
    has_secret = fields.Boolean("Stored", compute="_compute_has_secret")

    _name_unique = models.Constraint(
        "UNIQUE (account_id, name)", "An account has each setting once."
    )

    @api.model
    def _get_neutral_name(self):
        return self.env._("Setting")

    @api.depends("account_id.provider", "name")
    def _compute_setting(self):
        for line in self:
            setting = line.account_id._find_setting(line.name)
            line.label = setting and (setting.label or setting.name)
            line.hint = setting and setting.help
            line.secret = bool(setting and setting.secret)

    def _compute_typed(self):
        self.typed = False

    def _inverse_typed(self):
        seal = self.env["mail.mailbox"]._seal__
        for line in self.filtered("typed"):
            setting = line.account_id._find_setting(line.name)
            hosts = [] if setting.hook else [line.account_id._get_host()]
            # sudo: a secret is written by those who may not read it
            line.sudo().value_secret = seal(line.typed.strip(), *hosts)

    @api.depends("value_secret")
    def _compute_has_secret(self):
        for line in self:
            # sudo: that there is one is no secret
            line.has_secret = bool(line.sudo().value_secret)
