"""Froms that name an address in every way somebody could read it, generated.

Each is what a person may type who wants a mail to leave as ``pub@spedbud.example``.
"""

import itertools
from base64 import b64encode
from email.quoprimime import header_encode

PUB = "pub@spedbud.example"
OTHER = "x@y.example"
_LOCAL, _DOMAIN = PUB.split("@")

#: The address itself, written so that somebody reads it.
SPELLINGS = (
    PUB,
    PUB.upper(),
    "Pub@SpedBud.Example",
    "pub\\@spedbud.example",
    "p\\ub@spedbud.example",
    "pub@spedbud\\.example",
    '"pub"@spedbud.example',
    '"p\\ub"@spedbud.example',
    'pu"b"@spedbud.example',
    "pub+tag@spedbud.example",
    "pub@spedbud.example.",
    "pub @spedbud.example",
    "pub@ spedbud.example",
    "pub@spedbud . example",
    "pub(comment)@spedbud.example",
    "pub@(comment)spedbud.example",
    "pub@spedbud(a(b)c).example",
    "pub\uff20spedbud.example",
    "pub@spedbud\uff0eexample",
    "pub@spedbud\u3002example",
    "pub@sped\u00adbud.example",
    "pub@sped\u200bbud.example",
    "\u200epub@spedbud.example",
    "\uff50\uff55\uff42@spedbud.example",
    "pub@\U0001d42c\U0001d429\U0001d41e\U0001d41d\U0001d41b\U0001d42e\U0001d41d.example",
    "pub@spedbud.example\t",
    "pub@\r\n spedbud.example",
    "pub\r\n @spedbud.example",
    f"=?utf-8?b?{b64encode(PUB.encode()).decode()}?=",
    f"=?utf-8?q?{header_encode(PUB.encode())}?=",
    "=?utf-8?q?pub=40spedbud=2Eexample?=",
    "=?iso-8859-1?q?pub=40sped?= =?iso-8859-1?q?bud=2Eexample?=",
    f"=?utf-8?b?{b64encode(b'pub@')[:4].decode()}?==?utf-8?b?{b64encode(b'@spedbud.example').decode()}?=",
)
#: Where it stands in a From.
PLACES = (
    "{0}",
    "<{0}>",
    "Pub <{0}>",
    '"{0}" <{1}>',
    "{0} <{1}>",
    "<{0}> <{1}>",
    "{0}, {1}",
    "{1}, {0}",
    "{1} ({0})",
    "({0}) {1}",
    "Group: {0};",
    "Group: {1}, {0};",
    "<@relay.example:{0}>",
    '"Anna \\"{0}\\" B" <{1}>',
    '"Anna, {0}" <{1}>',
    "'{0}' <{1}>",
    "[{0}] <{1}>",
)


def froms():
    """Yield each generated From."""
    for place, spelling in itertools.product(PLACES, SPELLINGS):
        yield place.format(spelling, OTHER)
