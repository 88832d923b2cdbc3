"""Settings found from an address: canned sources, hostile documents."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.connect.discovery import (
    DATABASE,
    Fetchers,
    discover,
    make_fetchers,
)
from odoo.addons.mail_mailbox_archive.mailcore.connect.discovery_xml import (
    MAX_SIZE,
    read_config,
)
from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import NetGuard

from .sources import CORPORA, effort

pytestmark = pytest.mark.inside_odoo

ADDRESS = "jan@firma.example"
AUTOCONFIG = "https://autoconfig.firma.example/mail/config-v1.1.xml"
WELL_KNOWN = "https://firma.example/.well-known/autoconfig/mail/config-v1.1.xml"


def server(
    kind="incomingServer",
    name="imap",
    host="imap.firma.example",
    port="993",
    security="SSL",
    login="%EMAILADDRESS%",
    way="password-cleartext",
):
    return f"""<{kind} type="{name}"><hostname>{host}</hostname><port>{port}</port>
    <socketType>{security}</socketType><authentication>{way}</authentication>
    <username>{login}</username></{kind}>"""


def document(*servers, head="", extra=""):
    inner = "".join(servers) or server()
    return (
        f'<?xml version="1.0"?>{head}<clientConfig version="1.1">'
        f'<emailProvider id="x">{extra}{inner}</emailProvider></clientConfig>'
    ).encode()


def sources(pages=None, services=None, mail_servers=(), hosts=()):
    asked = []

    def page(url):
        asked.append(url)
        return (pages or {}).get(url, b"")

    fetchers = Fetchers(
        page,
        lambda name: (services or {}).get(name, ()),
        lambda _domain: mail_servers,
        lambda host: host in hosts,
    )
    return fetchers, asked


def find(address=ADDRESS, **options):
    fetchers, asked = sources(**options)
    found = discover(address, fetchers)
    assert all(url.startswith("https://") for url in asked)
    assert not any("jan" in url for url in asked), "the address was told"
    return found


def test_all_of_thunderbirds_database():
    """Each file with an encrypted IMAP server gives it."""
    for path in sorted((CORPORA / "autoconfig").glob("*.xml")):
        raw = path.read_bytes()
        address = f"jan@{path.stem}"
        imap, smtp = read_config(raw, address)
        for one in (*imap, *smtp):
            assert one.security in ("ssl", "starttls")
            assert "%" not in one.login + one.host
            assert one.oauth or one.password
        text = raw.decode()
        encrypted = text.split("<outgoingServer")[0]
        if 'type="imap"' in encrypted and "pop3" not in encrypted:
            wanted = "SSL</socket" in encrypted or "STARTTLS</socket" in encrypted
            assert bool(imap) == wanted, path.name


def test_document():
    raw = document(
        server(host="pop.firma.example", name="pop3"),
        server(login="%EMAILLOCALPART%", way="OAuth2"),
        server("outgoingServer", "smtp", "smtp.%EMAILDOMAIN%", "587", "STARTTLS"),
    )
    (imap,), (smtp,) = read_config(raw, ADDRESS)
    assert (imap.host, imap.port, imap.security) == ("imap.firma.example", 993, "ssl")
    assert (imap.login, imap.oauth, imap.password) == ("jan", True, False)
    assert (smtp.host, smtp.port) == ("smtp.firma.example", 587)
    assert (smtp.security, smtp.login, smtp.oauth) == ("starttls", ADDRESS, False)


@pytest.mark.parametrize(
    "host, registered",
    [
        ("mx1.hoster.example", "hoster.example"),
        ("mx.eu.hoster.co.uk", "hoster.co.uk"),
        ("mx.hoster.com.pl", "hoster.com.pl"),
        ("mx.hoster.lodz.pl", "hoster.lodz.pl"),
        ("mx.a.hoster.chuo.tokyo.jp", "hoster.chuo.tokyo.jp"),
        ("co.uk", ""),
    ],
)
def test_the_hoster_is_the_domain_that_somebody_registered(host, registered):
    fetchers, asked = sources(mail_servers=[host])
    discover(ADDRESS, fetchers)
    above = [url.removeprefix(DATABASE) for url in asked if url.startswith(DATABASE)]
    assert above[1:] == ([registered] if registered else [])


@pytest.mark.parametrize(
    "odd",
    [
        {"security": "plain", "port": "143"},
        {"security": ""},
        {"host": ""},
        {"host": "localhost"},
        {"host": "127.0.0.1"},
        {"host": "imap firma example"},
        {"host": "imap.firma.example/x"},
        {"host": "a@imap.firma.example"},
        {"host": "[::1]"},
        {"port": "0"},
        {"port": "99999"},
        {"port": "x"},
        {"port": "-1"},
    ],
)
def test_server_that_is_none(odd):
    assert read_config(document(server(**odd)), ADDRESS) == ((), ())


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10)
)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html></html>",
        b"<clientConfig>",
        b"\xff\xfe\0",
        b"PK\x03\x04",
        document(head=f"<!DOCTYPE x [{LAUGHS}]>", extra="&l9;"),
        document(
            server(host="&x;"),
            head='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        ),
        document(
            server(host="&x;"),
            head='<!DOCTYPE x [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]>',
        ),
        document(head='<!DOCTYPE clientConfig SYSTEM "http://127.0.0.1:1/x.dtd">'),
        document(
            head="<!DOCTYPE x [<!ENTITY x 'imap.evil.example'>]>",
        )
        .decode()
        .replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
        .encode("utf-16"),
        document(extra="x" * MAX_SIZE),
        b"<clientConfig>" + b"<a>" * 20_000,
        b"x" * 10_000_000,
    ],
)
def test_hostile_document(raw):
    def refuse():
        with pytest.raises(ValueError):
            read_config(raw, ADDRESS)

    assert effort(refuse) < 8
    assert find(pages={AUTOCONFIG: raw}) is None


def test_order_of_the_sources():
    """Take the best away, one after the other."""
    pages = {
        AUTOCONFIG: document(server(host="a.firma.example")),
        WELL_KNOWN: document(server(host="b.firma.example")),
        DATABASE + "firma.example": document(server(host="c.firma.example")),
    }
    options = {
        "pages": pages,
        "services": {"_imaps._tcp.firma.example": [("d.firma.example", 993)]},
        "mail_servers": ["mx1.hoster.example"],
        "hosts": {"imap.firma.example", "mail.firma.example"},
    }
    hoster = DATABASE + "hoster.example"

    def best():
        found = find(**options)
        return found and (found.source, found.imap[0].host)

    pages[hoster] = document(server(host="e.hoster.example"))
    assert best() == ("autoconfig", "a.firma.example")
    del pages[AUTOCONFIG]
    assert best() == ("autoconfig", "b.firma.example")
    del pages[WELL_KNOWN]
    assert best() == ("database", "c.firma.example")
    del pages[DATABASE + "firma.example"]
    assert best() == ("services", "d.firma.example")
    options["services"] = {}
    assert best() == ("database", "e.hoster.example")
    del pages[hoster]
    assert best() == ("guess", "imap.firma.example")
    options["hosts"] = {"mail.firma.example"}
    assert best() == ("guess", "mail.firma.example")
    options["hosts"] = set()
    assert best() is None


@pytest.mark.parametrize(
    ("address", "host", "oauth", "password"),
    [
        ("jan@gmail.com", "imap.gmail.com", True, True),
        ("Jan@GMAIL.com", "imap.gmail.com", True, True),
        ("jan@outlook.com", "outlook.office365.com", True, False),
        ("jan@yahoo.com", "imap.mail.yahoo.com", True, True),
        ("jan@wp.pl", "imap.wp.pl", False, True),
        ("jan@o2.pl", "poczta.o2.pl", False, True),
    ],
)
def test_presets_ask_nobody(address, host, oauth, password):
    fetchers, asked = sources()
    found = discover(address, fetchers)
    assert not asked
    (server,) = found.imap
    assert found.source == "preset" and found.smtp
    assert (server.host, server.oauth, server.password) == (host, oauth, password)


@pytest.mark.parametrize(
    ("mail_server", "host"),
    [
        ("aspmx.l.google.com", "imap.gmail.com"),
        ("firma-example.mail.protection.outlook.com", "outlook.office365.com"),
        ("mx1.mail.ovh.net", "ssl0.ovh.net"),
        ("notgoogle.com", None),
        ("google.com.evil.example", None),
    ],
)
def test_provider_by_its_mail_server(mail_server, host):
    found = find(mail_servers=[mail_server])
    assert (found and found.imap[0].host) == host
    assert not found or found.source == "mx"


def test_services():
    found = find(
        services={
            "_imaps._tcp.firma.example": [("a.firma.example", 993), (".", 0)],
            "_imap._tcp.firma.example": [("b.firma.example", 143)],
            "_submissions._tcp.firma.example": [("c.firma.example", 465)],
        }
    )
    assert [(s.host, s.security) for s in found.imap] == [
        ("a.firma.example", "ssl"),
        ("b.firma.example", "starttls"),
    ]
    assert found.smtp[0].port == 465
    assert find(services={"_imaps._tcp.firma.example": [(".", 0)]}) is None


@pytest.mark.parametrize(
    "address",
    ["", "jan", "jan@", "@x.example", "jan@localhost", "a@b@c", "j@[1.2.3.4]"],
)
def test_address_that_is_none(address):
    fetchers, asked = sources()
    assert discover(address, fetchers) is None
    assert not asked


def test_network_is_guarded():
    """What leads inside is as if it were not there."""
    inside = [(2, 1, 6, "", ("10.0.0.1", 443))]
    fetchers = make_fetchers(NetGuard(resolve=lambda *_a, **_o: inside))
    assert fetchers.page(AUTOCONFIG) == b""
    assert not fetchers.exists("imap.firma.example")
