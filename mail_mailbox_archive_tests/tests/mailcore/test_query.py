"""What people write into the search box means one thing, and never fails."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.read.query import (
    MAX_TERMS,
    Term,
    holds_phrase,
    read_query,
)

MEANT = {
    "offer crane": [Term("words", "offer crane")],
    "from:anna offer": [Term("from", "anna"), Term("words", "offer")],
    'From:"Anna Nowak"': [Term("from", "Anna Nowak")],
    "to:office@spedbud.example": [Term("to", "office@spedbud.example")],
    "subject:offer -from:jan": [Term("subject", "offer"), Term("from", "jan", True)],
    "has:attachment": [Term("attachment", "")],
    "-has:attachment": [Term("attachment", "", True)],
    "before:2026-11-02": [Term("before", "2026-11-02")],
    "after:2026-11": [Term("after", "2026-11-01")],
    "after:2026": [Term("after", "2026-01-01")],
    "before:2.11.2026": [Term("before", "2026-11-02")],
    '"crane yard"': [Term("phrase", "crane yard")],
    '-"crane yard"': [Term("phrase", "crane yard", True)],
    '"crane': [Term("words", "crane")],
    '"crane yard': [Term("phrase", "crane yard")],
    "crane -yard": [Term("words", "crane"), Term("words", "yard", True)],
    # words, whatever they look like
    "re: offer": [Term("words", "re: offer")],
    "from:": [Term("words", "from:")],
    "has:crane": [Term("words", "has:crane")],
    "before:easter": [Term("words", "before:easter")],
    "before:2026-13-45": [Term("words", "before:2026-13-45")],
    # no time zone knows when these days begin
    "after:0001-01-01": [Term("words", "after:0001-01-01")],
    "before:9999": [Term("words", "before:9999")],
    "SO-2026 - 12": [Term("words", "SO-2026 - 12")],
    "600 -100 200": [Term("words", "600 -100 200")],
    "12 3456 7890": [Term("words", "12 3456 7890")],
    "": [],
    "  ": [],
}


@pytest.mark.parametrize("text", MEANT)
def test_what_is_meant(text):
    assert read_query(text) == MEANT[text]


def test_as_many_terms_as_anybody_needs():
    assert len(read_query("-a " * 1000)) == MAX_TERMS


@pytest.mark.parametrize("piece", ('"', "-", "from:", '-"', "from:from:", "a:", " "))
def test_odd_ones_are_read(piece):
    assert len(read_query(piece * 1000)) <= MAX_TERMS


def test_a_phrase_stands_as_it_is_written():
    text = "Żuraw stoi na placu, na\nbudowie."
    for phrase in ("zuraw stoi", "placu na", "na budo", "stoi na placu"):
        assert holds_phrase(text, phrase), phrase
    for phrase in ("stoi zuraw", "uraw stoi", "na plac na", "zuraw na"):
        assert not holds_phrase(text, phrase), phrase
