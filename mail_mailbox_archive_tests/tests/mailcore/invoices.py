"""Invoices written by hand in the published forms, all of one sale.

The seller's tax number is valid in each country's form; nobody has it.
"""

_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def ubl(
    kind="Invoice",
    number="FA/2026/11/42",
    tax="PL5260001246",
    seller="Spostex S.A.",
    payable="4200.00",
):
    """UBL 2.1 as Peppol BIS Billing 3.0 and XRechnung have it."""
    due = "<cbc:DueDate>2026-12-12</cbc:DueDate>" if kind == "Invoice" else ""
    paid = "<cac:PaymentMeans><cbc:PaymentDueDate>2026-12-12</cbc:PaymentDueDate>"
    paid = "" if due else f"{paid}</cac:PaymentMeans>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{_UBL}{kind}-2" xmlns:cac="{_CAC}" xmlns:cbc="{_CBC}">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>{number}</cbc:ID>
  <cbc:IssueDate>2026-11-28</cbc:IssueDate>{due}
  <cbc:DocumentCurrencyCode>PLN</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyName><cbc:Name>Spostex</cbc:Name></cac:PartyName>
    <cac:PartyTaxScheme><cbc:CompanyID>123</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>LOC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyTaxScheme><cbc:CompanyID>{tax}</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>{seller}</cbc:RegistrationName>
    </cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyTaxScheme><cbc:CompanyID>PL 779-00-01-083</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>Buyer</cbc:RegistrationName>
    </cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>{paid}
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="PLN">3414.63</cbc:LineExtensionAmount>
    <cbc:TaxInclusiveAmount currencyID="PLN">4200.00</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="PLN">{payable}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
</{kind}>""".encode()


def cii(code="380", payable="4200.00"):
    """UN/CEFACT Cross Industry Invoice, as Factur-X and ZUGFeRD 2 embed it."""
    standard = "urn:un:unece:uncefact:data:standard:"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="{standard}CrossIndustryInvoice:100"
  xmlns:ram="{standard}ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="{standard}UnqualifiedDataType:100">
  <rsm:ExchangedDocument><ram:ID>FA/2026/11/42</ram:ID>
    <ram:TypeCode>{code}</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="102">20261128</udt:DateTimeString>
    </ram:IssueDateTime></rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>
    <ram:ApplicableHeaderTradeAgreement>
      <ram:SellerTradeParty><ram:Name>Spostex S.A.</ram:Name>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">201/113</ram:ID>
        </ram:SpecifiedTaxRegistration>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">PL5260001246</ram:ID>
        </ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
      <ram:BuyerTradeParty><ram:Name>Buyer</ram:Name>
        <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">PL7790001083</ram:ID>
        </ram:SpecifiedTaxRegistration></ram:BuyerTradeParty>
    </ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:InvoiceCurrencyCode>PLN</ram:InvoiceCurrencyCode>
      <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>
        <udt:DateTimeString format="102">20261212</udt:DateTimeString>
      </ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:GrandTotalAmount>4200.00</ram:GrandTotalAmount>
        <ram:DuePayableAmount>{payable}</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>""".encode()


def zugferd_1():
    """The same in ZUGFeRD 1.0, where the elements had other names."""
    changes = (
        (b"CrossIndustryInvoice:100", b"CrossIndustryDocument:invoice:1p0"),
        (b"CrossIndustryInvoice", b"CrossIndustryDocument"),
        (b"rsm:ExchangedDocument", b"rsm:HeaderExchangedDocument"),
        (
            b"rsm:SupplyChainTradeTransaction",
            b"rsm:SpecifiedSupplyChainTradeTransaction",
        ),
        (b"ApplicableHeaderTrade", b"ApplicableSupplyChainTrade"),
        (b"SettlementHeaderMonetary", b"SettlementMonetary"),
    )
    document = cii()
    for before, after in changes:
        document = document.replace(before, after)
    return document


def ksef(
    space="2025/06/25/13775", code="FA (3)", kind="VAT", total="4200.00", further=""
):
    """FA(3), or FA(2) by its namespace, of the Polish KSeF."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/{space}/">
  <Naglowek><KodFormularza kodSystemowy="{code}" wersjaSchemy="1-0E">FA</KodFormularza>
    <WariantFormularza>3</WariantFormularza></Naglowek>
  <Podmiot1><DaneIdentyfikacyjne><NIP>5260001246</NIP><Nazwa>Spostex S.A.</Nazwa>
    </DaneIdentyfikacyjne></Podmiot1>
  <Podmiot2><DaneIdentyfikacyjne><NIP>7790001083</NIP><Nazwa>Buyer</Nazwa>
    </DaneIdentyfikacyjne></Podmiot2>
  <Fa><KodWaluty>PLN</KodWaluty><P_1>2026-11-28</P_1><P_2>FA/2026/11/42</P_2>
    <P_15>{total}</P_15><RodzajFaktury>{kind}</RodzajFaktury>{further}
    <Platnosc><TerminPlatnosci><Termin>2026-12-12</Termin></TerminPlatnosci></Platnosc>
  </Fa>
</Faktura>""".encode()


def fattura(kind="TD01"):
    """FatturaPA 1.2, whose inner elements have no namespace."""
    space = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPR12" xmlns:p="{space}">
  <FatturaElettronicaHeader>
    <CedentePrestatore><DatiAnagrafici>
      <IdFiscaleIVA><IdPaese>PL</IdPaese><IdCodice>5260001246</IdCodice></IdFiscaleIVA>
      <Anagrafica><Denominazione>Spostex S.A.</Denominazione></Anagrafica>
    </DatiAnagrafici></CedentePrestatore>
    <CessionarioCommittente><DatiAnagrafici>
      <IdFiscaleIVA><IdPaese>PL</IdPaese><IdCodice>7790001083</IdCodice></IdFiscaleIVA>
    </DatiAnagrafici></CessionarioCommittente>
  </FatturaElettronicaHeader>
  <FatturaElettronicaBody>
    <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento>
      <Divisa>PLN</Divisa><Data>2026-11-28</Data><Numero>FA/2026/11/42</Numero>
      <ImportoTotaleDocumento>4200.00</ImportoTotaleDocumento>
    </DatiGeneraliDocumento></DatiGenerali>
    <DatiPagamento><DettaglioPagamento>
      <DataScadenzaPagamento>2026-12-12</DataScadenzaPagamento></DettaglioPagamento>
    </DatiPagamento>
  </FatturaElettronicaBody>
</p:FatturaElettronica>""".encode()


def signed(content):
    """Return ``content`` in a signature of nobody's (RFC 5652, 5.1)."""

    def tag(number, *values):
        value = b"".join(values)
        size = len(value).to_bytes(4, "big")
        return bytes((number, 0x84)) + size + value

    data = bytes.fromhex("06092a864886f70d010701")
    signed_data = bytes.fromhex("06092a864886f70d010702")
    held = tag(0x30, data, tag(0xA0, tag(0x04, content)))
    body = tag(0x30, b"\x02\x01\x01", tag(0x31), held, tag(0x31))
    return tag(0x30, signed_data, tag(0xA0, body))


#: Form → a document of it.
FORMS = {
    "ubl": ubl(),
    "cii": cii(),
    "ksef": ksef(),
    "fatturapa": fattura(),
}
