"""SPF, DKIM and DMARC of a mailbox's domain, as advice for the way it sends.

What is in the DNS is read, nothing is proved: whether mail passes is decided by who
receives it (RFC 7208, RFC 6376, RFC 7489).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import dns.exception
import dns.resolver

from .address import normalise
from .domains import organisation

#: Seconds for one question, and for all of them.
QUESTION_SECONDS = 3.0
TOTAL_SECONDS = 12.0
#: SPF's own limit of questions (RFC 7208, 4.6.4).
MAX_LOOKUPS = 10
MAX_RECORDS = 50

#: Names under which DKIM keys usually stand, whoever sends.
COMMON_SELECTORS = (
    "default",
    "google",
    "selector1",
    "selector2",
    "dkim",
    "mail",
    "k1",
    "s1",
)

Verdict = Literal["good", "weak", "missing", "broken", "unknown"]
#: Returns the TXT records of a name, () when there are none.
#: :raises OSError: nobody answered
Lookup = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one of the three says.

    :param check: ``spf``, ``dkim`` or ``dmarc``
    :param code: why, as a stable word; the sentence for people is chosen by it
    :param record: what the DNS holds, "" for nothing
    """

    check: Literal["spf", "dkim", "dmarc"]
    verdict: Verdict
    code: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """The three findings for a domain.

    :param offline: nobody answered at all, so that nothing is known
    """

    domain: str
    findings: tuple[Finding, ...]

    @property
    def offline(self) -> bool:
        """Whether nothing could be asked."""
        return all(one.code == "offline" for one in self.findings)


def look_up(
    address: str,
    include: str = "",
    selectors: Iterable[str] = COMMON_SELECTORS,
    lookup: Lookup | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Advice:
    """Return what the DNS says about mail from ``address``.

    :param include: what SPF must include so that a provider may send, whose own domain,
        delegated to it, may carry SPF instead; "": whatever is there is right
    :param selectors: names of DKIM keys
    :param lookup: answers for a name; the system's resolver when None
    :raises ValueError: the address has no domain
    """
    domain = normalise(address).rpartition("@")[2]
    if "." not in domain:
        raise ValueError("no domain")
    asked = _Asked(lookup or system_lookup, clock)
    return Advice(
        domain,
        (
            _spf(asked, domain, include),
            _dkim(asked, domain, selectors),
            _dmarc(asked, domain),
        ),
    )


def system_lookup(name: str) -> list[str]:
    """Return the TXT records of a name as the system's resolver knows them."""
    resolver = dns.resolver.Resolver()
    resolver.timeout = resolver.lifetime = QUESTION_SECONDS
    try:
        records = resolver.resolve(name, "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise OSError(type(error).__name__) from error
    return [
        b"".join(record.strings).decode("utf-8", "replace")
        for record in list(records)[:MAX_RECORDS]
    ]


class _Asked:
    """Each name once, within the time there is."""

    def __init__(self, lookup: Lookup, clock: Callable[[], float]) -> None:
        self._lookup = lookup
        self._clock = clock
        self._until = clock() + TOTAL_SECONDS
        self._known: dict[str, list[str]] = {}

    def txt(self, name: str) -> list[str]:
        if name not in self._known:
            if self._clock() > self._until:
                raise TimeoutError("no time left")
            try:
                self._known[name] = list(self._lookup(name))[:MAX_RECORDS]
            except dns.resolver.NoResolverConfiguration as error:
                raise OSError("no resolver") from error
        return self._known[name]


def _spf(asked: _Asked, domain: str, wanted: str) -> Finding:
    try:
        records = [
            text for text in asked.txt(domain) if text.lower().split()[:1] == ["v=spf1"]
        ]
        if not records:
            return Finding("spf", "weak" if wanted else "missing", "spf_missing")
        record = records[0]
        if len(records) > 1:
            # RFC 7208, 4.5: then none of them counts
            return Finding("spf", "broken", "spf_several", " | ".join(records))
        if wanted and not _includes(asked, record, wanted, [domain]):
            return Finding("spf", "weak", "spf_not_included", record)
    except OSError:
        return Finding("spf", "unknown", "offline")
    if re.search(r"(?:^|\s)\+?all\b", record, re.I):
        return Finding("spf", "weak", "spf_all", record)
    return Finding("spf", "good", "spf_found", record)


def _includes(asked: _Asked, record: str, wanted: str, seen: list[str]) -> bool:
    for kind, name in re.findall(r"(?i)(include:|redirect=)([\w.-]{1,253})", record):
        name = name.lower().rstrip(".")
        if name == wanted or name.endswith(f".{wanted}"):
            return True
        if name in seen or len(seen) > MAX_LOOKUPS:
            continue
        seen.append(name)
        inner = [one for one in asked.txt(name) if one.lower().startswith("v=spf1")]
        if kind and inner and _includes(asked, inner[0], wanted, seen):
            return True
    return False


def _dkim(asked: _Asked, domain: str, selectors: Iterable[str]) -> Finding:
    offline = True
    revoked = ""
    for selector in dict.fromkeys(selectors):
        try:
            records = asked.txt(f"{selector}._domainkey.{domain}")
            offline = False
        except OSError:
            continue
        for record in records:
            tags = _tags(record)
            if tags.get("p"):
                return Finding("dkim", "good", "dkim_found", record)
            if "p" in tags:
                # RFC 6376, 3.6.1: an empty key is one that was taken back
                revoked = record
    if offline:
        return Finding("dkim", "unknown", "offline")
    if revoked:
        return Finding("dkim", "broken", "dkim_revoked", revoked)
    # keys may stand under a name that only the sender knows
    return Finding("dkim", "missing", "dkim_not_found")


def _dmarc(asked: _Asked, domain: str) -> Finding:
    try:
        name, records = domain, _dmarc_records(asked, domain)
        owner = organisation(domain)
        if not records and owner not in ("", domain):
            # RFC 7489, 6.6.3: no other domain above
            name, records = owner, _dmarc_records(asked, owner)
    except OSError:
        return Finding("dmarc", "unknown", "offline")
    if not records:
        return Finding("dmarc", "missing", "dmarc_missing")
    if len(records) > 1:
        return Finding("dmarc", "broken", "dmarc_several", " | ".join(records))
    tags = _tags(records[0])
    policy = tags.get("p", "") if name == domain else tags.get("sp", tags.get("p", ""))
    if policy.lower() in ("quarantine", "reject"):
        return Finding("dmarc", "good", "dmarc_found", records[0])
    kind = "dmarc_none" if policy.lower() == "none" else "dmarc_policy"
    verdict: Verdict = "weak" if kind == "dmarc_none" else "broken"
    return Finding("dmarc", verdict, kind, records[0])


def _dmarc_records(asked: _Asked, name: str) -> list[str]:
    return [
        one
        for one in asked.txt(f"_dmarc.{name}")
        if one.partition(";")[0].replace(" ", "").upper() == "V=DMARC1"
    ]


def _tags(record: str) -> dict[str, str]:
    pairs = (piece.partition("=") for piece in record.split(";"))
    return {
        name.strip().lower(): "".join(value.split()) for name, _equal, value in pairs
    }
