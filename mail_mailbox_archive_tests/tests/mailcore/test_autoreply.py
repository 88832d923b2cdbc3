"""Automatic answers: who gets one, and why the others do not."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.autoreply import autoreply
from odoo.addons.mail_mailbox_archive.mailcore.autoreply.autoreply import Answer, Reason
from odoo.addons.mail_mailbox_archive.mailcore.autoreply.schedule import Window
from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.read.fields import addresses

from .sources import CORPORA, corpus

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=timezone.utc)
US = "office@spedbud.example"
OWN = {US, "sales@spedbud.example", "info@spedbud.example"}
HEAD = {
    "Return-Path": "<anna@spostex.example>",
    "From": "Anna Nowak <anna@spostex.example>",
    "To": f"Office <{US}>",
    "Subject": "Order 17",
    "Date": format_datetime(NOW - timedelta(minutes=2)),
    "Message-ID": "<1@spostex.example>",
}


def situation(**values):
    """Return what usually is so: on, in a window, nobody answered yet."""
    return autoreply.Situation(
        **{
            "now": NOW,
            "received": NOW - timedelta(minutes=1),
            "addresses": frozenset({US}),
            "is_own": OWN.__contains__,
            "window": Window(NOW - timedelta(hours=1)),
            **values,
        }
    )


def decide(head, **values):
    lines = []
    for name, value in (HEAD | head).items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                lines.append(f"{name}: {one}")
    source = "\r\n".join([*lines, "", "Hello"]).encode()
    return autoreply.decide(autoreply.read(source), situation(**values))


#: Messages of people.
ANSWERED = {
    "plain": {},
    "to among others": {"To": f"bob@spostex.example, {US}, eve@spostex.example"},
    "in cc": {"To": "bob@spostex.example", "Cc": US},
    "our address in capitals": {"To": "OFFICE@SpedBud.Example"},
    "our address with a tag": {"To": "office+orders@spedbud.example"},
    "in a group": {"To": f"Friends: {US};"},
    "resent to us": {"To": "bob@spostex.example", "Resent-To": US},
    "auto-submitted no": {"Auto-Submitted": "no"},
    "auto-submitted no, commented": {"Auto-Submitted": "(really) NO (a person)"},
    "auto-submitted no, parameter": {"Auto-Submitted": "no; why=person"},
    "precedence of a person": {"Precedence": "special-delivery"},
    "precedence first-class": {"Precedence": "first-class"},
    "receipts suppressed only": {"X-Auto-Response-Suppress": "DR, NDR, RN, NRN"},
    "suppress none": {"X-Auto-Response-Suppress": "None"},
    "asks for a receipt": {"Disposition-Notification-To": "anna@spostex.example"},
    "not spam": {"X-Spam-Flag": "NO", "X-Spam-Status": "No, score=-1.2"},
    "low spam level": {"X-MS-Exchange-Organization-SCL": "1"},
    "a reply": {"Subject": "Re: your offer", "In-Reply-To": "<o@spedbud.example>"},
    "no subject": {"Subject": None},
    "no date": {"Date": None},
    "absurd date": {"Date": "yesterday"},
    "return path in a domain with capitals": {"Return-Path": "<Anna@SPOSTEX.example>"},
    "return path without brackets": {"Return-Path": "anna@spostex.example"},
    "return path of a forwarder": {
        "Return-Path": "<SRS0=HH=TT=spostex.example=anna@forward.example>"
    },
    "tagged by their server": {"Return-Path": "<prvs=0123ab=anna@spostex.example>"},
    "name that sounds like a machine": {"From": "Postmaster <anna@spostex.example>"},
    "local part with reply in it": {"Return-Path": "<replyana@spostex.example>"},
    "local part with owner in it": {"Return-Path": "<ownerson@spostex.example>"},
    "local part like bouncer": {"Return-Path": "<bouncer@spostex.example>"},
    "automobile": {"Subject": "Automobile parts"},
    "automatic gates": {"Subject": "Automatic gates, offer"},
    "delivery of goods": {"Subject": "Delivery on Monday?"},
}

#: Of every reason at least one, each from a message that is else a person's.
WITHHELD = {
    Reason.NO_RETURN_PATH: [{"Return-Path": None}],
    Reason.NULL_RETURN_PATH: [
        {"Return-Path": "<>"},
        {"Return-Path": ""},
        {"Return-Path": "< >"},
        {"Return-Path": "<> (null)"},
        {"Return-Path": ["<>", "<anna@spostex.example>"]},
    ],
    Reason.BAD_RETURN_PATH: [
        {"Return-Path": "<anna>"},
        {"Return-Path": "<anna@spostex.example>, <eve@spostex.example>"},
        {"Return-Path": "<anna@>"},
    ],
    Reason.NO_SENDER: [{"From": None}, {"From": ""}],
    Reason.OWN: [
        {"Return-Path": f"<{US}>"},
        {"From": "sales@spedbud.example"},
        {"From": "SALES@spedbud.example"},
        {"From": "sales+shop@spedbud.example"},
        {"Return-Path": "<prvs=0123ab=info@spedbud.example>"},
        {"Sender": "info@spedbud.example"},
    ],
    Reason.MACHINE: [
        {"From": "MAILER-DAEMON@spostex.example"},
        {"From": "Mail Delivery System <Mailer-Daemon@mx.spostex.example>"},
        {"Return-Path": "<mailerdaemon@spostex.example>"},
        {"From": "postmaster@spostex.example"},
        {"From": "noreply@spostex.example"},
        {"From": "no-reply@spostex.example"},
        {"From": "no_reply@spostex.example"},
        {"From": "No.Reply@spostex.example"},
        {"From": "noreply-orders@spostex.example"},
        {"From": "shop-noreply@spostex.example"},
        {"From": "noreply+17@spostex.example"},
        {"From": "donotreply@spostex.example"},
        {"From": "do-not-reply@spostex.example"},
        {"From": "dont.reply@spostex.example"},
        {"From": "nie-odpowiadaj@spostex.example"},
        {"Return-Path": "<bounce@spostex.example>"},
        {"Return-Path": "<bounces@spostex.example>"},
        {"Return-Path": "<bounces+17-anna@spostex.example>"},
        {"Return-Path": "<news-bounces@spostex.example>"},
        {"Return-Path": "<owner-news@spostex.example>"},
        {"Return-Path": "<news-owner@spostex.example>"},
        {"Return-Path": "<news-request@spostex.example>"},
        {"Return-Path": "<LISTSERV@spostex.example>"},
        {"Return-Path": "<majordomo@spostex.example>"},
        {"Return-Path": "<news-17-office=spedbud.example@spostex.example>"},
        {"From": "autoresponder@spostex.example"},
        {"From": "auto-reply@spostex.example"},
        {"From": "notifications@spostex.example"},
        {"From": "newsletter@spostex.example"},
        {"From": "www-data@web.spostex.example"},
        {"Sender": "daemon@spostex.example"},
    ],
    Reason.AUTOMATIC: [
        {"Auto-Submitted": "auto-generated"},
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-notified; owner-email=anna@spostex.example"},
        {"Auto-Submitted": "Auto-Replied (vacation)"},
        {"Auto-Submitted": "(no) auto-replied"},
        {"Auto-Submitted": "(no (no)) auto-generated"},
        {"Auto-Submitted": "nonsense"},
        {"Auto-Submitted": ""},
        {"Auto-Submitted": ["no", "auto-replied"]},
        {"AUTO-SUBMITTED": "auto-replied"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "Order 17"},
        {"X-AutoReply-From": "anna@spostex.example"},
        {"X-Mail-Autoreply": "1"},
        {"X-Autogenerated": "Reply"},
        {"X-Failed-Recipients": "bob@spostex.example"},
        {"X-Loop": "anna@spostex.example"},
        {"X-Cron-Env": "<SHELL=/bin/sh>"},
        {"Delivered-To": "Autoresponder"},
        {"Subject": "Auto: Order 17"},
        {"Subject": "Out of office: Order 17"},
        {"Subject": "Automatic reply: Order 17"},
        {"Subject": "Re: Automatische Antwort: Order 17"},
        {"Subject": "=?utf-8?q?Odpowied=C5=BA_automatyczna=3A_Order_17?="},
        {"Subject": "Undeliverable: Order 17"},
    ],
    Reason.SUPPRESSED: [
        {"X-Auto-Response-Suppress": "All"},
        {"X-Auto-Response-Suppress": "OOF"},
        {"X-Auto-Response-Suppress": "AutoReply"},
        {"X-Auto-Response-Suppress": "DR, RN, OOF, AutoReply"},
        {"X-Auto-Response-Suppress": "something new"},
    ],
    Reason.BULK: [
        {"Precedence": "bulk"},
        {"Precedence": "List"},
        {"Precedence": "junk (mostly)"},
        {"Precedence": "auto_reply"},
        {"X-Precedence": "bulk"},
        {"Precedence": ["first-class", "bulk"]},
        {"Feedback-ID": "1:2:3:spostex"},
    ],
    Reason.LIST: [
        {"List-Id": "<news.spostex.example>"},
        {"List-Unsubscribe": "<https://spostex.example/u>"},
        {"LIST-POST": "<mailto:news@spostex.example>"},
        {"List-Something-New": ""},
        {"X-List-Host": "spostex.example"},
        {"Mailing-List": "news"},
        {"X-BeenThere": "news@spostex.example"},
        {"X-Mailman-Version": "2.1"},
    ],
    Reason.REPORT: [
        {"Content-Type": "multipart/report; report-type=delivery-status; boundary=b"},
        {"Content-Type": "MULTIPART/REPORT; boundary=b"},
        {"Content-Type": "multipart/report; report-type=disposition-notification"},
        {"Content-Type": "multipart/mixed; report-type=feedback-report; boundary=b"},
        {"Content-Type": "message/delivery-status"},
        {"Content-Type": "message/disposition-notification"},
    ],
    Reason.SPAM: [
        {"X-Spam-Flag": "YES"},
        {"X-Spam-Status": "Yes, score=9.1 required=5.0"},
        {"X-Spam": "Yes"},
        {"X-Bogosity": "Spam, tests=bogofilter"},
        {"X-MS-Exchange-Organization-SCL": "6"},
        {"X-Forefront-Antispam-Report": "CIP:192.0.2.1;SFV:SPM;"},
    ],
    Reason.NOT_ADDRESSED: [
        {"To": "bob@spostex.example"},
        {"To": None},
        {"To": "undisclosed-recipients:;"},
        {"To": "office@elsewhere.example", "Cc": "eve@spostex.example"},
        {"To": f'"{US}" <bob@spostex.example>'},
        {"To": "bob@spostex.example", "Bcc": US},
    ],
    Reason.PER_MESSAGE: [
        {"Return-Path": f"<{local}@bounce.example>"}
        for local in (
            "0102018c5f3a1b2c-7d6e5f4a-1b2c-3d4e-5f6a-7b8c9d0e1f2a-000000",
            "mail-3f2504e04f8911d39a0c0305e82c3301",
            "ticket.20261105103000123",
            "msgid-a1b2c3d4e5f6g7",
            "6e2f1c0a-9b1d-4a55-8f7e-0c1d2e3f4a5b",
        )
    ],
    Reason.TOO_OLD: [{"Date": format_datetime(NOW - timedelta(days=4))}],
}
CASES = [(reason, head) for reason, heads in WITHHELD.items() for head in heads]

#: What is not in the message.
SITUATIONS = [
    (Reason.OFF, {"enabled": False}),
    (Reason.PAUSED, {"paused": True}),
    (Reason.HISTORY, {"live": False}),
    (Reason.OUTSIDE, {"window": None}),
    (Reason.BEFORE_WINDOW, {"received": NOW - timedelta(hours=2)}),
    (
        Reason.TOO_OLD,
        {
            "received": NOW - timedelta(days=4),
            "window": Window(NOW - timedelta(days=9)),
        },
    ),
    (Reason.SPAM, {"spam": True}),
    (Reason.BLOCKED, {"blocked": True}),
    (Reason.CAP, {"room": 0}),
    (
        Reason.ANSWERED,
        {"history": {"anna@spostex.example": NOW - timedelta(days=6, hours=23)}},
    ),
]


@pytest.mark.parametrize("name", ANSWERED)
def test_people_are_answered(name):
    assert isinstance(decide(ANSWERED[name]), Answer)


@pytest.mark.parametrize(("reason", "head"), CASES, ids=str)
def test_machines_are_not(reason, head):
    assert decide(head).reason is reason


@pytest.mark.parametrize(("reason", "values"), SITUATIONS, ids=str)
def test_what_else_withholds(reason, values):
    assert decide({}, **values).reason is reason


def test_the_table_is_large_and_names_every_reason():
    assert len(ANSWERED) + len(CASES) >= 80
    named = {reason for reason, _values in (*CASES, *SITUATIONS)}
    assert set(Reason) - named == {Reason.UNREADABLE}


def test_an_answer_goes_to_the_return_path_and_nowhere_else():
    answer = decide(
        {"Return-Path": "<anna+x@spostex.example>", "Reply-To": "victim@firma.example"}
    )
    assert answer.recipient == "anna+x@spostex.example"
    assert answer.correspondent == "anna@spostex.example"


@pytest.mark.parametrize(
    "written",
    [
        "<anna@spostex.example>",
        "<ANNA@spostex.EXAMPLE>",
        "<anna+1@spostex.example>",
        "<prvs=99ffaa=anna@spostex.example>",
        "<msprvs1=99ffaa=anna@spostex.example>",
    ],
)
def test_one_person_counts_once(written):
    history = {"anna@spostex.example": NOW - timedelta(days=1)}
    assert decide({"Return-Path": written}, history=history).reason is Reason.ANSWERED


def test_after_the_interval_there_is_another_answer():
    history = {"anna@spostex.example": NOW - timedelta(days=1)}
    assert isinstance(decide({}, history=history, interval=timedelta(days=1)), Answer)


def test_return_path_and_author_both_count():
    """Of one that makes a return path for each mail, however short, one is answered."""
    first = decide({"Return-Path": "<b-1@ticket.example>"})
    assert isinstance(first, Answer)
    history = {first.author: NOW - timedelta(days=1)}
    again = decide({"Return-Path": "<b-2@ticket.example>"}, history=history)
    assert again.reason is Reason.ANSWERED
    # nor after the interval: it is another one each time
    paths = frozenset({first.correspondent})
    later = decide({"Return-Path": "<b-3@ticket.example>"}, return_paths=paths)
    assert later.reason is Reason.PER_MESSAGE
    same = decide({"Return-Path": "<b-1@ticket.example>"}, return_paths=paths)
    assert isinstance(same, Answer)
    assert isinstance(decide({}, return_paths=paths), Answer), "their own address"


@pytest.mark.parametrize(
    "address",
    ["anna.nowak1985@x.example", "48123456789@sms.example", "a1b2@x.example"]
    + ["johnsmith1985warsaw@x.example", "0102018c5f3a1b2c-7d6e@x.example"],
)
def test_ones_own_address_is_made_for_no_message(address):
    assert isinstance(decide({"From": address, "Return-Path": f"<{address}>"}), Answer)


def test_a_server_that_writes_no_return_path():
    """The author is answered then; what an empty one says stays said."""
    answer = decide({"Return-Path": None}, gives_return_path=False)
    assert answer.recipient == answer.correspondent == "anna@spostex.example"
    for head, reason in [
        ({"Return-Path": "<>"}, Reason.NULL_RETURN_PATH),
        ({"Return-Path": None, "Precedence": "bulk"}, Reason.BULK),
        ({"Return-Path": None, "From": "noreply@x.example"}, Reason.MACHINE),
        ({"Return-Path": None, "From": None}, Reason.NO_SENDER),
        ({"Return-Path": None, "From": US}, Reason.OWN),
    ]:
        assert decide(head, gives_return_path=False).reason is reason


@pytest.mark.parametrize(
    "subject",
    "Automatic reply: offer|Automatyczna odpowiedź: oferta|Odpowiedź automatyczna: x"
    "|Abwesenheitsnotiz: Angebot|Automatische Antwort: A|Réponse automatique : offre"
    "|Absence du bureau|Respuesta automática: x|Fuera de la oficina"
    "|Risposta automatica: x"
    "|Fuori sede Re: x|Resposta automática: x|Automatisch antwoord: x|Autosvar: x"
    "|Automatiskt svar: x|Automatisk svar: x|Automaattinen vastaus: x"
    "|Automatická odpověď: x|Automatická odpoveď: x|Automatikus válasz: x"
    "|Răspuns automat: x|Автоматический ответ: x|Автоматична відповідь: x"
    "|Автоматичен отговор: x|Αυτόματη απάντηση: x|Otomatik yanıt: x|自动回复：x"
    "|自動応答: x|자동 회신: x|رد تلقائي: x|Samodejni odgovor: x|Automatski odgovor: x"
    "|Re: Out of Office|[Out of office] Anna|OOO: Anna|Urlop|Nieobecność: do 5.12"
    "|AUTOMATYCZNA ODPOWIEDŹ: x|Poza biurem|I am out of the office until Monday".split(
        "|"
    ),
)
def test_absence_notes_are_known_by_their_subjects(subject):
    assert decide({"Subject": subject}).reason is Reason.AUTOMATIC


@pytest.mark.parametrize(
    "subject",
    "Urlop w sierpniu|Vacation rentals in Spain|Out of stock|Office chairs|Away game"
    "|Absence of the invoice|Ferienwohnung|Automatyka domowa|Holiday offer".split("|"),
)
def test_what_people_write_is_no_absence_note(subject):
    assert isinstance(decide({"Subject": subject}), Answer)


def test_our_own_answer_is_not_answered():
    assert decide({"Auto-Submitted": "auto-replied"}).reason is Reason.AUTOMATIC


@pytest.mark.parametrize("hard", [False, True], ids=["as it is", "from a person"])
def test_no_bounce_and_no_answering_machine_gets_an_answer(hard):
    """As they are; and those that are addressed to us from an address like a person's.

    The second is what a server makes of them that writes no return path of its own.
    """
    answered, count = [], 0
    for name, source in corpus():
        if not name.startswith("bounces/") or "/not/" in name:
            continue
        try:
            headers = autoreply.read(source)
        except Unreadable:
            continue
        count += 1
        headers["to"] = [US]
        headers.pop("date", None)
        if hard and not autoreply.return_path(headers):
            found = addresses(headers, "from")
            if not found:
                continue
            headers["return-path"] = [f"<{found[0].addr_spec}>"]
        if isinstance(autoreply.decide(headers, situation()), Answer):
            subject = headers.get("subject", [""])[0]
            answered.append((name, headers["from"][0], subject))
    assert count > 700 or not CORPORA.is_dir()
    assert not answered
