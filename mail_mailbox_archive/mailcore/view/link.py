"""Links: which are left, where they really lead, and which text says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from ..addresses.domains import is_related
from ..addresses.idn import ascii_or_same
from ..html.resource import MAX_URL, clean_url, host_of

#: Attributes of every link: a tab of its own, which learns nothing about this one.
OUTWARD = ' target="_blank" rel="noopener noreferrer"'
#: Characters of a link's text that are compared with its host.
MAX_LABEL = 2_000
_MAX_WORDS = 40

_HTTP = re.compile(r"(https?):[/\\]*", re.I)
_SCHEME = re.compile(r"(?:mailto|tel|sms|ftp):", re.I)
_HOST = re.compile(
    r"(https?:[/\\]*|www\.)?(?:[^\s@/]{1,64}@)?"
    r"((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24})(?=[/:?#.,;)]|$)",
    re.I,
)
# Words with a dot that are names of files, not of hosts.
_FILES = frozenset(
    "pdf doc docx odt xls xlsx ods csv ppt pptx txt rtf html htm xml json jpg jpeg png "
    "gif webp svg zip rar eml msg ics mp3 mp4 exe dll".split()
)
_BLANK = re.compile(r"(\s+)")
_STARTS = ("http://", "https://", "www.")
_TAIL = ".,;:!?'\"»”’"
_ADDRESS = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24}")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads: ``url`` as it is written out, ``host`` as it is shown."""

    url: str
    host: str


def read_link(href: str) -> Link | None:
    """Return the link of ``href``; None for what is relative or could do anything."""
    url = clean_url(href)
    if len(url) > MAX_URL:
        return None
    if match := _HTTP.match(url):
        host = ascii_host(host_of(url))
        return (
            Link(f"{match[1].lower()}://{url[match.end() :]}", host) if host else None
        )
    if not _SCHEME.match(url):
        return None
    scheme, _colon, rest = url.partition(":")
    _local, at, domain = unquote(rest.partition("?")[0]).rpartition("@")
    return Link(url, ascii_host(domain.lower()) if at else scheme.lower())


def ascii_host(host: str) -> str:
    """Return ``host`` in the form that goes over the wire."""
    return ascii_or_same(host)


def misleads(label: str, link: Link) -> bool:
    """Whether the text of a link names a host that is not the link's own."""
    words = label[:MAX_LABEL].split()[:_MAX_WORDS]
    named = [host for word in words if (host := _named_host(word, len(words) == 1))]
    return any(not is_related(host, link.host) for host in named)


def _named_host(word: str, alone: bool) -> str:
    match = _HOST.match(word.lstrip("(<[\"'„“«"))
    if not match or not (match[1] or alone):
        return ""
    host = match[2].lower()
    return "" if host.rpartition(".")[2] in _FILES else ascii_host(host)


def linkify(text: str) -> str:
    """Return plain ``text`` as markup in which addresses can be clicked."""
    if "://" not in text and "www." not in text and "@" not in text:
        return escape(text, quote=False)
    return "".join(_linkified(text))


def _linkified(text: str) -> Iterator[str]:
    for word in _BLANK.split(text):
        if "://" in word or "www." in word or "@" in word:
            yield _linked(word)
        else:
            yield escape(word, quote=False)


def _linked(word: str) -> str:
    starts = [at for sign in _STARTS if (at := word.find(sign)) >= 0]
    if starts:
        start = min(starts)
        stop = _link_end(word, start)
        href = word[start:stop]
        link = read_link(href if href[0] == "h" else f"https://{href}")
    else:
        match = _ADDRESS.search(word[:MAX_LABEL])
        start, stop = match.span() if match else (0, 0)
        link = read_link(f"mailto:{word[start:stop]}") if match else None
    if link is None:
        return escape(word, quote=False)
    before, label, after = (
        escape(piece, quote=False)
        for piece in (word[:start], word[start:stop], word[stop:])
    )
    return f'{before}<a href="{escape(link.url)}"{OUTWARD}>{label}</a>{after}'


def _link_end(word: str, start: int) -> int:
    """Return where a link in running text ends: not at the full stop behind it."""
    cut = [at for sign in '<>"' if (at := word.find(sign, start)) >= 0]
    label = word[start : min(cut, default=len(word))].rstrip(_TAIL)
    if label.endswith(")") and "(" not in label:
        label = label.rstrip(")").rstrip(_TAIL)
    return start + len(label)
