"""Think up messages that the reader has trouble with, led by the code they reach.

Or answers of an IMAP server, with ``--reader imap``.

For development, and in no suite: what it finds becomes a sample, and a test with it.
It needs atheris, which neither Odoo nor the tests do, in an environment of its own::

    python3 -m venv fuzz
    fuzz/bin/pip install atheris pytest -r requirements.txt
    fuzz/bin/python setup/scripts/fuzz_parse.py --seconds 600

It begins with the samples of the repository, and stops at the first message that breaks
what must hold of any (``check_message`` of the tests), that takes more than ten seconds
or more than 2 GB. That message is left in the folder ``--found``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "mail_mailbox_archive_tests" / "tests" / "samples"
#: Bytes of a message; what is longer reaches nothing else, more slowly.
LONGEST = 16_384
SECONDS_FOR_ONE = 10
MEGABYTES = 2048
#: What chance alone seldom writes.
WORDS = (
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: multipart/alternative; boundary=b",
    "Content-Type: multipart/digest; boundary=b",
    "Content-Type: message/rfc822",
    "Content-Type: message/delivery-status",
    "Content-Type: text/html; charset=",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: quoted-printable",
    "Content-Transfer-Encoding: x-uuencode",
    "Content-Disposition: attachment; filename*0*=utf-8''",
    "format=flowed; delsp=yes",
    "=?utf-8?b?",
    "=?utf-8?q?",
    "begin 644 a",
    "utf-7",
    "iso-2022-jp",
    "--b--",
    "--b",
    "\r\n",
)


def options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--reader", choices=("message", "imap"), default="message")
    reader.add_argument(
        "--runs", type=int, default=-1, help="how many, if not for ever"
    )
    reader.add_argument("--seconds", type=int, default=600, help="when to stop")
    reader.add_argument("--found", type=Path, default=Path("fuzz-found"))
    return reader.parse_args()


def corpus(folder: Path, said: tuple[bytes, ...]) -> None:
    """Copy the samples: what is found on the way is added to the folder."""
    for number, one in enumerate(said):
        (folder / f"said-{number}").write_bytes(bytes((number, 0)) + one)
    if said:
        return
    for path in SAMPLES.glob("*/*.eml"):
        (folder / f"{path.parent.name}-{path.name}").write_bytes(path.read_bytes())


def dictionary(file: Path) -> None:
    """Write ``WORDS`` as libFuzzer reads them."""
    escaped = (word.replace("\r\n", "\\x0d\\x0a") for word in WORDS)
    file.write_text("".join(f'"{word}"\n' for word in escaped))


def main() -> None:
    """Try messages until the time is over."""
    wanted = options()
    wanted.found.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(CHECKOUT))
    import setup.plugins.pure  # noqa: F401 - there is no Odoo here

    with atheris.instrument_imports(include=["odoo.addons.mail_mailbox_archive"]):
        from odoo.addons.mail_mailbox_archive.mailcore.imap import (  # noqa: F401
            session,
        )
        from odoo.addons.mail_mailbox_archive.mailcore.read import (  # noqa: F401
            body,
            message,
        )

    from odoo.addons.mail_mailbox_archive_tests.tests.mailcore import answers, checks

    imap = wanted.reader == "imap"
    check = answers.check_answer if imap else checks.check_message

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "corpus")
        folder.mkdir()
        corpus(folder, answers.SAID if imap else ())
        dictionary(Path(place, "words"))
        limits = (
            f"-max_total_time={wanted.seconds}",
            f"-runs={wanted.runs}",
            f"-max_len={LONGEST}",
            f"-timeout={SECONDS_FOR_ONE}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-artifact_prefix={wanted.found}/",
            f"-dict={place}/words",
        )
        atheris.Setup([sys.argv[0], *limits, str(folder)], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
