"""Elements and attributes of HTML: which are written, what ends which."""

from __future__ import annotations

ELEMENTS = frozenset(
    "a abbr acronym address area article aside b bdi bdo big blockquote br caption "
    "center cite code col colgroup dd del details dfn dir div dl dt em figcaption "
    "figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd label li main map "
    "mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub "
    "summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
VOID = frozenset(("area", "br", "col", "hr", "img", "wbr"))
#: Elements that end where the other begins, unless that is inside of something else.
_CELLS = frozenset(("p", "td", "th"))
_ROWS = _CELLS | {"tr"}
_GROUPS = _ROWS | {"caption", "colgroup", "thead", "tbody", "tfoot"}
_TERMS = frozenset(("p", "dt", "dd"))
ENDED_BY = {
    **dict.fromkeys(
        "address article aside blockquote center del details dir div dl figcaption "
        "figure footer h1 h2 h3 h4 h5 h6 header hr main menu nav ol p pre section "
        "table ul".split(),
        frozenset("p"),
    ),
    **dict.fromkeys(("td", "th"), _CELLS),
    **dict.fromkeys(("thead", "tbody", "tfoot"), _GROUPS),
    **dict.fromkeys(("dt", "dd"), _TERMS),
    "tr": _ROWS,
    "li": frozenset(("p", "li")),
}
#: Out of these reaches only the end of a table.
ENCLOSING = frozenset(("table", "td", "th", "caption"))
OF_TABLES = _GROUPS - {"p"} | {"table"}
#: Elements of text: their end does not end a block that began inside of them.
OF_TEXT = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark q s "
    "samp small span strike strong sub sup time tt u var".split()
)
ATTRIBUTES = frozenset(
    "abbr align alt bgcolor border cellpadding cellspacing class clear color cols "
    "colspan compact coords dir face headers height hspace id lang noshade nowrap "
    "open reversed rowspan rows rules scope shape size span start summary title type "
    "usemap valign value vspace width".split()
)
#: Elements that keep a name: no browser looks these up as properties of the document,
#: as it does ``<img name=body>`` (HTML, 3.1.7).
NAMED = frozenset(("a", "map"))
#: How our own elements around the mail are called.
OURS = "o-mailbox"
COLOURS = frozenset(("bgcolor", "background", "color"))
