"""What rules and followed conversations cost a check that finds new emails.

Run by ``python3 setup bench rules`` in Odoo's shell, which gives ``env``. The same
emails come to two mailboxes after their first import, by turns: once beside 50 filing
rules and 10,000 followed conversations, which a quarter of the emails are of, once
without any. ``--size`` is the number of emails, instead of 2,000. What is to be filed
is noted by the check and filed afterwards, which is not measured here.
"""

from datetime import datetime

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.identity import thread_key
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive_tests.bench import corpus
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import Dovecot

from setup.scripts import mail_clients, receiving
from setup.scripts.reporting import OPTIONS, Report, median

SIZE = OPTIONS.size or 2_000
REPEATS = OPTIONS.repeats or 3
RULES, FOLLOWED = 50, 10_000
#: Every so many conversations is followed.
EVERY = 4


def make_rules(env):
    """Make rules by sender, words, recipient and file, of which some are met."""
    record = env.ref("base.main_partner")
    conditions = (
        lambda number: {"sender": f"p{8 * number}@spostex.example"},
        lambda number: {"words": f"offer {number}, drawing {number}"},
        lambda number: {"recipient": f"sales{number}@spedbud.example"},
        lambda number: {"sender": f"firm{number}.example", "file_endings": "pdf"},
        lambda number: {"words": corpus.word(number), "folder": "Invoices"},
    )
    companies = env.ref("mail_mailbox_archive.record_type_company")
    values = [
        {
            "name": f"Rule {number}",
            "record_type_id": companies.id,
            "res_id": record.id,
            **conditions[number % len(conditions)](number),
        }
        for number in range(RULES)
    ]
    return env["mail.mailbox.filing.rule"].create(values)


def store(env, source):
    """Return the message of ``source``, stored."""
    fetched = Fetched(
        uid=1,
        internal_date=datetime.now().astimezone(),
        seen=True,
        size=len(source),
        source=source,
        message=parse(source),
    )
    return env["mail.mailbox.message"]._store([fetched])[fetched.message.identity]


def follow(env, message):
    """Follow conversations, as if ``message`` had been archived in each."""
    keys = [
        thread_key(f"<{OPTIONS.seed}.{EVERY * number}@spostex.example>", "", ())
        for number in range(FOLLOWED)
    ]
    record = env.ref("base.main_partner")
    env.cr.execute(
        """
        INSERT INTO mail_mailbox_follow
                    (res_model, res_id, mailbox_message_id, thread_key, user_id, state,
                     record_state)
        SELECT 'res.partner', %s, %s, key, %s, 'following', 'there'
          FROM unnest(%s) AS key
        """,
        [record.id, message.id, env.ref("base.user_admin").id, keys],
    )


def begin_anew(env, rules, followed):
    """Forget all emails, and have rules and followed conversations or none."""
    receiving.forget_mail(env)
    rules.active = followed
    if followed:
        follow(env, store(env, b"Subject: followed\r\n\r\nThe first.\r\n"))
    env.cr.execute("ANALYZE mail_mailbox_follow")
    env.cr.commit()


def read(env, server, mailbox, rules, followed):
    """Return what it cost to fetch the new emails of ``mailbox``."""
    begin_anew(env, rules, followed)
    login = mailbox.imap_login
    server.add_user(login, mail_clients.PASSWORD, logged=False)
    with receiving.odoo_process(env.cr.dbname) as odoo:
        # the first import, of nothing: what comes later is new
        odoo.do("poll", receiving.PATIENCE, mailbox.ids)
        for source in corpus.mails(SIZE, OPTIONS.seed):
            server.deliver(login, source)
        receiving.make_due(env, mailbox)
        told = odoo.do("poll", receiving.PATIENCE, mailbox.ids)
    if told["count"] != SIZE:
        raise RuntimeError(f"{told['count']} of {SIZE} emails came")
    env.cr.execute("SELECT count(*) FROM mail_mailbox_filing")
    (told["noted"],) = env.cr.fetchone()
    if bool(told["noted"]) != followed:
        raise RuntimeError(f"{told['noted']} emails were noted")
    env.cr.commit()
    return told


def main(env):
    report = Report("rules")
    env["mail.mailbox.filing.rule"].search([]).active = False
    rules = make_rules(env)
    env.ref("mail_mailbox_archive.ir_cron_file").active = False
    env.cr.commit()
    runs = {False: [], True: []}
    with Dovecot() as server:
        logins = [f"rules{number}" for number in range(len(runs) * REPEATS)]
        mailboxes = iter(receiving.make_mailboxes(env, server.port, logins))
        for _repeat in range(REPEATS):
            for followed, done in runs.items():
                done.append(read(env, server, next(mailboxes), rules, followed))
    report.say(
        f"{SIZE:,} new emails in one mailbox, medians of {REPEATS} runs by turns:"
        f" {RULES} rules and {FOLLOWED:,} followed conversations, or none."
    )
    rows = []
    for followed, done in runs.items():
        cost = median(one["seconds"] for one in done) * 1000 / SIZE
        cpu = median(one["cpu"] for one in done) * 1000 / SIZE
        in_database = median(one["database"] for one in done) * 1000 / SIZE
        name = "with them" if followed else "without"
        rows.append([name, done[0]["noted"], cost, cpu, in_database])
    for row in rows:
        row.append(row[2] / rows[0][2])
    report.table(
        ("", "noted", "ms an email", "CPU ms", "PostgreSQL ms", "to without"), rows
    )


main(env)  # noqa: F821 the shell's
