"""Drive Chromium over its DevTools protocol, as far as pictures need it."""

from __future__ import annotations

import base64
import io
import json
import time
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

#: Seconds that anything on the screen is waited for.
PATIENCE = 40
#: Whether nothing is being loaded, faded in or painted.
RESTS = """
    document.readyState === 'complete'
    && document.fonts.status === 'loaded'
    && [...document.images].every((image) => image.complete)
    && !document.querySelector('.o_loading_indicator, .fa-spin, .o_blockUI')
    && !document.getAnimations().some((a) => a.playState === 'running')
"""
#: ``painted`` gives the milliseconds since ``begun`` when a frame is painted in which
#: ``test`` holds.
PAINTED = """
    window.painted = (test, begun = performance.now()) => new Promise((resolve) => {
        const {port1, port2} = new MessageChannel();
        port1.onmessage = () => resolve(performance.now() - begun);
        const look = () =>
            test() ? port2.postMessage(0) : requestAnimationFrame(look);
        requestAnimationFrame(look);
    });
"""

Color = tuple[int, int, int]


class BrowserError(Exception):
    """The page is not as the script expects it."""


class Browser:
    """One page of a running Chromium."""

    def __init__(self, devtools: int, address: str) -> None:
        self.address = address
        self._number = 0
        self._socket = websocket.create_connection(
            _page(devtools), suppress_origin=True, timeout=PATIENCE
        )
        self.command("Page.enable")
        # the same hours and words wherever it runs
        self.command("Emulation.setTimezoneOverride", timezoneId="Europe/Warsaw")
        self.command("Emulation.setLocaleOverride", locale="en_US")

    def command(self, method: str, **parameters) -> dict:
        """Send a command of the protocol; return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                break
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def value(self, expression: str, **values):
        """The value of JavaScript; `values` are variables in it."""
        names = ", ".join(values)
        arguments = ", ".join(map(json.dumps, values.values()))
        answer = self.command(
            "Runtime.evaluate",
            expression=f"(({names}) => ({expression}))({arguments})",
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {json.dumps(answer)[:500]}")
        return answer["result"].get("value")

    def wait(self, expression: str, **values):
        """Wait until `expression` is true in the page."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.value(expression, **values):
                return
            time.sleep(0.1)
        seen = " ".join(self.value("document.body.innerText").split())
        raise BrowserError(f"Not in {PATIENCE} s: {expression} {values}: {seen[:1000]}")

    def find(self, selector: str, text: str = "") -> None:
        """Wait for an element that matches `selector` and holds `text`."""
        self.wait(f"!!{FOUND}", selector=selector, text=text)

    def click(self, selector: str, text: str = "") -> None:
        """Wait for an element as :meth:`find` does, and click it."""
        self.find(selector, text)
        self.value(f"{FOUND}.click()", selector=selector, text=text)

    def key(self, key: str) -> None:
        """Press a key that gives one character."""
        for kind in ("keyDown", "keyUp"):
            parameters = (
                {"key": key, "text": key} if kind == "keyDown" else {"key": key}
            )
            self.command("Input.dispatchKeyEvent", type=kind, **parameters)

    def go(self, path: str) -> None:
        """Open a page of Odoo's web client and wait until it is there."""
        self.command("Page.navigate", url=f"{self.address}{path}")
        self.wait("document.readyState === 'complete'")

    def log_in(self, login: str) -> None:
        """With a password that is the login; whoever is logged in is logged out."""
        self.go("/web/session/logout?redirect=/web/login")
        fill = "document.querySelector(`input[name=${name}]`).value = login"
        for name in ("login", "password"):
            self.value(fill, name=name, login=login)
        self.value("document.querySelector('form.oe_login_form').submit()")
        self.find(".o_web_client .o_main_navbar")

    def size(self, width: int, height: int) -> None:
        """Set the size of the page in pixels; narrow ones are a phone's."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 700,
        )
        self.command("Emulation.setTouchEmulationEnabled", enabled=width < 700)

    def type(self, selector: str, text: str) -> None:
        """Wait for a field of text and enter something."""
        self.find(selector)
        self.value(f"{FOUND}.focus()", selector=selector, text="")
        self.command("Input.insertText", text=text)

    def seen(self) -> Image.Image:
        """What is seen, once it rests."""
        self.wait(RESTS)
        # frames within the page load by themselves
        time.sleep(1)
        if self.value("!!document.querySelector('.o_error_dialog')"):
            raise BrowserError(self.value("document.body.innerText")[:2000])
        answer = self.command("Page.captureScreenshot", format="png")
        image = Image.open(io.BytesIO(base64.b64decode(answer["data"])))
        return image.convert("RGB")

    def take(self, file: Path) -> None:
        """Write what is seen as a PNG of at most 256 colours."""
        _reduced(self.seen()).save(file, optimize=True)
        print(f"{file.name}: {file.stat().st_size // 1000} KB", flush=True)


#: JavaScript: the first visible element that matches `selector` and holds `text`.
FOUND = """
    [...document.querySelectorAll(selector)].find(
        (el) => el.checkVisibility() && el.textContent.includes(text))
"""


def _reduced(image: Image.Image) -> Image.Image:
    """`image` with its 256 commonest colours; the edges of letters take the nearest.

    By hand, for the library's nearest colour of white is not white.
    """
    counted = image.getcolors(image.width * image.height)
    colors = [color for _count, color in sorted(counted, reverse=True)]
    places = {color: place for place, color in enumerate(colors[:256])}
    for color in colors[256:]:
        places[color] = places[_nearest(color, colors[:256])]
    reduced = Image.new("P", image.size)
    reduced.putpalette([part for color in colors[:256] for part in color])
    reduced.putdata([places[color] for color in image.getdata()])
    return reduced


def _nearest(color: Color, colors: list[Color]) -> Color:
    red, green, blue = color
    return min(
        colors,
        key=lambda c: (c[0] - red) ** 2 + (c[1] - green) ** 2 + (c[2] - blue) ** 2,
    )


def _page(devtools: int) -> str:
    """The address at which Chromium listens to the commands for its page."""
    with urllib.request.urlopen(f"http://localhost:{devtools}/json") as answer:
        pages = json.load(answer)
    return next(p for p in pages if p["type"] == "page")["webSocketDebuggerUrl"]
