"""Packages of Debian, unpacked into the cache: nothing is installed.

Of sid, or of the machine's own release. apt works on private lists made from the
machine's own mirror entries, and checks the archive's signature as always. Written by
hand around apt and dpkg, because apt installs for root only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import cache
from .console import Failure, call, output, step

OS_RELEASE = Path("/etc/os-release")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: Lines of apt that a person wants to see: large files, the sum, and trouble.
SHOWN = r"^Get.*\[(\d{4,} kB|[\d.]+ MB)\]|^(Err|Fetched|E:)"
ADVICE = (
    "Check the network and the mirror in /etc/apt. Where the distribution has no "
    "Odoo 19, set DEBIAN_MIRROR to the address of a Debian mirror, or ODOO_HOME to a "
    "checkout of Odoo 19."
)
NO_KEYS = (
    f"DEBIAN_MIRROR needs Debian's keys in {KEYRING}. As root: "
    "apt-get install debian-archive-keyring"
)
NO_ENTRY = (
    "No entry for the Debian archive in /etc/apt. Set ODOO_HOME to an Odoo 19 "
    "checkout, or DEBIAN_MIRROR to the address of a Debian mirror."
)


@dataclass(frozen=True)
class Entry:
    """A line or stanza of /etc/apt: where packages come from."""

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""

    def is_archive(self, codename: str) -> bool:
        """Whether this is the distribution's archive, not an add-on or security."""
        names = {codename, "stable", "testing", "unstable", "sid"}
        return "main" in self.components and bool(names & set(self.suites))


def parse_one_line(text: str) -> Iterator[Entry]:
    """Entries of a ``.list`` file: ``deb [options] uri suite component...``."""
    for line in text.splitlines():
        words = line.split("#")[0].strip()
        if not words.startswith("deb "):
            continue
        options = ""
        rest = words[4:].strip()
        if rest.startswith("["):
            options, _, rest = rest[1:].partition("]")
        uri, suite, *components = rest.split() + [""] * (2 - len(rest.split()))
        signed = [o[10:] for o in options.split() if o.startswith("signed-by=")]
        yield Entry((uri,), (suite,), tuple(components), "".join(signed[:1]))


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for block in "\n".join(line.rstrip() for line in lines).split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if line[:1] in " \t" and name:
                fields[name] += "\n" + line
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        yield fields


def parse_deb822(text: str) -> Iterator[Entry]:
    """Entries of a ``.sources`` file."""
    for fields in _stanzas(text):
        if "deb" not in fields.get("types", "").split():
            continue
        if fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        yield Entry(
            tuple(fields.get("uris", "").split()),
            tuple(fields.get("suites", "").split()),
            tuple(fields.get("components", "").split()),
            fields.get("signed-by", ""),
        )


