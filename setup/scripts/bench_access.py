"""What people wait for in a large archive: lists, counts, search, a record's tab.

Run by ``python3 setup bench access`` in Odoo's shell, which gives ``env``. Smaller with
``--size 20000``; ``--plan`` prints the plans of the first page and of a search.
"""

import time

from lxml import etree

from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive_tests.bench import archive

from setup.scripts.reporting import OPTIONS, Report, median

REPEATS = OPTIONS.repeats or 5
#: Of the users that were made, how many are asked.
ASKED = 12
#: Of those who may open hardly any record.
FEW = 2
#: Words that are in most, in one of a hundred, and in few of the messages.
FREQUENT, USUAL, RARE = 0, 400, 20_000
#: Up to where the web client counts the lines of these lists.
COUNTED = 501
PAGE = 80
ARCHIVED = [("archived", "=", True)]
TO_DO = [("work_state", "not in", ("later", "done", "blocked"))]


class Reader:
    """A person who uses the web client."""

    def __init__(self, env, user, specifications):
        self.mails = env["mail.mailbox.message"].with_user(user)
        self.arrivals = env["mail.mailbox.arrival"].with_user(user)
        self.mailboxes = env["mail.mailbox"].with_user(user)
        self.specifications = specifications
        #: ids of the lines of the first page
        self.shown = self.arrivals.search([], limit=PAGE).ids

    def page(self, model, domain, offset=0):
        """Do what the web client does to show a page of a list."""
        return model.web_search_read(
            domain,
            self.specifications[model._name],
            offset=offset,
            limit=PAGE,
            count_limit=offset + COUNTED,
        )

    def conversations(self, model, domain, offset=0):
        """Do the same of a list with a line for each conversation."""
        return model.web_read_conversations(
            domain,
            self.specifications[model._name],
            offset=offset,
            limit=PAGE,
            count_limit=offset + COUNTED,
        )

    def find(self, number):
        words = [("content", "ilike", archive.word(number))]
        return self.page(self.mails, ARCHIVED + words)


def specification(model):
    """Return what the web client reads for a line of the list of ``model``."""
    arch = etree.fromstring(model.get_views([(False, "list")])["views"]["list"]["arch"])
    asked = {}
    for node in arch.findall(".//field"):
        field = model._fields[node.get("name")]
        asked[field.name] = {"fields": {"display_name": {}}} if field.relational else {}
    return asked


def measured(env):
    """Return what is measured: functions of a reader, by name."""
    # sudo is not needed: the shell has all rights
    links = env["mail.mailbox.link"]

    def tab(model):
        link = links.search([("res_model", "=", model)], limit=1)
        return lambda reader: reader.mails.get_attached(model, link.res_id)

    return {
        "Archives, first page": lambda reader: reader.page(reader.mails, ARCHIVED),
        "Archives, conversations": lambda reader: reader.conversations(
            reader.mails, ARCHIVED
        ),
        "Archives, page 100": lambda reader: reader.page(reader.mails, ARCHIVED, 7920),
        "Archives, count": lambda reader: reader.mails.search_count(
            ARCHIVED, limit=COUNTED
        ),
        "Search, rare word": lambda reader: reader.find(RARE),
        "Search, usual word": lambda reader: reader.find(USUAL),
        "Search, frequent word": lambda reader: reader.find(FREQUENT),
        "Tab of a company": tab("res.partner"),
        "Tab of a task": tab("project.task"),
        "Queue, first page": lambda reader: reader.page(reader.arrivals, []),
        "Queue, conversations": lambda reader: reader.conversations(
            reader.arrivals, []
        ),
        "Queue, to do": lambda reader: reader.page(
            reader.arrivals.with_context(mailbox_on_top=True), TO_DO
        ),
        "Queue, to do, conversations": lambda reader: reader.conversations(
            reader.arrivals.with_context(mailbox_on_top=True), TO_DO
        ),
        "Queue, owned by me": lambda reader: reader.page(
            reader.arrivals, [("owner_id", "=", reader.arrivals.env.uid)]
        ),
        "Queue, owned by nobody": lambda reader: reader.page(
            reader.arrivals, [("owner_id", "=", False)]
        ),
        "Queue, lines of a screen again": lambda reader: reader.arrivals.get_team(
            reader.shown
        ),
        "Queue, search, usual word": lambda reader: reader.page(
            reader.arrivals,
            [("mailbox_message_id.content", "ilike", archive.word(USUAL))],
        ),
        "Circles": lambda reader: reader.mailboxes.get_badge(),
    }


def time_of(env, work, readers):
    """Return the milliseconds of each call, sorted; caches of the process are warm."""
    times = []
    for reader in readers:
        for number in range(REPEATS + 1):
            env.invalidate_all()
            begun = time.perf_counter()
            work(reader)
            if number:
                times.append((time.perf_counter() - begun) * 1000)
    return sorted(times)


def whole(reader):
    """Return what goes through all of the archive, by name: it is rarely asked."""
    mails = reader.mails
    return {
        "Archives, grouped by sender": lambda: mails.web_read_group(
            ARCHIVED, ["email_from"], ["__count"], limit=PAGE
        ),
        "Archives, counted to the end": lambda: mails.search_count(ARCHIVED),
        "Archives, all exported": lambda: mails.search(ARCHIVED).export_data(
            ["date", "email_from", "subject", "attached_to"]
        ),
    }


def explain(env, report, query):
    env.cr.execute(SQL("EXPLAIN (ANALYZE, BUFFERS) %s", query.select()))
    report.say("```\n" + "\n".join(line for (line,) in env.cr.fetchall()) + "\n```")


def main(env):
    report = Report("access")
    messages = OPTIONS.size or 1_000_000
    begun = time.monotonic()
    made = archive.find(env) or archive.fill(
        env,
        archive.Size(
            messages=messages,
            archived=messages * 3 // 10,
            records=max(messages // 20, 600),
            seed=OPTIONS.seed,
        ),
    )
    report.say(
        f"{messages:,} messages, seed {OPTIONS.seed}, made or found in"
        f" {time.monotonic() - begun:.0f} s."
    )
    models = ("mail.mailbox.message", "mail.mailbox.arrival")
    specifications = {name: specification(env[name]) for name in models}
    for kind, asked in (("users", ASKED), ("outsiders", FEW)):
        users = env["res.users"].browse(made[kind])
        users = users[:: max(1, len(users) // asked)][:asked]
        readers = [Reader(env, user, specifications) for user in users]
        rows = []
        for name, work in measured(env).items():
            times = time_of(env, work, readers)
            rows.append((name, median(times), times[len(times) * 9 // 10], times[-1]))
        report.table((f"ms, {len(readers)} {kind}", "median", "90 %", "most"), rows)
        rows = []
        for name, work in whole(readers[0]).items():
            begun = time.perf_counter()
            work()
            rows.append((name, (time.perf_counter() - begun) * 1000))
        report.table((f"ms, one of the {kind}, once", "time"), rows)
        if OPTIONS.plan and kind == "users":
            explain(env, report, readers[1].mails._search(ARCHIVED, limit=PAGE))
            words = [("content", "ilike", archive.word(USUAL))]
            hits = readers[1].mails._search(
                ARCHIVED + words, limit=4 * COUNTED, bypass_access=True
            )
            hits.order = SQL("date DESC, id DESC")
            explain(env, report, hits)


main(env)  # noqa: F821 the shell's
