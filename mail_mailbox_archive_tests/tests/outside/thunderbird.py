"""Thunderbird without a screen, driven over Marionette, with a profile of its own."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from ..reliability.stage import SECONDS, wait_for

ID = "thunderbird@mail-mailbox-archive.example"
PREFERENCES = {
    "app.update.enabled": False,
    # what a person allows by a click
    "extensions.webextOptionalPermissionPrompts": False,
    "mail.account.account1.server": "server1",
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.localfoldersserver": "server1",
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.server.server1.directory-rel": "[ProfD]Mail/Local Folders",
    "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders",
    "mail.server.server1.type": "none",
    "mail.server.server1.userName": "nobody",
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
    "marionette.port": 0,
}
#: JavaScript at hand in :meth:`Thunderbird.run`: the window, and pages of the add-on.
AT_HAND = """
const done = arguments[arguments.length - 1];
const win = Services.wm.getMostRecentWindow("mail:3pane");
const tabmail = win.document.getElementById("tabmail");
const parent = "resource://gre/modules/ExtensionParent.sys.mjs";
const {ExtensionParent} = ChromeUtils.importESModule(parent);
const extension = ExtensionParent.GlobalManager.extensionMap.get(%(id)s);
const button = () => tabmail.currentAboutMessage.document.querySelector(
    "[id$=messageDisplayAction-toolbarbutton]"
);
function inPage(browser, code) {
    const name = `answer${Math.random()}`;
    const script = `(async () => {${code}})().then(
        (value) => sendAsyncMessage("${name}", value),
        (error) => sendAsyncMessage("${name}", String(error)))`;
    return new Promise((resolve) => {
        const manager = browser.messageManager;
        manager.addMessageListener(name, function listen({data}) {
            manager.removeMessageListener(name, listen);
            resolve(data);
        });
        manager.loadFrameScript(`data:,${encodeURIComponent(script)}`, false);
    });
}
(async () => {%(code)s})().then(done, (error) => done(`failed: ${error}`));
"""
#: What is opened in the browser is noted, for there is none.
NOTE_OPENED = """
win.opened = [];
const service = {
    QueryInterface: ChromeUtils.generateQI(["nsIExternalProtocolService"]),
    loadURI: (uri) => win.opened.push(uri.spec),
};
const name = "@mozilla.org/uriloader/external-protocol-service;1";
const factory = {createInstance: (iid) => service.QueryInterface(iid)};
Components.manager
    .QueryInterface(Ci.nsIComponentRegistrar)
    .registerFactory(Services.uuid.generateUUID(), "", name, factory);
"""


class Thunderbird:
    """A context manager: a Thunderbird with emails in a local folder, "Inbox".

    :param root: where it is unpacked
    :param emails: their sources, with LF line ends
    """

    def __init__(self, root: Path, *emails: str) -> None:
        self._root, self._emails, self._count = root, emails, 0

    def __enter__(self) -> Thunderbird:
        self._folder = tempfile.TemporaryDirectory()
        self._profile = Path(self._folder.name)
        folder = self._profile / "Mail" / "Local Folders"
        folder.mkdir(parents=True)
        lines = [
            f"From - Mon May 04 10:00:00 2026\n{mail}\n\n" for mail in self._emails
        ]
        (folder / "Inbox").write_text("".join(lines))
        values = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in PREFERENCES.items()
        ]
        (self._profile / "user.js").write_text("\n".join(values))
        # libraries that the machine lacks are unpacked as well
        libraries = [str(one) for one in (self._root / "usr/lib").glob("*-linux-gnu*")]
        env = {**os.environ, "HOME": self._folder.name}
        env["LD_LIBRARY_PATH"] = ":".join(libraries)
        program = self._root / "usr/lib/thunderbird/thunderbird"
        command = [program, "--headless", "--no-remote", "--profile", self._profile]
        command += ["--marionette", "--remote-allow-system-access"]
        with (self._profile / "log").open("w") as log:
            self._process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        self._connect()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(SECONDS)
        self._folder.cleanup()

    def _connect(self) -> None:
        port = self._profile / "MarionetteActivePort"
        wait_for(lambda: port.exists() and port.read_text(), "Thunderbird", pause=0.1)
        address = ("127.0.0.1", int(port.read_text()))
        self._socket = socket.create_connection(address, SECONDS)
        self._read = self._socket.makefile("rb").read
        self._receive()
        self._do("WebDriver:NewSession", capabilities={"alwaysMatch": {}})
        self._do("Marionette:SetContext", value="chrome")
        loaded = "return tabmail?.currentAbout3Pane?.threadTree != null"
        wait_for(lambda: self.run(loaded), "its window", pause=0.1)
        self.run(NOTE_OPENED)

    def _receive(self):
        size = b""
        while not size.endswith(b":"):
            size += self._read(1)
        return json.loads(self._read(int(size[:-1])))

    def _do(self, name: str, **values):
        self._count += 1
        data = json.dumps([0, self._count, name, values]).encode()
        self._socket.sendall(f"{len(data)}:".encode() + data)
        _kind, _number, error, result = self._receive()
        if error:
            raise AssertionError(f"{name}: {error['error']}: {error['message']}")
        return result

    def install(self, add_on: Path) -> list[str]:
        """Install an add-on until it ends; return what Thunderbird has against it."""
        self._do("Addon:Install", path=str(add_on), temporary=True)
        return self.run("return extension.extensionErrors || extension.warnings")

    def run(self, code: str):
        """Run JavaScript with the rights of Thunderbird; return its value."""
        script = AT_HAND % {"id": json.dumps(ID), "code": code}
        values = {"script": script, "args": [], "newSandbox": True}
        value = self._do("WebDriver:ExecuteAsyncScript", **values)["value"]
        if isinstance(value, str) and value.startswith("failed: "):
            raise AssertionError(value)
        return value

    def screenshot(self) -> bytes:
        """Return what is seen, as PNG."""
        data = self._do("WebDriver:TakeScreenshot", full=False)["value"]
        return base64.b64decode(data)