def entries(etc: Path = Path("/etc/apt")) -> Iterator[Entry]:
    """All entries of the machine, in apt's order."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for file in files:
        if file.suffix == ".list" and file.is_file():
            yield from parse_one_line(file.read_text())
        elif file.suffix == ".sources":
            yield from parse_deb822(file.read_text())


def _release() -> dict[str, str]:
    text = OS_RELEASE.read_text()
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value.strip('"') for name, _, value in pairs}


def source(etc: Path = Path("/etc/apt")) -> str:
    """The private source: the machine's mirror with the newest suite.

    :raises Failure: the machine names no mirror of its distribution
    """
    release = _release()
    mirror = os.environ.get("DEBIAN_MIRROR")
    codename = release.get("VERSION_CODENAME", "")
    found = [e for e in entries(etc) if e.is_archive(codename)]
    if not (mirror or found):
        raise Failure(NO_ENTRY)
    if mirror and not KEYRING.exists():
        raise Failure(NO_KEYS)
    ubuntu = "ubuntu" in (release.get("ID"), release.get("ID_LIKE")) and not mirror
    suites, components = "sid stable", "main"
    if ubuntu:
        suites, components = "devel", "main universe"
    signed = "" if mirror else found[0].signed_by
    if not signed and KEYRING.exists() and not ubuntu:
        signed = str(KEYRING)
    lines = [
        "Types: deb",
        f"URIs: {mirror or found[0].uris[0]}",
        f"Suites: {suites}",
        f"Components: {components}",
    ]
    return "\n".join(lines + ([f"Signed-By: {signed}"] if signed else [])) + "\n"


def _configuration(home: Path, *, sid: bool) -> str:
    """The machine's apt configuration (proxies, certificates) on private folders.

    Hooks are left out: they would touch the machine.

    :param sid: packages come from the private source, not from the machine's own
    """
    dump = output(["apt-config", "dump"]).splitlines()
    kept = [line for line in dump if not re.search("-Invoke|Pre-Install", line)]
    own = {
        "Dir::State::lists": home / "lists",
        "Dir::Cache": home / "cache",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::main": "/dev/null",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    if sid:
        own |= {
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": home / "sources",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
        }
    kept += [f'{name} "{value}";' for name, value in own.items()]
    return "\n".join(kept) + "\n"


@contextmanager
def _private_apt(*, sid: bool) -> Iterator[tuple[Path, dict[str, str]]]:
    """apt's folders and environment for the time of the block, with fresh lists.

    :raises Failure: no apt, no mirror entry, or the mirror cannot be reached
    """
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise Failure(f"{tool} is not here. Set ODOO_HOME to an Odoo 19 checkout.")
    home = cache.folder() / "apt"
    with cache.locked("apt"):
        shutil.rmtree(home, ignore_errors=True)
        for name in ("lists/partial", "cache/archives/partial", "sources"):
            (home / name).mkdir(parents=True, exist_ok=True)
        if sid:
            (home / "sources" / "sid.sources").write_text(source())
        (home / "apt.conf").write_text(_configuration(home, sid=sid))
        env = {"APT_CONFIG": str(home / "apt.conf")}
        with step("Reading the package lists"):
            call(["apt-get", "-q", "update"], env=env, shown=SHOWN, advice=ADVICE)
        yield home, env
        shutil.rmtree(home)


def _fetch(
    packages: Sequence[str], root: Path, home: Path, env: Mapping[str, str]
) -> None:
    with step(f"Downloading {packages[0]} and what it needs"):
        command = ["apt-get", "-q", "download", *packages]
        call(command, env=env, cwd=home / "cache", shown=SHOWN, advice=ADVICE)
    with step("Unpacking"):
        for file in sorted((home / "cache").glob("*.deb")):
            call(["dpkg-deb", "-x", file, root])
            file.unlink()


def unpack(packages: Sequence[str], root: Path) -> None:
    """Download `packages` and unpack them under `root`.

    :raises Failure: no apt, no mirror entry, or the mirror has no such package
    """
    with _private_apt(sid=True) as (home, env):
        if "Suites: sid" not in (home / "sources" / "sid.sources").read_text():
            packages = [package.partition("/")[0] for package in packages]
        _fetch(packages, root, home, env)


def unpack_beside(packages: Sequence[str], root: Path) -> None:
    """Unpack packages of the machine's release, with what it lacks for them to run.

    So a server can be had beside another that it excludes.

    :raises Failure: as :func:`unpack`
    """
    with _private_apt(sid=False) as (home, env):
        needed: dict[str, None] = {}
        for package in packages:
            if package not in needed:
                # one by one: they may exclude each other as well
                command = ["apt-get", "-s", "-q", "--no-install-recommends", "install"]
                planned = output([*command, package], env=env)
                found = re.findall(r"^Inst (\S+)", planned, re.M)
                # what is installed is not planned, and wanted here all the same
                needed |= dict.fromkeys([package, *found])
        _fetch(list(needed), root, home, env)


def dangling(root: Path) -> list[Path]:
    """Links below `root` that point nowhere."""
    found = subprocess.run(
        ["find", str(root), "-xtype", "l"], capture_output=True, text=True, check=True
    )
    return [Path(line) for line in found.stdout.splitlines()]
