"""How long the Queue keeps one waiting, seen in Chromium: its pages, a large message.

Run by ``python3 setup bench queue`` in Odoo's shell, which gives ``env``. 100,000
arrivals in 20 mailboxes, all of them one person's; others with ``--size`` and
``--mailboxes``. Three quarters of them are in conversations of four. It starts an Odoo
and a Chromium of its own. A time ends with the frame in which the lines of the mail are
painted, not with an empty page's first colours.
"""

import tempfile
from datetime import timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from odoo import Command

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive_tests.bench import archive

from setup import demo
from setup.processes import free_port
from setup.screenshots import chromium
from setup.scripts.browser import PAINTED, Browser
from setup.scripts.reporting import OPTIONS, Report, median
from setup.workplace import workplace

REPEATS = OPTIONS.repeats or 7
MESSAGES = OPTIONS.size or 100_000
MAILBOXES = OPTIONS.mailboxes or 20
SCREEN = (1400, 900)
QUEUE = "/odoo/email-queue"
ACTION = "mail_mailbox_archive.mail_mailbox_arrival_action"
#: Of the newest messages, every fourth is archived: its line names a record.
ARCHIVED = slice(0, 400, 4)
#: What is waited for, in milliseconds, at most.
BARS = {
    "Queue, first page": 1500,
    "Queue, next page": 300,
    "Newsletter of 2 MB, opened": 1000,
    "Conversations, first page": 1500,
    "Conversations, next page": 300,
    "Circles of the top panel": 150,
}
#: Of a newsletter: a table, as they are made; so many make 2 MB.
OFFER = """
<table width="600" cellpadding="0" style="border:1px solid #ddd;margin:0 auto"><tr>
<td style="padding:12px;font:14px Arial;color:#333"><h2>Offer %(n)d of %(k)d</h2>
<p>Concrete, steel and gloves: number %(n)d is what your building site waits for.</p>
<a href="https://shop.example/offer/%(n)d?from=mail" style="color:#b30">Read on</a>
</td></tr></table>
"""
OFFERS = 2_000_000 // len(OFFER)
#: JavaScript for each page, before its own.
WATCH = f"""{PAINTED}
    window.lines = () => [...document.querySelectorAll(".o-mailbox-MailLine-subject")]
        .map((line) => line.textContent).join();
    window.opened = window.painted(window.lines, 0);
"""
NEXT = """(() => {
    const before = lines();
    const turned = painted(() => lines() && lines() !== before);
    document.querySelector(".o_pager_next").click();
    return turned;
})()"""
#: Of the message in the line ``number``, until its frame is as high as its text.
OPEN = """(() => {
    const line = document.querySelectorAll(".o_data_row")[number];
    const text = (selector, root = document) =>
        root.querySelector(selector)?.textContent.trim();
    const subject = text(".o-mailbox-MailLine-subject", line);
    const shown = painted(() => {
        const frame = document.querySelector(".o-mailbox-MessageViewer iframe");
        const page = frame?.clientHeight > 5000 && frame.contentDocument;
        return page && text("h1", page) === subject
            && text(".o-mailbox-MessageViewer-subject") === subject;
    });
    line.querySelector(".o_data_cell").click();
    return shown;
})()"""
CIRCLES = """(async () => {
    const {orm} = odoo.__WOWL_DEBUG__.root.env.services;
    const begun = performance.now();
    await orm.silent.call("mail.mailbox", "get_badge", []);
    return performance.now() - begun;
})()"""
#: From a page of another app, where the web client is there already.
COME = """(() => {
    const come = painted(lines);
    odoo.__WOWL_DEBUG__.root.env.services.action.doAction(action);
    return come;
})()"""


def fill(env):
    """Make the mail unless it is there; return who reads all of it."""
    made = archive.find(env)
    if not made:
        size = archive.Size(MESSAGES, 0, 600, 20, MAILBOXES, OPTIONS.seed)
        made = archive.fill(env, size)
        make_conversations(env)
    user = env["res.users"].browse(made["users"][0])
    boxes = env["mail.mailbox"].search([("email", "=like", "%@bench.example")])
    boxes.user_ids = [Command.link(user.id)]
    user.password = user.login
    newest = env["mail.mailbox.arrival"].search([], limit=ARCHIVED.stop)
    record = env["res.partner"].search([("name", "=like", "Bench %")], limit=1)
    newest[ARCHIVED].mailbox_message_id._archive(record)
    place_newsletters(env, boxes[0].folder_ids[0])
    env.cr.commit()
    return user


