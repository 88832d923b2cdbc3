"""A browser that notes each request, dialog and opened tab while a test drives it."""

import json
import time
from contextlib import ExitStack, contextmanager, suppress
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo.tests import HttpCase
from odoo.tests.common import (
    ChromeBrowser,
    ChromeBrowserException,
    _registry_test_lock,
)

from odoo.addons.bus.models.bus import BusBus, dispatch
from odoo.addons.bus.websocket import (
    CloseCode,
    WebsocketConnectionHandler,
    _kick_all,
)

#: Seconds that anything on the screen is waited for.
PATIENCE = 90
#: Seconds after which a request that has no answer is one that waits for news.
NEWS = 3


class WatchedBrowser(ChromeBrowser):
    """Chromium as Odoo's tests drive it, watched.

    ``requests`` holds (address, kind, whether a frame asked) of all that left the
    page, ``dialogs`` the texts of alerts.
    """

    def __init__(self, test_case, **kwargs):
        self.requests = []
        self.unanswered = set()
        self.dialogs = []
        self.main_frame = None
        super().__init__(test_case, **kwargs)
        self._handlers["Page.javascriptDialogOpening"] = self._note_dialog
        self._handlers["Network.loadingFinished"] = self._note_end
        self._handlers["Network.loadingFailed"] = self._note_end
        self._websocket_request("Network.enable")
        tree = self._websocket_request("Page.getFrameTree")
        self.main_frame = tree["frameTree"]["frame"]["id"]

    def _note_dialog(self, message, **_kwargs):
        self.dialogs.append(message)
        self._websocket_send("Page.handleJavaScriptDialog", params={"accept": True})

    def _handle_request_paused(self, **params):
        in_frame = params.get("frameId") != self.main_frame
        self.requests.append(
            (params["request"]["url"], params["resourceType"], in_frame)
        )
        if number := params.get("networkId"):
            self.unanswered.add(number)
        return super()._handle_request_paused(**params)

    def _note_end(self, requestId, **_params):
        self.unanswered.discard(requestId)

    def _handle_exception(self, *args, **kwargs):
        """Let the control run fail as it likes."""

    def _handle_console(self, *args, **kwargs):
        """Blocked loads are told on the console; they are what is wanted."""

    def run(self, expression, timeout=PATIENCE):
        """Return the value of an expression, awaited, in the page."""
        params = {
            "expression": expression,
            "awaitPromise": True,
            "returnByValue": True,
        }
        answer = self._websocket_request(
            "Runtime.evaluate", params=params, timeout=timeout
        )
        if "exceptionDetails" in answer:
            raise AssertionError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def open(self, url):
        """Go to a page of ours."""
        self.navigate_to(url)
        self.wait(f"return !!document.body && location.href.startsWith({url!r})")

    def wait(self, expression, timeout=PATIENCE):
        """Wait until an expression is true in the page; return its value."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            # a page that goes away under the question is not there yet
            with suppress(ChromeBrowserException):
                if value := self.run(f"(() => {{{expression}}})()"):
                    return value
            time.sleep(0.05)
        raise AssertionError(f"did not happen in {timeout} s: {expression}")

    def settle(self, seconds=0.4):
        """Wait until the page has its answers, and asked for nothing for some seconds.

        A request that is never answered is not waited for longer than ``NEWS``.
        """
        asked, since = -1, 0
        while True:
            now = time.monotonic()
            if asked != len(self.requests):
                asked, since = len(self.requests), now
            if now - since >= (NEWS if self.unanswered else seconds):
                return
            time.sleep(0.05)

    def key(self, key, code="", alt=False, shift=False):
        """Press a key."""
        text = key if len(key) == 1 else "\r" if key == "Enter" else ""
        text = "" if alt else text
        for kind in ("keyDown", "keyUp"):
            params = {"type": kind, "key": key, "code": code or f"Key{key.upper()}"}
            params["modifiers"] = alt + 8 * shift
            if text and kind == "keyDown":
                params["text"] = text
            self._websocket_request("Input.dispatchKeyEvent", params=params)

    def write(self, text):
        """Type text where the focus is."""
        self._websocket_request("Input.insertText", params={"text": text})

    def pages(self):
        """Return how many tabs are open."""
        targets = self._websocket_request("Target.getTargets")["targetInfos"]
        return sum(target["type"] == "page" for target in targets)

    def picture(self, selector):
        """Return a picture, as data, of one element's box."""
        box = self.run(
            f"(r => ({{x: r.x, y: r.y, width: r.width, height: r.height, scale: 1}}))"
            f"(document.querySelector({selector!r}).getBoundingClientRect())"
        )
        params = {"format": "png", "clip": box}
        return self._websocket_request("Page.captureScreenshot", params=params)["data"]


class WatchedCase(HttpCase):
    """A test that drives a :class:`WatchedBrowser`, logged in."""

    def open_browser(self, path, login):
        """Return a browser at ``path``, as the user with that login."""
        browser = WatchedBrowser(self)
        stack = ExitStack()
        self.addCleanup(stack.close)
        stack.enter_context(self.allow_requests(browser=browser, all_requests=True))
        stack.callback(self._wait_remaining_requests)
        stack.callback(_kick_all, CloseCode.KILL_NOW)
        stack.callback(browser.stop)
        stack.enter_context(patch.object(BusBus, "_sendone", self._send_now()))
        stack.enter_context(
            patch.object(
                WebsocketConnectionHandler, "websocket_allowed", return_value=True
            )
        )
        self.authenticate(login, login, browser=browser)
        self.cr.flush()
        self.cr.clear()
        browser.open(self.base_url() + path)
        return browser

    def open_queue(self, path="/odoo/email-queue"):
        """Return the member's browser at a list of mail, which hears news."""
        browser = self.open_browser(path, "mailbox_member")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.settle()
        self.wait_for_bus()
        return browser

    def wait_for_bus(self, seconds=60):
        """Wait until a browser listens to the bus: what came before it never hears."""
        end = time.monotonic() + seconds
        while not dispatch._channels_to_ws:
            self.assertLess(time.monotonic(), end, "no browser listens to the bus")
            time.sleep(0.2)

    @contextmanager
    def meanwhile(self):
        """Let the test itself use the database while the browser is open."""
        with _registry_test_lock:
            yield
            # a test never commits
            self.env.cr.precommit.run()
            self.env.cr.postcommit.run()
            self.env.invalidate_all()

    @staticmethod
    def _send_now():
        """Return what sends over the bus at once: a test never commits."""
        send = BusBus._sendone

        def send_now(bus, target, notification_type, message):
            send(bus, target, notification_type, message)
            bus.env.cr.precommit.run()
            # who listens from now on hears what is not a minute old: by the real clock,
            # not by the beginning of the test's long transaction
            bus.env.cr.execute(
                "UPDATE bus_bus SET create_date = clock_timestamp() AT TIME ZONE 'UTC'"
            )
            bus.env.cr.postcommit.run()

        return send_now

    def paths(self, browser):
        """Return the requests to our own server, as (path, whether a frame asked)."""
        own = urlsplit(self.base_url()).netloc
        return [
            (urlsplit(url).path, in_frame)
            for url, _kind, in_frame in browser.requests
            if urlsplit(url).netloc == own
        ]

    def strangers(self, browser):
        """Return the requests to anybody else: (address, kind)."""
        own = urlsplit(self.base_url()).netloc
        return [
            (url, kind)
            for url, kind, _in_frame in browser.requests
            if urlsplit(url).scheme != "data" and urlsplit(url).netloc != own
        ]
