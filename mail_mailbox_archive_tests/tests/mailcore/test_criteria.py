"""The criteria of a rule: which emails meet them."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.read.criteria import (
    Criteria,
    Facts,
    normalise_pattern,
    split,
)

EMAIL = Facts(
    mailbox=7,
    folder="INBOX/Invoices",
    sender='"Spostex" <Jan.Kowalski@Mail.Spostex.example>',
    recipients="office@spedbud.example, Anna <anna@spedbud.example>",
    subject="Faktura FA/2026/11/42 za dźwig",
    files=("FA-42.PDF", "logo", ".hidden"),
)
MET = [
    {},
    {"mailboxes": frozenset({7, 8})},
    {"folder": "invoices"},
    {"senders": frozenset({"jan.kowalski@mail.spostex.example"})},
    {"senders": frozenset({"spostex.example", "other.example"})},
    {"recipients": frozenset({"anna@spedbud.example"})},
    {"words": ("invoice", "faktura")},
    {"words": ("FAKTURA fa/2026/11/42",)},
    {"words": ("dzwig",)},
    {"endings": frozenset({"pdf"})},
    {"mailboxes": frozenset({7}), "endings": frozenset({"xml", "pdf"})},
]
NOT_MET = [
    {"mailboxes": frozenset({8})},
    {"folder": "orders"},
    {"senders": frozenset({"jan.kowalski@spostex.example"})},
    {"senders": frozenset({"postex.example"})},
    {"senders": frozenset({"spedbud.example"})},
    {"recipients": frozenset({"spostex.example"})},
    {"words": ("faktur",)},
    {"words": ("invoice",)},
    {"endings": frozenset({"logo"})},
    {"endings": frozenset({"hidden"})},
    {"mailboxes": frozenset({7}), "endings": frozenset({"xml"})},
]


@pytest.mark.parametrize("given", MET)
def test_met(given):
    assert Criteria(**given).are_met_by(EMAIL)


@pytest.mark.parametrize("given", NOT_MET)
def test_not_met(given):
    assert not Criteria(**given).are_met_by(EMAIL)


def test_all_have_to_be_met():
    for met in MET[1:]:
        for not_met in NOT_MET:
            if not met.keys() & not_met.keys():
                assert not Criteria(**met, **not_met).are_met_by(EMAIL)


def test_a_display_name_is_no_address():
    forged = Facts(7, "", '"jan@spostex.example" <x@evil.example>', "", "", ())
    assert not Criteria(senders=frozenset({"spostex.example"})).are_met_by(forged)


def test_none_is_told():
    assert not Criteria()
    assert Criteria(folder="x")


def test_what_people_type():
    assert split(" a@x.example ;x.example,\n, ") == ("a@x.example", "x.example")
    assert normalise_pattern("@Straße.example") == "xn--strae-oqa.example"
    assert normalise_pattern("Jan@X.example") == "jan@x.example"
    for wrong in ("", "jan", "a b@x.example", "x@y@z"):
        with pytest.raises(ValueError):
            normalise_pattern(wrong)
