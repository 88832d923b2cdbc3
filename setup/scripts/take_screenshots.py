"""Take the pictures: ADDRESS LOGIN DEVTOOLS_PORT FOLDER are the arguments.

Runs with Odoo's Python, which has the WebSocket client and the picture library.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from .browser import Browser

SCREEN = (1400, 900)
PHONE = (390, 844)
VIEWER = ".o-mailbox-MessageViewer"
ROW = ".o_data_row"
#: Proposes a record: its sender works for a company of the address book.
PROPOSED = "Is the floor dry enough"


def queue(browser: Browser) -> None:
    browser.go("/odoo/email-queue")
    _open(browser, PROPOSED)


def viewer(browser: Browser) -> None:
    browser.go("/odoo/email-queue")
    _open(browser, "First section is done.")


def archive_dialog(browser: Browser) -> None:
    queue(browser)
    browser.click(f"{VIEWER}-archive")
    browser.find(".modal .o-mailbox-Suggestions-chip", "Spostex")


def archives(browser: Browser) -> None:
    browser.go("/odoo/email-archives")
    _open(browser, "Angebot 2026")


def attached_emails(browser: Browser) -> None:
    company = browser.value(FIND_COMPANY, name="Spostex S.A.")
    browser.go(f"/odoo/res.partner/{company}")
    browser.click(".o_notebook .nav-link", "Attached - Emails")
    browser.click(".o-mailbox-AttachedEmail-line", "Umowa nr 44")
    browser.find(f".o-mailbox-AttachedEmails {VIEWER}-subject")


def top_panel(browser: Browser) -> None:
    browser.go("/odoo/email-queue")
    browser.find(ROW)
    browser.click(".o-mailbox-ArchiveMenu-more")
    browser.find(".o-mailbox-NewestMessage", PROPOSED)


def mailbox(browser: Browser) -> None:
    browser.go("/odoo/email-mailboxes")
    browser.click(".o_data_row .o_data_cell, .o_kanban_record", "Spedbud, office")
    browser.find(".o_form_view .o_notebook")


def dark(browser: Browser) -> None:
    """Odoo Community has the dark styles, but nothing to choose them with."""
    browser.value("document.cookie = 'color_scheme=dark; path=/'")
    browser.go("/odoo/email-queue")
    browser.find(ROW)
    browser.value(DARKEN)
    browser.wait("matchMedia('screen').matches && document.dark")
    _open(browser, "Sand is scarce")


def phone(browser: Browser) -> None:
    browser.value("document.cookie = 'color_scheme=light; path=/'")
    browser.size(*PHONE)
    browser.go("/odoo/email-queue")
    browser.find(f"{ROW} .o-mailbox-MailLine", PROPOSED)


def phone_message(browser: Browser) -> None:
    _open(browser, PROPOSED)


SCREENS: tuple[Callable[[Browser], None], ...] = (
    queue,
    viewer,
    archive_dialog,
    top_panel,
    archives,
    attached_emails,
    mailbox,
    dark,
    phone,
    phone_message,
)

FIND_COMPANY = """
    odoo.__WOWL_DEBUG__.root.env.services.orm
        .search("res.partner", [["name", "=", name]], {limit: 1})
        .then((ids) => ids[0])
"""
#: Put the dark bundle in the place of the light one.
DARKEN = """
    (() => {
        const link = document.querySelector("link[href*='web.assets_web.']");
        link.onload = () => (document.dark = true);
        link.href = "/web/assets/debug/web.assets_web_dark.css";
    })()
"""


def _open(browser: Browser, text: str) -> None:
    """Open the message whose line of the list holds `text`."""
    browser.click(f"{ROW} .o-mailbox-MailLine", text)
    browser.find(f"{VIEWER}-subject")


def main(address: str, login: str, devtools: str, folder: str) -> None:
    browser = Browser(int(devtools), address)
    browser.size(*SCREEN)
    browser.log_in(login)
    for screen in SCREENS:
        screen(browser)
        browser.take(Path(folder, f"{screen.__name__}.png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
