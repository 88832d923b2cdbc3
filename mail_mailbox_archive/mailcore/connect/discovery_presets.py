"""Providers that are known without asking anybody: by their domains or mail servers."""

from __future__ import annotations

from collections.abc import Sequence

from .discovery_xml import Server, Settings

#: Name → IMAP host, SMTP host and port, domains, ends of the names of mail servers.
_PROVIDERS: dict[str, tuple[str, str, int, str, str]] = {
    "Google": (
        "imap.gmail.com",
        "smtp.gmail.com",
        465,
        "gmail.com googlemail.com",
        "google.com googlemail.com",
    ),
    "Microsoft 365": (
        "outlook.office365.com",
        "smtp.office365.com",
        587,
        "outlook.com hotmail.com live.com msn.com",
        "mail.protection.outlook.com mx.microsoft",
    ),
    "Yahoo": (
        "imap.mail.yahoo.com",
        "smtp.mail.yahoo.com",
        465,
        "yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it",
        "yahoodns.net",
    ),
    "iCloud": (
        "imap.mail.me.com",
        "smtp.mail.me.com",
        587,
        "icloud.com me.com mac.com",
        "mail.icloud.com",
    ),
    "WP": ("imap.wp.pl", "smtp.wp.pl", 465, "wp.pl", "wp.pl"),
    "o2": ("poczta.o2.pl", "poczta.o2.pl", 465, "o2.pl tlen.pl go2.pl", "o2.pl"),
    "Onet": (
        "imap.poczta.onet.pl",
        "smtp.poczta.onet.pl",
        465,
        "onet.pl onet.eu op.pl vp.pl poczta.onet.pl autograf.pl",
        "onet.pl",
    ),
    "Interia": (
        "poczta.interia.pl",
        "poczta.interia.pl",
        465,
        "interia.pl interia.eu poczta.fm intmail.pl",
        "interia.pl",
    ),
    "OVH": ("ssl0.ovh.net", "ssl0.ovh.net", 465, "", "mail.ovh.net"),
    "GMX": ("imap.gmx.net", "mail.gmx.net", 465, "gmx.de gmx.net gmx.at gmx.ch", ""),
    "Zoho": ("imap.zoho.com", "smtp.zoho.com", 465, "zoho.com", "zoho.com"),
    "Fastmail": (
        "imap.fastmail.com",
        "smtp.fastmail.com",
        465,
        "fastmail.com fastmail.fm",
        "messagingengine.com",
    ),
}
#: Those where one signs in instead of typing a password; Microsoft takes none.
_OAUTH = {"Google", "Microsoft 365", "Yahoo"}
_NO_PASSWORD = {"Microsoft 365"}
#: Those that put what their SMTP servers deliver into the Sent folder themselves, and
#: further names of those servers.
_SAVE_SENT = {"Google", "Microsoft 365", "iCloud", "Yahoo"}
_MORE_NAMES = frozenset(
    "smtp.googlemail.com smtp-mail.outlook.com outlook.office365.com smtp.live.com"
    " smtp.mail.icloud.com smtp.aol.com smtp.mail.yahoo.co.jp".split()
)


def saves_itself(smtp_host: str) -> bool:
    """Return whether what that SMTP server delivers is in Sent automatically."""
    host = smtp_host.strip().rstrip(".").lower()
    return host in _MORE_NAMES or any(
        host == _PROVIDERS[name][1] for name in _SAVE_SENT
    )


def by_domain(address: str) -> Settings | None:
    """Return the settings of the provider whose own domain it is."""
    domain = address.rpartition("@")[2]
    for name, (*_servers, domains, _mx) in _PROVIDERS.items():
        if domain in domains.split():
            return _settings(name, address, "preset", name)
    return None


def by_mail_server(address: str, hosts: Sequence[str]) -> Settings | None:
    """Return the settings of the provider whose servers take the domain's mail.

    :param hosts: names of the domain's mail servers (MX)
    """
    for host in hosts:
        for name, (*_servers, _domains, ends) in _PROVIDERS.items():
            if any(f".{host}".endswith(f".{end}") for end in ends.split()):
                return _settings(name, address, "mx", host)
    return None


def _settings(name: str, address: str, source: str, where: str) -> Settings:
    imap, smtp, port = _PROVIDERS[name][:3]
    security = "starttls" if port == 587 else "ssl"
    ways = name in _OAUTH, name not in _NO_PASSWORD
    return Settings(
        (Server(imap, 993, "ssl", address, *ways),),
        (Server(smtp, port, security, address, *ways),),
        source,
        where,
    )
