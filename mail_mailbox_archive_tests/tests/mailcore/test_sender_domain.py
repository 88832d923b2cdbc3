"""Advice about a domain from what its DNS holds; the resolver is the test's."""

import itertools

import dns.resolver
import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses import sender_domain
from odoo.addons.mail_mailbox_archive.mailcore.addresses.sender_domain import look_up
from odoo.addons.mail_mailbox_archive.mailcore.send import providers

SPF = "v=spf1 include:sendgrid.net -all"
DKIM = "v=DKIM1; k=rsa; p=MIGfMA0G CSq"
DMARC = "v=DMARC1; p=reject; rua=mailto:a@example.com"
GOOD = {
    "example.com": [SPF, "google-site-verification=x"],
    "s1._domainkey.example.com": [DKIM],
    "_dmarc.example.com": [DMARC],
}


def advice(records, provider="sendgrid", address="office@example.com", selectors=()):
    kind = providers.get(provider)
    return look_up(
        address,
        kind.spf_include,
        (*selectors, *kind.dkim_selectors),
        lambda name: records.get(name, []),
    )


def verdicts(found):
    return [(one.check, one.verdict, one.code) for one in found.findings]


def test_all_good():
    found = advice(GOOD)
    assert found.domain == "example.com" and not found.offline
    assert verdicts(found) == [
        ("spf", "good", "spf_found"),
        ("dkim", "good", "dkim_found"),
        ("dmarc", "good", "dmarc_found"),
    ]
    assert [one.record for one in found.findings] == [SPF, DKIM, DMARC]


def test_nothing_there():
    assert verdicts(advice({}, "smtp")) == [
        ("spf", "missing", "spf_missing"),
        ("dkim", "missing", "dkim_not_found"),
        ("dmarc", "missing", "dmarc_missing"),
    ]


@pytest.mark.parametrize(
    ("records", "provider", "expected"),
    [
        ([SPF], "smtp", ("good", "spf_found")),
        ([SPF], "emaillabs", ("weak", "spf_not_included")),
        ([SPF, SPF], "sendgrid", ("broken", "spf_several")),
        (["v=spf1 +all"], "smtp", ("weak", "spf_all")),
        (["v=spf1 all"], "smtp", ("weak", "spf_all")),
        (["v=spf1 ~all"], "smtp", ("good", "spf_found")),
        (["v=spf10 -all"], "smtp", ("missing", "spf_missing")),
        (
            ["v=spf1 include:_spf.emaillabs.net.pl -all"],
            "emaillabs",
            ("good", "spf_found"),
        ),
        (["v=spf1 include:one.example -all"], "sendgrid", ("good", "spf_found")),
        (["v=spf1 redirect=one.example"], "sendgrid", ("good", "spf_found")),
        (
            ["v=spf1 include:loop.example -all"],
            "sendgrid",
            ("weak", "spf_not_included"),
        ),
        ([], "sendgrid", ("weak", "spf_missing")),
    ],
)
def test_spf(records, provider, expected):
    names = {
        "example.com": records,
        "one.example": ["v=spf1 include:u1.wl.sendgrid.net ~all"],
        "loop.example": ["v=spf1 include:loop.example include:example.com -all"],
    }
    finding = advice(names, provider).findings[0]
    assert (finding.verdict, finding.code) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("v=DMARC1; p=none", ("weak", "dmarc_none")),
        ("v=DMARC1;p=quarantine", ("good", "dmarc_found")),
        ("v = DMARC1; p=REJECT", ("good", "dmarc_found")),
        ("v=DMARC1; pct=100", ("broken", "dmarc_policy")),
        ("v=DMARC2; p=reject", ("missing", "dmarc_missing")),
    ],
)
def test_dmarc(record, expected):
    finding = advice({"_dmarc.example.com": [record]}).findings[2]
    assert (finding.verdict, finding.code) == expected


def test_dmarc_of_the_domain_above():
    names = {"_dmarc.example.com": ["v=DMARC1; p=reject; sp=none"]}
    found = advice(names, address="a@mail.example.com")
    assert found.findings[2].code == "dmarc_none"


def test_dmarc_twice():
    assert (
        advice({"_dmarc.example.com": [DMARC, DMARC]}).findings[2].verdict == "broken"
    )


def test_dkim_by_a_name_that_is_known_and_taken_back():
    names = {"mine._domainkey.example.com": [DKIM]}
    assert advice(names).findings[1].code == "dkim_not_found"
    assert advice(names, selectors=["mine"]).findings[1].code == "dkim_found"
    gone = {"s1._domainkey.example.com": ["v=DKIM1; p="]}
    assert advice(gone).findings[1].code == "dkim_revoked"


def test_offline_says_so():
    def nobody(name):
        raise OSError("unreachable")

    found = look_up("office@example.com", "sendgrid.net", lookup=nobody)
    assert found.offline
    assert {one.verdict for one in found.findings} == {"unknown"}


def test_time_runs_out():
    asked = []
    seconds = itertools.count(0, 5)

    def slow(name):
        asked.append(name)
        return []

    found = look_up("a@example.com", lookup=slow, clock=lambda: next(seconds))
    assert len(asked) <= 3
    assert found.findings[-1].code == "offline" and not found.offline


def test_international_domain():
    asked = []
    look_up("ola@żółw.example", lookup=lambda name: asked.append(name) or [])
    assert asked[0] == "xn--w-uga1v8h.example"
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("address", ["", "office", "a@localhost"])
def test_no_domain(address):
    with pytest.raises(ValueError):
        advice({}, address=address)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (dns.resolver.NXDOMAIN(), []),
        (dns.resolver.LifetimeTimeout(timeout=3, errors=[]), OSError),
        (dns.resolver.NoNameservers(), OSError),
    ],
)
def test_system_resolver(monkeypatch, error, expected):
    class Resolver:
        def resolve(self, name, kind, search):
            assert (kind, search) == ("TXT", False)
            assert 0 < self.timeout <= self.lifetime <= 5
            raise error

    monkeypatch.setattr(dns.resolver, "Resolver", Resolver)
    if expected is OSError:
        with pytest.raises(OSError):
            sender_domain.system_lookup("example.com")
    else:
        assert sender_domain.system_lookup("example.com") == expected
