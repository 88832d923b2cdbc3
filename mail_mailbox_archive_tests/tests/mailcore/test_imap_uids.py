"""Sets of UIDs."""

import random

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.imap import uids


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [
        ([], ()),
        ([5], ((5, 5),)),
        ([3, 1, 2], ((1, 3),)),
        ([7, 7, 1], ((1, 1), (7, 7))),
        ([1, 2, 4, 5, 9], ((1, 2), (4, 5), (9, 9))),
    ],
)
def test_to_ranges(numbers, ranges):
    assert uids.to_ranges(numbers) == ranges
    assert list(uids.expand(ranges)) == sorted(set(numbers))


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("", ()),
        ("4", ((4, 4),)),
        ("4:1", ((1, 4),)),
        ("9,1:3,4", ((1, 4), (9, 9))),
        ("1:5,2:3", ((1, 5),)),
    ],
)
def test_read_set(text, ranges):
    assert uids.read_set(text) == ranges


@pytest.mark.parametrize("text", ["*", "1:*", "a", "1-3", "1 3"])
def test_read_set_refuses(text):
    with pytest.raises(ValueError):
        uids.read_set(text)


def test_sets_of_ranges_behave_as_sets():
    chance = random.Random(1)
    for _ in range(300):
        one, two = ({chance.randrange(40) for _ in range(15)} for _ in range(2))
        left = uids.subtract(uids.to_ranges(one), uids.to_ranges(two))
        assert left == uids.to_ranges(one - two)
        low, high = sorted(chance.sample(range(40), 2))
        clipped = uids.clip(uids.to_ranges(one), low, high)
        assert clipped == uids.to_ranges(u for u in one if low <= u <= high)
        assert uids.read_set(uids.write_set(uids.to_ranges(one))) == uids.to_ranges(one)


def test_long_sets_are_split():
    ranges = uids.to_ranges(range(1_000_000, 1_002_000, 3))
    texts = uids.write_sets(ranges, 900)
    assert len(texts) > 1
    assert max(map(len, texts)) <= 900
    assert uids.read_set(",".join(texts)) == ranges
    assert uids.write_sets((), 900) == []
