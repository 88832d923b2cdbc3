"""The automatic answer as it is written."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses.sender_name import (
    unknown_variables,
)
from odoo.addons.mail_mailbox_archive.mailcore.autoreply import (
    autoreply,
    autoreply_message,
)
from odoo.addons.mail_mailbox_archive.mailcore.autoreply.autoreply_message import (
    Template,
)
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import prepare

pytestmark = pytest.mark.inside_odoo

NAMES = {"first_name": "Jan", "last_name": "Maj"}


def headers(**values):
    head = {
        "From": "Anna Nowak <anna@spostex.example>",
        "Subject": "Order 17",
        "Message-ID": "<2@spostex.example>",
    } | {name.replace("_", "-"): value for name, value in values.items()}
    return autoreply.read(
        "\r\n".join(f"{name}: {value}" for name, value in head.items()).encode()
        + b"\r\n\r\n"
    )


def fill(subject="Away: {{subject}}", content="<p>Dear {{sender}}</p>", prefix="", **h):
    values = autoreply_message.values_of(headers(**h), NAMES)
    return autoreply_message.fill(Template(subject, content, prefix), values)


def test_variables():
    content = "<p>{{ sender }}: {{subject}} – {{first_name}} {{last_name}}</p>"
    assert fill(content=content) == (
        "Away: Order 17",
        "<p>Anna Nowak: Order 17 – Jan Maj</p>",
    )
    assert fill(From="anna@spostex.example")[1] == "<p>Dear anna@spostex.example</p>"


def test_what_the_sender_wrote_is_text_and_no_template():
    hostile = "{{first_name}} <script>alert(1)</script> ${7*7} {{7*7}}"
    subject, content = fill("{{subject}}", "<p>{{subject}}</p>", Subject=hostile)
    assert subject == hostile
    assert "<script" not in content
    assert "Jan" not in content
    assert "49" not in content


def test_a_long_subject_is_cut_and_stays_on_a_line():
    subject, content = fill("{{subject}}", "{{subject}}", Subject="word " * 100)
    assert len(subject) <= 200 and len(content) <= 100
    subject, _content = fill("{{subject}}", Subject="=?utf-8?q?a=0D=0ABcc:_x=40y?=")
    assert "\n" not in subject and "\r" not in subject


def test_prefix_is_put_once():
    assert fill("{{subject}}", prefix="Re: ")[0] == "Re: Order 17"
    assert fill("{{subject}}", prefix="Re: ", Subject="RE: Order")[0] == "RE: Order"
    assert fill("Away", prefix="Auto:")[0] == "Auto: Away"


def test_unknown_variables():
    known = autoreply_message.VARIABLES
    assert unknown_variables("{{subject}} {{ sender }} {{first_name}}", known) == ()
    assert unknown_variables("{{object.name}}", known) == ("{{object.name}}",)
    assert unknown_variables("{{7*7}} {{", known) == ("{{7*7}}", "{{")
    assert unknown_variables("{{subject}}") == ("{{subject}}",)


def test_how_machines_know_it():
    message = autoreply_message.build(
        headers(References="<0@x.example> <1@x.example>"),
        "anna@spostex.example",
        "Away",
        "<p>Zażółć</p>",
        "Zażółć",
    )
    message["From"] = "office@spedbud.example"
    sent = prepare(message, "", ["anna@spostex.example"])
    assert sent.envelope_from == ""
    written = autoreply.read(sent.as_bytes())
    assert written["auto-submitted"] == ["auto-replied"]
    assert written["x-auto-response-suppress"] == ["All"]
    assert written["in-reply-to"] == ["<2@spostex.example>"]
    assert " ".join(written["references"][0].split()) == (
        "<0@x.example> <1@x.example> <2@spostex.example>"
    )
    assert written["to"] == ["anna@spostex.example"]


def test_a_message_without_id_is_answered_all_the_same():
    message = autoreply_message.build(
        headers(Message_ID=""), "anna@spostex.example", "Away", "<p>x</p>", "x"
    )
    assert message["In-Reply-To"] is None and message["References"] is None


def test_very_long_references_are_cut():
    many = " ".join(f"<{number}@x.example>" for number in range(90))
    message = autoreply_message.build(
        headers(References=many), "anna@spostex.example", "Away", "<p>x</p>", "x"
    )
    assert len(str(message["References"]).split()) == 20
    assert str(message["References"]).endswith("<2@spostex.example>")
