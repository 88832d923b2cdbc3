"""Names: which are one name, and which a text holds."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses import domains, names

from .sources import effort, growth

#: name → the key it is looked up by. The test of the database function uses it as well.
KEYS = {
    "Spostex S.A.": "spostex",
    "Spostex SA": "spostex",
    "SPOSTEX S. A.": "spostex",
    "  Spostex,  s.a. ": "spostex",
    "„Spostex” Spółka Akcyjna": "spostex",
    "Spostex P.S.A.": "spostex",
    "Spostex Prosta Spółka Akcyjna": "spostex",
    "Spostex Sp. z o.o.": "spostex",
    "Spostex sp. z o. o. sp. k.": "spostex",
    "Spostex Sp.z o.o. Sp.k.": "spostex",
    "Spostex sp. z oo": "spostex",
    "Spostex spzoo": "spostex",
    "SPOSTEX SP Z O O": "spostex",
    "Spostex spółka z ograniczoną odpowiedzialnością": "spostex",
    "Spostex Spółka z o.o. spółka komandytowo-akcyjna": "spostex",
    "Spostex S.K.A.": "spostex",
    "Spostex sp. j.": "spostex",
    "Spostex spółka jawna": "spostex",
    "Spostex s.c.": "spostex",
    "Spostex spółka cywilna": "spostex",
    "Spostex sp. p.": "spostex",
    "Spostex S.A. w restrukturyzacji": "spostex",
    "Spostex sp. z o.o. w likwidacji": "spostex",
    "Kowalski i Spółka": "kowalski",
    "Kowalski i S-ka": "kowalski",
    "Żółć Łódź sp. k.": "zolc lodz",
    "Müller GmbH & Co. KG": "muller",
    "Müller G.m.b.H.": "muller",
    "MÜLLER AG": "muller",
    "Straße gGmbH": "strasse",
    "STRASSE UG (haftungsbeschränkt)": "strasse",
    "Meier e.K.": "meier",
    "Bäcker Ges.m.b.H.": "backer",
    "Smith & Co.": "smith",
    "Smith and Co Ltd.": "smith",
    "Acme, Inc.": "acme",
    "Acme Corporation": "acme",
    "Acme L.L.C.": "acme",
    "Acme Pty Ltd": "acme",
    "Acme PLC": "acme",
    "Ceskoslovenska s.r.o.": "ceskoslovenska",
    "Československá spol. s r.o.": "ceskoslovenska",
    "Škoda Auto a.s.": "skoda auto",
    "Dětský svět, akciová společnost": "detsky svet",
    "De Vries B.V.": "de vries",
    "Philips N.V.": "philips",
    "Peeters BVBA": "peeters",
    "Dupont S.à r.l.": "dupont",
    "Dupont SARL": "dupont",
    "Société Générale S.A.": "societe generale",
    "Dupont et Cie": "dupont",
    "Rossi S.p.A.": "rossi",
    "Rossi S.r.l.": "rossi",
    "García S.L.U.": "garcia",
    "Cemento S.A. de C.V.": "cemento",
    "Silva & Filhos, Lda.": "silva filhos",
    "Nokia Oyj": "nokia",
    "Kone Oy": "kone",
    "Åkerlund & Rausing AB": "akerlund rausing",
    "AB Volvo (publ)": "volvo",
    "Ørsted A/S": "orsted",
    "Nørgård ApS": "norgard",
    "Equinor ASA": "equinor",
    "Össur hf.": "ossur",
    "UAB Žalgiris": "zalgiris",
    "SIA Rīga": "riga",
    "Kalev OÜ": "kalev",
    "Kovács Kft.": "kovacs",
    "Petrescu S.R.L.": "petrescu",
    "Petrović d.o.o.": "petrovic",
    "Иванов ЕООД": "иванов",
    "ООО «Ромашка»": "ромашка",
    "ПАТ Київ": "киів",
    "Βιομηχανία Α.Ε.": "βιομηχανια",
    "Yılmaz A.Ş.": "yilmaz",
    "PT Telkom Indonesia Tbk": "telkom indonesia",
    "E.ON SE": "e on",
    "A.B.C. Trade": "abc trade",
    "H&M": "h m",
    "Coca-Cola HBC": "coca cola hbc",
    "McDonald's Polska": "mcdonald s polska",
    "My Company (San Francisco)": "my company san francisco",
    "ﬁnance Ⅷ ｆｕｌｌ": "finance viii full",
    "Ægir Œuvre Þór": "aegir oeuvre thor",
    "e\u0301cole": "ecole",
    "Société \U0001f600 Emoji": "societe emoji",
    "日本電気": "日本電気",
    # the form is what is left, or too much of it
    "S.A.": "sa",
    "A Sp. z o.o.": "a sp z oo",
    "Co. Ltd": "co ltd",
    "AB": "ab",
    # numbers of documents
    "SO0012": "so0012",
    "INV/2026/0001": "inv 2026 0001",
    "WH/OUT/00012": "wh out 00012",
    # longer than a key
    "Zakład Usług Remontowo Budowlanych Jan Kowalski i Synowie": (
        "zaklad uslug remontowo budowlanych jan kowalski"
    ),
    "": "",
    " . , ": "",
    "\u0301": "",
    "x" * 300: "x" * 200,
    "\u3316" * 200: ("キロメートル" * 34)[:200],
    "\ufdfa" * 200: "صلى الله عليه وسلمصلى الله عليه",
    "s a " * 60: "s a s a s a",
}


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_key(name, key):
    assert names.key(name) == key


FOUND = [
    ("Spostex S.A.", "Dear Sirs, Spostex will deliver on Monday."),
    ("Spostex S.A.", "... as agreed with SPOSTEX Sp. z o.o.!"),
    ("Spostex S.A.", "Spostex's offer"),
    ("Spostex S.A.", "(spostex)"),
    ("Żółta Łódź S.A.", "zolta lodz"),
    ("Coca-Cola", "a bottle of coca\ncola"),
    ("PZU S.A.", "polisa w PZU."),
    ("E.ON SE", "the E.ON invoice"),
    ("INV/2026/0001", "payment of INV/2026/0001, thank you"),
    ("SO0012", "Re: so0012"),
    (
        "Zakład Usług Remontowo Budowlanych Jan Kowalski i Synowie",
        "dla: Zakład Usług Remontowo-Budowlanych Jan Kowalski i Synowie sp.j.",
    ),
]
NOT_FOUND = [
    ("Spostex S.A.", "Spostexu brak"),
    ("Spostex S.A.", "Aspostex"),
    ("Spostex Logistics", "Spostex and logistics"),
    ("PZU S.A.", "pzu in small letters"),
    ("HP Inc.", "HP"),
    ("2026", "in 2026"),
    ("INV/2026/0001", "INV/2026/00012"),
    (
        "Zakład Usług Remontowo Budowlanych Jan Kowalski i Synowie",
        "Zakład Usług Remontowo Budowlanych Jan Kowalski i Córki",
    ),
]


def _stands_in(name, value):
    text = names.read(value)
    return names.key(name) in text.keys() and text.holds(name)


@pytest.mark.parametrize(("name", "value"), FOUND)
def test_found(name, value):
    assert _stands_in(name, value)


@pytest.mark.parametrize(("name", "value"), NOT_FOUND)
def test_not_found(name, value):
    assert not _stands_in(name, value)


def test_only_the_first_pages_are_read():
    assert len(names.read("word " * 9_000).line.split()) == names.MAX_TEXT_WORDS
    assert _stands_in("Spostex", "other " * 2_900 + "Spostex")


def test_characters_a_database_cannot_hold_are_gone():
    assert names.read("Spos\x00tex \ud800 S.A.").line == " spos tex sa "


HOSTILE = {
    "letters": "a ",
    "dots": "a.",
    "abbreviations": "S.A. ",
    "forms": "sp. z o.o. sp. k. ",
    "capitals": "ABC ",
    "expanding": "\ufdfa",
    "marks": "\u0301",
    "marks out of order": "\u0345\u0301",
    "one word": "x",
    "no word": "=",
    "long words": "x" * 60 + " ",
    "angle brackets": "> ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.slow
def test_hostile_text_takes_no_time(piece):
    value = piece * (65_536 // len(piece))
    assert len(names.read(value).keys()) < names.MAX_WORDS * names.MAX_TEXT_WORDS
    assert effort(lambda: names.read(value).keys()) < 16


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.slow
def test_time_grows_no_faster_than_the_text(piece):
    assert growth(names.fold, lambda n: piece * (n // len(piece)), 20_000) < 2.5


def test_many_different_words_take_no_time():
    value = " ".join(f"word{number}" for number in range(9_000))
    assert effort(lambda: names.read(value).keys()) < 16


DOMAINS = {
    "spostex.pl": ("spostex.pl",),
    "mail.spostex.pl": ("mail.spostex.pl", "spostex.pl"),
    "spostex.com.pl": ("spostex.com.pl",),
    "a.spostex.co.uk": ("a.spostex.co.uk", "spostex.co.uk"),
    "gmail.com": (),
    "wp.pl": (),
    "yahoo.co.uk": (),
    "hotmail.fr": (),
    "poczta.onet.pl": (),
    "sub.mail.ru": (),
    "yahooligans.example": ("yahooligans.example",),
    "live.spostex.pl": ("live.spostex.pl", "spostex.pl"),
    "localhost": (),
    "": (),
}


@pytest.mark.parametrize(("domain", "expected"), DOMAINS.items())
def test_domains_owned_by_a_company(domain, expected):
    assert domains.owned(domain) == expected


def test_domain_of_an_address():
    assert domains.domain_of("Anna@SPOSTEX.pl") == "spostex.pl"
    assert domains.domain_of("anna@bücher.example") == "xn--bcher-kva.example"
    assert domains.domain_of("nothing") == ""
