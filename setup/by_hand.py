"""README.md's "Install it in your Odoo 19", followed to the letter.

In an environment of its own, which has what Odoo asks for and what the lines of that
section bring, and nothing of the tests: what is needed and not declared is missed. The
short form follows them with this Python into a fresh database; the long form with each
Python that is to be had, from the folder and from the packages, into a fresh database
and into one with thirty apps. In each of them one email takes its way.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass

from . import by_hand_ways, pins, python, reliability
from .console import Failure, say
from .outcome import Outcome
from .workplace import Workplace

README = pins.CHECKOUT / "README.md"
SECTION = re.compile(r"^## Install it in your Odoo 19\n(.*?)^## ", re.M | re.S)
#: What a line of the list tells to do.
TOLD = re.compile(r"^\d\. [^`]*`(.+?)`", re.M)
#: What README.md calls a folder of the reader's.
FOLDER = by_hand_ways.FOLDER


@dataclass(frozen=True)
class Try:
    """One installation.

    :param python: the interpreter of the environment
    :param wheels: from the packages instead of from the folder
    :param apps: into a database with thirty apps instead of a fresh one
    """

    version: tuple[int, int]
    python: str
    wheels: bool = False
    apps: bool = False

    def __str__(self) -> str:
        way = "packages" if self.wheels else "folder"
        where = "beside 30 apps" if self.apps else "a fresh database"
        return f"Python {python.dotted(self.version)}, {way}, {where}"


def told() -> list[str]:
    """The copying, the option and the two commands that README.md tells.

    :raises Failure: the section does not tell them
    """
    section = SECTION.search(README.read_text())
    commands = TOLD.findall(section[1]) if section else []
    starts = ("cp -r ", "--addons-path=", "pip install ", "odoo ")
    if [next(filter(c.startswith, starts), None) for c in commands] != [*starts]:
        raise Failure(f"README.md tells other ways to install: {commands}")
    return commands


def tries() -> list[Try]:
    """What is tried in this run; says which Python is not to be had."""
    there = python.interpreters()
    if os.environ.get(reliability.SWITCH) != "long":
        version = next(v for v, path in there.items() if path == python.interpreter())
        return [Try(version, there[version])]
    for version in pins.PYTHONS:
        if version not in there:
            say(f"  skipped: there is no Python {python.dotted(version)} here")
    return [
        Try(version, path, wheels, apps)
        for apps in (False, True)
        for wheels in (False, True)
        for version, path in there.items()
    ]


def _try(place: Workplace, one: Try) -> list[str]:
    """What is wrong with an installation, in lines."""
    try:
        if one.wheels:
            return by_hand_ways.from_packages(place, one.python, told(), one.apps)
        return by_hand_ways.from_folder(place, one.python, told(), one.apps)
    except Failure as failure:
        return str(failure).split("\n")


def run(place: Workplace) -> Outcome:
    """Install by hand; each installation counts as one test."""
    say("\n== by hand")
    started = time.monotonic()
    failed, passed = [], 0
    for one in tries():
        began = time.monotonic()
        lines = [*filter(None, _try(place, one))]
        for line in lines:
            say(line)
        say(f"  {one}: {time.monotonic() - began:.0f} s")
        passed += not lines
        # of what Odoo says when it breaks off, the last line tells why
        failed += [f"by hand: {one}: {lines[-1]}"] if lines else []
    return Outcome("by hand", passed, tuple(failed), time.monotonic() - started)
