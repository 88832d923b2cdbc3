"""Mail as a company gets it, made from a seed: for what is read from a mail server."""

import base64
import quopri
import random
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache

#: Of the words of one mail, the middle one of three.
LENGTHS = (40, 250, 700)
#: Bytes of an attachment, least and most.
ATTACHMENT = (20_000, 240_000)
#: Every so many mails have one.
ATTACHED = 5
OLDEST = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)
HTML = (
    '<html><head><style>p{{margin:0}}</style></head><body><table width="600"><tr><td>'
    '{0}</td></tr></table><p style="color:#777">-- <br>Anna Nowak, Spostex</p></body>'
    "</html>"
)


ONSETS = "b c d f g h j k l m n p r s t w z ł pr st sz cz kr".split()
NUCLEI = "a e i o u y ą ie".split()
CODAS = ["", "", "", "n", "r", "s", "l", "m", "ć"]


@cache
def word(rank):
    """Return one of the words; frequent ones are short, as in languages.

    Those of a mail, each counted once, have eight letters on average; in longer mails
    that people wrote it is seven.
    """
    rolled = random.Random(rank)
    least, most = (1, 1) if rank < 60 else (2, 3) if rank < 2_000 else (3, 4)
    return "".join(
        rolled.choice(ONSETS) + rolled.choice(NUCLEI) + rolled.choice(CODAS)
        for _number in range(rolled.randint(least, most))
    )


def mails(count, seed=1):
    """Yield the sources of ``count`` messages of 44 KB on average, as bytes.

    The first ones are the same whatever the ``count``.
    """
    rolled = random.Random(seed)
    for number in range(count):
        text = _text(rolled)
        parts = [_alternative(text) if number % 10 < 7 else _plain(text)]
        if number % ATTACHED == 0:
            parts.append(_attachment(rolled, number))
        yield _head(rolled, seed, number) + _join(parts, "mixed")


def _text(rolled):
    """Return paragraphs; few words are frequent and most rare, as in languages."""
    count = int(rolled.triangular(LENGTHS[0], LENGTHS[2], LENGTHS[1]))
    words = [word(int(30_000 ** rolled.random())) for _number in range(count)]
    return "\n".join(
        " ".join(words[start : start + 12]).capitalize() + " – zażółć."
        for start in range(0, count, 12)
    )


def _head(rolled, seed, number):
    sent = format_datetime(OLDEST + timedelta(minutes=11 * number))
    people = rolled.randrange(400)
    reply = f"In-Reply-To: <{seed}.{number - 7}@spostex.example>\r\n"
    return (
        f"Received: from mx.spostex.example (mx.spostex.example [192.0.2.7])\r\n"
        f"\tby mail.spedbud.example with ESMTPS id {number:x}; {sent}\r\n"
        f"From: Person {people} <p{people}@spostex.example>\r\n"
        f"To: Office <office@spedbud.example>, p{people + 1}@spedbud.example\r\n"
        f"Subject: {word(people)} {word(number)} {number}\r\n"
        f"Date: {sent}\r\n"
        f"Message-ID: <{seed}.{number}@spostex.example>\r\n"
        f"{reply if number % 3 == 0 and number > 7 else ''}"
        "MIME-Version: 1.0\r\n"
    ).encode()


def _part(kind, encoding, content, more=""):
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}"
    return head.encode() + b"\r\n" + content.replace(b"\n", b"\r\n")


def _plain(text):
    return _part("text/plain; charset=utf-8", "8bit", text.encode())


def _alternative(text):
    lines = "".join(f"<p>{line}</p>\n" for line in text.splitlines())
    html = quopri.encodestring(HTML.format(lines).encode())
    kind = "text/html; charset=utf-8"
    return _join([_plain(text), _part(kind, "quoted-printable", html)], "alternative")


def _attachment(rolled, number):
    content = base64.encodebytes(rolled.randbytes(rolled.randint(*ATTACHMENT)))
    name = f'filename="offer {number}.pdf"\r\n'
    more = f"Content-Disposition: attachment; {name}"
    return _part("application/pdf", "base64", content, more)


def _join(parts, kind):
    """Return one part as it is, several as a multipart."""
    if len(parts) == 1:
        return parts[0]
    mark = f"=_{kind}_boundary"
    lines = [f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n'.encode()]
    lines += [f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts]
    return b"\r\n".join([*lines[:1], b"".join(lines[1:]) + f"--{mark}--\r\n".encode()])
