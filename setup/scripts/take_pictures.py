"""Take what only the pages of ``docs/`` show: ADDRESS LOGIN DEVTOOLS_PORT FOLDER.

A picture of our own forms for each provider, and the one that moves. Runs with Odoo's
Python, as `take_screenshots.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from .browser import FOUND, Browser
from .take_screenshots import FIND_COMPANY, PROPOSED, ROW, VIEWER

ADMINISTRATOR = "admin"
FORM_SIZE = (1100, 700)
FIND = """
    odoo.__WOWL_DEBUG__.root.env.services.orm
        .search(model, domain, {limit: 1}).then((ids) => ids[0])
"""
#: Scroll to the tabs of a form, below what stays on top of it.
TO_TAB = """
    (() => {
        const tabs = document.querySelector(".o_notebook");
        tabs.style.scrollMarginTop = "70px";
        tabs.scrollIntoView();
    })()
"""
MAILBOX = "mail.mailbox"
ACCOUNT = "mail.mailbox.sending.account"
SERVICE = "mail.mailbox.oauth.provider"
SETUP = "/odoo/action-mail_mailbox_archive.mail_mailbox_setup_wizard_action"


def _form(browser: Browser, model: str, field: str, value: str) -> None:
    """Open the form of the one record whose field has that value."""
    browser.go("/odoo/email-mailboxes")
    browser.find(".o_action_manager .o_view_controller")
    record = browser.value(FIND, model=model, domain=[[field, "=", value]])
    browser.go(f"/odoo/{model}/{record}")
    browser.find(".o_form_view .o_form_sheet")


def _service(kind: str) -> Callable[[Browser], None]:
    return lambda browser: _form(browser, SERVICE, "kind", kind)


def _account(provider: str) -> Callable[[Browser], None]:
    return lambda browser: _form(browser, ACCOUNT, "provider", provider)


def _sending(mailbox: str) -> Callable[[Browser], None]:
    def show(browser: Browser) -> None:
        _form(browser, MAILBOX, "email", f"{mailbox}@spedbud.example")
        browser.click(".o_notebook .nav-link", "Sending")
        browser.find(".o_notebook .active .o_field_widget[name=provider]")
        browser.value(TO_TAB)

    return show


def _assistant(address: str) -> Callable[[Browser], None]:
    def show(browser: Browser) -> None:
        browser.go("/odoo/email-mailboxes")
        browser.find(".o_action_manager .o_view_controller")
        browser.go(SETUP)
        browser.type(".modal [name=email] input", address)
        browser.click(".modal button", "Find the settings")
        browser.find(".modal button", "Sign in and check")

    return show


def verification(browser: Browser) -> None:
    _sending("orders")(browser)
    browser.click(".o_notebook button", "Enter the code")
    browser.find(".modal [name=code] input")


PICTURES: dict[str, Callable[[Browser], None]] = {
    "sign_in_google": _service("google"),
    "sign_in_microsoft": _service("microsoft"),
    "setup_google": _assistant("spedbud.office@gmail.com"),
    "setup_microsoft": _assistant("spedbud.office@outlook.com"),
    "account_sendgrid": _account("sendgrid"),
    "account_emaillabs": _account("emaillabs"),
    "sending_sendgrid": _sending("invoices"),
    "sending_emaillabs": _sending("offers"),
    "sending_smtp": _sending("orders"),
    "verification": verification,
}

#: The one that moves: its size, and how long each picture of it is shown.
JOURNEY_SIZE = (1120, 700)
MOMENT, WHILE = 1400, 2600
#: Words below, and a ring around what is clicked next.
SAY = """
    (() => {
        document.querySelectorAll(".journey").forEach((one) => one.remove());
        const add = (style) => {
            const one = document.createElement("div");
            one.className = "journey";
            one.style.cssText = `position:fixed;z-index:99999;${style}`;
            document.body.append(one);
            return one;
        };
        add(
            "left:0;right:0;bottom:0;padding:10px 20px;background:#2f2a4a;color:#fff;" +
                "font:600 22px sans-serif;text-align:center"
        ).textContent = words;
        const at = box && { x: box[0], y: box[1], w: box[2], h: box[3] };
        if (at) {
            add(
                `left:${at.x - 5}px;top:${at.y - 5}px;width:${at.w + 10}px;` +
                    `height:${at.h + 10}px;border:3px solid #e8590c;border-radius:8px`
            );
        }
        return true;
    })()
