"""How fast mails leave through a mailbox, beside Odoo's own sending of them.

Run by ``python3 setup bench send`` in Odoo's shell, which gives ``env``. ``--size`` is
the number of mails, ``--repeats`` how often each way sends them, by turns: Odoo's queue
through a mailbox and through a server of Odoo's own, and the outbox of what people
write. Then Send is pressed for a mail with a big attachment.
"""

import random
import resource
import subprocess
import sys
import time

from setup.scripts.reporting import OPTIONS, Report, median

COUNT = OPTIONS.size or 1000
REPEATS = OPTIONS.repeats or 3
WORDS = "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do".split()
#: Words of a mail, for about 20 KB on the wire.
LENGTH = 1600
OWN, MAILBOX = "own@bench.example", "mailbox@bench.example"

#: Takes every mail; its port first, then how many came over how many lines.
SERVER = """
import logging, resource, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

logging.disable(logging.WARNING)

class Handler:
    mails = lines = size = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.lines += 1
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):
        self.mails += 1
        self.size += len(envelope.content)
        return "250 taken"

class Server(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

handler = Handler()
server = Server(
    handler,
    hostname="127.0.0.1",
    port=0,
    auth_require_tls=False,
    authenticator=lambda *_: AuthResult(success=True),
)
server.start()
print(server.port, flush=True)
for _line in sys.stdin:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(handler.mails, handler.lines, handler.size // max(handler.mails, 1),
          round((used.ru_utime + used.ru_stime) * 1000), flush=True)
    handler.mails = handler.lines = handler.size = 0
"""


def ask(server):
    server.stdin.write("\n")
    server.stdin.flush()
    return [int(word) for word in server.stdout.readline().split()]


def make_senders(port):
    """Make a server of Odoo's own, and a mailbox that sends through the same."""
    admin = env.ref("base.user_admin")  # noqa: F821 - the shell's
    env["ir.mail_server"].create(  # noqa: F821
        {
            "name": "Odoo's own",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "from_filter": OWN,
        }
    )
    mailbox = env["mail.mailbox"].create(  # noqa: F821
        {
            "name": "{{first_name}}, bench",
            "email": MAILBOX,
            "responsible_id": admin.id,
            "user_ids": admin.ids,
            "imap_enabled": False,
            "provider": "smtp",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "signature": "<p>Regards, {{first_name}}</p>",
        }
    )
    mailbox.state = "ready"


def queue(sender, choose):
    """Queue mails of a person, each with words of its own."""
    person = env.ref("base.user_admin")  # noqa: F821
    queued = env["mail.mail"].with_user(person)  # noqa: F821
    mails = queued.create(
        [
            {
                "email_from": sender,
                "email_to": f"p{number}@customer.example",
                "subject": f"Offer {number}",
                "body_html": f"<p>{' '.join(choose(WORDS, k=LENGTH))}</p>",
            }
            for number in range(COUNT)
        ]
    )
    env.cr.commit()  # noqa: F821 - what the queue finds is committed
    return mails.sudo()


def write(sender, choose):
    """Write as many mails by hand, and press Send; return the rows of the outbox."""
    drafts = env["mail.mailbox.draft"]  # noqa: F821
    mailbox = env["mail.mailbox"].search([("email", "=", sender)])  # noqa: F821
    ids = []
    for number in range(COUNT):
        draft = drafts.browse(drafts.prepare_new(mailbox_id=mailbox.id))
        draft.write(
            {
                "email_to": f"w{number}@customer.example",
                "subject": f"Offer {number}",
                "body": f"<p>{' '.join(choose(WORDS, k=LENGTH))}</p>",
            }
        )
        ids.append(draft.action_send()["params"]["outbox_id"])
    env.cr.commit()  # noqa: F821 - what the outbox finds is committed
    return env["mail.mailbox.outbox"].browse(ids)  # noqa: F821


def send_queued(mails):
    mails.send(auto_commit=True)


def send_written(rows):
    while rows._count_due():
        rows._work_off()
        rows.env.cr.rollback()
    rows.invalidate_recordset()


def press_send():
    """Return the milliseconds that Send takes with an attachment of 10 MB."""
    drafts = env["mail.mailbox.draft"]  # noqa: F821
    mailbox = env["mail.mailbox"].search([("email", "=", MAILBOX)])  # noqa: F821
    draft = drafts.browse(drafts.prepare_new(mailbox_id=mailbox.id))
    file = env["ir.attachment"].create(  # noqa: F821
        {
            "name": "plan.bin",
            "raw": random.randbytes(10 * 2**20),
            "res_model": draft._name,
            "res_id": draft.id,
        }
    )
    draft.write({"email_to": "big@customer.example", "subject": "Plan"})
    draft.attachment_ids = file
    env.cr.commit()  # noqa: F821
    started = time.monotonic()
    draft.action_send()
    env.cr.commit()  # noqa: F821
    return (time.monotonic() - started) * 1000


def measure(mails, server, send):
    """Send; return mails a second, CPU ms a mail here and there, and sizes."""
    server_before = ask(server)[3]
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.monotonic()
    send(mails)
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert set(mails.mapped("state")) == {"sent"}, mails.mapped("state")[:3]
    count, lines, size, server_after = ask(server)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "rate": count / seconds,
        "cpu": used * 1000 / count,
        "server": (server_after - server_before) / count,
        "lines": lines,
        "size": size / 1000,
    }


def main(server):
    report = Report("send")
    make_senders(int(server.stdout.readline()))
    choose = random.Random(OPTIONS.seed).choices
    ways = (
        ("Through a mailbox", MAILBOX, queue, send_queued),
        ("Odoo's own sending", OWN, queue, send_queued),
        ("Through the outbox", MAILBOX, write, send_written),
    )
    runs = {label: [] for label, *_way in ways}
    for _repeat in range(REPEATS):
        for label, sender, make, send in ways:
            runs[label].append(measure(make(sender, choose), server, send))
    rows = [
        (label, *(median(run[key] for run in done) for key in done[0]))
        for label, done in runs.items()
    ]
    report.say(f"{COUNT:,} mails, medians of {REPEATS} runs by turns.")
    report.table(
        ("", "mails/s", "CPU ms/mail", "server's CPU ms/mail", "lines", "KB"), rows
    )
    listed = env["mail.mailbox.arrival"].search_count(  # noqa: F821
        [("mailbox_id.email", "=", MAILBOX)]
    )
    assert listed == 2 * COUNT * REPEATS, listed
    report.say(f"{listed:,} of the mailbox's are listed in the Queue.")
    pressed = median(press_send() for _time in range(5))
    report.say(f"Send with an attachment of 10 MB takes {pressed:.0f} ms.")
    report.chart("mails/s", [(label, rate) for label, rate, *_more in rows], "Through")


with subprocess.Popen(
    [sys.executable, "-c", SERVER],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
) as sink:
    main(sink)
    sink.stdin.close()
