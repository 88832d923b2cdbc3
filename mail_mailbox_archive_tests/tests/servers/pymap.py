"""Pymap, of PyPI, as mail-devel starts it: the mail server of the demonstration.

All in memory and in Python, from the RFCs alone, it owes nothing to the other servers.
"""

from __future__ import annotations

import importlib.util
import os
import sys

from .imap_server import PASSWORD, free_ports
from .packaged import Packaged


class Pymap(Packaged):
    """Every login has an account, and all the same password."""

    package = "mail_devel"

    def add_user(self, login: str) -> None:
        """Add an account with an empty INBOX."""
        with self.connected(login):
            pass

    def _missing(self) -> str:
        if importlib.util.find_spec(self.package):
            return ""
        return "mail-devel is for Python 3.11 and newer."

    def _start(self) -> None:
        self.port, smtp = free_ports(2)
        command = [sys.executable, "-m", self.package, "--host", "127.0.0.1"]
        command += ["--imap-port", self.port, "--smtp-port", smtp, "--no-http"]
        command += ["--multi-user", "--password", PASSWORD]
        # elsewhere: -m would take this file for its module
        self._run(command, env=dict(os.environ), cwd=self._base)
