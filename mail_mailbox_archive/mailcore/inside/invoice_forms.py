"""Where each form of electronic invoice says what.

By the published forms: OASIS UBL 2.1; UN/CEFACT CII D16B and its predecessor in
ZUGFeRD 1.0; the Polish Ministry of Finance's FA(2) and FA(3); the Italian Revenue
Agency's FatturaPA 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .document import find_all, find_text, local_name, namespace

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_KSEF = "http://crd.gov.pl/wzor/"
_FATTURA = "ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/"
#: Codes of documents that are notes of credit (EN 16931, of UNTDID 1001).
_CREDIT = frozenset("81 83 261 262 296 308 381 396 420 458 532".split())


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in an invoice, as it stands there; see :class:`.invoice.Invoice`."""

    form: str
    credit: bool
    number: str
    day: str
    due: str
    total: str
    payable: str
    currency: str
    seller: str
    seller_tax: str
    buyer_tax: str


def say(root: Any) -> Said | None:
    """Return what an invoice says by its root element; None where it is no invoice."""
    name, space = local_name(root), namespace(root)
    if name in ("Invoice", "CreditNote") and space.startswith(f"{_UBL}{name}-2"):
        return _ubl(root, name == "CreditNote")
    if name in ("CrossIndustryInvoice", "CrossIndustryDocument"):
        return _cii(root)
    if name == "Faktura" and space.startswith(_KSEF):
        return _ksef(root)
    if name == "FatturaElettronica" and _FATTURA in space:
        return _fattura(root)
    return None


def _ubl(root: Any, credit: bool) -> Said:
    return Said(
        form="ubl",
        credit=credit or find_text(root, "InvoiceTypeCode") in _CREDIT,
        number=find_text(root, "ID"),
        day=find_text(root, "IssueDate"),
        due=find_text(root, "DueDate", "PaymentMeans/PaymentDueDate"),
        total=find_text(root, "LegalMonetaryTotal/TaxInclusiveAmount"),
        payable=find_text(root, "LegalMonetaryTotal/PayableAmount"),
        currency=find_text(root, "DocumentCurrencyCode"),
        seller=find_text(
            root,
            "AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName",
            "AccountingSupplierParty/Party/PartyName/Name",
        ),
        seller_tax=_ubl_tax(root, "AccountingSupplierParty/Party"),
        buyer_tax=_ubl_tax(root, "AccountingCustomerParty/Party"),
    )


def _ubl_tax(root: Any, party: str) -> str:
    schemes = list(find_all(root, f"{party}/PartyTaxScheme"))
    # one may stand for VAT and another for something else: the first is the VAT
    schemes.sort(key=lambda one: find_text(one, "TaxScheme/ID").upper() != "VAT")
    for scheme in schemes:
        if number := find_text(scheme, "CompanyID"):
            return number
    return find_text(root, f"{party}/PartyLegalEntity/CompanyID")


def _cii(root: Any) -> Said:
    # each by its name of today and that of ZUGFeRD 1.0
    documents = ("ExchangedDocument", "HeaderExchangedDocument")
    deals = ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")

    def at(deal: str, *rests: str) -> tuple[str, ...]:
        ways = (f"ApplicableHeaderTrade{deal}", f"ApplicableSupplyChainTrade{deal}")
        return tuple(f"{d}/{way}/{r}" for d in deals for way in ways for r in rests)

    def amount(name: str) -> str:
        sums = "SpecifiedTradeSettlementHeader", "SpecifiedTradeSettlement"
        ways = (f"{one}MonetarySummation/{name}" for one in sums)
        return find_text(root, *at("Settlement", *ways))

    return Said(
        form="cii",
        credit=find_text(root, *(f"{one}/TypeCode" for one in documents)) in _CREDIT,
        number=find_text(root, *(f"{one}/ID" for one in documents)),
        day=find_text(
            root, *(f"{one}/IssueDateTime/DateTimeString" for one in documents)
        ),
        due=find_text(
            root,
            *at(
                "Settlement",
                "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
            ),
        ),
        total=amount("GrandTotalAmount"),
        payable=amount("DuePayableAmount"),
        currency=find_text(root, *at("Settlement", "InvoiceCurrencyCode")),
        seller=find_text(root, *at("Agreement", "SellerTradeParty/Name")),
        seller_tax=_cii_tax(root, at("Agreement", "SellerTradeParty")),
        buyer_tax=_cii_tax(root, at("Agreement", "BuyerTradeParty")),
    )


