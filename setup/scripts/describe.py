"""Read reStructuredText, write the HTML of an add-on's description."""

import sys

from docutils.core import publish_parts

SETTINGS = {
    "doctitle_xform": True,
    "initial_header_level": 2,
    "halt_level": 2,
    "report_level": 2,
    "syntax_highlight": "none",
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "embed_images": False,
}
#: Odoo shows the page without a style sheet of ours.
PAGE = """\
<section class="oe_container">
<div class="oe_row oe_spaced">
{html_body}</div>
</section>
"""


def main() -> None:
    parts = publish_parts(sys.stdin.read(), writer="html5", settings_overrides=SETTINGS)
    body = parts["html_body"]
    body = body.replace("<img ", '<img class="img img-fluid border rounded" ')
    body = body.replace("<table>", '<table class="table table-sm">')
    sys.stdout.write(PAGE.format(html_body=body))


main()
