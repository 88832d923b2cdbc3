"""Messages to read, and how the time to read them grows."""

import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from functools import partial
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
SAMPLES = TESTS / "samples"
#: Messages that nobody here wrote, beside the checkout where they are present.
CORPORA = TESTS.parents[2] / "shared" / "corpora"

#: Of all that is compared with :func:`effort`.
LOWEST_BOUND = 8

HEAD = (
    b"From: Anna Nowak <anna@firma.example>\r\n"
    b"To: Biuro <biuro@firma.example>\r\n"
    b"Subject: Order\r\n"
    b"Date: Mon, 3 Feb 2025 10:11:12 +0100\r\n"
    b"Message-ID: <order@firma.example>\r\n"
)


def samples() -> list[str]:
    """Return the samples by folder and name, without suffix."""
    found = sorted(SAMPLES.glob("*/*.eml"))
    return [str(path.relative_to(SAMPLES).with_suffix("")) for path in found]


def sample(name: str) -> bytes:
    """Return the source of a sample."""
    return (SAMPLES / f"{name}.eml").read_bytes()


def corpus() -> Iterator[tuple[str, bytes]]:
    """Yield name and source of the messages of the corpora, none without them."""
    for folder in ("mime", "bounces"):
        for path in sorted((CORPORA / folder).rglob("*")):
            if path.is_file():
                yield str(path.relative_to(CORPORA)), path.read_bytes()


def mixed(*parts: bytes, boundary: bytes = b"part") -> bytes:
    """Return a message of several parts, each with its own header block."""
    lines = [HEAD + b'Content-Type: multipart/mixed; boundary="%s"\r\n' % boundary]
    lines += [b"--%s\r\n%s" % (boundary, part) for part in parts]
    return b"\r\n".join([*lines, b"--%s--\r\n" % boundary])


def seconds(function: Callable[[], object], times: int = 3) -> float:
    """Return the CPU seconds of the fastest of some runs."""
    best = float("inf")
    for _turn in range(times):
        started = time.process_time()
        function()
        best = min(best, time.process_time() - started)
    return best


def effort(function: Callable[[], object]) -> float:
    """Return how much longer ``function`` takes than a usual piece of work.

    That is reading a message of 1,000 small parts by the standard library, about 15 ms
    where these bounds were chosen. Both are measured together and the better of two
    turns counts, since the machine may be slow and is shared; what is below all bounds
    is not measured again.
    """
    first = seconds(function, 1) / seconds(_usual_work, 1)
    if first < LOWEST_BOUND:
        return first
    return min(first, seconds(function, 1) / seconds(_usual_work, 1))


def _usual_work() -> object:
    return message_from_bytes(_USUAL)


_USUAL = mixed(*[b"Content-Type: text/plain\r\n\r\nWords and words\r\n"] * 1_000)


def growth(
    work: Callable[[object], object], make: Callable[[int], object], size: int = 2_000
) -> float:
    """Return how much longer work on twice the input takes, from n to 4n.

    2 is linear, 4 quadratic. What takes less than 2 ms counts as 2 ms, since the clock
    is not that good; a bad result is measured again, since the machine is shared.
    """
    best = float("inf")
    once, four = make(size), make(4 * size)
    for _turn in range(4):
        short = seconds(partial(work, once), 1)
        long = seconds(partial(work, four), 1)
        best = min(best, (long / max(short, 0.002)) ** 0.5)
        if best < 2.3:
            break
    return best
