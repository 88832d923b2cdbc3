"""Odoo as it always starts, but for a quicker clock and places where it kills itself.

``odoo_process.py server ARGUMENTS`` is ``odoo server ARGUMENTS``;
``odoo_process.py mailboxes CONFIG DATABASE`` makes the mailboxes that standard input
tells as JSON, and prints their ids, for its administrator.

The file named by ``MAILBOX_AIM`` holds a place and a number: the process that passes it
so often dies there by SIGKILL.
"""

import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from odoo.tools import config

#: Where a process can be made to die.
PLACES = ("examine", "literal", "half", "file", "rows", "commit", "committed")


def reached(place):
    """Return whether the test aims at this place and it is the time to die."""
    path = Path(os.environ.get("MAILBOX_AIM", "/nonexistent"))
    try:
        aimed, _, times = path.read_text().partition(" ")
    except OSError:
        return False
    if aimed != place:
        return False
    if int(times) > 1:
        path.write_text(f"{aimed} {int(times) - 1}")
        return False
    path.unlink()
    return True


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def pass_by(place):
    if reached(place):
        die()


def wrap(owner, name, replacement):
    """Have ``replacement(original, *arguments)`` stand in for ``owner.name``."""
    original = getattr(owner, name)
    setattr(owner, name, lambda *arguments: replacement(original, *arguments))


def examine(original, session, name):
    result = original(session, name)
    pass_by("examine")
    return result


def read_literal(original, wire, size):
    if size > 1 and reached("literal"):
        wire._receive(wire._file.readinto1, memoryview(bytearray(size // 2)))
        die()
    return original(wire, size)


def write_file(original, attachments, content, checksum):
    if reached("half"):
        _name, path = attachments._get_path(content, checksum)
        Path(path).write_bytes(content[: len(content) // 2])
        die()
    result = original(attachments, content, checksum)
    pass_by("file")
    return result


def store_messages(original, mailbox, event):
    result = original(mailbox, event)
    pass_by("rows")
    mailbox.env.cr.precommit.add(lambda: pass_by("commit"))
    mailbox.env.cr.postcommit.add(lambda: pass_by("committed"))
    return result


def store_cursor_first(original, mailbox, event):
    """Take the protection away: the cursor is committed before the messages are."""
    mailbox._folder(event.state.wire_name)._set_state(event.state)
    mailbox.env.cr.commit()
    return original(mailbox, event)


def hasten():
    """Have what failed tried again at once, as if the time had passed."""
    from dataclasses import replace

    from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Timeouts
    from odoo.addons.mail_mailbox_archive.models.receiving import account, health

    quick = {"first": timedelta(seconds=0.2), "limit": timedelta(seconds=1)}
    health.POLICY = replace(health.POLICY, **quick)
    account.TIMEOUTS = Timeouts(5, 5, 5, 60)


def make_mailboxes(config_file, database):
    from odoo.api import SUPERUSER_ID, Environment
    from odoo.modules.registry import Registry

    config.parse_config(["-c", config_file, "-d", database, "--no-http"])
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        admin = env.ref("base.user_admin").id
        values = json.load(sys.stdin)
        for one in values:
            one |= {"responsible_id": admin, "user_ids": [(6, 0, [admin])]}
        print(json.dumps(env["mail.mailbox"].create(values).ids))


def make_places():
    """Change what runs, for it to die at the places that a test may aim at."""
    from odoo.addons.base.models.ir_attachment import IrAttachment
    from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Session
    from odoo.addons.mail_mailbox_archive.mailcore.imap.wire import Wire
    from odoo.addons.mail_mailbox_archive.models.receiving.store import MailMailbox

    wrap(Session, "examine", examine)
    wrap(Wire, "_read", read_literal)
    wrap(IrAttachment, "_file_write", write_file)
    if os.environ.get("MAILBOX_UNSAFE"):
        wrap(MailMailbox, "_store_messages", store_cursor_first)
    wrap(MailMailbox, "_store_messages", store_messages)


def serve(arguments):
    from odoo.cli import server
    from odoo.modules.module import initialize_sys_path

    config.parse_config(arguments)
    initialize_sys_path()
    hasten()
    make_places()
    server.main(arguments)


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "gevent":
        signal.pause()  # nobody listens to the bus here
    elif command == "server":
        serve(rest)
    else:
        make_mailboxes(*rest)
