"""A company with years of archived mail, made by SQL: a million messages in minutes.

What is in it follows from the numbers and the seed alone. Texts have frequent and rare
words, as languages have: word 0 is in most of the messages, word 20,000 in a few.
"""

import hashlib
import io
import itertools
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import Command

WORDS = 30_000
#: Words of one message.
LENGTH = 40
#: Messages that are sent to the database at a time.
BATCH = 20_000
#: When the newest message was sent; the others three minutes apart before it.
NEWEST = datetime(2026, 11, 1)
#: A word has no digits, as words have none.
LETTERS = str.maketrans("0123456789", "qrstuvwxyz")
COPY = """
COPY mail_mailbox_message (subject, email_from, email_to, message_id, preview, identity,
    thread_key, size, attachment_count, date, search_text) FROM STDIN
"""
#: How the records are spread over the models, in hundredths; an app that is not there
#: has none.
SHARES = {
    "res.partner": 53,
    "project.task": 30,
    "project.milestone": 8,
    "project.project": 1,
    "res.partner.category": 4,
    "project.tags": 4,
}


@dataclass(frozen=True)
class Size:
    """How much of everything.

    :param archived: messages with at least one link, of ``messages``
    """

    messages: int = 1_000_000
    archived: int = 300_000
    records: int = 50_000
    users: int = 200
    mailboxes: int = 50
    seed: int = 1


def fill(env, size):
    """Fill an empty database; commits.

    :return: ids by kind: ``users`` and ``outsiders``, as :func:`find` does
    """
    make(env, size)
    settle(env)
    return find(env)


def settle(env):
    """Commit, and leave the tables as PostgreSQL's own cleaning does in time."""
    env.cr.commit()
    env.cr.connection.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr.connection.autocommit = False


def make(env, size):
    """Make all of it in the transaction of ``env``.

    :return: records and roles, for :func:`make_mail`
    """
    made = {"users": _make_users(env, size)}
    _make_mailboxes(env, size, made)
    records = _make_records(env, size, made)
    roles = _make_roles(env, made)
    make_mail(env, size, records, roles)
    return records, roles


def make_mail(env, size, records, roles):
    """Make the messages where there are none (yet, or any more), and their folders."""
    boxes = env["mail.mailbox"].search([("email", "=like", "%@bench.example")])
    env["mail.mailbox.folder"].create(
        [
            {"mailbox_id": box.id, "name": name, "wire_name": name, "unseen_count": 3}
            for box in boxes
            for name in ("INBOX", "Sent")
        ]
    )
    env.flush_all()
    _make_messages(env.cr, size)
    _make_arrivals(env.cr, size)
    _make_conversations(env.cr)
    _make_links(env.cr, size, records, roles)
    env.invalidate_all()


def make_source_rows(env):
    """Make the rows of the messages' files, without the files: nobody reads them."""
    env.cr.execute(
        """
        INSERT INTO ir_attachment (name, type, res_model, res_field, res_id, mimetype,
               file_size, checksum, store_fname, create_uid, write_uid, create_date,
               write_date)
        SELECT 'message.eml', 'binary', 'mail.mailbox.message', 'source', id,
               'message/rfc822', size, sha, left(sha, 2) || '/' || sha, 1, 1, now(),
               now()
          FROM mail_mailbox_message,
               left(encode(sha256(identity::bytea), 'hex'), 40) AS sha
         WHERE identity LIKE 'bench-%'
        """
    )


def find(env):
    """Return who is in a database that was filled, as ids by kind; None for another.

    ``users`` work with the mail; ``outsiders`` have an account, no mailbox and no app.
    """
    users = env["res.users"].search([("login", "=like", "bench%")], order="id")
    outsiders = users.filtered(lambda user: user.login.startswith("bench_out"))
    return users and {"users": (users - outsiders).ids, "outsiders": outsiders.ids}


def _make_users(env, size):
    group = env.ref("mail_mailbox_archive.group_user")
    internal = env.ref("base.group_user") + env.ref("base.group_allow_export")
    none = env["res.groups"]
    project = env.ref("project.group_project_user", raise_if_not_found=False) or none
    other = env["res.company"].create({"name": "Second company"})
    users = env["res.users"].with_context(no_reset_password=True)
    made = users.create(
        [
            {
                "name": f"Bench {number}",
                "login": f"bench{number}",
                # nine in ten work with projects, one in five in both companies
                "group_ids": [
                    Command.set(
                        (group + internal + (project if number % 10 else none)).ids
                    )
                ],
                "company_id": env.company.id,
                "company_ids": [
                    Command.set([env.company.id] + [other.id] * (number % 5 == 0))
                ],
            }
            for number in range(size.users)
        ]
    )
    users.create(
        [
            {
                "name": f"Outsider {number}",
                "login": f"bench_out{number}",
                "group_ids": [Command.set((group + internal).ids)],
                "company_id": other.id,
                "company_ids": [Command.set(other.ids)],
            }
            for number in range(2)
        ]
    )
    return made.ids


