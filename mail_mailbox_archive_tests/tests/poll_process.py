"""Poll one mailbox in a process of its own: ``poll_process.py CONFIG DATABASE ID``."""

import sys

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def main(config_file, database, mailbox_id):
    config.parse_config(
        ["-c", config_file, "-d", database, "--no-http"], setup_logging=True
    )
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        print("ready", flush=True)
        sys.stdin.readline()
        polls = env["mail.mailbox"]._poll(120, only=[int(mailbox_id)])
        print("arrived", sum(poll.arrived for poll in polls), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
