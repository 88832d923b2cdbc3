"""Programs that must be on the machine: found, or installed with apt as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .console import Failure, call, step
from .debian import SHOWN

#: What the suites start, and the Debian package that has it.
PROGRAMS = {"dovecot": "dovecot-imapd", "mbsync": "isync", "chromium": "chromium"}
#: What only root can start, and only root needs.
ROOT_PROGRAMS = {"postfix": "postfix"}
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"
POLICY = Path("/usr/sbin/policy-rc.d")


def find(program: str) -> str | None:
    """Path of `program`; servers are not in the PATH of an ordinary user."""
    return shutil.which(program, path=f"{os.environ['PATH']}:{SYSTEM_PATH}")


@contextmanager
def _no_services():
    """Have packages not start the services they bring."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _install(packages: Sequence[str]) -> None:
    advice = f"Install {' '.join(packages)} yourself, then start again."
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *packages]
    simulated = subprocess.run([*command, "-s"], capture_output=True, check=False)
    with step(f"Installing {' '.join(packages)} with apt"), _no_services():
        if simulated.returncode:
            call(["apt-get", "-q", "update"], env=env, shown=SHOWN, advice=advice)
        call(command, env=env, shown=SHOWN, advice=advice)
    if shutil.which("systemctl"):
        # nor after the next start of the machine: the tests start their own
        services = ["dovecot.service", "dovecot.socket"]
        services += [f"{name}.service" for name in ROOT_PROGRAMS if name in packages]
        subprocess.run(
            ["systemctl", "disable", *services], capture_output=True, check=False
        )


def _fits(package: str) -> bool:
    """Return whether apt would install it without removing another mail server."""
    command = ["apt-get", "-s", "-q", "--no-install-recommends", "install", package]
    simulated = subprocess.run(command, capture_output=True, check=False)
    return simulated.returncode == 0 and b"\nRemv " not in simulated.stdout


def _set_up_no_mail() -> None:
    """Have Postfix come without a configuration for the machine's own mail."""
    answer = b"postfix postfix/main_mailer_type select No configuration\n"
    subprocess.run(
        ["debconf-set-selections"], input=answer, capture_output=True, check=False
    )


def _missing_for_root() -> list[str]:
    if os.getuid() or not shutil.which("apt-get"):
        return []
    missing = [package for name, package in ROOT_PROGRAMS.items() if not find(name)]
    fitting = [package for package in missing if _fits(package)]
    if fitting and shutil.which("debconf-set-selections"):
        _set_up_no_mail()
    return fitting


def ensure() -> None:
    """Have all `PROGRAMS` on the machine.

    :raises Failure: one is missing and we are not root, or apt failed
    """
    missing = [package for name, package in PROGRAMS.items() if not find(name)]
    missing += _missing_for_root()
    if not missing:
        return
    if os.getuid() or not shutil.which("apt-get"):
        raise Failure(
            f"The tests need {' and '.join(missing)}. As root: "
            f"apt-get install --no-install-recommends {' '.join(missing)}"
        )
    _install(missing)
    still = [name for name in PROGRAMS if not find(name)]
    if still:
        raise Failure(f"{' '.join(missing)} is installed but has no {' '.join(still)}.")


def offer(package: str, program: str) -> None:
    """Have `program` on the machine where that is easy: as root, with apt.

    An ordinary user's machine stays as it is; who asks looks what there is.
    """
    if not (find(program) or os.getuid()) and shutil.which("apt-get"):
        with suppress(Failure):
            _install([package])
