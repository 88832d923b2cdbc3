"""Invoices of each form say the same, and what is none stays a file."""

import base64

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.inside.attachment import read
from odoo.addons.mail_mailbox_archive.mailcore.inside.invoice import (
    Invoice,
    read_invoice,
    restore,
    tax_number,
)

from . import invoices
from .attachments import pdf
from .sources import growth

SALE = {
    "kind": "invoice",
    "number": "FA/2026/11/42",
    "day": "2026-11-28",
    "due": "2026-12-12",
    "total": "4200.00",
    "payable": "",
    "currency": "PLN",
    "seller": "Spostex S.A.",
}
SAMPLES = [
    ("ubl", invoices.ubl(), "PL"),
    ("cii", invoices.cii(), "PL"),
    ("cii", invoices.zugferd_1(), "PL"),
    ("ksef", invoices.ksef(), ""),
    ("ksef", invoices.ksef("2023/06/29/12648", "FA (2)"), ""),
    ("fatturapa", invoices.fattura(), "PL"),
]
IDS = ["ubl", "cii", "zugferd_1", "fa3", "fa2", "fatturapa"]


def expected(form, country):
    taxes = {"seller_tax": f"{country}5260001246", "buyer_tax": f"{country}7790001083"}
    return {"form": form, **SALE, **taxes}


@pytest.mark.parametrize("form, document, country", SAMPLES, ids=IDS)
def test_each_form_says_the_same(form, document, country):
    assert read_invoice(document).as_dict() == expected(form, country)
    assert read(document) == {"words": "", "invoice": expected(form, country)}


@pytest.mark.parametrize(
    "document",
    (
        invoices.ubl("CreditNote"),
        invoices.ubl().replace(
            b"<cbc:Doc", b"<cbc:InvoiceTypeCode>381</cbc:InvoiceTypeCode><cbc:Doc"
        ),
        invoices.cii("381"),
        invoices.cii("261"),
        invoices.ksef(kind="KOR", total="-4200.00"),
        invoices.ksef(kind="KOR_ZAL", total="-0.01"),
        invoices.fattura("TD04"),
    ),
)
def test_notes_of_credit(document):
    assert read_invoice(document).kind == "credit_note"
    assert read_invoice(document).due == "2026-12-12"


@pytest.mark.parametrize("kind", ("VAT", "ZAL", "ROZ", "KOR"))
def test_what_is_to_be_paid_on_top_is_no_credit(kind):
    assert read_invoice(invoices.ksef(kind=kind, total="12.30")).kind == "invoice"


def paid_by(amount, times=1):
    """Return FatturaPA that says how much is to be paid, in parts."""
    part = f"<DettaglioPagamento><ImportoPagamento>{amount}</ImportoPagamento>"
    parts = f"<DatiPagamento>{part}</DettaglioPagamento></DatiPagamento>" * times
    before, _start, after = invoices.fattura().partition(b"<DatiPagamento>")
    return before + parts.encode() + after.partition(b"</DatiPagamento>")[2]


REST = "<Rozliczenie><Odliczenia/><DoZaplaty>4100.00</DoZaplaty></Rozliczenie>"
PARTS = "<Platnosc><ZnacznikZaplatyCzesciowej>2</ZnacznikZaplatyCzesciowej></Platnosc>"
PAID = "<Platnosc><Zaplacono>1</Zaplacono></Platnosc>"


@pytest.mark.parametrize(
    ("document", "payable"),
    [
        (invoices.ubl(payable="4100.00"), "4100.00"),
        (invoices.ubl(payable="0"), "0"),
        (invoices.ubl(payable="4200"), ""),
        (invoices.cii(payable="4100.00"), "4100.00"),
        (invoices.ksef(further=REST), "4100.00"),
        (invoices.ksef(further=PAID), "0"),
        (invoices.ksef(further=PARTS), "0"),
        (invoices.ksef(further=PARTS.replace("2", "1")), ""),
        (paid_by("4100.00"), "4100.00"),
        (paid_by("2100.00", 2), ""),
        (invoices.ubl(payable="soon"), ""),
    ],
)
def test_what_is_to_be_paid_where_it_is_not_the_total(document, payable):
    invoice = read_invoice(document)
    assert (invoice.total, invoice.payable) == ("4200.00", payable)
    assert restore(invoice.as_dict()) == invoice


def test_without_a_total_what_is_to_be_paid_is_it():
    document = invoices.ubl(payable="4100.00").replace(b"TaxInclusive", b"Other")
    invoice = read_invoice(document)
    assert (invoice.total, invoice.payable) == ("4100.00", "")


def test_no_amount_is_of_another_invoice_in_the_lot():
    one = invoices.fattura()
    start, end = one.index(b"<FatturaElettronicaBody>"), one.index(b"</p:Fatt")
    second = one[start:end].replace(b"11/42", b"11/43")
    lot = read_invoice(one[:end] + second + one[end:])
    assert lot.number == "FA/2026/11/42, FA/2026/11/43"
    assert (lot.total, lot.payable, lot.due) == ("", "", "")
    assert lot.seller_tax == "PL5260001246"


