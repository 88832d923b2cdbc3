"""The mail of Spedbud, a small building company, in one autumn week.

Spedbud builds a warehouse in Łódź for Spostex S.A.; Müller Logistik brings the steel,
Żółw i Syn the concrete, North Pier the software of the gates. The letters are in
``demo_story.json``: who writes what, how many hours before the start, and in which
``account/folder`` copies of it lie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from . import pins
from .demo_mail import File, Letter, noise, pdf, png

DOMAIN = "spedbud.example"


def letters() -> list[Letter]:
    """All that lies in the mailboxes at the start."""
    return [_letter(entry) for entry in _story()["letters"]]


def late(run: str) -> list[Letter]:
    """The two that arrive while one watches; `run` makes them each start's own."""
    entries = [_letter(entry) for entry in _story()["late"]]
    return [replace(letter, key=f"{letter.key}{run}") for letter in entries]


def _story() -> dict:
    return json.loads((pins.HERE / "demo_story.json").read_text(encoding="utf-8"))


def _letter(entry: Mapping) -> Letter:
    raw = entry.get("raw")
    return Letter(
        key=entry["key"],
        places=[_place(text) for text in entry["places"]],
        hours=entry["hours"],
        sender=tuple(entry.get("from", ("", ""))),
        to=entry.get("to", ""),
        cc=entry.get("cc", ""),
        subject=entry.get("subject", ""),
        text="".join(f"{line}\n" for line in entry.get("text", ())),
        html="\n".join(entry.get("html", ())),
        files=[_file(item) for item in entry.get("files", ())],
        replies_to=entry.get("replies_to", ()),
        charset=entry.get("charset", "utf-8"),
        seen=entry.get("seen", False),
        extra=list(entry.get("headers", {}).items()),
        raw=(pins.HERE / "samples" / raw).read_bytes() if raw else b"",
    )


def _place(text: str) -> tuple[str, str]:
    account, _, folder = text.partition("/")
    return f"{account}@{DOMAIN}", folder


def _file(item: Mapping) -> File:
    content = b""
    if "pdf" in item:
        content += pdf(item["pdf"])
    if "png" in item:
        width, height, colour = item["png"]
        content += png(width, height, colour)
    content += noise(item.get("noise", 0))
    content += item.get("text", "").encode(item.get("charset", "utf-8"))
    return File(item["name"], item["type"], content, item.get("cid", ""))
