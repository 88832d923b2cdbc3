"""What holds for any input: of the reader, of addresses, of text, of sets of UIDs."""

import base64
import binascii
import random
import re
import sys
import unicodedata
from datetime import datetime, timezone
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from encodings import aliases

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore import charset, text
from odoo.addons.mail_mailbox_archive.mailcore.addresses import address
from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import (
    Address,
    parse_addresses,
)
from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.imap import uids
from odoo.addons.mail_mailbox_archive.mailcore.imap.items import Item
from odoo.addons.mail_mailbox_archive.mailcore.imap.plan import (
    split_batches,
    split_downwards,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.utf7 import decode_utf7, encode_utf7
from odoo.addons.mail_mailbox_archive.mailcore.read.filename import (
    download_name,
    unique_names,
)
from odoo.addons.mail_mailbox_archive.mailcore.read.identity import identity
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (
    parse,
    parse_headers,
    read_part,
)
from odoo.addons.mail_mailbox_archive.mailcore.transfer import (
    decode_content,
    decoded_size,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.checks import (
    check_message,
    is_clean,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.examples import examples
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import (
    sample,
    samples,
)

# Sources

#: Field names and values that make the reader go another way.
FIELDS = st.sampled_from(
    [
        b"From: Anna <anna@firma.example>",
        b"From: =?utf-8?q?=C5=81?= <@a,@b:c@d>, Group: x@y.example;",
        b'To: a@b.example, "c, d" <e@f.example> (g)',
        b"Subject: =?utf-8?b?xYHDs2TFug==?= =?x?q?=00?=",
        b"Subject: \xc5\x81\xf3d\xbc",
        b"Date: Mon, 3 Feb 2025 10:11:12 +0100",
        b"Date: Thu, 99 Foo 99999 99:99:99 +9999",
        b"Message-ID: <order@firma.example>",
        b"References: <a@b> <c\r\n @d>",
        b"In-Reply-To: nobody",
        b"Content-Type: text/plain; charset=utf-16",
        b'Content-Type: text/html; charset="iso-8859-2"',
        b"Content-Type: multipart/mixed; boundary=b",
        b'Content-Type: multipart/alternative; boundary="b"',
        b"Content-Type: multipart/digest; boundary=b1",
        b"Content-Type: message/rfc822",
        b"Content-Type: application/pdf; name*0*=utf-8''%C5; name*1=x.pdf",
        b"Content-Type: application/pdf; name*=utf-7''+2AA-%ff",
        b"Content-Type: ;;=;",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x-uuencode",
        b'Content-Disposition: attachment; filename="../\xe2\x80\xaegpj.exe"',
        b"Content-Disposition: inline; filename=a",
        b"Content-ID: <<x@y>>",
        b"no field at all",
        b" continued",
        b":",
    ]
)
LINES = st.one_of(
    FIELDS,
    st.sampled_from(
        [b"", b"--b", b"--b--", b"--b1", b"--b1--", b"--b ", b"==", b"=", b"=3D=\t"]
    ),
    st.sampled_from([b"begin 644 a", b"end", b"`", b"#0V%T", b"> quoted", b"-- "]),
    st.sampled_from([b"QUJD", b"QQ==", b"<p>&lt;<b>x</p", b"\xff\xfe\x00", b"Z\xb3y"]),
    st.binary(max_size=12),
)
SOURCES = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda lines, end: end.join(lines),
        st.lists(LINES, max_size=25),
        st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\r\n"]),
    ),
)


@st.composite
def damaged(draw):
    """A sample with something cut out of it, put into it, or repeated."""
    source = sample(draw(st.sampled_from(samples())))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(source)))
        length = draw(st.integers(0, 40))
        piece = draw(st.one_of(st.binary(max_size=6), LINES, st.just(source[at:][:60])))
        source = source[:at] + piece + source[at + length :]
    return source


@examples(300)
@given(SOURCES)
@example(b"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n==")
def test_any_bytes_are_read_or_refused(source):
    check_message(source)


