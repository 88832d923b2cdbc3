"""What an electronic invoice says, in the forms that are sent by mail in Europe.

UBL 2.1 and UN/CEFACT Cross Industry Invoice, the two of EN 16931 (XRechnung, Peppol,
Factur-X, ZUGFeRD), KSeF FA of Poland and FatturaPA of Italy. Nothing is computed and
nothing checked: what stands there is shown, as far as it is a date, an amount, a name.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..text import safe_text
from .document import parse_document
from .invoice_forms import say

#: Characters of a number of an invoice, and of a name.
MAX_NUMBER, MAX_NAME = 60, 120
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,8})?\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[TZ+-].*)?\Z")
_NOT_TAX = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as its sender wrote it; what it does not say is "".

    :param form: ``ubl``, ``cii``, ``ksef``, ``fatturapa``
    :param kind: ``invoice`` or ``credit_note``
    :param day: of the invoice; ``due``: until when it is to be paid; both ISO 8601
    :param total: with tax, a decimal number
    :param payable: what is to be paid, where that is not ``total``: after an advance,
        by a part, or when it is paid already
    :param seller_tax: the seller's tax number, letters and digits alone
    """

    form: str
    kind: str
    number: str
    day: str
    due: str
    total: str
    payable: str
    currency: str
    seller: str
    seller_tax: str
    buyer_tax: str

    def as_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return asdict(self)


def read_invoice(raw: bytes) -> Invoice | None:
    """Return the invoice that an XML document is, None for any other.

    :raises ValueError: it is no XML, or not safe to parse
    """
    said = say(parse_document(raw))
    if said is None:
        return None
    kind = "credit_note" if said.credit else "invoice"
    return _checked({**asdict(said), "kind": kind})


def restore(value: Any) -> Invoice | None:
    """Return the invoice that :meth:`Invoice.as_dict` made plain data of.

    Checked once more: it comes from a process that a file might have taken over.
    """
    if not isinstance(value, dict):
        return None
    return _checked({str(name): str(one) for name, one in value.items()})


def _checked(said: dict[str, Any]) -> Invoice | None:
    total, payable = _amount(said.get("total", "")), _amount(said.get("payable", ""))
    if payable and Decimal(payable) == Decimal(total or payable):
        total, payable = total or payable, ""
    invoice = Invoice(
        form=safe_text(said.get("form"), MAX_NUMBER),
        kind="credit_note" if said.get("kind") == "credit_note" else "invoice",
        number=safe_text(said.get("number"), MAX_NUMBER).strip(),
        day=_day(said.get("day", "")),
        due=_day(said.get("due", "")),
        total=total,
        payable=payable,
        currency=_currency(said.get("currency", "")),
        seller=safe_text(said.get("seller"), MAX_NAME).strip(),
        seller_tax=tax_number(said.get("seller_tax", "")),
        buyer_tax=tax_number(said.get("buyer_tax", "")),
    )
    return invoice if invoice.number else None


def tax_number(value: str) -> str:
    """Return a tax number in the form in which they are compared."""
    return _NOT_TAX.sub("", value[:60].upper())[:30]


def _currency(value: str) -> str:
    return value if _CURRENCY.match(value) else ""


def _amount(value: str) -> str:
    return value.lstrip("+") if _AMOUNT.match(value) else ""


def _day(value: str) -> str:
    if not (match := _DAY.match(value[:40])):
        return ""
    try:
        return date(*map(int, match.groups())).isoformat()
    except ValueError:
        return ""
