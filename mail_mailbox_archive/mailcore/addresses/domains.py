"""Domains of addresses: which ones tell whom their users work for."""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from .address import normalise

# Providers whose names end in any country: yahoo.com, yahoo.co.uk, hotmail.fr.
_FAMILIES = frozenset(
    "yahoo ymail rocketmail hotmail outlook live msn gmx yandex zoho tutanota".split()
)
_PUBLIC = frozenset(
    """
    gmail.com googlemail.com icloud.com me.com mac.com aol.com aim.com mail.com
    email.com proton.me protonmail.com protonmail.ch pm.me tuta.io tutamail.com
    fastmail.com fastmail.fm hey.com hushmail.com inbox.com duck.com mailfence.com
    posteo.de posteo.net mailbox.org disroot.org riseup.net
    wp.pl onet.pl onet.eu op.pl poczta.onet.pl vp.pl interia.pl interia.eu interia.com
    poczta.fm o2.pl tlen.pl go2.pl gazeta.pl poczta.pl autograf.pl buziaczek.pl spoko.pl
    amorki.pl neostrada.pl home.pl prokonto.pl int.pl intmail.pl vip.onet.pl adres.pl
    web.de freenet.de t-online.de arcor.de email.de online.de bluewin.ch hispeed.ch
    sunrise.ch chello.at a1.net
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr
    skynet.be telenet.be proximus.be ziggo.nl kpnmail.nl planet.nl hetnet.nl xs4all.nl
    home.nl upcmail.nl
    libero.it virgilio.it tiscali.it alice.it tim.it tin.it inwind.it iol.it aruba.it
    telefonica.net terra.es ono.com sapo.pt
    btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com ntlworld.com
    blueyonder.co.uk tiscali.co.uk eircom.net
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
    earthlink.net juno.com rogers.com shaw.ca sympatico.ca telus.net bigpond.com
    optusnet.com.au xtra.co.nz
    seznam.cz email.cz centrum.cz post.cz volny.cz atlas.cz azet.sk zoznam.sk centrum.sk
    post.sk pobox.sk freemail.hu citromail.hu t-online.hu abv.bg mail.bg dir.bg siol.net
    telia.com bredband.net spray.se online.no luukku.com suomi24.fi elisanet.fi
    kolumbus.fi inbox.lt inbox.lv mail.ee one.lt
    mail.ru inbox.ru list.ru bk.ru internet.ru rambler.ru ya.ru ukr.net i.ua meta.ua
    bigmir.net tut.by
    qq.com 163.com 126.com yeah.net sina.com sina.cn sohu.com foxmail.com naver.com
    hanmail.net daum.net docomo.ne.jp ezweb.ne.jp nifty.com rediffmail.com uol.com.br
    bol.com.br terra.com.br ig.com.br walla.co.il otenet.gr
    """.split()
)
_MAX_DOMAIN = 253


def domain_of(addr_spec: str) -> str:
    """Return the domain of an address in ASCII and lower case, "" when it has none."""
    _local, at, domain = normalise(addr_spec).rpartition("@")
    return domain[:_MAX_DOMAIN] if at else ""


def is_public(domain: str) -> bool:
    """Return whether anyone can get an address there: it identifies no company."""
    above = _above(domain)
    return any(name in _PUBLIC for name in above) or (
        bool(above) and above[-1].partition(".")[0] in _FAMILIES
    )


def owned(domain: str) -> tuple[str, ...]:
    """Return ``domain`` and those above it that one company owns, the longest first.

    ``mail.spostex.com.pl`` gives itself and ``spostex.com.pl``; one at a public
    provider gives nothing.
    """
    return () if is_public(domain) else _above(domain)


def organisation(domain: str) -> str:
    """Return the part of ``domain`` that one owner registered (Public Suffix List).

    "" for what nobody can own ("com.pl"), or a name without a dot.
    """
    return _suffixes().privatesuffix(domain.rstrip(".").lower()) or ""


def is_related(one: str, other: str) -> bool:
    """Return whether two domains are the same, or registered by one owner."""
    return one == other or (organisation(one) or one) == organisation(other)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _above(domain: str) -> tuple[str, ...]:
    labels = domain.split(".")
    owner = organisation(domain)
    shortest = owner.count(".") + 1 if owner else len(labels) + 1
    return tuple(
        ".".join(labels[first:]) for first in range(min(len(labels) - shortest + 1, 8))
    )
