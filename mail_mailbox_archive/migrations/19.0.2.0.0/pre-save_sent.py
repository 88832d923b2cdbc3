"""Where the provider puts sent mail into Sent, the set-up left us to do it again."""

from odoo.tools.sql import column_exists

from odoo.addons.mail_mailbox_archive.mailcore.connect.discovery_presets import (
    saves_itself,
)


def migrate(cr, version):
    if not column_exists(cr, "mail_mailbox", "save_sent"):
        return
    cr.execute("SELECT DISTINCT smtp_host FROM mail_mailbox WHERE save_sent")
    hosts = [host for (host,) in cr.fetchall() if saves_itself(host or "")]
    cr.execute(
        "UPDATE mail_mailbox SET save_sent = false"
        " WHERE provider = 'smtp' AND smtp_host = ANY(%s)",
        [hosts],
    )
