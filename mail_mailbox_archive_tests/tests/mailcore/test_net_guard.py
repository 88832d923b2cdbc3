"""Which addresses are reached: a resolver and a dialler of the test, no socket."""

import ipaddress
import socket

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import (
    AddressRefused,
    NetGuard,
    is_public,
    read_networks,
)
from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError, Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Password,
    Session,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import (
    LOOPBACK,
    FakeServer,
)

INSIDE = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255
    127.0.0.1 127.1.2.3 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1
    172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1
    192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:0:4136::1
    2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:808:808::1 3fff::1 5f00::1
    fc00::1 fd00:ec2::254 fdff::1 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1
    2a00:1450::5efe:10.0.0.1 2a00:1450::200:5efe:10.0.0.1 4000::1
""".split()
OUTSIDE = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255
    128.0.0.1 169.253.255.255 169.255.0.1 172.15.255.255 172.32.0.1 192.0.1.1
    192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1 223.255.255.255
    2606:4700:4700::1111 2a00:1450:4009::5 2001:4860:4860::8888 2001:200::1
""".split()


def resolver(*addresses):
    """Return a resolver that knows ``addresses``, and the calls that it gets."""
    calls = []

    def resolve(host, port, type):
        calls.append(host)
        return [
            (socket.AF_INET6, type, 6, "", (text, port, 0, 0))
            if ":" in text
            else (socket.AF_INET, type, 6, "", (text, port))
            for text in addresses
        ]

    return resolve, calls


def guarded(*addresses, reached=None, **options):
    resolve, _calls = resolver(*addresses)

    def dial(family, sockaddr, timeout):
        assert reached is not None, f"{sockaddr} was connected to"
        reached.append(sockaddr[0])
        return "line"

    return NetGuard(resolve=resolve, dial=dial, **options)


def code_of(guard, port=993, **options):
    with pytest.raises(AddressRefused) as caught:
        guard.connect("mail.example.com", port, 1, **options)
    return caught.value.code


@pytest.mark.parametrize("text", INSIDE)
def test_inside_is_refused_before_any_connection(text):
    assert not is_public(ipaddress.ip_address(text))
    assert code_of(guarded(text)) == "address_refused"


@pytest.mark.parametrize("text", OUTSIDE)
def test_outside_is_reached_at_the_address_that_was_checked(text):
    reached = []
    guarded(text, reached=reached).connect("mail.example.com", 993, 1)
    assert reached == [text]


def test_zone_is_no_way_around():
    assert code_of(guarded("fe80::1%eth0")) == "address_refused"


@pytest.mark.parametrize("others", [("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8")])
def test_one_address_inside_refuses_the_name(others):
    assert code_of(guarded(*others)) == "address_refused"


def test_rebinding():
    """The second answer of a name server that changes its mind is never asked for."""
    answers = iter([("8.8.8.8",), ("127.0.0.1",)])
    asked, reached = [], []

    def resolve(host, port, type):
        asked.append(host)
        return resolver(*next(answers))[0](host, port, type)

    guard = NetGuard(resolve=resolve, dial=lambda *a: reached.append(a[1][0]))
    guard.connect("rebind.example.com", 993, 1)
    assert (asked, reached) == (["rebind.example.com"], ["8.8.8.8"])
    with pytest.raises(AddressRefused):
        guard.connect("rebind.example.com", 993, 1)
    assert reached == ["8.8.8.8"]


def test_next_address_when_one_does_not_answer():
    resolve, _calls = resolver("2606:4700:4700::1111", "1.1.1.1")

    def dial(family, sockaddr, timeout):
        if family == socket.AF_INET6:
            raise ConnectionRefusedError
        return sockaddr[0]

    guard = NetGuard(resolve=resolve, dial=dial)
    assert guard.connect("one.example", 443, 1) == "1.1.1.1"
    none = NetGuard(resolve=resolver("2606:4700:4700::1111")[0], dial=dial)
    with pytest.raises(ConnectionRefusedError):
        none.connect("one.example", 443, 1)


@pytest.mark.parametrize("port", [0, 1, 22, 3306, 5432, 6379, 8069, 11211, 65535])
def test_other_ports_are_refused_before_the_name_is_asked_for(port):
    resolve, asked = resolver("8.8.8.8")
    assert code_of(NetGuard(resolve=resolve, dial=None), port) == "port_refused"
    assert not asked


@pytest.mark.parametrize("port", [25, 80, 143, 443, 465, 587, 993, 2525])
def test_ports_of_mail_and_web(port):
    reached = []
    guarded("8.8.8.8", reached=reached).connect("mail.example.com", port, 1)
    assert reached == ["8.8.8.8"]


def test_allowed_range_any_port_in_clear():
    reached = []
    options = {"allowed": ["10.1.0.0/16", "fd00:1::/32"], "reached": reached}
    for text in ("10.1.2.3", "fd00:1::5"):
        guarded(text, **options).connect("mail.example.com", 1143, 1, plain=True)
    assert reached == ["10.1.2.3", "fd00:1::5"]
    assert code_of(guarded("10.2.0.1", allowed=["10.1.0.0/16"])) == "address_refused"
    assert code_of(guarded("8.8.8.8", allowed=["10.1.0.0/16"]), 22) == "port_refused"
    # the same address in another form is another address
    mapped = guarded("::ffff:10.1.2.3", allowed=["10.1.0.0/16"])
    assert code_of(mapped) == "address_refused"


def test_in_clear_only_where_allowed():
    assert code_of(guarded("8.8.8.8"), 143, plain=True) == "plain_refused"
    public = guarded("8.8.8.8", allowed=["10.0.0.0/8"])
    assert code_of(public, 143, plain=True) == "plain_refused"


@pytest.mark.parametrize(
    "host",
    # what the system's own resolver makes of numbers: no name server is asked
    ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::1", "localhost"],
)
def test_forms_of_this_machine(host):
    with pytest.raises(AddressRefused):
        NetGuard().connect(host, 993, 1)


def test_networks_of_the_configuration():
    networks = read_networks("127.0.0.0/8, ::1 10.0.0.0/8")
    assert [str(network) for network in networks] == [
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
    ]
    assert read_networks("") == ()
    with pytest.raises(ValueError):
        read_networks("10.0.0.1/8")


def test_refusal_is_an_ordinary_failure_to_reach():
    assert issubclass(AddressRefused, Unreachable)
    assert AddressRefused().failure_type == "connection"


@pytest.mark.parametrize("security", ["ssl", "starttls", "none"])
def test_mailbox_server_inside_is_never_connected_to(security):
    with FakeServer() as server:
        account = Account(server.host, server.port, security, "ann")
        with pytest.raises(MailCoreError) as caught:
            Session.open(account, Password("s3cret-word"))
        assert isinstance(caught.value, AddressRefused)
        assert server.connections == 0
        allowed = Account(server.host, server.port, "none", "ann", guard=LOOPBACK)
        Session.open(allowed, Password("s3cret-word")).close()
        assert server.connections == 1
