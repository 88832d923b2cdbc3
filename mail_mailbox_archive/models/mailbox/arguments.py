"""What a program hands to a method over the wire, read in one place.

Whoever calls with something else is told in words which argument is wrong, as a person
is, instead of by a fault somewhere inside.
"""

import functools
import inspect
from datetime import datetime

from odoo.api import NewId
from odoo.exceptions import UserError
from odoo.fields import Datetime, Domain

#: The largest id of PostgreSQL.
LARGEST = 2**31 - 1
#: Letters of a value that are repeated to who gave it.
SHOWN = 80


def checked(one=False, **readers):
    """Have a public method called with valid ids and arguments, or refuse the call.

    :param one: it is about one record
    :param readers: by argument, a function that returns its value as it is used, and
        raises ``ValueError`` for what is none; what is not handed in is not read
    """

    def decorate(method):
        signature = inspect.signature(method)

        @functools.wraps(method)
        def call(self, *args, **kwargs):
            given = signature.bind(self, *args, **kwargs)
            _check_ids(self, one)
            for name in readers.keys() & given.arguments.keys():
                value = given.arguments[name]
                try:
                    given.arguments[name] = readers[name](value)
                except ValueError as error:
                    raise get_refusal(self.env, name, value) from error
            return method(*given.args, **given.kwargs)

        call._checks_arguments = frozenset(readers)
        return call

    return decorate


def _check_ids(records, one):
    for value in records._ids:
        if not isinstance(value, NewId):
            try:
                number(value)
            except ValueError as error:
                raise get_refusal(records.env, "id", value) from error
    if one and len(records) != 1:
        raise get_refusal(records.env, "ids", list(records._ids))


def get_refusal(env, name, value):
    """Return the error that says which ``value`` of the argument ``name`` is wrong."""
    return UserError(
        env._(
            "%(value)s is not a valid value for “%(name)s”.",
            value=repr(value)[:SHOWN],
            name=name,
        )
    )


# Readers


def number(value):
    """Return a number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(value)
    if not 0 <= value <= LARGEST:
        raise ValueError(value)
    return value


def record_id(value):
    """Return the id of a record, False for none."""
    return number(value) if value else False


def record_ids(value):
    """Return a list of ids, None for none given."""
    if value is not None and not isinstance(value, (list, tuple)):
        raise ValueError(value)
    return value if value is None else [number(one) for one in value]


def text(value):
    """Return a text, "" for none."""
    if value and (not isinstance(value, str) or "\0" in value):
        raise ValueError(value)
    return value or ""


def texts(value):
    """Return a list of texts."""
    if not isinstance(value, (list, tuple)) or not all(
        isinstance(one, str) for one in value
    ):
        raise ValueError(value)
    return [text(one) for one in value]


def domain(value):
    """Return a domain as the web client writes it, as ``Domain``."""
    if not isinstance(value, (list, tuple, Domain)):
        raise ValueError(value)
    try:
        return Domain(value)
    except (TypeError, IndexError) as error:
        raise ValueError(value) from error


def future(value):
    """Return a moment that is yet to come, in UTC."""
    moment = Datetime.to_datetime(value) if isinstance(value, (str, datetime)) else None
    if not moment or moment <= Datetime.now():
        raise ValueError(value)
    return moment


def values_by_name(value):
    """Return a dict, as Odoo's ``web_read`` takes it."""
    if not isinstance(value, dict):
        raise ValueError(value)
    return value


def one_of(*words):
    """Return a reader of one of these words."""

    def read(value):
        if not isinstance(value, str) or value not in words:
            raise ValueError(value)
        return value

    return read
