"""axe-core on what is ours of a screen, in the light and in the dark."""

import os
import re
from base64 import b64decode
from pathlib import Path

from .browser import WatchedCase

PICTURES = os.environ.get("MAILBOX_PICTURES")
#: Odoo's keys for drop-downs say which item is chosen, which menus do not know.
OF_ODOO = re.compile(r"aria-allowed-attr: .*not allowed: aria-selected=\"\w+\"$", re.S)
#: The serious faults of what stands nearer to a class of ours than to one of Odoo's.
AUDIT = """
axe.run(
    {exclude: [["iframe"]]},
    {resultTypes: ["violations"], iframes: false, elementRef: true}
).then((result) => result.violations
    .filter((fault) => ["serious", "critical"].includes(fault.impact))
    .flatMap((fault) => fault.nodes
        .filter((node) => {
            const named = "[class*='o-mailbox-'], [class^='o_'], [class*=' o_']";
            return node.element.closest(named)?.className.includes("o-mailbox-");
        })
        .map((node) => `${fault.id}: ${node.html}\n${node.failureSummary}`)
    )
)
"""
#: Puts the dark bundle in the place of the light one.
DARKEN = """
new Promise((done, fail) => {
    document.cookie = "color_scheme=dark; path=/";
    const link = document.querySelector("link[href*='web.assets_web.']");
    window.light = link.href;
    link.onload = done;
    link.onerror = fail;
    link.href = "/web/assets/any/web.assets_web_dark.min.css";
})
"""


LIGHTEN = """
document.cookie = "color_scheme=light; path=/";
document.querySelector("link[href*='web_dark']").href = window.light;
"""
#: Of the page behind all, from 0 to 255.
BRIGHTNESS = """
Math.max(...getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3))
"""
#: Whether a page is wider than its window.
WIDE = "document.documentElement.scrollWidth > innerWidth"


class AuditedCase(WatchedCase):
    """A test that looks for faults in what it shows."""

    def faults(self, browser):
        """Return the serious faults of what is ours on the screen."""
        browser.settle(0.3)
        if not browser.run("!!window.axe"):
            browser.run(Path(os.environ["AXE_CORE"]).read_text() + "; null")
        faults = browser.run(AUDIT)
        return "\n".join(f for f in faults if not OF_ODOO.match(f))

    def audit(self, browser, screen):
        """Audit a screen in the light and in the dark.

        ``MAILBOX_PICTURES`` names a folder for what is seen in the dark.
        """
        with self.subTest(screen=screen, theme="light"):
            self.assertFalse(faults := self.faults(browser), faults)
        browser.run(DARKEN)
        self.assertLess(browser.run(BRIGHTNESS), 60, "it is not dark")
        with self.subTest(screen=screen, theme="dark"):
            self.assertFalse(faults := self.faults(browser), faults)
        if PICTURES:
            name = f"{len(os.listdir(PICTURES)):03} {screen}.png"
            Path(PICTURES, name).write_bytes(b64decode(browser.picture("body")))
        browser.run(LIGHTEN)

    def show(self, browser, path, wanted):
        browser.open(self.base_url() + path)
        browser.wait(f"return !!document.querySelector({wanted!r})")

    def audit_narrow(self, browser, screen):
        """Audit a screen of a phone, which is no wider than its window."""
        with self.subTest(screen=screen):
            self.assertLess(browser.run("innerWidth"), 500, "it is no phone")
            self.assertFalse(browser.run(WIDE), "it is wider than the window")
        self.audit(browser, screen)
