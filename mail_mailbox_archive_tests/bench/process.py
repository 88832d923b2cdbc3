"""Odoo's work with mail in a process of its own, so that its cost is that work's alone.

``process.py CONFIG DATABASE`` reads a line of JSON, ``[work, argument, ...]``, does the
work (a function below), and answers with a line: how much was done, and what it cost.
"""

import json
import resource
import sys
import time
from pathlib import Path

import psutil

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def poll(env, seconds, ids=None):
    """Fetch the mail of the mailboxes ``ids``, or as the scheduled action does."""
    polls = env["mail.mailbox"]._poll(seconds, only=ids)
    return {"count": sum(p.arrived for p in polls), "polled": len(polls)}


def hang_up(_env):
    """Have the next check of each mailbox log in anew."""
    # add-ons are not to be found before Odoo has read its configuration
    from odoo.addons.mail_mailbox_archive.models.receiving.ahead import KEPT

    KEPT.close()
    return {}


def fetchmail(env, server, count):
    """Fetch up to ``count`` mails as Odoo does by itself."""
    env["fetchmail.server"].browse(server)._fetch_mail(batch_limit=count)
    return {"count": count}


def database_seconds(database):
    """Return the CPU time so far of PostgreSQL's processes for ``database``.

    They are seen where the server runs on this machine; elsewhere it is 0.
    """
    mine = f" {database} "
    total = 0.0
    for process in psutil.process_iter(["cmdline", "cpu_times"]):
        line = " ".join(process.info["cmdline"] or ())
        if line.startswith("postgres:") and mine in line:
            total += sum(process.info["cpu_times"][:2])
    return total


def own_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_megabytes():
    """Return the most memory that this process had, Odoo and all."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure(database, work, *arguments):
    """Return what ``work`` tells, with ``seconds``, ``cpu``, ``database``, ``peak``."""
    registry = Registry(database).check_signaling()
    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        in_database, cpu = database_seconds(database), own_seconds()
        begun = time.monotonic()
        told = globals()[work](env, *arguments)
        told |= {"seconds": time.monotonic() - begun, "cpu": own_seconds() - cpu}
        # before the end of the process, and that of its connections
        told["database"] = database_seconds(database) - in_database
    return told | {"peak": peak_megabytes()}


def main(config_file, database):
    config.parse_config(
        ["-c", config_file, "-d", database, "--no-http", "--log-level=error"],
        setup_logging=True,
    )
    Registry(database)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(database, *json.loads(line))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