def test_embedded_invoices_are_known_by_any_of_their_names():
    content = pdf("Invoice", {"factur-x.xml": invoices.cii()})
    for before in (b"/Names[(factur-x.xml)", b"/F(factur-x.xml)"):
        after = before.replace(b"factur-x.xml", b"000000000001")
        changed = content.replace(before, after)
        assert changed != content
        assert read(changed)["invoice"] == expected("cii", "PL")


def test_damaged_pages_hide_no_invoice():
    content = pdf("Invoice", {"factur-x.xml": invoices.cii()})
    damaged = content.replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]")
    assert damaged != content
    assert read(damaged)["invoice"] == expected("cii", "PL")


def test_factur_x_is_found_in_its_pdf():
    content = pdf("Invoice", {"notes.xml": b"<a", "factur-x.xml": invoices.cii()})
    assert read(content)["invoice"] == expected("cii", "PL")
    assert read(pdf("Invoice", {"a.txt": invoices.cii()}))["invoice"] is None


@pytest.mark.parametrize("write", (bytes, base64.encodebytes))
def test_signed_invoices_are_read(write):
    content = write(invoices.signed(invoices.fattura()))
    assert read(content)["invoice"] == expected("fatturapa", "PL")


def test_what_it_does_not_say_is_empty():
    """Everything but the number may be missing, or be no amount, date or currency."""
    document = invoices.ubl()
    for change in (
        (b"4200.00", b"4,2e9"),
        (b"2026-12-12", b"2026-02-31"),
        (b">PLN<", b">zloty<"),
    ):
        document = document.replace(*change)
    invoice = read_invoice(document)
    assert (invoice.total, invoice.due, invoice.currency) == ("", "", "")
    assert read_invoice(document.replace(b"FA/2026/11/42", b"  ")) is None


@pytest.mark.parametrize(
    "document",
    (
        b"<Invoice><ID>1</ID></Invoice>",
        b'<Faktura xmlns="http://crd.gov.pl/wzor/2023/"><Fa><P_2>1</P_2></Fa></Faktura>',
        b"<html><body>FA/2026/11/42</body></html>",
    ),
)
def test_other_documents_are_none(document):
    assert read_invoice(document) is None


def _entities():
    lines = [b'<!ENTITY a0 "ha">']
    lines += [
        b'<!ENTITY a%d "%s">' % (at, b"&a%d;" % (at - 1) * 10) for at in range(1, 9)
    ]
    doctype = b"<!DOCTYPE Invoice [" + b"".join(lines) + b"]>"
    return invoices.ubl(number="&a8;").replace(b"<Invoice", doctype + b"<Invoice", 1)


def _reads_file():
    doctype = b'<!DOCTYPE Invoice [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return invoices.ubl(number="&a;").replace(b"<Invoice", doctype + b"<Invoice", 1)


@pytest.mark.parametrize(
    "document",
    (
        _entities(),
        _reads_file(),
        b"<a>" * 100_000,
        b"<a",
        b"",
        invoices.ubl()[:-30],
        invoices.ubl() + b" " * 9_000_000,
        b"\x30\x84\xff\xff\xff\xff",
    ),
    ids=range(8),
)
def test_hostile_documents_are_refused(document):
    with pytest.raises(ValueError):
        read(document)


def test_names_are_safe_and_short():
    hostile = "a\u202eb" + "x" * 1000
    invoice = read_invoice(invoices.ubl(number=hostile, seller=hostile, tax="1" * 99))
    assert len(invoice.number) < 80 and "\u202e" not in invoice.number
    assert len(invoice.seller) < 140 and len(invoice.seller_tax) <= 30


def test_invoices_survive_as_plain_data():
    invoice = read_invoice(invoices.ubl())
    assert restore(invoice.as_dict()) == invoice
    assert restore({"day": "today"}) is None and restore(None) is None
    taken_over = restore({"number": 7, "total": [1], "due": {}, "currency": "<b>"})
    assert (taken_over.number, taken_over.total, taken_over.due) == ("7", "", "")
    assert taken_over.currency == ""
    assert isinstance(invoice, Invoice)


def test_tax_numbers_are_compared_without_what_divides_them():
    assert tax_number("pl 526-000-12-46") == "PL5260001246"


@pytest.mark.parametrize("piece", (b"<cbc:ID/>", b"<cac:Party>x</cac:Party>"))
def test_long_invoices_are_linear(piece):
    def make(size):
        rest = piece * (size // len(piece))
        return invoices.ubl().replace(b"</Invoice>", rest + b"</Invoice>")

    assert growth(read_invoice, make, 100_000) < 3
