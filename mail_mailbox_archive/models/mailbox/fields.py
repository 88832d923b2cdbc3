from datetime import timezone

from odoo import fields


class BigInteger(fields.Integer):
    """An integer of 64 bits: IMAP's UIDs need 32 unsigned bits, its MODSEQ 63."""

    _column_type = ("int8", "int8")


def naive_utc(moment):
    """Return an aware moment as Odoo stores it: in UTC, without a time zone."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None)