def _make_mailboxes(env, size, made):
    users = made["users"]
    boxes = env["mail.mailbox"].create(
        [
            {
                "name": f"Bench {number}",
                "email": f"bench{number}@bench.example",
                "imap_enabled": False,
                "private": number % 10 == 9,
                "responsible_id": users[number % len(users)],
                "user_ids": [
                    Command.set(
                        {
                            users[(number * 7 + other * 13) % len(users)]
                            for other in range(6)
                        }
                        | {users[number % len(users)]}
                    )
                ],
            }
            for number in range(size.mailboxes)
        ]
    )
    made["mailboxes"] = boxes.ids


def _make_records(env, size, made):
    """Make the records by SQL; return the ids by model."""
    companies = env["res.company"].search([], order="id").ids
    shares = {model: share for model, share in SHARES.items() if model in env}
    count = {model: size.records * share // 100 for model, share in shares.items()}
    cr, ids = env.cr, {}

    def insert(model, columns, values):
        table = env[model]._table
        cr.execute(
            f"INSERT INTO {table} ({columns}, create_uid, write_uid, create_date,"
            f" write_date) SELECT {values}, 1, 1, now(), now()"
            f" FROM generate_series(1, {count[model]}) AS n RETURNING id"
        )
        ids[model] = [id_ for (id_,) in cr.fetchall()]

    # one in eight belongs to the second company, which most people do not see
    company = f"CASE WHEN n %% 8 = 0 THEN {companies[-1]} ELSE {companies[0]} END"
    company = company.replace("%%", "%")
    insert(
        "res.partner",
        "name, complete_name, active, is_company, company_id, type",
        f"'Bench ' || n, 'Bench ' || n, true, n % 5 > 0,"
        f" CASE WHEN n % 2 = 0 THEN NULL ELSE {company} END, 'contact'",
    )
    insert(
        "res.partner.category",
        "name, active",
        "jsonb_build_object('en_US', 'C' || n), true",
    )
    if "project.project" in shares:
        stages = env["project.task.type"].search([], limit=1).ids or [None]
        ids["project.project"] = _make_projects(
            env, count["project.project"], companies
        )
        projects = ids["project.project"]
        low, span = min(projects), len(projects)
        insert(
            "project.task",
            "name, active, project_id, company_id, state, stage_id, display_in_project",
            f"'Task ' || n, true, {low} + n % {span}, {company}, '01_in_progress',"
            f" {stages[0] or 'NULL'}, true",
        )
        insert(
            "project.milestone",
            "name, project_id",
            f"'Stone ' || n, {low} + n % {span}",
        )
        insert("project.tags", "name", "jsonb_build_object('en_US', 'Tag ' || n)")
    types = env["mail.mailbox.record.type"]
    known = types.with_context(active_test=False).search([])
    known.active = True
    for model in shares:
        if model not in known.mapped("res_model"):
            types.create({"name": model, "model_id": env["ir.model"]._get(model).id})
    return ids


def _make_projects(env, count, companies):
    # by the ORM: a project is more than its row
    projects = (
        env["project.project"]
        .with_context(mail_create_nolog=True)
        .create(
            [
                {
                    "name": f"Bench {number}",
                    "privacy_visibility": "employees" if number % 2 else "followers",
                    "company_id": companies[0] if number % 8 else companies[-1],
                }
                for number in range(count)
            ]
        )
    )
    env.flush_all()
    return projects.ids


def _make_roles(env, made):
    roles = env["res.groups"].create(
        [{"name": f"Bench role {number}", "mail_role": True} for number in range(3)]
    )
    for number, user_id in enumerate(made["users"]):
        roles[number % 3].user_ids = [Command.link(user_id)]
    return roles.ids


def word(number):
    """Return one of the words; a lower number is a more frequent word."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return f"bench{number}{digest[:4]}".translate(LETTERS)


def _make_messages(cr, size):
    words = [word(number) for number in range(WORDS)]
    weights = list(itertools.accumulate(1 / (number + 3) for number in range(WORDS)))
    choose = random.Random(size.seed).choices
    cr.execute("DROP INDEX mail_mailbox_message_search_text_idx")
    for first in range(0, size.messages, BATCH):
        lines = []
        for number in range(first + 1, min(first + BATCH, size.messages) + 1):
            text = " ".join(choose(words, cum_weights=weights, k=LENGTH))
            person = f"Person {number % 5000} <p{number % 5000}@x.example>"
            moment = NEWEST - number * timedelta(minutes=3)
            columns = (f"Subject {number}", person, "office@bench.example")
            columns += (f"<{number}@bench.example>", text[:150], f"bench-{number}")
            # three emails of one mailbox
            talk = f"{number % size.mailboxes}.{number // size.mailboxes // 3}"
            columns += (f"<{talk}@bench.example>", "40000")
            columns += (str(int(number % 5 == 0)), moment.isoformat(" "), text)
            lines.append("\t".join(columns))
        # the ORM's cursor has no method for it
        cr._obj.copy_expert(COPY, io.StringIO("\n".join(lines) + "\n"))
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    cr.execute(
        "CREATE INDEX mail_mailbox_message_search_text_idx ON mail_mailbox_message"
        " USING gin (to_tsvector('simple'::regconfig, search_text))"
    )


def _make_arrivals(cr, size):
    # what is archived is older: one in five of it is in the Queue still
    cr.execute(
        """
        INSERT INTO mail_mailbox_arrival
               (mailbox_id, mailbox_message_id, folder_id, uid, seen, live, direction,
                internal_date, fetched_at, create_uid, write_uid, create_date,
                write_date)
        SELECT box.id, message.id, folder.id, message.n, message.n % 3 > 0,
               message.n < 60, 'incoming', message.date, message.date, 1, 1,
               now(), now()
          FROM (SELECT id, date, row_number() OVER (ORDER BY id) AS n
                  FROM mail_mailbox_message WHERE identity LIKE 'bench-%%') AS message
          JOIN (SELECT id, row_number() OVER (ORDER BY id) AS k FROM mail_mailbox
                 WHERE email LIKE '%%@bench.example') AS box
            ON box.k = 1 + message.n %% %s
          JOIN mail_mailbox_folder AS folder
            ON folder.mailbox_id = box.id AND folder.name = 'INBOX'
         WHERE message.n <= %s OR message.n %% 5 = 0
        """.replace(" % 3", " %% 3"),
        [size.mailboxes, size.messages - size.archived],
    )


def _make_conversations(cr):
    """Have somebody do something with one email in four; most of these are done."""
    cr.execute(
        """
        INSERT INTO mail_mailbox_conversation
               (mailbox_id, thread_key, state, owner_id, create_uid, write_uid,
                create_date, write_date)
        SELECT arrival.mailbox_id, arrival.mailbox_message_id,
               CASE arrival.id / 4 % 8 WHEN 0 THEN 'open' WHEN 1 THEN 'waiting'
               ELSE 'done' END,
               (SELECT min(person.res_users_id)
                  FROM mail_mailbox_res_users_rel AS person
                 WHERE person.mail_mailbox_id = arrival.mailbox_id),
               1, 1, now(), now()
          FROM mail_mailbox_arrival AS arrival
          JOIN mail_mailbox AS box ON box.id = arrival.mailbox_id
         WHERE box.email LIKE '%@bench.example' AND arrival.id % 4 = 0
        """
    )
    cr.execute(
        """
        UPDATE mail_mailbox_arrival AS arrival
           SET conversation_id = talk.id, put_away = talk.state = 'done'
          FROM mail_mailbox_conversation AS talk
         WHERE talk.mailbox_id = arrival.mailbox_id
           AND talk.thread_key = arrival.mailbox_message_id::text
        """
    )


def _make_links(cr, size, records, roles):
    cr.execute(
        "CREATE TEMP TABLE bench_record"
        " (k serial, res_model text, res_id int, made timestamp) ON COMMIT DROP"
    )
    for model, ids in records.items():
        cr.execute(
            "INSERT INTO bench_record (res_model, res_id, made)"
            f" SELECT %s, id, create_date FROM {model.replace('.', '_')}"
            " WHERE id = ANY(%s) ORDER BY id",
            [model, ids],
        )
    cr.execute("CREATE INDEX ON bench_record (k)")
    cr.execute("SELECT count(*) FROM bench_record")
    (count,) = cr.fetchone()
    # every tenth message is attached to a second record
    for number, share in ((1, 1), (7919, 10)):
        cr.execute(
            """
            INSERT INTO mail_mailbox_link
                   (mailbox_message_id, res_model, res_id, res_create_date,
                    record_state, mailbox_id, user_id,
                    create_uid, write_uid, create_date, write_date)
            SELECT message.id, res_model, res_id, made, 'there', box.id,
                   1, 1, 1, now(), now()
              FROM (SELECT id, row_number() OVER (ORDER BY id) AS n
                      FROM mail_mailbox_message
                     WHERE identity LIKE 'bench-%%') AS message
              JOIN bench_record ON k = 1 + (message.n * 31 + %s) %% %s
              JOIN (SELECT id, row_number() OVER (ORDER BY id) AS b FROM mail_mailbox
                     WHERE email LIKE '%%@bench.example') AS box
                ON box.b = 1 + message.n %% %s
             WHERE message.n > %s AND message.n %% %s = 0
            ON CONFLICT DO NOTHING
            """,
            [number, count, size.mailboxes, size.messages - size.archived, share],
        )
    cr.execute(
        """
        INSERT INTO mail_mailbox_message_role_rel (mailbox_message_id, group_id)
        SELECT DISTINCT mailbox_message_id, (%s::int[])[1 + mailbox_message_id %% 3]
          FROM mail_mailbox_link WHERE mailbox_message_id %% 5 = 0
        """,
        [roles],
    )
    cr.execute(
        "UPDATE mail_mailbox_message SET has_links = true"
        " WHERE id IN (SELECT mailbox_message_id FROM mail_mailbox_link)"
    )
