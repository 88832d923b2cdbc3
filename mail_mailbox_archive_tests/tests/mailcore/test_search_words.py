"""What is stored to find a message by, and what a search asks of it.

The questions are answered here as PostgreSQL answers them, and by PostgreSQL itself in
``test_search``.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore.read.search import (
    search_query,
    search_text,
)

from .examples import examples
from .sources import corpus

WORD = re.compile(r"([^\W_]+):\*")


def found(query, text):
    """Whether a text is found: each ``word:*`` is the beginning of one of its words."""
    asked = search_query(query)
    if not asked:
        return False
    stored = search_text(text).split()

    def holds(match):
        return str(any(word.startswith(match[1]) for word in stored))

    answer = WORD.sub(holds, asked).replace("&", " and ").replace("|", " or ")
    assert not re.search(r"[^TrueFalsandor() ]", answer), asked
    return eval(answer)  # noqa: S307 - of nothing but True, False, and, or


IBAN = "PL61 1090 1014 0000 0712 1981 2874"
FOUND = [
    ("spost", "Spostex S.A."),
    ("łódź", "LODZ"),
    (IBAN, f"konto {IBAN} w banku"),
    ("PL61109010140000071219812874", f"konto {IBAN}"),
    ("61109010140000071219812874", f"konto {IBAN}"),
    ("6110 9010 1400", f"konto {IBAN}"),
    (IBAN, "konto PL61109010140000071219812874"),
    ("pl61 1090 10", "konto PL61109010140000071219812874"),
    ("2874", f"konto {IBAN}, 5 szt."),
    ("19812874", f"konto {IBAN}"),
    ("1981 2874", f"konto {IBAN}"),
    ("12874", "konto PL61109010140000071219812874"),
    ("601234567", "tel. +48 601 234 567"),
    ("601 234 567", "tel. 601-234-567"),
    ("+48 601-234-567", "tel. +48601234567"),
    ("22 123 45 67", "(22) 123-45-67"),
    ("4567", "tel. +48 22 123 45 67"),
    ("12345.67", "razem 12 345,67 zł"),
    ("12 345,67", "total 12,345.67"),
    ("12345,67", "Summe 12'345.67 CHF"),
    ("12345", "razem 12\u00a0345,67"),
    ("0042", "FV/2026/11/0042"),
    ("FV/2026/11/0042", "FV 2026-11-0042"),
    ("FV2026110042", "faktura FV2026110042"),
    ("10042", "faktura FV2026110042"),
    ("FV1234", "faktura FV12345"),
    ("FV 1234", "faktura FV/1234"),
    ("GB29NWBK60161331926819", "GB29 NWBK 6016 1331 9268 19"),
    ("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"),
    ("FR1420041010050500013M02606", "FR14 2004 1010 0505 0001 3M02 606"),
    ("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
    ("1Z999AA10123456784", "1Z 999 AA1 01 2345 6784"),
    ("+48601234567", "tel. 601-234-567"),
    ("0048 601 234 567", "tel. 601234567"),
    ("0048601234567", "+48 601 234 567"),
    ("(0)601 234 567", "+48 (0) 601 234 567"),
    ("A12345", "A-12345"),
    ("FV1234", "FV/1234"),
    ("12345", "12_345"),
    ("5252248481", "NIP PL 525-22-48-481"),
    ("会議", "明日の会議の件です"),
    ("件", "明日の会議の件"),
    ("会", "明日の会議の件"),
    ("会議の件", "明日の会議の件です"),
    ("ビル", "東京ビル株式会社"),
    ("株式会社", "ABC株式会社"),
    ("ABC", "ABC株式会社"),
    ("がっこう", "小さながっこうです"),
    ("ｱﾊﾟｰﾄ", "アパート"),
    ("회의", "오늘회의록"),
    ("会議 12345", "会議は 12.345 円"),
    ("12345", "１２，３４５円、１２３４５"),
    ("３４５６", "123456"),
]


@pytest.mark.parametrize("query, text", FOUND)
def test_it_is_found(query, text):
    assert found(query, text)


NOT_FOUND = [
    ("post", "Spostex"),
    ("0901", f"konto {IBAN.replace(' ', '')}"),
    ("5678", "1234"),
    ("議会", "会議"),
    ("123", "124"),
    ("", "anything"),
    ("  -- ", "anything"),
    ("12346", "12 345"),
    ("FV1234", "1234"),
    ("FV1234", "FV 991234"),
    ("234", "991234"),
    ("+48601234568", "601 234 567"),
    ("GB29NWBK60161331926818", "GB29 NWBK 6016 1331 9268 19"),
    ("A12345", "B-12345"),
]


@pytest.mark.parametrize("query, text", NOT_FOUND)
def test_it_is_not_found(query, text):
    assert not found(query, text)


@pytest.mark.parametrize("value", ["a' | b", "a:* & !b", "(", "\\", "1' 2 | 3 !4", "'"])
def test_a_query_is_words_and_nothing_else(value):
    assert re.fullmatch(r"[\w:*&|() ]*", search_query(value))


def test_words_of_a_message_stored_before_are_found():
    """Its Japanese was stored as whole words, its numbers as they were divided."""
    for query in ("明日", "12 345"):
        asked = search_query(query)
        assert re.search(r"明日:\*|12:\* & 345:\*", asked)


@given(st.text(alphabet="abż1234567890 .,-/会議ア가\n", max_size=60))
@examples(300)
def test_a_text_is_found_by_its_own_words(text):
    for line in text.split("\n"):
        for piece in line.split(" ")[:20]:
            if search_query(piece):
                assert found(piece, text), piece


def test_the_price_in_bytes():
    """What numbers and pairs add to the words, over mail that nobody here wrote."""
    from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError
    from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
    from odoo.addons.mail_mailbox_archive.mailcore.text import search_words

    before = after = 0
    for _name, source in corpus():
        try:
            text = parse(source).text
        except MailCoreError:
            continue
        before += len(" ".join(search_words(text)))
        after += len(search_text(text))
    assert after <= 2 * before
