"""Addresses of what a mail wants loaded, in attributes and in CSS: kept, made ours or
dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from ..text import normalise

#: What stands in CSS for an address that is not loaded: empty, and no request.
NOTHING = "data:,"
#: Characters of one address; a picture in the address itself may be longer.
MAX_URL = 8_000
MAX_DATA_URL = 20_000_000

_PICTURE = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp|svg\+xml)[;,]", re.I)
_REMOTE = re.compile(r"https?:[/\\]*([^/\\?#]*)", re.I)
_CONTROLS = re.compile(r"[\t\n\r]")
_BLANKS = "".join(map(chr, range(0x21)))
_UPWARDS = re.compile(r"(?:\.{1,2}/)+|/(?!/)")
_UNSAFE = re.compile(r"[\x00-\x20\"'()<>\\\x7f]")
# Whatever can load something in CSS, or end the element it stands in.
_SUSPECT = re.compile(r"url|import|image|src|\\|<", re.I)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|([^0-9a-fA-F\r\n\f]))")
_KEPT_ESCAPES = frozenset("\"'\\()<>;{}")
_URL = re.compile(r"url\(", re.I)
# Functions that load what a plain string names, and the import of other sheets.
_LOADER = re.compile(r"(?i)(?:image-set|image|src)(?=\s*\()|(?<=@)import")


def clean_url(value: str) -> str:
    """Return ``value`` as a browser reads it: without blanks around and line ends."""
    return _CONTROLS.sub("", value).strip(_BLANKS)


def host_of(url: str) -> str:
    """Return the host of an http(s) address as a browser would find it, or ""."""
    match = _REMOTE.match(url)
    if not match:
        return ""
    host = match[1].rpartition("@")[2]
    if not host.startswith("["):
        host = host.partition(":")[0]
    # Browsers read full-width letters and dots as the plain ones.
    return normalise(unquote(host), "NFKC").replace("。", ".").rstrip(".").lower()


def reference(url: str) -> str:
    """Return what an address asks for among the parts of the mail (RFC 2392, 2557).

    That is a Content-ID, a Content-Location or the name of a file: letters of any case,
    as the common mail programs find them.
    """
    if len(url) > MAX_URL:
        return ""
    url = unquote(url)
    scheme = url[:4].lower()
    if scheme == "mid:":
        url = url.rpartition("/")[2]
    elif scheme == "cid:":
        url = url[4:].lstrip("/")
    url = url.strip("<> ").replace("\\", "/")
    # from where the page is that asks does not matter: there is one in a mail
    upwards = _UPWARDS.match(url)
    return url[upwards.end() if upwards else 0 :].lower()


class Resources:
    """Answers for one body where a picture comes from; counts those from outside."""

    def __init__(
        self, inline: Mapping[str, str], own_hosts: frozenset[str], *, remote: bool
    ) -> None:
        self.inline = inline
        self.own_hosts = own_hosts
        self.remote = remote
        self.remote_count = 0
        #: Addresses of those of the mail itself that were asked for.
        self.used: set[str] = set()
        self._cleaned: dict[str, str] = {}

    def picture(self, value: str) -> str:
        """Return the address to load a picture from, "" when it is not loaded."""
        url = clean_url(value)
        if own := self.inline.get(reference(url)):
            self.used.add(own)
            return own
        if url[:4].lower() in ("cid:", "mid:"):
            return ""
        if url[:5].lower() == "data:":
            return url if _PICTURE.match(url) and len(url) <= MAX_DATA_URL else ""
        return self._outside(url)

    def _outside(self, url: str) -> str:
        host = host_of(url)
        # Relative addresses and our own would be requests in the reader's name.
        if not host or host in self.own_hosts or len(url) > MAX_URL:
            return ""
        self.remote_count += 1
        if not self.remote:
            return ""
        rest = url.partition(":")[2].lstrip("/\\")
        # Encrypted only: what is looked at is nobody's business on the way.
        return "https://" + _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", rest)

    def css(self, sheet: str) -> str:
        """Return CSS in which nothing is loaded but what :meth:`picture` allows."""
        if not _SUSPECT.search(sheet):
            return sheet
        if sheet not in self._cleaned or len(sheet) > 1_000:
            self._cleaned[sheet] = "".join(self._css(_unescape(sheet)))
        return self._cleaned[sheet]

    def _css(self, sheet: str) -> Iterator[str]:
        sheet = _LOADER.sub("x-blocked", sheet)
        position = 0
        while match := _URL.search(sheet, position):
            yield sheet[position : match.start()].replace("<", "\\3c ")
            argument, position = _argument(sheet, match.end())
            url = _UNSAFE.sub(
                lambda sign: f"%{ord(sign[0]):02X}", self.picture(argument) or NOTHING
            )
            yield f'url("{url}")'
        yield sheet[position:].replace("<", "\\3c ")


def _unescape(sheet: str) -> str:
    """Return ``sheet`` with the letters that CSS escapes hide, as plain letters."""
    return _ESCAPE.sub(_unescaped, sheet) if "\\" in sheet else sheet


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else ord(match[2])
    sign = chr(code) if 0x20 < code < 0x7F else ""
    return sign if sign and sign not in _KEPT_ESCAPES else match[0]


def _argument(sheet: str, start: int) -> tuple[str, int]:
    """Return the argument of a ``url(`` that ended at ``start``, and what follows."""
    begin = start
    while sheet[begin : begin + 1] in (" ", "\t", "\n", "\r", "\f"):
        begin += 1
    quote = sheet[begin : begin + 1]
    if quote in ('"', "'") and quote:
        end = sheet.find(quote, begin + 1)
        close = sheet.find(")", end) if end >= 0 else -1
        argument = sheet[begin + 1 : end]
    else:
        end = close = sheet.find(")", begin)
        argument = sheet[begin:end].rstrip()
    if close < 0:
        # A browser would read on to the end as well.
        return "", len(sheet)
    return argument, close + 1
