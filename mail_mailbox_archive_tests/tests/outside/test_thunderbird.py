"""The add-on for Thunderbird beside a running Odoo: its scripts, and itself."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from unittest import SkipTest
from urllib.parse import quote

from .case import USER
from .filing import FilingCase
from .thunderbird import Thunderbird

EMAIL = """From: Jan <jan@thatchers.example>
To: thatcher@spedbud.example
Subject: Reed
Message-ID: <%s>
Date: Mon, 04 May 2026 10:00:00 +0000

Our offer.
"""
#: What the scripts of the add-on find in place of Thunderbird, in node.
SCRIPT = """
globalThis.messenger = {permissions: {contains: async () => true}};
const {findAttached} = await import(process.env.CLIENT + "/lib/odoo.js");
const {readFound} = await import(process.env.CLIENT + "/lib/attached.js");
const {settings, ids} = JSON.parse(process.env.GIVEN);
try {
    const found = await findAttached(settings, ids);
    console.log(JSON.stringify(found.map((one) => readFound(one, settings.address))));
} catch (error) {
    console.log(JSON.stringify(error.sentence || String(error)));
}
"""
SET_UP = """
const url = extension.baseURL + "pages/options.html";
const triggeringPrincipal = extension.principal;
tabmail.openTab("contentTab", {url, linkHandler: "single-page", triggeringPrincipal});
const {browser} = tabmail.currentTabInfo;
while (browser.currentURI.spec !== url || browser.webProgress?.isLoadingDocument) {
    await new Promise((resolve) => win.setTimeout(resolve, 50));
}
await inPage(browser, `
    const find = (id) => content.document.getElementById(id);
    while (find("save")?.disabled !== false) {
        await new Promise((resolve) => content.setTimeout(resolve, 50));
    }
    Object.entries(%s).forEach(([id, value]) => { find(id).value = value; });
    const input = content.windowUtils.setHandlingUserInput(true);
    find("form").requestSubmit();
    input.destruct();`);
"""
STATUS = """
const {browser} = tabmail.currentTabInfo;
return inPage(browser, `return content.document.getElementById("status").textContent`);
"""
SHOW = """
const {MailServices} = ChromeUtils.importESModule(
    "resource:///modules/MailServices.sys.mjs");
const {rootFolder} = MailServices.accounts.localFoldersServer;
tabmail.switchToTab(0);
tabmail.currentAbout3Pane.displayFolder(rootFolder.getChildNamed("Inbox").URI);
while (!tabmail.currentAbout3Pane.gDBView?.rowCount) {
    await new Promise((resolve) => win.setTimeout(resolve, 50));
}
tabmail.currentAbout3Pane.threadTree.selectedIndex = 0;
"""
BUTTON = """
return button() && [button().label, button().getAttribute("tooltiptext")];
"""
POPUP = """
const panels = [win.document, tabmail.currentAboutMessage.document];
const browsers = panels.flatMap((one) => [...one.querySelectorAll("panel browser")]);
return browsers.length && inPage(browsers[0], "return content.document.body.innerText");
"""
IN_POPUP = """
const panels = [win.document, tabmail.currentAboutMessage.document];
const browsers = panels.flatMap((one) => [...one.querySelectorAll("panel browser")]);
return inPage(browsers[0], `content.document.querySelector("%s").click()`);
"""
DARK = """
Services.prefs.setIntPref("ui.systemUsesDarkTheme", %d);
Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", %d);
await new Promise((resolve) => win.setTimeout(resolve, 500));
"""


class TestThunderbird(FilingCase):
    login, company = "thatcher", "Thatchers"

    def setUp(self):
        super().setUp()
        self.name = f"reed+{self.login}@thatchers.example"
        sender = "jan@thatchers.example"
        self.message = self.receive("Reed", sender, f"<{self.name}>")
        self.settings = {
            "address": self.anna.base,
            "database": self.anna.database,
            "key": self.anna.api_key(),
        }

    def ask(self, *ids, **settings):
        """Return what the add-on's own scripts make of the answer of Odoo."""
        given = {"settings": {**self.settings, **settings}, "ids": ids}
        done = subprocess.run(
            [os.environ["NODE"], "--input-type=module", "--eval", SCRIPT],
            env={**os.environ, "GIVEN": json.dumps(given)},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def test_its_scripts_ask_odoo(self):
        name = self.name
        nothing = {"several": False, "here": False, "records": []}
        here = {**nothing, "here": True}
        self.assertEqual(self.ask(name, "missing@x"), [here, nothing])
        self.archive(self.anna, self.message, "res.partner", self.partner)
        url = f"{self.anna.base}/mail/view?model=res.partner&res_id={self.partner}"
        records = [{"name": "Thatchers", "url": url}]
        self.assertEqual(self.ask(name), [{**here, "records": records}])
        self.assertEqual(self.ask(), [])
        # what one may not read is as if it were not there
        key = self.person("thatcher_eve", USER).api_key()
        self.assertEqual(self.ask("missing@x", key=key), [nothing])
        self.assertEqual(self.ask(name, key="wrong"), "errorKey")
        self.assertEqual(self.ask(name, database="none"), "errorMissing")
        self.assertEqual(
            self.ask(name, address="http://127.0.0.1:9"), "errorUnreachable"
        )

    def test_in_thunderbird(self):
        if not os.environ.get("THUNDERBIRD"):
            raise SkipTest("Thunderbird is not tried: it cannot be had here")
        self.archive(self.anna, self.message, "res.partner", self.partner)
        program = self.enter(
            Thunderbird(Path(os.environ["THUNDERBIRD"]), EMAIL % self.name)
        )
        self.assertEqual(program.install(Path(os.environ["THUNDERBIRD_ADD_ON"])), [])
        program.run(SET_UP % json.dumps(self.settings))
        self.see(program, STATUS, "Saved. Odoo answers.")
        self.pictures(program, "thunderbird_settings")
        program.run(SHOW)
        self.see(program, BUTTON, ["Thatchers", "Attached to Thatchers"])
        program.run("button().click()")
        self.wait(lambda: "Thatchers" in str(program.run(POPUP)), "the popup")
        self.assertIn("Archive in Odoo", program.run(POPUP))
        self.pictures(program, "thunderbird_popup")
        program.run(IN_POPUP % "#records a")
        url = f"{self.anna.base}/mail/view?model=res.partner&res_id={self.partner}"
        self.see(program, "return win.opened", [url])
        key = 'win.document.querySelector("keyset[id^=ext-keyset] key").doCommand()'
        program.run(key)
        dialog = f"/mail_mailbox_archive/archive?message_id={quote(self.name, safe='')}"
        self.see(program, "return win.opened", [url, self.anna.base + dialog])
        # what Thunderbird opens in the browser
        browser = self.browser(self.anna, "/odoo/email-archives")
        browser.run(f"location.href = {dialog!r}")
        browser.find(".modal .o_data_row td[name=record_type_id]")

    def see(self, program, code, wanted):
        """Wait until ``code`` gives what is wanted."""
        self.wait(lambda: program.run(code) == wanted, f"{wanted}")

    def pictures(self, program, name):
        """Keep what is seen, in light and dark, where ``MAILBOX_PICTURES`` says."""
        if folder := os.environ.get("MAILBOX_PICTURES"):
            for suffix, dark, scheme in (("", 0, 1), ("_dark", 1, 0)):
                program.run(DARK % (dark, scheme))
                Path(folder, f"{name}{suffix}.png").write_bytes(program.screenshot())
