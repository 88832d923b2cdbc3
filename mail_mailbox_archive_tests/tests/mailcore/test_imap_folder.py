"""Folders: names on the wire, roles, and which are skipped."""

import unicodedata

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.imap import customary
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import (
    Folder,
    Role,
    customary_role,
    decode_utf7,
    encode_utf7,
    guess_roles,
    role_of,
    skipped_folders,
)

DEFAULTS = frozenset({"Trash", "Junk", "Social", "Spam", "Deleted", "Drafts"})


@pytest.mark.parametrize(
    ("wire_name", "name"),
    [
        ("INBOX", "INBOX"),
        ("A &- B", "A & B"),
        ("&-&-", "&&"),
        ("Wys&AUI-ane", "Wysłane"),
        ("&ZeVnLIqe-", "日本語"),
        ("&2D3eAA-", "😀"),
        ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
    ],
)
def test_utf7_both_ways(wire_name, name):
    assert decode_utf7(wire_name) == name
    assert encode_utf7(name) == wire_name


@pytest.mark.parametrize(
    ("wire_name", "name"),
    [
        ("Tom & Jerry", "Tom & Jerry"),  # a lone & is no shift
        ("&AB", "&AB"),
        ("&AAAA-", "&AAAA-"),  # a character and a half
        ("&AAA-", "&AAA-"),  # NUL: nothing is left to show
        ("&2D0-", "&2D0-"),  # half a pair of surrogates
        ("Ko\xc5\x82o", "Koło"),  # UTF-8 as it is
        ("Ko\xb3o", "Ko\ufffdo"),
        ("a\x01b", "ab"),
    ],
)
def test_odd_names_are_shown_somehow(wire_name, name):
    assert decode_utf7(wire_name) == name


@pytest.mark.parametrize(
    ("name", "attributes", "role"),
    [
        ("INBOX", (), Role.INBOX),
        ("inbox", ("\\HasNoChildren",), Role.INBOX),
        ("Kosz", ("\\HasNoChildren", "\\Trash"), Role.TRASH),
        ("Wysłane", ("\\sent",), Role.SENT),
        ("Spam", (), Role.NONE),
        ("x", ("\\", "", "\\Unknown"), Role.NONE),
    ],
)
def test_role(name, attributes, role):
    assert role_of(name, attributes) is role


def folder(name, role=Role.NONE, **values):
    values.setdefault("delimiter", "/")
    return Folder(encode_utf7(name), name, role=role, **values)


@pytest.mark.parametrize(
    ("one", "names", "skipped"),
    [
        (folder("Spam"), DEFAULTS, True),
        (folder("SPAM"), {"spam"}, True),
        (folder("Work/Spam"), {"spam"}, True),
        (folder("Work/Spam"), {"Work/Spam"}, True),
        (folder("Spam/Work"), {"Work/Spam"}, False),
        (folder("Spammers"), DEFAULTS, False),
        (folder("Kosz", Role.TRASH), DEFAULTS, True),
        (folder("Kosz", Role.TRASH), {"Deleted"}, True),
        (folder("Kosz", Role.TRASH), {"Junk", "Drafts"}, False),
        (folder("Kosz", Role.TRASH), set(), False),
        (folder("Szkice", Role.DRAFTS), {"Drafts"}, True),
        (folder("Niechciane", Role.JUNK), {" spam "}, True),
        (folder("Wysłane", Role.SENT), DEFAULTS, False),
        (folder("ŻÓŁTE"), {"żółte"}, True),
        (folder("a.Spam", delimiter="."), {"Spam"}, True),
        (folder("a.Spam", delimiter=""), {"Spam"}, False),
        (folder("Starred", Role.FLAGGED), set(), True),
        (folder("Important", Role.IMPORTANT), set(), True),
    ],
)
def test_skipped(one, names, skipped):
    left_out = skipped_folders([folder("INBOX", Role.INBOX), one], frozenset(names))
    assert left_out == ({one.wire_name} if skipped else set())


def test_below_a_skipped_folder_all_is_skipped():
    folders = [
        folder("INBOX", Role.INBOX),
        folder("Śmieci", Role.TRASH),
        folder("Śmieci/2025"),
        folder("Śmieci/2025/a"),
        folder("Śmieci2"),
    ]
    skipped = skipped_folders(folders, DEFAULTS)
    assert skipped == {one.wire_name for one in folders[1:4]}


def test_all_mail_is_read_when_there_is_nothing_else():
    everything = folder("All Mail", Role.ALL)
    shell = folder("[Gmail]", selectable=False)
    assert not skipped_folders([shell, everything], DEFAULTS)
    inbox = folder("INBOX", Role.INBOX)
    left_out = skipped_folders([shell, everything, inbox], DEFAULTS)
    assert left_out == {everything.wire_name}


@pytest.mark.parametrize(
    ("name", "delimiter", "role"),
    [
        ("Kosz", "/", Role.TRASH),
        ("INBOX.Trash", ".", Role.TRASH),
        ("Elementy wysłane", "/", Role.SENT),
        ("Gesendete Elemente", "/", Role.SENT),
        ("ENTWÜRFE", "/", Role.DRAFTS),
        ("Спам", "", Role.JUNK),
        ("INBOX", "/", Role.INBOX),
        ("Work/Trash", "/", Role.NONE),
        ("Sent to auditors", "/", Role.NONE),
    ],
)
def test_roles_by_name_when_the_server_tells_none(name, delimiter, role):
    one = folder(name, role_of(name, ()), delimiter=delimiter)
    assert guess_roles((one,))[0].role is role


def test_roles_are_guessed_one_by_one():
    """A server that tells one need not tell the others."""
    told = folder("Drafts", Role.DRAFTS)
    names = ["Kosz", "Niechciane", "Elementy usunięte", "Wiadomości-śmieci"]
    names += ["Deleted Items", "Junk Email", "Wersje robocze"]
    folders = guess_roles((folder("INBOX", Role.INBOX), told, *map(folder, names)))
    assert skipped_folders(folders, DEFAULTS) == {
        one.wire_name for one in (told, *map(folder, names))
    }


def test_there_is_one_sent_folder():
    told = folder("Outbound", Role.SENT)
    named = folder("Wysłane")
    assert guess_roles((told, named)) == (told, named)
    boss = folder("Other Users/boss/Sent Items", Role.SENT, shared=True)
    assert [one.role for one in guess_roles((boss, named))] == [Role.SENT, Role.SENT]


def test_names_of_twenty_languages_mean_one_role_each():
    seen = {}
    for role, names in customary.NAMES.items():
        for name in names:
            assert seen.setdefault(customary_role(name), role) == role, name
            assert customary_role(name.upper()) is Role(role), name
            decomposed = unicodedata.normalize("NFD", name)
            assert guess_roles((folder(decomposed),))[0].role is Role(role), name
        assert len(names) > 50
    assert customary_role("Projects") is Role.NONE


def test_folders_of_others_are_left_out_unless_chosen():
    shared = folder("Public/News", shared=True)
    folders = [folder("INBOX", Role.INBOX), shared]
    assert skipped_folders(folders, DEFAULTS) == {"Public/News"}
    assert not skipped_folders(folders, DEFAULTS, frozenset({"Public/News"}))
    below = frozenset({"News"})
    assert skipped_folders(folders, below, frozenset({"Public/News"}))
