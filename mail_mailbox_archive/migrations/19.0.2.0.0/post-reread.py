from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Have the messages that are stored read again, see ``mail_mailbox_reread.py``."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.ref("mail_mailbox_archive.ir_cron_reread")._trigger()
