"""Domains with other letters: UTS 46, the same wherever one is written or compared."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses import idn
from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import (
    is_valid,
    normalise,
)
from odoo.addons.mail_mailbox_archive.mailcore.addresses.spoof import readable_domain
from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import NetGuard
from odoo.addons.mail_mailbox_archive.mailcore.errors import SendRefused
from odoo.addons.mail_mailbox_archive.mailcore.imap.connection import Account
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing_header import ascii_address
from odoo.addons.mail_mailbox_archive.mailcore.view.link import ascii_host

#: As browsers have them (the Unicode consortium's demonstration of UTS 46).
DOMAINS = {
    # the four signs that the standard of 2003 took for others
    "straße.de": "xn--strae-oqa.de",
    "STRAẞE.de": "xn--strae-oqa.de",
    "βόλος.com": "xn--nxasmm1c.com",
    "نامه\u200cای.com": "xn--mgba3gch31f060k.com",
    # the same in both
    "żółć.example": "xn--kda4b0koi.example",
    "BÜCHER.ch": "xn--bcher-kva.ch",
    "bücher。ch": "xn--bcher-kva.ch",
    "例え.テスト": "xn--r8jz45g.xn--zckzah",
    "ﬁsch.de": "fisch.de",
    # symbols: registered here and there
    "i❤.ws": "xn--i-7iq.ws",
    "☃.net": "xn--n3h.net",
    "example.com": "example.com",
}
#: No domains at all.
WRONG = ["a..ż", "-ż.pl", "ż" * 70 + ".pl", "co\u200dmż.pl"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_one_form_wherever_it_goes(domain):
    wanted = DOMAINS[domain]
    asked = []

    def resolve(host, port, **_options):
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.215.14", port))]

    assert idn.to_ascii(domain) == wanted
    assert normalise(f"Info@{domain}") == f"info@{wanted}"
    assert ascii_address(f"info@{domain}") == f"info@{wanted}"
    assert ascii_host(domain) == wanted
    assert Account(domain, 993, "ssl", "info").server_name == wanted
    NetGuard(resolve=resolve).check(domain, 993)
    assert asked == [wanted]
    assert is_valid(f"info@{domain}")


@pytest.mark.parametrize("domain", WRONG)
def test_what_can_be_no_domain(domain):
    with pytest.raises(ValueError):
        idn.to_ascii(domain)
    assert idn.ascii_or_same(domain) == domain
    assert not is_valid(f"info@{domain}")
    with pytest.raises(SendRefused):
        ascii_address(f"info@{domain}")


@pytest.mark.parametrize("domain", DOMAINS)
def test_and_back(domain):
    readable = readable_domain(DOMAINS[domain])
    assert idn.to_ascii(readable) == DOMAINS[domain]
    assert "xn--" not in readable


@pytest.mark.parametrize(
    "domain",
    ["xn--999999999", "xn--a", "xn--strasse-.de", "XN--0.com", "plain.com", ""],
)
def test_what_is_not_ours_to_read_stays(domain):
    assert idn.to_unicode(domain) == domain
