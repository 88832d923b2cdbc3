from odoo import SUPERUSER_ID, api, fields


def migrate(cr, version):
    """Have the messages that are stored renewed, see ``mail_mailbox_identity.py``."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    parameters = env["ir.config_parameter"]
    key = "mail_mailbox_archive.identity_upgraded"
    if not parameters.get_param(key):
        parameters.set_param(key, fields.Datetime.to_string(fields.Datetime.now()))
    env.ref("mail_mailbox_archive.ir_cron_renew")._trigger()
