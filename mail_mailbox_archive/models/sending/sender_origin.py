"""Who chose the sender of a mail: what the send gate asks besides who it was.

An anonymous visitor, a click or a scheduled action may each cause a mail whose sender
they had no say in, and a mail that is made with all rights may still carry what a
person typed. So it is noted where a sender enters, on the message itself, in a field
that no call from outside can write.
"""

import contextlib
import contextvars
import sys
from dataclasses import dataclass

#: Somebody named the sender, the server or the template.
PERSON = "person"
#: Nobody did: it is the author's own address, which Odoo fills in.
AUTHOR = "author"
#: It stands in an email that came from outside.
OUTSIDE = "outside"
#: Code of Odoo or of an add-on did, which is not noted.
CODE = ""
ORIGINS = [
    (PERSON, "A person named it"),
    (AUTHOR, "Odoo filled in the author's"),
    (OUTSIDE, "It came from outside"),
]

_PASSED = "mailbox_passed"
_origin = contextvars.ContextVar("mailbox_sender_origin", default=None)
#: What calls a method for a program, by module and function: with its session or by
#: XML-RPC, and by an API key under ``/json/2``.
_CALLERS = {
    ("odoo.service.model", "call_kw"),
    ("odoo.addons.rpc.controllers.json2", "web_json_2_rpc"),
}
#: What says by whom a mail is sent, in the values of a message and its methods.
SENDER_FIELDS = frozenset({"email_from", "mail_server_id", "author_id"})


@dataclass(frozen=True)
class Passed:
    """What the gate let through to Odoo's servers.

    :param mailbox_ids: the mailboxes whose address it may bear all the same
    """

    mailbox_ids: frozenset


@contextlib.contextmanager
def sender_origin(word):
    """Have mail made in this block note that ``word`` tells of its sender.

    Not in an environment's context, which code replaces on the way.
    """
    token = _origin.set(word)
    try:
        yield
    finally:
        _origin.reset(token)


def get_origin():
    """Return the word of the innermost :func:`sender_origin`; None outside of one."""
    return _origin.get()


def with_passed(records, passed):
    """Return ``records`` with which is sent what the gate let through."""
    return records.with_context(**{_PASSED: passed})


def get_passed(env):
    """Return what :func:`with_passed` gave; None for what was not asked about."""
    passed = env.context.get(_PASSED)
    return passed if isinstance(passed, Passed) else None


def is_called_from_outside():
    """Return whether the method that asks is what a program called over the wire.

    The same method is called by Odoo's own code as well, whose values are nobody's
    choice. The frames of overrides of the method lie in between.
    """
    frame = sys._getframe(1)
    name = frame.f_code.co_name
    while frame and frame.f_code.co_name == name:
        frame = frame.f_back
    return (
        frame is not None
        and (frame.f_globals.get("__name__"), frame.f_code.co_name) in _CALLERS
    )
