"""The demo mail is varied, and the same each time it is built."""

import email
from datetime import datetime, timezone
from email.utils import parseaddr

from setup import demo_mail, demo_story, mail_server

START = datetime(2026, 11, 21, 9, tzinfo=timezone.utc)
LETTERS = demo_story.letters()


def parsed(key):
    letter = next(letter for letter in LETTERS if letter.key == key)
    return email.message_from_bytes(demo_mail.build(letter, START))


def test_about_forty_and_none_twice():
    assert 38 <= len(LETTERS) <= 45
    assert len({letter.key for letter in LETTERS}) == len(LETTERS)


def test_same_bytes_again():
    for letter in LETTERS:
        assert demo_mail.build(letter, START) == demo_mail.build(letter, START)


def test_lines_end_as_mail_does():
    for letter in LETTERS:
        source = demo_mail.build(letter, START)
        assert source.count(b"\n") == source.count(b"\r\n"), letter.key


def test_threads_hang_together():
    keys = {letter.key for letter in LETTERS}
    for letter in [*LETTERS, *demo_story.late("x")]:
        assert set(letter.replies_to) <= keys


def test_charset_of_an_older_program():
    message = parsed("reminder")
    assert message.get_content_charset() == "windows-1250"
    assert message["Subject"].startswith("=?windows-1250?")


def test_one_is_broken():
    assert parsed("broken").defects


def test_late_mail_is_new_each_start():
    assert {x.key for x in demo_story.late("1")}.isdisjoint(
        x.key for x in demo_story.late("2")
    )


def test_folder_names_on_the_wire():
    assert mail_server._wire_name("Księgowość") == '"Ksi&ARk-gowo&AVsBBw-"'


def test_late_mail_reaches_the_mail_server_by_smtp():
    """Which splits the addresses at each comma, quoted or not."""
    for letter in demo_story.late("x"):
        recipients = {account for account, _folder in letter.places}
        assert {parseaddr(text)[1] for text in letter.to.split(",")} == recipients
