"""What a server holds in the eyes of another program: isync's mbsync."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from .dovecot import PASSWORD

_CONFIG = """
IMAPAccount server
Host 127.0.0.1
Port {port}
User {login}
PassCmd "cat {base}/password"
SSLType None

IMAPStore far
Account server

MaildirStore near
Path {base}/mail/
Inbox {base}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState *
"""
#: Its own mark in what it could not number otherwise.
_MARK = re.compile(rb"^X-TUID: .*\n", re.MULTILINE)


def fetch_all(port: int, login: str) -> Counter[tuple[str, bytes]]:
    """Return folder and source of all messages, lines ending as Maildir has them."""
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        (folder / "password").write_text(PASSWORD)
        (folder / "mail").mkdir()
        config = folder / "config"
        config.write_text(_CONFIG.format(port=port, login=login, base=base))
        command = ["mbsync", "-q", "-c", config, "all"]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"mbsync: {done.stderr.decode(errors='replace')}")
        return Counter(
            (
                str(file.parent.parent.relative_to(folder / "mail")),
                _MARK.sub(b"", file.read_bytes(), count=1),
            )
            for part in ("cur", "new")
            for file in folder.glob(f"mail/**/{part}/*")
        )