def _cii_tax(root: Any, parties: tuple[str, ...]) -> str:
    found = [
        number
        for party in parties
        for number in find_all(root, f"{party}/SpecifiedTaxRegistration/ID")
    ]
    # VA is the number for VAT, FC the tax office's own
    found.sort(key=lambda one: one.get("schemeID") != "VA")
    return next((one.text.strip() for one in found if one.text), "")


def _ksef(root: Any) -> Said | None:
    if not find_text(root, "Naglowek/KodFormularza").startswith("FA"):
        return None
    total = find_text(root, "Fa/P_15")
    # at once, or in parts of which the last is paid
    is_paid = (
        find_text(root, "Fa/Platnosc/Zaplacono") == "1"
        or find_text(root, "Fa/Platnosc/ZnacznikZaplatyCzesciowej") == "2"
    )
    return Said(
        form="ksef",
        # a correction says the difference, which may also be to be paid on top
        credit=find_text(root, "Fa/RodzajFaktury").startswith("KOR")
        and total.startswith("-"),
        number=find_text(root, "Fa/P_2"),
        day=find_text(root, "Fa/P_1"),
        due=find_text(root, "Fa/Platnosc/TerminPlatnosci/Termin"),
        total=total,
        payable="0" if is_paid else find_text(root, "Fa/Rozliczenie/DoZaplaty"),
        currency=find_text(root, "Fa/KodWaluty"),
        seller=find_text(
            root,
            "Podmiot1/DaneIdentyfikacyjne/Nazwa",
            "Podmiot1/DaneIdentyfikacyjne/PelnaNazwa",
        ),
        seller_tax=_ksef_tax(root, "Podmiot1"),
        buyer_tax=_ksef_tax(root, "Podmiot2"),
    )


def _ksef_tax(root: Any, party: str) -> str:
    data = f"{party}/DaneIdentyfikacyjne"
    if number := find_text(root, f"{data}/NIP"):
        return number
    country = find_text(root, f"{data}/KodUE", f"{data}/KodKraju")
    number = find_text(root, f"{data}/NrVatUE", f"{data}/NrID")
    return country + number if number else ""


def _fattura(root: Any) -> Said | None:
    """Return the invoice; of a lot of them their numbers, and no one's amount."""
    said = [
        _fattura_body(root, one) for one in find_all(root, "FatturaElettronicaBody")
    ]
    if len(said) < 2:
        return said[0] if said else None
    return replace(
        said[0],
        credit=all(one.credit for one in said),
        number=", ".join(one.number for one in said if one.number),
        due="",
        total="",
        payable="",
        currency="",
    )


def _fattura_body(root: Any, inner: Any) -> Said:
    head = "FatturaElettronicaHeader"
    body = "DatiGenerali/DatiGeneraliDocumento"
    payments = list(find_all(inner, "DatiPagamento/DettaglioPagamento"))
    name = f"{head}/CedentePrestatore/DatiAnagrafici/Anagrafica"
    person = find_text(root, f"{name}/Nome"), find_text(root, f"{name}/Cognome")
    return Said(
        form="fatturapa",
        # a note of credit, also the simplified one
        credit=find_text(inner, f"{body}/TipoDocumento") in ("TD04", "TD08"),
        number=find_text(inner, f"{body}/Numero"),
        day=find_text(inner, f"{body}/Data"),
        due=find_text(inner, "DatiPagamento/DettaglioPagamento/DataScadenzaPagamento"),
        total=find_text(inner, f"{body}/ImportoTotaleDocumento"),
        # less what the buyer withholds; of parts none is all that is to be paid
        payable=find_text(payments[0], "ImportoPagamento")
        if len(payments) == 1
        else "",
        currency=find_text(inner, f"{body}/Divisa"),
        seller=find_text(root, f"{name}/Denominazione") or " ".join(person).strip(),
        seller_tax=_fattura_tax(root, f"{head}/CedentePrestatore"),
        buyer_tax=_fattura_tax(root, f"{head}/CessionarioCommittente"),
    )


def _fattura_tax(root: Any, party: str) -> str:
    number = f"{party}/DatiAnagrafici/IdFiscaleIVA"
    country = find_text(root, f"{number}/IdPaese")
    code = find_text(root, f"{number}/IdCodice")
    return country + code if code else ""
