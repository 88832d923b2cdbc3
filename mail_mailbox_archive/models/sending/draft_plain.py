from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import plaintext2html

from .signature import to_text


class MailMailboxDraft(models.Model):
    """An email without formatting: its text is all that is sent."""

    _inherit = "mail.mailbox.draft"

    plain = fields.Boolean(
        "Plain text",
        help="The email is sent as plain text, without formatting or images.",
    )
    plain_text = fields.Text("Text")

    @api.onchange("plain")
    def _onchange_plain(self):
        """Keep the words of the other form, quotes and lists as text shows them."""
        if self.plain:
            self.plain_text = to_text(str(self.body or ""))
        elif self.plain_text and self.plain_text != to_text(str(self.body or "")):
            self.body = _to_html(self.plain_text)

    def _get_html(self):
        """Return what is written as HTML, in whichever form it was."""
        return _to_html(self.plain_text) if self.plain else self.body


def _to_html(text):
    """Return plain text as HTML, its quotes as quotes."""
    parts, quoted = [], None
    for line in (text or "").split("\n"):
        is_quoted = line.startswith(">")
        if is_quoted != quoted:
            parts.append((is_quoted, []))
            quoted = is_quoted
        parts[-1][1].append(line[1:].removeprefix(" ") if is_quoted else line)
    return Markup().join(
        Markup("<blockquote>%s</blockquote>") % _to_html("\n".join(lines))
        if is_quoted
        else Markup().join(
            plaintext2html(line) if line.strip() else Markup("<p><br></p>")
            for line in lines
        )
        for is_quoted, lines in parts
    )
