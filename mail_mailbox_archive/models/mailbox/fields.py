"""Values on their way to and from fields of Odoo."""

from datetime import timezone

from markupsafe import Markup

from odoo import fields


class BigInteger(fields.Integer):
    """An integer of 64 bits: IMAP's UIDs need 32 unsigned bits, its MODSEQ 63."""

    _column_type = ("int8", "int8")


def naive_utc(moment):
    """Return an aware moment as Odoo stores it: in UTC, without a time zone."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


def aware_utc(moment):
    """Return a moment that Odoo stored with its time zone, UTC."""
    return moment.replace(tzinfo=timezone.utc)


def as_text(words):
    """Return ``words`` of others for an HTML field, as text whatever they look like.

    Nothing in them is alive, not even an address: what a server says is no place to
    go to.
    """
    lines = Markup("<br>").join((words or "").splitlines())
    return Markup("<p>%s</p>") % lines
