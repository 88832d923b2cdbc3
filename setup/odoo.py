"""Odoo 19: where its code is and how it is started."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from . import cache, debian, pins
from .console import Failure, say

DIST = Path("usr/lib/python3/dist-packages")
#: Left out of the package for its licence; the web client asks for it.
MISSING_SCRIPT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@dataclass(frozen=True)
class Odoo:
    """A checkout, or a Debian package that was unpacked anywhere."""

    home: Path
    pythonpath: Path
    binary: Path
    addons: tuple[Path, ...]


def _build(root: Path) -> None:
    debian.unpack(pins.ODOO_PACKAGES, root)
    script = root / DIST / "odoo/addons" / MISSING_SCRIPT
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("// video effects of calls are not part of this package\n")
    lost = debian.dangling(root / DIST / "odoo/addons/web")
    if lost:
        say(f"  Icons may be missing: {lost[0].name} leads to no package.")


def describe(home: Path) -> Odoo | None:
    """What kind of Odoo is in `home`, None when there is none."""
    if (home / "odoo-bin").exists() and (home / "odoo").is_dir():
        addons = (home / "addons", home / "odoo/addons")
        return Odoo(home, home, home / "odoo-bin", addons)
    if (home / DIST / "odoo").is_dir():
        binary = home / "usr/bin/odoo"
        return Odoo(home, home / DIST, binary, (home / DIST / "odoo/addons",))
    return None


def get() -> Odoo:
    """``ODOO_HOME`` if it is set, else Debian's package in the cache.

    :raises Failure: ``ODOO_HOME`` holds no Odoo, or the package cannot be had
    """
    given = os.environ.get("ODOO_HOME")
    name = f"odoo-{cache.key(*pins.ODOO_PACKAGES)}"
    home = Path(given).resolve() if given else cache.entry(name, _build)
    found = describe(home)
    if not found:
        raise Failure(
            f"ODOO_HOME: no Odoo in {home}. It is to be a checkout of Odoo 19 (with "
            "odoo-bin) or an unpacked package (with usr/lib/python3). Or unset it."
        )
    return found
