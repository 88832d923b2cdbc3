"""A secret opens for the hosts it was entered for, and for no other."""

from base64 import urlsafe_b64decode

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.vault import (
    PREFIX,
    SecretElsewhere,
    SecretUnreadable,
    Vault,
    host_of,
)

SECRET = "s3cret \0 wörd"


@pytest.fixture
def vault():
    return Vault([Vault.new_key()])


def test_what_is_stored_tells_neither_the_secret_nor_the_host(vault):
    sealed = vault.seal(SECRET, "imap.example.com")
    token = sealed.removeprefix(PREFIX).encode()
    for stored in (sealed.encode(), urlsafe_b64decode(token)):
        assert b"s3cret" not in stored
        assert b"example" not in stored
    assert vault.seal(SECRET, "imap.example.com") != sealed


@pytest.mark.parametrize(
    "host", ["imap.example.com", "IMAP.example.com.", " imap.example.com "]
)
def test_opens_for_its_host(vault, host):
    assert vault.open(vault.seal(SECRET, "imap.example.com"), host) == SECRET


def test_hosts_are_sealed_in_the_form_in_which_they_are_compared(vault):
    sealed = vault.seal(SECRET, " IMAP.Example.com.")
    assert vault.hosts_of(sealed) == ("imap.example.com",)
    assert vault.open(sealed, "imap.example.com") == SECRET


def test_who_expects_the_unreadable_meets_what_is_for_others_too(vault):
    with pytest.raises(SecretUnreadable):
        vault.open(vault.seal(SECRET, "a.example"), "b.example")


@pytest.mark.parametrize("keys", [[], ["short"], [Vault.new_key(), ""]])
def test_keys_that_are_none(keys):
    with pytest.raises(ValueError, match="."):
        Vault(keys)


@pytest.mark.parametrize(
    "host", ["", "example.com", "imap.example.com.evil.example", "imap.example.co"]
)
def test_opens_for_no_other(vault, host):
    sealed = vault.seal(SECRET, "imap.example.com")
    with pytest.raises(SecretElsewhere):
        vault.open(sealed, host)


def test_what_is_sent_to_nobody_opens_for_nobody_else(vault):
    sealed = vault.seal(SECRET)
    assert vault.open(sealed) == SECRET
    with pytest.raises(SecretElsewhere):
        vault.open(sealed, "imap.example.com")


def test_several_hosts(vault):
    sealed = vault.seal(SECRET, "a.example", "", "b.example", "a.example")
    assert vault.hosts_of(sealed) == ("a.example", "b.example")
    assert vault.open(sealed, "b.example") == SECRET


def test_old_form_is_bound_once(vault):
    old = PREFIX + vault._fernet.encrypt(b"old").decode()
    assert vault.hosts_of(old) is None
    with pytest.raises(SecretElsewhere):
        vault.open(old, "a.example")
    bound = vault.bind(old, "a.example")
    assert vault.open(bound, "a.example") == "old"
    assert vault.bind(bound, "b.example") == bound


def test_another_key_keeps_the_hosts(vault):
    key = Vault.new_key()
    sealed = Vault([key]).seal(SECRET, "a.example")
    both = Vault([Vault.new_key(), key])
    again = both.reseal(sealed)
    assert again != sealed and both.open(again, "a.example") == SECRET
    with pytest.raises(SecretElsewhere):
        both.open(again, "b.example")
    with pytest.raises(SecretUnreadable):
        vault.open(sealed, "a.example")


@pytest.mark.parametrize(
    "url, host",
    [
        ("https://Login.Example.com/token", "login.example.com"),
        ("https://login.example.com:443/", "login.example.com"),
        ("https://login.example.com:8443/", "login.example.com:8443"),
        ("http://login.example.com/", "login.example.com:80"),
        ("https://user@evil.example/login.example.com", "evil.example"),
        ("", ""),
        ("https://[", ""),
        ("https://x:99999/", ""),
    ],
)
def test_host_of_a_url(url, host):
    assert host_of(url) == host
