"""How long completing a recipient takes with many contacts and correspondents.

Run by ``python3 setup bench complete`` in Odoo's shell, which gives ``env``: 100,000
contacts and three correspondents for each, others with ``--size``, in 20 mailboxes,
others with ``--mailboxes``; as many as a million messages leave behind. The person has
half of the mailboxes. Times are of the method that the composer calls, cache empty.
"""

import time

from odoo import Command
from odoo.tools import SQL

from setup.scripts.reporting import OPTIONS, Report, median

CONTACTS = OPTIONS.size or 100_000
MAILBOXES = OPTIONS.mailboxes or 20
REPEATS = OPTIONS.repeats or 7
#: Milliseconds that completing may take.
BAR = 100
#: One letter, the beginning of a usual name, two words, a domain, what is nobody's.
TERMS = ("a", "ma", "mar", "maria no", "nowak", "company77", "zzzz")
NAMES = "ARRAY['Anna','Maria','Marek','Jan','Łukasz','Zofia','Ewa','Mateusz']"
SURNAMES = "ARRAY['Nowak','Kowalska','Müller','Wójcik','Schmidt','Marzec','Lis']"
PERSON = SQL(
    f"({NAMES})[1 + n %% 8] || ' ' || ({SURNAMES})[1 + n / 8 %% 7] || ' ' || n"
)
EMAIL = SQL("'person' || n || '@company' || n %% 5000 || '.example'")


def fill(env, person):
    env.cr.execute(
        SQL(
            "INSERT INTO res_partner (name, complete_name, email, email_normalized,"
            " active, type)"
            " SELECT %s, %s, %s, %s, TRUE, 'contact'"
            " FROM generate_series(1, %s) AS n",
            PERSON,
            PERSON,
            EMAIL,
            EMAIL,
            CONTACTS,
        )
    )
    for number in range(MAILBOXES):
        mailbox = env["mail.mailbox"].create(
            {
                "name": "Spedbud",
                "imap_host": "imap.spedbud.example",
                "email": f"box{number}@spedbud.example",
                "user_ids": [Command.set(person.ids if number % 2 else env.user.ids)],
            }
        )
        message = env["mail.mailbox.message"].create({"identity": f"bench{number}"})
        arrival = env["mail.mailbox.arrival"].create(
            {"mailbox_id": mailbox.id, "mailbox_message_id": message.id}
        )
        env.cr.execute(
            SQL(
                "INSERT INTO mail_mailbox_correspondent"
                " (mailbox_id, arrival_id, email, name, words, last_at)"
                " SELECT %s, %s, %s, %s, lower(%s || ' person' || n || ' company'"
                " || n %% 5000 || ' example'), now() - n * interval '1 minute'"
                " FROM generate_series(%s, %s) AS n",
                mailbox.id,
                arrival.id,
                EMAIL,
                PERSON,
                PERSON,
                number * 1000,
                number * 1000 + CONTACTS * 3 // MAILBOXES,
            )
        )
    env.cr.execute("ANALYZE res_partner, mail_mailbox_correspondent")


def measure(env, person):
    drafts = env["mail.mailbox.draft"].with_user(person)
    for term in TERMS:
        times = []
        for _again in range(REPEATS):
            env.invalidate_all()
            begun = time.perf_counter()
            found = drafts.complete(term)
            times.append((time.perf_counter() - begun) * 1000)
        yield term, len(found), median(times), max(times)


def main(env):
    group = env.ref("mail_mailbox_archive.group_user")
    person = env["res.users"].create(
        {"name": "Ola", "login": "bench", "group_ids": [Command.link(group.id)]}
    )
    fill(env, person)
    rows = list(measure(env, person))
    env.cr.rollback()
    report = Report("complete")
    report.table(("typed", "found", "ms", "at most"), rows)
    slow = [row[0] for row in rows if row[2] > BAR]
    if slow:
        raise RuntimeError(f"more than {BAR} ms: {', '.join(slow)}")


main(env)  # noqa: F821 the shell's
