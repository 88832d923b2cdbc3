"""How fast queued mails leave through a mailbox, beside Odoo's own sending of them.

Run by ``python3 setup bench send`` in Odoo's shell, which gives ``env``.
"""

import subprocess
import sys
import time

COUNT = 1000
BODY = "<p>" + "Lorem ipsum dolor sit amet, consectetur. " * 240 + "</p>"

#: Takes every mail; its port first, then how many came over how many lines.
SERVER = """
import logging, sys
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
    print(handler.mails, handler.lines, handler.size // max(handler.mails, 1),
          flush=True)
    handler.mails = handler.lines = handler.size = 0
"""


def ask(server):
    server.stdin.write("\n")
    server.stdin.flush()
    return [int(word) for word in server.stdout.readline().split()]


def make_senders(port):
    """Return the two senders: of Odoo's own server, and of a mailbox."""
    admin = env.ref("base.user_admin")  # noqa: F821 - the shell's
    env["ir.mail_server"].create(  # noqa: F821
        {
            "name": "Odoo's own",
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "from_filter": "own@bench.example",
        }
    )
    mailbox = env["mail.mailbox"].create(  # noqa: F821
        {
            "name": "{{first_name}}, bench",
            "email": "mailbox@bench.example",
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
    return "own@bench.example", mailbox.email


def measure(sender, server):
    mails = env["mail.mail"].create(  # noqa: F821
        [
            {
                "email_from": sender,
                "email_to": f"p{number}@customer.example",
                "subject": f"Offer {number}",
                "body_html": BODY,
            }
            for number in range(COUNT)
        ]
    )
    env.cr.commit()  # noqa: F821 - what the queue finds is committed
    ask(server)
    started = time.monotonic()
    mails.send(auto_commit=True)
    seconds = time.monotonic() - started
    assert set(mails.mapped("state")) == {"sent"}, mails.mapped("failure_reason")[:3]
    return seconds, *ask(server)


with subprocess.Popen(
    [sys.executable, "-c", SERVER],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
) as server:
    own, mailbox = make_senders(int(server.stdout.readline()))
    for label, sender in (("Odoo's own", own), ("a mailbox", mailbox)):
        seconds, mails, lines, size = measure(sender, server)
        print(
            f"{label:>12}: {mails} mails of {size // 1000} KB in {seconds:.1f} s,"
            f" {mails / seconds:.0f}/s over {lines} connection(s)"
        )
    listed = env["mail.mailbox.arrival"].search_count(  # noqa: F821
        [("mailbox_id.email", "=", mailbox)]
    )
    print(f"{'':>12}  {listed} of them are listed in the Queue")
    server.stdin.close()