"""
#: Scroll to the end of a dialog, above the words.
TO_READERS = """
    (() => {
        const dialog = document.querySelector(".modal-body");
        dialog.scrollTop = dialog.scrollHeight;
    })()
"""
BOX = f"""
    (() => {{
        const one = {FOUND};
        one.scrollIntoView({{block: "nearest"}});
        const {{x, y, width, height}} = one.getBoundingClientRect();
        return [x, y, width, height];
    }})()
"""


class Journey:
    """The pictures of one that moves."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.images: list[Image.Image] = []
        self.times: list[int] = []

    def show(self, words: str, selector: str = "", text: str = "") -> None:
        """Add what is seen, with `words` below it and a ring around an element."""
        box = None
        if selector:
            self.browser.find(selector, text)
            # what is above it may still come
            self.browser.seen()
            box = self.browser.value(BOX, selector=selector, text=text)
        self.browser.value(SAY, words=words, box=box)
        self.images.append(self.browser.seen())
        self.times.append(MOMENT if selector else WHILE)

    def click(self, words: str, selector: str, text: str = "") -> None:
        self.show(words, selector, text)
        self.browser.click(selector, text)

    def save(self, file: Path) -> None:
        """Write it: the colours of all its pictures, and what changes in each."""
        width, height = self.images[0].size
        sheet = Image.new("RGB", (width, height * len(self.images)))
        for place, image in enumerate(self.images):
            sheet.paste(image, (0, place * height))
        palette = sheet.quantize(255, dither=Image.Dither.NONE)
        first, *others = [
            image.quantize(palette=palette, dither=Image.Dither.NONE)
            for image in self.images
        ]
        first.save(
            file,
            save_all=True,
            append_images=others,
            duration=self.times,
            loop=0,
            optimize=True,
        )
        print(f"{file.name}: {file.stat().st_size // 1000} KB", flush=True)


def journey(browser: Browser) -> Journey:
    """Queue, open, archive, the record's tab."""
    made = Journey(browser)
    browser.go("/odoo/email-queue")
    browser.find(f"{ROW} .o-mailbox-MailLine", PROPOSED)
    # more room for the list
    browser.value("document.querySelector('.o_search_panel button')?.click()")
    made.show("The Queue: the emails of all your mailboxes")
    made.click("Open one", f"{ROW} .o-mailbox-MailLine", PROPOSED)
    browser.find(f"{VIEWER}-subject")
    made.click("Archive it: one click, or the key a", f"{VIEWER}-archive")
    browser.find(".modal .o-mailbox-Suggestions-chip", "Spostex")
    made.show("Records are suggested, each with its reason")
    if not browser.value("!!document.querySelector('.o-mailbox-Suggestions-chosen')"):
        made.click("Spostex it is", ".modal .o-mailbox-Suggestions-chip", "Spostex")
    browser.value(TO_READERS)
    made.show("Who will be able to read it there is said before")
    made.click("Confirm", ".modal-footer .btn-primary", "Confirm")
    browser.wait("!document.querySelector('.modal')")
    made.show("Archived: to be undone for a moment")
    company = browser.value(FIND_COMPANY, name="Spostex S.A.")
    browser.go(f"/odoo/res.partner/{company}")
    tab = (".o_notebook .nav-link", "Attached - Emails")
    made.click("On the company, for all who may see it", *tab)
    line = ".o-mailbox-AttachedEmail-line"
    browser.find(line, PROPOSED)
    browser.value(TO_TAB)
    made.click("The tab Attached - Emails", line, PROPOSED)
    browser.find(f".o-mailbox-AttachedEmails {VIEWER}-subject")
    made.show("There it stays, whatever becomes of the mailbox")
    return made


def main(address: str, login: str, devtools: str, folder: str) -> None:
    browser = Browser(int(devtools), address)
    browser.size(*FORM_SIZE)
    browser.log_in(ADMINISTRATOR)
    for name, show in PICTURES.items():
        show(browser)
        browser.take(Path(folder, f"{name}.png"))
    browser.size(*JOURNEY_SIZE)
    browser.log_in(login)
    journey(browser).save(Path(folder, "journey.gif"))


if __name__ == "__main__":
    main(*sys.argv[1:])
