"""The add-on for Thunderbird: packed into a file that Thunderbird installs.

``python3 setup thunderbird`` writes it. A file of its own, not one of an Odoo add-on:
it runs in people's mail program.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from . import cache, node_tools, pins
from .beside import Beside
from .console import say

FOLDER = pins.CHECKOUT / "clients" / "thunderbird"
#: What does not travel: tests, and what is for readers of the repository.
LEFT_BEHIND = ("tests", "README.md")
#: The earliest moment that a zip file can tell: it is the same whenever it is made.
MADE = (1980, 1, 1, 0, 0, 0)


#: Thunderbird for the tests, and where they look for it.
PROGRAM = Beside(
    "THUNDERBIRD", "Thunderbird", ("thunderbird",), ("usr/lib/thunderbird/thunderbird",)
)


def files() -> list[Path]:
    """The files of the add-on, in their order in the package."""
    found = (file for file in FOLDER.rglob("*") if file.is_file())
    return sorted(
        file for file in found if file.relative_to(FOLDER).parts[0] not in LEFT_BEHIND
    )


def manifest() -> dict:
    """What ``manifest.json`` says."""
    return json.loads((FOLDER / "manifest.json").read_text())


def pack(target: Path) -> Path:
    """Write the package into a folder; the same files give the same bytes.

    :return: the file, which has the version in its name
    """
    name = f"mail_mailbox_archive_thunderbird-{manifest()['version']}.xpi"
    package = target / name
    # stored: what compresses differs from machine to machine
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
        for file in files():
            entry = zipfile.ZipInfo(file.relative_to(FOLDER).as_posix(), MADE)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, file.read_bytes())
    return package


def environment() -> Mapping[str, str]:
    """What the tests need beside a running Odoo: node, Thunderbird if it can be had.

    :raises Failure: as :meth:`Beside.find`
    """
    found = {"NODE": str(node_tools.programs() / "node"), "CLIENT": str(FOLDER)}
    if root := PROGRAM.find():
        found[PROGRAM.variable] = str(root)
        found["THUNDERBIRD_ADD_ON"] = str(pack(cache.folder()))
    return found


def run() -> int:
    """Write the package beside the folder of the add-on; say where it is."""
    package = pack(FOLDER.parent)
    say(f"{package.relative_to(pins.CHECKOUT)}: install it in Thunderbird, Add-ons and")
    say("Themes, Install Add-on From File.")
    return 0