def make_conversations(env):
    """Tie emails of one mailbox together that nobody did anything with; commit."""
    env.cr.execute(
        """
        UPDATE mail_mailbox_message AS message
           SET thread_key = format('bench.%s.%s', mailbox_id, (n / 4)::int)
          FROM (SELECT mailbox_message_id, mailbox_id,
                       row_number() OVER (PARTITION BY mailbox_id ORDER BY id) AS n
                  FROM mail_mailbox_arrival WHERE conversation_id IS NULL) AS arrival
         WHERE message.id = arrival.mailbox_message_id
        """
    )
    archive.settle(env)


def newsletter(number):
    """Return the source of a newsletter of 2 MB; no two have the same text."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = subject = f"Newsletter {number}"
    mail["From"] = "Concrete Weekly <news@concrete-weekly.example>"
    mail["To"] = "office@bench.example"
    offers = "".join(OFFER % {"n": n, "k": number} for n in range(OFFERS))
    mail.set_content(f"<h1>{subject}</h1>{offers}", subtype="html")
    return mail.as_bytes()


def place_newsletters(env, folder):
    """Put newsletters on top of the Queue, as a poll does; each is opened once."""
    moment = archive.NEWEST.replace(tzinfo=timezone.utc)
    fetched = [
        Fetched(
            uid=10_000_000 + number,
            internal_date=moment + timedelta(hours=1 + number),
            seen=False,
            size=len(source),
            source=source,
            message=parse(source),
        )
        for number in range(REPEATS + 1)
        for source in [newsletter(number)]
    ]
    messages = env["mail.mailbox.message"]._store(fetched)
    env["mail.mailbox.arrival"]._place(folder, fetched, messages, True)


def load(browser):
    """Load the Queue as a page of its own; return the milliseconds."""
    browser.command("Page.navigate", url=f"{browser.address}{QUEUE}")
    browser.wait("window.opened && document.readyState === 'complete'")
    milliseconds = browser.value("opened")
    browser.wait("document.querySelectorAll('.o_data_row').length === 80")
    return milliseconds


def first_load(browser):
    browser.command("Network.clearBrowserCache")
    return load(browser)


def come(browser):
    browser.go("/odoo/contacts")
    browser.find(".o_kanban_record, .o_data_row")
    return browser.value(COME, action=ACTION)


def measure(browser, by_conversation):
    """Yield the name and the sorted milliseconds of each thing that is done.

    :param by_conversation: called before the list is looked at by conversation
    """
    yield from times_of(
        ("Queue, first page, browser's cache empty", lambda _n: first_load(browser)),
        ("Queue, first page", lambda _n: load(browser)),
        ("Queue, from another app", lambda _n: come(browser)),
        # in the list that the last one left open
        (
            "Newsletter of 2 MB, opened",
            lambda number: browser.value(OPEN, number=number),
        ),
        ("Queue, next page", lambda _n: browser.value(NEXT)),
        ("Circles of the top panel", lambda _n: browser.value(CIRCLES)),
    )
    by_conversation()
    yield from times_of(
        ("Conversations, first page", lambda _n: load(browser)),
        ("Conversations, next page", lambda _n: browser.value(NEXT)),
    )


def times_of(*tasks):
    """Yield the name of each task and its sorted milliseconds."""
    for name, work in tasks:
        # the first time fills caches
        yield name, sorted([work(number) for number in range(REPEATS + 1)][1:])


def main(env):
    report = Report("queue")
    user = fill(env)
    arrivals = env["mail.mailbox.arrival"].with_user(user)
    boxes = arrivals.env["mail.mailbox"].search_count([])
    report.say(f"{arrivals.search_count([]):,} arrivals in {boxes} mailboxes.")
    database = env.cr.dbname
    settings = env["res.users.settings"]._find_or_create_for_user(user)

    def by_conversation():
        settings.mailbox_conversations = True
        env.cr.commit()

    settings.mailbox_conversations = False
    env.cr.commit()
    with (
        workplace() as place,
        tempfile.TemporaryDirectory() as logs,
        demo.odoo(
            place,
            database,
            port := free_port(8269),
            Path(logs, "odoo.log"),
            "--max-cron-threads=0",
        ),
        chromium() as devtools,
    ):
        browser = Browser(devtools, f"http://localhost:{port}")
        browser.size(*SCREEN)
        browser.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        browser.log_in(user.login)
        rows = [
            (name, median(times), times[-1], f"{BARS[name]:,}" if name in BARS else "")
            for name, times in measure(browser, by_conversation)
        ]
    report.table((f"ms, {REPEATS} times", "median", "most", "at most"), rows)


main(env)  # noqa: F821 the shell's
