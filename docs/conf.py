"""How Sphinx makes the site of these pages; `python3 setup docs` calls it.

What it reads is laid out by ``setup/site.py``: these pages, the guides of the add-ons
and the pages at the top of the repository, with the links between them.
"""

project = "Mail Mailbox Archive"
author = "Mail Mailbox Archive maintainers"
language = "en"
extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
html_theme = "furo"
html_title = "Mail Mailbox Archive"
html_show_copyright = False
#: Pages made for other readers begin with a comment, and have their own contents.
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
