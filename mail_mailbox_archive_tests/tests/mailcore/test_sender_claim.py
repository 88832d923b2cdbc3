"""Whatever could be read as an address in a From is found."""

import contextlib

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses.sender_claim import (
    MAX_FROM,
    find_claims,
    without_tag,
)

from ..claim_vectors import OTHER, PUB, froms


def claims(value):
    return {without_tag(one) for one in find_claims(value)}


@pytest.mark.parametrize("value", list(froms()))
def test_every_way_to_name_an_address_is_found(value):
    assert PUB in claims(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Pub",
        OTHER,
        "Anna Nowak <anna@spedbud.example>",
        "xpub@spedbud.example",
        "pub@spedbud.example.evil.example",
        "pub@notspedbud.example",
        "pub.spedbud.example",
        "pub+@x.example",
        "=?utf-8?q?pub?= <x@y.example>",
    ],
)
def test_other_addresses_are_not_it(value):
    assert PUB not in claims(value)


def test_plain_from_names_one_address():
    assert find_claims("Anna Nowak <anna@spedbud.example>") == {"anna@spedbud.example"}
    assert find_claims('"Nowak, Anna" <anna@spedbud.example>') == {
        "anna@spedbud.example"
    }


@pytest.mark.parametrize(
    "piece", ["(", ")", "()", '"', "\\", "@", "<", "a@", "=?", "=?utf-8?q?=40?=", " "]
)
def test_what_cannot_be_read_is_refused_and_nothing_else_happens(piece):
    with pytest.raises(ValueError):
        find_claims(piece * MAX_FROM + "x")
    with contextlib.suppress(ValueError):
        assert PUB in claims(piece * (900 // len(piece)) + f" <{PUB}>")
