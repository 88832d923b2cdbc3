"""How long archiving keeps one waiting, seen in Chromium.

Run by ``python3 setup bench archive`` in Odoo's shell, which gives ``env``, on the
demonstration's data. By the keys of the Queue: from ``a`` on an open email to the form
that has the focus, and from Enter there until the form is gone and the line names the
record. Then 100 emails of ten companies at once, another number with ``--size``. It
starts an Odoo and a Chromium of its own.
"""

import tempfile
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from odoo import Command

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

from setup import demo
from setup.processes import free_port
from setup.screenshots import chromium
from setup.scripts.browser import PAINTED, Browser
from setup.scripts.reporting import OPTIONS, Report, median
from setup.workplace import workplace

REPEATS = OPTIONS.repeats or 7
MANY = OPTIONS.size or 100
COMPANIES = 10
SCREEN = (1400, 900)
QUEUE = "/odoo/email-queue"
NEWEST = datetime(2099, 1, 1, tzinfo=timezone.utc)
#: What is waited for, in milliseconds, at most.
BARS = {"a to the form": 400, "a to archived": 700, "many, to archived": 3000}
#: JavaScript: press a key as a person would, where the focus is.
PRESS = """
    window.press = (key) => (document.activeElement || document.body).dispatchEvent(
        new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    window.confirmIsFocused = () =>
        document.activeElement?.matches(".modal button[name=action_confirm]");
    window.line = (number) => document.querySelectorAll(".o_data_row")[number];
"""
OPEN_LINE = """(() => {
    line(number).querySelector(".o_data_cell").click();
    return painted(() => line(number).matches(".o-mailbox-MailList-open")
        && document.querySelector(".o-mailbox-MessageViewer-subject"));
})()"""
#: Both times count from the first key.
ARCHIVE = """(async () => {
    const begun = performance.now();
    press("a");
    const form = await painted(confirmIsFocused, begun);
    const decided = performance.now();
    document.activeElement.click();
    const archived = await painted(
        () => !document.querySelector(".modal") && line(number).textContent
            .includes("Bench company"), decided);
    return [form, form + archived];
})()"""
#: Without a list: as many as no page of it has.
ARCHIVE_MANY = """(async () => {
    const {mailbox_archive_dialog} = odoo.__WOWL_DEBUG__.root.env.services;
    const begun = performance.now();
    mailbox_archive_dialog.open({arrivalIds: ids});
    const form = await painted(confirmIsFocused, begun);
    const decided = performance.now();
    document.activeElement.click();
    const archived = await painted(() => !document.querySelector(".modal"), decided);
    return [form, archived];
})()"""


def letter(number):
    """Return the source of an email of one of the companies' people."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = f"Drawing {number}"
    mail["From"] = f"anna@bench{number % COMPANIES}.example"
    mail["To"] = "office@bench.example"
    mail["Message-ID"] = f"<{number}@bench.example>"
    mail.set_content("Please see below.\n" * 20)
    return mail.as_bytes()


def fill(env, count):
    """Put ``count`` emails on top of a person's Queue; return them and the person."""
    partners = env["res.partner"]
    for number in range(COMPANIES):
        name = f"Bench company {number}"
        company = partners.create({"name": name, "is_company": True})
        address = f"anna@bench{number}.example"
        partners.create({"name": "Anna", "email": address, "parent_id": company.id})
    groups = ["mail_mailbox_archive.group_user", "base.group_partner_manager"]
    user = env["res.users"].create(
        {
            "name": "Bench",
            "login": "bench_archive",
            "password": "bench_archive",
            "group_ids": [Command.set([env.ref(one).id for one in groups])],
        }
    )
    mailbox = env["mail.mailbox"].create(
        {
            "name": "Bench",
            "email": "office@bench.example",
            "imap_enabled": False,
            "user_ids": [Command.set(user.ids)],
        }
    )
    folder = env["mail.mailbox.folder"].create(
        {
            "mailbox_id": mailbox.id,
            "name": "INBOX",
            "wire_name": "INBOX",
            "role": "inbox",
            "uid_validity": 1,
        }
    )
    fetched = [
        Fetched(
            uid=number + 1,
            internal_date=NEWEST + timedelta(minutes=number),
            seen=True,
            size=len(source),
            source=source,
            message=parse(source),
        )
        for number in range(count)
        for source in [letter(number)]
    ]
    messages = env["mail.mailbox.message"]._store(fetched)
    arrivals = env["mail.mailbox.arrival"]._place(folder, fetched, messages, True)
    env.cr.commit()
    return arrivals.sorted("id").ids, user


def measure(browser, many):
    """Return name → the milliseconds of each time."""
    times = {name: [] for name in ("a to the form", "a to archived")}
    browser.go(QUEUE)
    browser.find(".o_data_row", "Drawing")
    # the first time fills caches
    for number in range(REPEATS + 1):
        browser.value(OPEN_LINE, number=number)
        for name, time in zip(
            times, browser.value(ARCHIVE, number=number), strict=True
        ):
            times[name].append(time)
    shown, archived = zip(
        *(browser.value(ARCHIVE_MANY, ids=ids) for ids in many), strict=True
    )
    times |= {"many, to the form": shown, "many, to archived": archived}
    return {name: sorted(each[1:]) for name, each in times.items()}


def main(env):
    report = Report("archive")
    ids, user = fill(env, (REPEATS + 1) * (MANY + 1))
    many = [ids[MANY * n : MANY * (n + 1)] for n in range(REPEATS + 1)]
    with (
        workplace() as place,
        tempfile.TemporaryDirectory() as logs,
        demo.odoo(
            place,
            env.cr.dbname,
            port := free_port(8269),
            Path(logs, "odoo.log"),
            "--max-cron-threads=0",
        ),
        chromium() as devtools,
    ):
        browser = Browser(devtools, f"http://localhost:{port}")
        browser.size(*SCREEN)
        source = PAINTED + PRESS
        browser.command("Page.addScriptToEvaluateOnNewDocument", source=source)
        browser.log_in(user.login)
        times = measure(browser, many)
    report.say(f"Many: {MANY} emails from {COMPANIES} companies.")
    report.table(
        (f"ms, {REPEATS} times", "median", "most", "at most"),
        [
            (name, median(each), each[-1], f"{BARS[name]:,}" if name in BARS else "")
            for name, each in times.items()
        ],
    )


main(env)  # noqa: F821 the shell's
