"""One job in a process of its own: ``job_process.py CONFIG DATABASE JOB ID...``.

It says when it is ready, begins when a line comes, and says what it did.
"""

import sys

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def say(line):
    """Tell a line to who started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def poll(env, ids):
    """Poll mailboxes."""
    polls = env["mail.mailbox"]._poll(120, only=ids)
    say(f"arrived {sum(poll.arrived for poll in polls)}")


def send(env, ids):
    """Send mails of Odoo's queue."""
    env["mail.mail"].browse(ids).send(auto_commit=True)


def main(config_file, database, job, *ids):
    options = ["-c", config_file, "-d", database, "--no-http"]
    config.parse_config(options, setup_logging=True)
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        say("ready")
        sys.stdin.readline()
        {"poll": poll, "send": send}[job](env, list(map(int, ids)))


if __name__ == "__main__":
    main(*sys.argv[1:])
