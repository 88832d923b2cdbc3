"""Mail that 19.0.1.0.0 fetches from a Dovecot, and that is fetched again afterwards.

For the scripts in ``version_1``: the same mail on a server of now, whose folders are
renumbered, must double nothing and show what the earlier version hid.
"""

import sys
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "mail_mailbox_archive_tests" / "tests"))

from servers.dovecot import PASSWORD, Dovecot  # noqa: E402 (where it is)

#: Logins, and what they are called as mailboxes.
LOGINS = ("fetched1", "fetched2")
NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)
_USUAL = (
    b"From: Anna <anna@spostex.example>\r\nTo: %s@spedbud.example\r\n"
    b"Subject: Left %s\r\nMessage-ID: <%s@former.example>\r\n"
    b"Date: Mon, 02 Nov 2026 10:00:00 +0100\r\n"
)
_ALARM = (
    b"From: ups@spedbud.example\r\nTo: fetched1@spedbud.example\r\n"
    b"Subject: Left alarm\r\n\r\nOn battery.\r\n"
)


def _usual(name, login, more=b"", body=b"The crane is broken.\r\n"):
    key = name.encode()
    return _USUAL % (login.encode(), key, key) + more + b"\r\n" + body


def _twin(boundary):
    kind = b'Content-Type: multipart/mixed; boundary="%s"\r\n' % boundary
    parts = b"--a\r\n\r\nThe account changed.\r\n--a--\r\n"
    parts += b"--b\r\n\r\nNothing new.\r\n--b--\r\n"
    return _usual("twin", "fetched1", b"MIME-Version: 1.0\r\n" + kind, parts)


def mails(login):
    """Yield each message of a login's INBOX, and when it arrived."""
    for number in range(30):
        yield _usual(f"mail {number}", login), NOON
    # the same in both, on two ways
    way = b"Delivered-To: %s@spedbud.example\r\nReceived: from x by %s; Mon, 2 Nov"
    way += b" 2026 10:00:01 +0100\r\n"
    yield way % ((login.encode(),) * 2) + _usual("shared", "all"), NOON
    folded = b"References: <a@x.example>\r\n <b@x.example>\r\n"
    yield _usual("folded", login, folded), NOON
    if login == LOGINS[0]:
        for day in range(3):
            yield _ALARM, NOON + timedelta(days=day)
        yield _twin(b"a"), NOON
        yield _twin(b"b"), NOON


@contextmanager
def serving(env):
    """Serve the mail; the mailboxes of ``env`` that are called so fetch from there."""
    with Dovecot() as server:
        for login in LOGINS:
            server.add_user(login, logged=False)
            for source, moment in mails(login):
                server.deliver(login, source, date=moment)
        boxes = env["mail.mailbox"].search([("imap_login", "in", LOGINS)])
        boxes.write({"imap_port": server.port, "imap_password": PASSWORD})
        env.cr.commit()
        yield server


def fetch(env):
    """Fetch what is due; return subject → number of messages, and of arrivals."""
    boxes = env["mail.mailbox"].search([("imap_login", "in", LOGINS)])
    boxes.write({"next_poll_at": False})
    env.cr.commit()
    env["mail.mailbox"]._poll(60, boxes.ids)
    env.cr.rollback()
    env.invalidate_all()
    arrivals = env["mail.mailbox.arrival"].search([("mailbox_id", "in", boxes.ids)])
    return len(arrivals.mailbox_message_id), len(arrivals)
