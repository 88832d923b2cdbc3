"""The page around the body of a mail, in the frame and on paper."""

from __future__ import annotations

from html import escape

from .html import View

_STYLE = """
html{margin:0;background:#fff;color:#1f2328;color-scheme:only light}
body{margin:0;padding:12px 16px;background:inherit;color:inherit;\
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;\
overflow-wrap:break-word}
#o-mailbox-body{display:flow-root}
.o-mailbox-text{white-space:pre-wrap}
a{color:#0b57d0}
img{max-width:100%}
img[data-blocked]:not([alt=""]){outline:1px dashed #9aa0a6;min-height:16px}
pre{white-space:pre-wrap}
blockquote[type=cite],.gmail_quote>blockquote{margin:4px 0 4px 4px;\
padding-left:12px;border-left:3px solid #c7cbd1}
.o-mailbox-quoted>summary{display:inline-block;margin:8px 0;padding:0 10px;\
border-radius:10px;background:#e3e6ea;color:#3c4043;font:12px/20px sans-serif;\
cursor:pointer;list-style:none}
.o-mailbox-header{border-bottom:1px solid #999;margin-bottom:12px;padding-bottom:8px}
.o-mailbox-header h1{font-size:18px;margin:0 0 8px}
.o-mailbox-header th{text-align:left;vertical-align:top;padding-right:12px;\
font-weight:600;white-space:nowrap}
::highlight(o-mailbox-search){background-color:#ffe08a;color:#1f1f1f}
@media print{.o-mailbox-quoted::details-content{content-visibility:visible}\
.o-mailbox-quoted>summary{display:none}body{padding:0}}
"""
# Only around mail without colours of its own: what was made for white stays on white.
_DARK = """
html{background:#262a36;color:#e4e4e4;color-scheme:dark}
a{color:#8ab4f8}
.o-mailbox-quoted>summary{background:#3c3e4b;color:#d5d5d5}
@media print{html{background:#fff;color:#000}}
"""


def page(view: View, *, title: str = "", header: str = "", dark: bool = False) -> str:
    """Return the whole document for the frame.

    :param header: markup of ours above the body, for print
    :param dark: the screen around is dark; followed where the mail allows
    """
    style = _STYLE + (_DARK if dark and not view.designed else "")
    return (
        f'<!DOCTYPE html><html data-remote="{view.remote}"><head><meta charset="utf-8">'
        # no part of the mail can hide this one: it comes first
        f'<title>{escape(title)}</title><base target="_blank"><style>{style}</style>'
        f"</head><body{view.body_attributes}>{header}"
        f'<div id="o-mailbox-body">{view.markup}</div></body></html>'
    )
