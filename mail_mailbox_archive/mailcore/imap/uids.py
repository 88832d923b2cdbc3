"""Sets of UIDs as ascending, disjoint ranges, both ends included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MAX_UID = 2**32 - 1

Ranges = tuple[tuple[int, int], ...]


def to_ranges(uids: Iterable[int]) -> Ranges:
    """Return ``uids``, in any order and repeated or not, as ranges."""
    ranges: list[tuple[int, int]] = []
    for uid in sorted(uids):
        if ranges and uid <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], max(uid, ranges[-1][1]))
        else:
            ranges.append((uid, uid))
    return tuple(ranges)


def merge(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return ``ranges``, in any order and overlapping or not, as ascending ones."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted((min(pair), max(pair)) for pair in ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def clip(ranges: Ranges, first: int, last: int) -> Ranges:
    """Return the part of ``ranges`` in [``first``, ``last``]."""
    return tuple(
        (max(low, first), min(high, last))
        for low, high in ranges
        if high >= first and low <= last
    )


def subtract(ranges: Ranges, other: Ranges) -> Ranges:
    """Return what of ``ranges`` is not in ``other``."""
    left: list[tuple[int, int]] = []
    for first, last in ranges:
        for low, high in clip(other, first, last):
            if first < low:
                left.append((first, low - 1))
            first = high + 1
        if first <= last:
            left.append((first, last))
    return tuple(left)


def count(ranges: Ranges) -> int:
    """Return how many UIDs ``ranges`` hold."""
    return sum(last - first + 1 for first, last in ranges)


def expand(ranges: Ranges) -> Iterator[int]:
    """Yield each UID, ascending."""
    for first, last in ranges:
        yield from range(first, last + 1)


def write_set(ranges: Ranges) -> str:
    """Return ``ranges`` as a sequence-set (RFC 3501, 9): ``1:4,7``."""
    return ",".join(
        f"{first}:{last}" if first != last else str(first) for first, last in ranges
    )


def write_sets(ranges: Ranges, length: int) -> list[str]:
    """Return ``ranges`` as sequence-sets of at most ``length`` characters each."""
    sets = [""]
    for pair in ranges:
        text = write_set((pair,))
        if sets[-1] and len(sets[-1]) + len(text) >= length:
            sets.append("")
        sets[-1] += f",{text}" if sets[-1] else text
    return sets if sets[0] else []


def read_set(text: str) -> Ranges:
    """Return the ranges of a sequence-set, in whatever order it is written.

    :raises ValueError: it is none
    """
    pairs = (part.partition(":") for part in text.split(",") if part)
    return merge((int(low), int(high or low)) for low, _, high in pairs)
