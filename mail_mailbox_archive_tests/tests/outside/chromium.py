"""Chromium in which somebody is logged in."""

from __future__ import annotations

import base64
import json
import logging
import tempfile
import time
from pathlib import Path

from odoo.tests.common import ChromeBrowser

from ..browser import WatchedBrowser
from .client import Client

#: JavaScript: the first visible element that matches `selector` and holds `text`.
FOUND = """[...document.querySelectorAll(%s)].find(
    (el) => el.checkVisibility() && el.textContent.includes(%s))"""


class _Owner:
    """What Odoo's driver of Chromium asks of a test."""

    _logger = logging.getLogger("odoo.tests.outside")
    touch_enabled = False

    def __init__(self, size: str) -> None:
        self.browser_size = size

    def fetch_proxy(self, url: str) -> dict:
        """Answer for the rest of the world: nobody is asked outside of this machine."""
        return {"responseCode": 404, "body": ""}


class Chromium(WatchedBrowser):
    """A context manager: a browser of a person's own, with files that it downloads."""

    def __init__(self, person: Client, size: str = "1366x768") -> None:
        super().__init__(_Owner(size))
        self.person = person
        self._folder = tempfile.TemporaryDirectory()
        self.downloads = Path(self._folder.name)
        self._websocket_request(
            "Browser.setDownloadBehavior",
            params={"behavior": "allow", "downloadPath": str(self.downloads)},
        )
        cookie = {"name": "session_id", "value": person.session, "url": person.base}
        self._websocket_request("Network.setCookie", params=cookie)

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_exception: object) -> None:
        ChromeBrowser.stop(self)
        self._folder.cleanup()

    def open(self, path: str) -> None:
        """Go to a page of Odoo; wait until the web client is there."""
        return super().open(self.person.base + path)

    def find(self, selector: str, text: str = "") -> None:
        """Wait for an element that is seen and holds ``text``."""
        self.wait(f"return !!{_found(selector, text)}")

    def gone(self, selector: str, text: str = "") -> None:
        """Wait until no such element is seen."""
        self.wait(f"return !{_found(selector, text)}")

    def click(self, selector: str, text: str = "") -> None:
        """Wait for an element as :meth:`find` does, and click it."""
        self.find(selector, text)
        self.run(f"{_found(selector, text)}.click()")

    def fill(self, selector: str, text: str) -> None:
        """Write into a field as a person does, what was there before being replaced."""
        self.find(selector)
        self.run(f"(el => {{ el.focus(); el.select?.(); }})({_found(selector, '')})")
        self.write(text)

    def choose_file(self, selector: str, *paths: Path) -> None:
        """Choose files in an input for files, as a person does in its dialog."""
        self.wait(f"return !!document.querySelector({json.dumps(selector)})")
        expression = f"document.querySelector({json.dumps(selector)})"
        found = self._websocket_request(
            "Runtime.evaluate", params={"expression": expression}
        )
        params = {"objectId": found["result"]["objectId"]}
        params["files"] = [str(path) for path in paths]
        self._websocket_request("DOM.setFileInputFiles", params=params)

    def text(self, selector: str = "body") -> str:
        """Return the words that are seen in an element."""
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText")

    def downloaded(self, seconds: float = 30) -> Path:
        """Wait for a file that was downloaded; return it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            files = [*self.downloads.iterdir()]
            if files and not any(file.suffix == ".crdownload" for file in files):
                return files[-1]
            time.sleep(0.05)
        raise AssertionError("nothing was downloaded")

    def error(self) -> str:
        """Return what the web client says went wrong, "" for nothing."""
        return self.text(".o_error_dialog") or ""

    def screenshot(self) -> bytes:
        """Return what is seen, as PNG."""
        params = {"format": "png"}
        data = self._websocket_request("Page.captureScreenshot", params=params)
        return base64.b64decode(data["data"])


def _found(selector: str, text: str) -> str:
    return FOUND % (json.dumps(selector), json.dumps(text))
