"""Send mails in a process of its own: ``send_process.py CONFIG DATABASE ID...``."""

import sys

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def main(config_file, database, *mail_ids):
    config.parse_config(
        ["-c", config_file, "-d", database, "--no-http"], setup_logging=True
    )
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        print("ready", flush=True)
        sys.stdin.readline()
        env["mail.mail"].browse(map(int, mail_ids)).send(auto_commit=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
