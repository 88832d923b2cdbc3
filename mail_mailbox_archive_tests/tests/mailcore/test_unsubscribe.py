"""Unsubscribing: what a hostile header may say, and what a hostile server may do."""

import time

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.autoreply.autoreply import read
from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import (
    AddressRefused,
    NetGuard,
)
from odoo.addons.mail_mailbox_archive.mailcore.connect.one_click import (
    STATUS_WITHIN,
    post_one_click,
)
from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.read.unsubscribe import (
    read_unsubscribe,
    read_url,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import (
    LOOPBACK,
    Scripted,
)

pytestmark = pytest.mark.usefixtures("trusted")

POST = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
URL = "https://news.example/u?id=1&k=%20a"


def way(value, post=POST):
    head = f"From: a@b.example\r\nList-Unsubscribe: {value}\r\n{post}\r\nHello"
    return read_unsubscribe(read(head.encode()))


def test_one_click():
    found = way(f"<mailto:out@news.example>, <{URL}>")
    assert (found.url, found.host, found.address) == (URL, "news.example", "")
    assert way(f"<{URL}>", POST.lower()).url == URL
    assert way("<https://News.Example:8443/u>").host == "news.example:8443"
    assert way("<https://news.example/a\r\n b>").url == "https://news.example/ab"


@pytest.mark.parametrize(
    "post",
    (
        "",
        "List-Unsubscribe-Post: One-Click\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=Two-Clicks\r\n",
        POST + POST,
    ),
)
def test_a_page_is_not_posted_to_unless_the_header_says_so(post):
    assert way(f"<{URL}>", post) is None


@pytest.mark.parametrize(
    "value",
    (
        "",
        URL,
        "<http://news.example/u>",
        "<ftp://news.example/u>",
        "<javascript:alert(1)>",
        "<file:///etc/passwd>",
        "<https://>",
        "<https:///u>",
        "<https://user:word@news.example/u>",
        "<https://news.example@other.example/u>",
        "<https://news.example:0/u>",
        "<https://news.example:99999/u>",
        "<https://[::1/u>",
        "<https://news.example\\@other.example/u>",
        "<https://n\u0119ws.example/u>",
        f"<https://news.example/{'x' * 2000}>",
        "<" * 20_000,
        "<mailto:>",
        "<mailto:nobody>",
        "<mailto:a@b.example,c@d.example>",
        "<mailto:a@b.example%0d%0aBcc:c@d.example>",
    ),
)
def test_no_way(value):
    assert way(value) is None


def test_of_twenty_addresses_the_first_ones_are_looked_at():
    many = ", ".join(f"<http://h{number}.example/>" for number in range(20))
    assert way(f"{many}, <{URL}>") is None
    assert way(f"<{URL}>, {many}").url == URL


def test_by_email():
    found = way("<mailto:Out%2B1@news.example?subject=out%0d%0anow&BODY=bye&cc=x@y.z>")
    assert (found.address, found.subject, found.body) == (
        "Out+1@news.example",
        "out now",
        "bye",
    )
    assert not found.url


def post(server, guard=LOOPBACK, path="/u?id=1#part", seconds=5):
    url = f"https://{server.host}:{server.port}{path}"
    return post_one_click(guard, read_url(url), seconds)


def answering(*lines):
    def script(line):
        line.read()
        line.send(*lines)

    return script


def test_what_is_sent(authority):
    with Scripted(answering("HTTP/1.1 202 Accepted", ""), authority.good()) as server:
        assert post(server) == 202
        head, _blank, body = bytes(server.received).decode().partition("\r\n\r\n")
    first, *fields = head.split("\r\n")
    assert first == "POST /u?id=1 HTTP/1.1"
    assert sorted(one.partition(":")[0] for one in fields) == [
        "Connection",
        "Content-Length",
        "Content-Type",
        "Host",
    ]
    assert body in ("", "List-Unsubscribe=One-Click")


def test_no_redirect_is_followed(authority):
    with Scripted(lambda line: None, authority.good()) as inside:
        place = f"Location: https://{inside.host}:{inside.port}/"
        lines = answering("HTTP/1.1 307 Temporary", place, "")
        with Scripted(lines, authority.good()) as server:
            assert post(server) == 307
        assert not inside.received


@pytest.mark.parametrize(
    "address", ("127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1")
)
def test_private_addresses_are_not_connected_to(address):
    def resolve(host, port, type):
        return [(2, type, 6, "", ("8.8.8.8", port)), (2, type, 6, "", (address, port))]

    def dial(*_arguments):
        raise AssertionError("connected")

    guard = NetGuard(resolve=resolve, dial=dial)
    with pytest.raises(AddressRefused):
        post_one_click(guard, read_url("https://news.example/u"))


@pytest.mark.parametrize("port", (25, 143, 465, 587, 993, 2525))
def test_no_mail_server_is_spoken_to(port):
    with pytest.raises(AddressRefused):
        post_one_click(LOOPBACK, read_url(f"https://localhost:{port}/u"))


def test_of_a_host_with_twenty_addresses_two_are_tried():
    tried = []

    def resolve(host, port, type):
        return [(2, type, 6, "", (f"8.8.8.{one}", port)) for one in range(20)]

    def dial(_family, sockaddr, timeout):
        tried.append((sockaddr, timeout))
        raise TimeoutError

    with pytest.raises(Unreachable):
        post_one_click(
            NetGuard(resolve=resolve, dial=dial), read_url("https://a.example"), 4
        )
    assert len(tried) == 2 and sum(timeout for _one, timeout in tried) <= 4


def drip(line, dripped):
    """Send a byte now and then, as long as somebody listens."""
    try:
        while len(dripped) < 2 * STATUS_WITHIN:
            line.write(b" ")
            dripped.append(1)
            time.sleep(0.02)
    except OSError:
        pass


def endless(line):
    try:
        while True:
            line.write(b"x" * 65536)
    except OSError:
        pass


@pytest.mark.parametrize(
    "script", (endless, lambda line: line.wait(), answering("220 smtp"))
)
def test_what_is_no_answer_ends(authority, script):
    with Scripted(script, authority.good()) as server:
        with pytest.raises(Unreachable):
            post(server, seconds=1)


@pytest.mark.parametrize("part", ("handshake", "answer"))
def test_one_that_drips_is_hung_up_on(authority, part):
    dripped = []

    def script(line):
        if part == "handshake":
            line.write(b"\x16\x03\x03\x40\x00")
        drip(line, dripped)

    certificate = authority.good() if part == "answer" else None
    with Scripted(script, certificate) as server:
        with pytest.raises(Unreachable):
            post(server, seconds=1)
    # long before it had read all that it would
    assert len(dripped) < STATUS_WITHIN / 2


def test_a_huge_answer_is_not_read(authority):
    def script(line):
        line.read()
        line.send("HTTP/1.1 200 OK", f"X: {'x' * 1000}")
        endless(line)

    with Scripted(script, authority.good()) as server:
        assert post(server) == 200


@pytest.mark.parametrize("kind", ("expired", "wrong_host", "of_a_stranger"))
def test_a_certificate_that_cannot_be_trusted(authority, kind):
    with Scripted(lambda line: None, getattr(authority, kind)()) as server:
        with pytest.raises(Unreachable) as caught:
            post(server)
        assert caught.value.code == "certificate"
        assert b"List-Unsubscribe" not in server.received
