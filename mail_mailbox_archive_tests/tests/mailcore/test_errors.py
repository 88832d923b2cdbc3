"""Errors say what to do and never what is secret or harmful."""

import pickle

import pytest

from odoo.addons.mail_mailbox_archive.mailcore import errors

CLASSES = [
    one
    for one in vars(errors).values()
    if isinstance(one, type)
    and issubclass(one, errors.MailCoreError)
    and one is not errors.MailCoreError
]


@pytest.mark.parametrize("error", CLASSES)
def test_each_class(error):
    assert error.failure_type
    assert error().code in error.codes
    assert str(error("code", "said the server")) == "code: said the server"
    assert str(error("code")) == "code"
    with pytest.raises(errors.MailCoreError):
        raise error()


def test_detail_is_safe_and_short():
    error = errors.Unreachable(
        "closed", b"BYE \0\x1b[31m\xff see you\r\nlater" + b"x" * 999
    )
    assert error.detail.startswith("BYE [31m\ufffd see you later")
    assert len(error.detail) <= 500


def test_two_are_caught_as_what_python_says():
    assert issubclass(errors.BadArgument, ValueError)
    assert issubclass(errors.PartMissing, KeyError)
    assert str(errors.PartMissing("part", "9.9")) == "part: 9.9"


def test_errors_cross_processes():
    error = pickle.loads(pickle.dumps(errors.LoginRefused("expired", "since Monday")))
    assert (error.code, error.detail) == ("expired", "since Monday")