@examples(100)
@given(damaged())
def test_damaged_samples_are_read_or_refused(source):
    check_message(source)


@examples(100)
@given(SOURCES)
def test_headers_alone_say_what_the_whole_says(source):
    try:
        message = parse(source)
    except Unreadable:
        return
    alone = parse_headers(source)
    # letters that no encoded word says are read by the charset of a part
    said = ("subject", "from_", "to") if message.header.isascii() else ()
    for name in (*said, "date", "message_id", "references"):
        assert getattr(alone, name) == getattr(message, name)
    assert alone.identity == message.identity


# Messages that are written as they should be

WORDS = st.text(
    st.characters(exclude_categories=("C", "Z"), max_codepoint=0x2FFFF), min_size=1
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
NAMES = SENTENCES.map(lambda name: text.safe_text(name).strip()).filter(bool)


@st.composite
def written(draw):
    """A message of the standard library, and what was put into it."""
    subject, content = draw(SENTENCES), draw(SENTENCES)
    files = draw(st.lists(st.binary(max_size=100), max_size=3))
    mail = MIMEMultipart()
    mail["Subject"] = Header(subject, "utf-8")
    mail["From"] = "a@firma.example"
    mail["Message-ID"] = "<order@firma.example>"
    mail.attach(MIMEText(content, "plain", "utf-8"))
    for data in files:
        mail.attach(MIMEApplication(data, "pdf"))
    return mail, subject, content, files


@examples(100)
@given(written())
def test_what_was_written_is_read(values):
    mail, subject, content, files = values
    source = bytes(mail)
    message = check_message(source)
    assert message.subject == text.safe_text(subject).strip()
    assert message.text == text.safe_text(content, 0, lines=True).rstrip()
    found = [read_part(source, part.path).content for part in message.parts]
    assert found == files
    assert [part.size for part in message.parts] == [len(data) for data in files]


@examples(60)
@given(written())
def test_identity_is_the_same_whatever_way_a_copy_took(values):
    source = bytes(values[0])
    identity = parse(source).identity
    assert b"\r" not in source
    copies = [
        source.replace(b"\n", b"\r\n"),
        b"Received: from a by b; today\nX-Spam: no\n" + source,
        source + b"\n\r\n\n",
    ]
    assert [parse(copy).identity for copy in copies] == [identity] * 3
    others = [b"Bcc: c@firma.example\n" + source, source + b"x", b"Subject: x\n"]
    others[2] += source
    assert identity not in [parse(other).identity for other in others]


@examples(200)
@given(st.text("\r\na", max_size=12).map(str.encode))
def test_of_line_ends_only_crlf_is_as_good_as_lf(body):
    def key(value):
        return identity({}, value + b"a")

    assume(b"\r\r" not in body)
    lines = body.replace(b"\r\n", b"\n")
    assert key(body) == key(lines)
    assert (key(body) == key(lines.replace(b"\r", b""))) is (b"\r" not in lines)


# Content


@examples(120)
@given(st.binary(max_size=200), st.integers(1, 80), st.sampled_from([b"\n", b"\r\n"]))
def test_size_of_base64_is_counted_as_it_is_decoded(data, width, end):
    encoded = base64.b64encode(data)
    lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
    for source in (end.join(lines) + end, encoded.rstrip(b"=")):
        assert decoded_size(source, 0, len(source), "base64") == len(data)
        assert decode_content(source, "base64") == data


@examples(300)
@given(
    st.one_of(st.binary(max_size=60), st.text("=QU \n-", max_size=30).map(str.encode)),
    st.sampled_from(["base64", "quoted-printable", "x-uuencode", "8bit", "?"]),
)
@example(b"==", "base64")
@example(b"=" * 20, "base64")
@example(b"begin 644 a\n" + b"_\n" * 1000, "x-uuencode")
@example(b"\rbegin 644 a\r#0V%T\r\r`\rend\r", "x-uuencode")
def test_content_has_a_size_whatever_it_is(data, encoding):
    size = decoded_size(data, 0, len(data), encoding)
    assert 0 <= size <= (2 * len(data) + 63 if encoding == "x-uuencode" else len(data))
    content = decode_content(data, encoding)
    if encoding != "base64":
        assert size == len(content)


@examples(50)
@given(st.binary(max_size=200))
def test_quoted_printable_and_uuencode_are_decoded(data):
    assert decode_content(binascii.b2a_qp(data, istext=False), "quoted-printable") == (
        data
    )
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    encoded = b"begin 644 a\n" + b"".join(lines) + b"`\nend\n"
    assert decode_content(encoded, "x-uuencode") == data


# Text


def test_any_charset_gives_text():
    """No codec of Python's puts lone surrogates into a text, but UTF-7."""
    names = {*aliases.aliases, *aliases.aliases.values(), "utf-8-sig", "nonsense"}
    chance = random.Random(1)
    pieces = [b"+2AA-", b"&2AA-", b"\\ud800", b"\xd8\x00", b"\xed\xa0\x80", b"=ED=A0"]
    pieces += [chance.randbytes(40) for _ in range(4)]
    for name in names:
        for piece in (*pieces, b"".join(pieces)):
            charset.decode(piece, name).encode("utf-8")


ANY_TEXT = st.text(st.characters(), max_size=200)
#: As compat32 leaves 8-bit bytes.
HEADER_TEXT = st.one_of(
    ANY_TEXT,
    st.binary(max_size=100).map(lambda raw: raw.decode("ascii", "surrogateescape")),
    st.lists(
        st.sampled_from(
            ["=?utf-8?q?=C5=81?=", "=?utf-8?b?xYE=?=", "=?a?q?", "?=", "<", ">", ","]
            + ['"', "(", ")", "\\", ";", ":", "@", "a@b.example", "Jan", " ", "\r\n "]
        ),
        max_size=20,
    ).map("".join),
)


@examples(120)
@given(ANY_TEXT, st.integers(0, 50), st.booleans())
def test_safe_text_is_safe_and_stays_as_it_is(value, limit, lines):
    safe = text.safe_text(value, limit, lines=lines)
    assert is_clean(safe) and (not limit or len(safe) <= limit)
    assert text.safe_text(safe, 0, lines=lines) == safe
    assert lines or not set("\n\r\t\u2028").intersection(safe)


@examples(120)
@given(HEADER_TEXT)
def test_any_header_is_decoded(value):
    assert is_clean(text.decode_header(value))
    address.normalise(value)
    address.is_valid(value)


@examples(120)
@given(ANY_TEXT)
def test_search_form_is_found_by_itself(value):
    form = text.search_form(value)
    assert text.search_form(form) == form == form.lower()


@examples(200)
@given(st.one_of(ANY_TEXT, SENTENCES))
def test_words_are_those_of_the_whole_text_in_search_form(value):
    # a capital sigma becomes another small letter at the end of a word
    value = value.replace("Σ", "σ")
    expected = re.findall(r"[^\W_]+", text.search_form(value))
    assert sorted(text.search_words(value)) == sorted(set(expected))


def test_every_letter_is_searched_in_lower_case():
    """Capitals come out of other characters as well: of "TEL" in one sign, say."""
    kept = []
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if unicodedata.category(letter) not in ("Cn", "Cs", "Co"):
            form = text.search_form(letter)
            if form != form.lower() or text.search_form(form) != form:
                kept.append(letter)
    assert not kept


@examples(120)
@given(SENTENCES, SENTENCES)
def test_normal_forms_of_a_text_are_found_alike(one, two):
    value = f"{one} {two}"
    forms = {
        text.search_form(unicodedata.normalize(form, value)) for form in ("NFC", "NFD")
    }
    assert len(forms) == 1


# Addresses

ATOM = st.text("abcXYZ019.+_-", min_size=1, max_size=20)
SPECS = st.builds("{}@{}.example".format, ATOM, st.text("abc-", min_size=1, max_size=9))


@examples(300)
@given(HEADER_TEXT)
def test_any_header_gives_addresses(value):
    for one in parse_addresses(value):
        assert is_clean(one.display_name) and is_clean(one.addr_spec)
        assert one.display_name or one.addr_spec


@examples(120)
@given(st.lists(st.tuples(st.one_of(st.just(""), NAMES), SPECS), max_size=5))
def test_addresses_that_were_written_are_read(pairs):
    assume(not any("=?" in name or name[:1] == "'" for name, _spec in pairs))
    expected = tuple(Address(name[:200].strip(), spec) for name, spec in pairs)
    assert parse_addresses(address.format_addresses(expected)) == expected


@examples(120)
@given(ANY_TEXT, st.one_of(ANY_TEXT, st.just("żółć.example.")))
def test_compared_address_stays_as_it_is(local, domain):
    once = address.normalise(f"{local}@{domain}")
    assert address.normalise(once) == once


# Names


@examples(120)
@given(ANY_TEXT, st.sampled_from(["", "application/pdf", "?"]))
def test_file_name_is_no_path(name, mimetype):
    found = download_name(name, mimetype)
    assert found and len(found.encode()) <= 150
    assert not set('\\/:*?"<>|\0\n').intersection(found)
    assert found.strip(".")


@examples(100)
@given(st.lists(st.sampled_from(["a.txt", "A.TXT", "a (2).txt", ".x", "b", ""])))
def test_file_names_are_told_apart(names):
    found = unique_names(names)
    assert len({name.casefold() for name in found}) == len(names)


@examples(120)
@given(st.one_of(ANY_TEXT, st.text("&-+,/AQE", max_size=20)))
def test_folder_name_survives_the_wire(name):
    wire = encode_utf7(text.safe_text(name))
    assert wire.isascii()
    assert decode_utf7(wire) == text.safe_text(name)
    assert is_clean(decode_utf7(name))


# Sets of UIDs, and how they are cut

NUMBERS = st.sets(st.integers(1, 60))


@examples(120)
@given(NUMBERS, NUMBERS, st.integers(1, 60), st.integers(1, 60), st.integers(4, 40))
def test_ranges_behave_as_sets(one, two, low, high, length):
    first, second = uids.to_ranges(one), uids.to_ranges(two)
    assert set(uids.expand(first)) == one and uids.count(first) == len(one)
    assert uids.subtract(first, second) == uids.to_ranges(one - two)
    assert uids.merge((*first, *second)) == uids.to_ranges(one | two)
    within = {uid for uid in one if low <= uid <= high}
    assert uids.clip(first, low, high) == uids.to_ranges(within)
    texts = uids.write_sets(first, max(length, 5))
    assert max(map(len, texts), default=0) <= max(length, 5)
    assert uids.read_set(",".join(texts)) == first


@examples(100)
@given(NUMBERS, st.integers(1, 60), st.integers(1, 9))
def test_windows_cover_all_of_the_past(alive, last, width):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "odoo.addons.mail_mailbox_archive.mailcore.imap.plan.WINDOW", width
        )
        windows = list(split_downwards(1, last, uids.to_ranges(alive)))
    covered = [uid for w in windows for uid in range(w.last, w.first - 1, -1)]
    assert covered == list(range(last, 0, -1))
    found = {uid for window in windows for uid in uids.expand(window.alive)}
    assert found == {uid for uid in alive if uid <= last}
    assert all(uids.count(window.alive) <= width for window in windows)


@examples(100)
@given(st.lists(st.integers(0, 30)), st.integers(1, 5), st.integers(1, 40))
def test_batches_hold_all_in_their_order(sizes, count, weight):
    now = datetime.now(timezone.utc)
    items = [Item(uid, now, False, size) for uid, size in enumerate(sizes, 1)]
    batches = list(split_batches(items, count, weight, max_size=25))
    assert [item for batch in batches for item in batch] == items
    for batch in batches:
        assert 1 <= len(batch) <= count
        heavy = sum(item.size for item in batch if item.size <= 25)
        assert heavy <= weight or len(batch) == 1
