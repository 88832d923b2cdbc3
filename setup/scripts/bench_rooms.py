"""How often the way of one poll, and of one click on Archive, changes rooms.

Run by ``python3 setup bench rooms`` in Odoo's shell, which gives ``env``. The way is
that of somebody who reads along: each function of ours at its first call, in its
thread. A room is a folder in ``models`` or ``mailcore``, what lies beside them one
more. Times are not measured: fewer changes are easier to read.
"""

import sys
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from odoo import Command

from odoo.addons import mail_mailbox_archive
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)

from setup.scripts import receiving
from setup.scripts.reporting import Report

#: The add-on's own folder: the tools' cache has its name too, and Odoo lies in there.
OURS = f"{Path(mail_mailbox_archive.__file__).parent}/"
#: What every room builds on; it is not a room itself.
GROUND = {"fields.py", "reader.py", "text.py", "errors.py", "guarded.py"}


class Way:
    """What was called, thread by thread."""

    def __init__(self):
        self.files = {}
        self.seen = set()

    def note(self, frame, event, _argument):
        """Take a call, as ``sys.setprofile`` tells it."""
        path = frame.f_code.co_filename
        if event != "call" or not path.startswith(OURS) or frame.f_code in self.seen:
            return
        self.seen.add(frame.f_code)
        if not path.endswith(tuple(GROUND)) and "<" not in frame.f_code.co_name:
            thread = self.files.setdefault(threading.get_ident(), [])
            thread.append(path.removeprefix(OURS))

    def changes(self, of=lambda file: file):
        """Return how often what ``of`` gives of a file is another one than before."""
        return sum(
            of(before) != of(after)
            for files in self.files.values()
            for before, after in zip(files, files[1:], strict=False)
        )

    def files_seen(self):
        return len(Counter(file for files in self.files.values() for file in files))


def room(file):
    """Return the folder of a file: ``models/receiving``, ``mailcore``, ``wizards``."""
    return "/".join(file.split("/")[:-1][:2])


@contextmanager
def followed():
    """The :class:`Way` of what is called in the block, by all threads."""
    way = Way()
    threading.setprofile(way.note)
    sys.setprofile(way.note)
    try:
        yield way
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def poll(env, server):
    """Fetch one mail into an empty mailbox."""
    server.add_user("rooms", logged=False)
    server.deliver(
        "rooms",
        b"From: Bob <bob@x.example>\r\nTo: rooms@receiving.example\r\nSubject: One\r\n"
        b"Message-ID: <one@x.example>\r\n\r\nHello\r\n",
    )
    mailbox = receiving.make_mailboxes(
        env, server.port, ["rooms"], imap_password=PASSWORD
    )
    with followed() as way:
        env["mail.mailbox"]._poll(60)
    env.invalidate_all()
    return way, env["mail.mailbox.arrival"].search([("mailbox_id", "=", mailbox.id)])


def click(env, message):
    """Archive it to a contact, as the button does."""
    partner = env["res.partner"].create({"name": "Bob"})
    kinds = env["mail.mailbox.record.type"].search([("res_model", "=", "res.partner")])
    kind = kinds.filtered(lambda kind: partner.filtered_domain(kind._get_domain()))
    line = {"record_type_id": kind[:1].id, "res_id": partner.id}
    dialog = env["mail.mailbox.archive.wizard"].create(
        {
            "mailbox_message_ids": [Command.set(message.ids)],
            "line_ids": [Command.clear(), Command.create(line)],
        }
    )
    env.flush_all()
    with followed() as way:
        dialog.action_confirm()
        env.flush_all()
    if not message.link_ids:
        raise RuntimeError("the mail was not archived")
    return way


def main(env):
    report = Report("rooms")
    with Dovecot() as server:
        polled, arrivals = poll(env, server)
    if not arrivals:
        raise RuntimeError("the mail did not arrive")
    ways = {
        "one poll of one mail": polled,
        "one click on Archive": click(env, arrivals.mailbox_message_id),
    }
    report.table(
        ("", "functions", "files", "changes of file", "changes of room"),
        [
            (
                name,
                f"{sum(map(len, way.files.values()))}",
                f"{way.files_seen()}",
                f"{way.changes()}",
                f"{way.changes(room)}",
            )
            for name, way in ways.items()
        ],
    )


main(env)  # noqa: F821 the shell's
