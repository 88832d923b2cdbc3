import re
from dataclasses import replace

from lxml import html as lxml_html
from markupsafe import Markup, escape

from odoo import models
from odoo.tools import html_sanitize
from odoo.tools.misc import format_datetime

from ...mailcore.addresses import address
from ...mailcore.errors import MailCoreError
from ...mailcore.read.body import read_body
from ...mailcore.view.html import Rules, view_pieces
from ..messages.viewer import embed_pictures

#: Bytes of inline pictures that an answer quotes.
MAX_QUOTED_PICTURES = 2 * 2**20
#: Characters of text that are quoted; the whole is in the mail that is answered.
MAX_QUOTED = 200_000
_REPLY = re.compile(r"\s*(re|aw|odp|sv|ad)\s*(\[\d+\])?\s*:", re.I)
_FORWARD = re.compile(r"\s*(fwd?|wg|pd|tr)\s*:", re.I)
_LOADS = ("src", "srcset", "background", "poster", "style")


class MailMailboxMessage(models.Model):
    """What an answer takes over from the mail it answers."""

    _inherit = "mail.mailbox.message"

    def _get_quote(self, forward=False):
        """Return this message quoted, as HTML that loads nothing and hides nothing.

        Pictures from outside stay out, also for who had them shown: they are not ours
        to send on. Styles go, so that nothing is sent that was not seen.
        """
        self.ensure_one()
        source = self._read_source()
        try:
            body = read_body(source)
        except MailCoreError:
            content = escape(self.preview or "")
        else:
            content = self._get_quoted_html(source, body)
        if forward:
            quote = Markup(
                '<p class="o-mailbox-attribution">%s</p><div class="o-mailbox-quote">'
                "%s</div>"
            ) % (self._get_forward_head(), content)
        else:
            quote = Markup(
                '<p class="o-mailbox-attribution">%s</p>'
                '<blockquote class="o-mailbox-quote">%s</blockquote>'
            ) % (self._get_attribution(), content)
        return quote

    def _get_quoted_html(self, source, body):
        if all(piece.kind == "text" for piece in body.pieces):
            text = body.text[:MAX_QUOTED].strip()
            return Markup("<br/>").join(escape(line) for line in text.split("\n"))
        urls = embed_pictures(source, body, MAX_QUOTED_PICTURES)
        inline = {
            name: urls[path] for name, path in body.references.items() if path in urls
        }
        rules = Rules(inline=inline, pictures=urls, fold=False, leads_to="")
        markup = html_sanitize(
            view_pieces(_cut(body.pieces), rules).markup,
            sanitize_attributes=True,
            sanitize_style=True,
            sanitize_form=True,
            strip_style=True,
            strip_classes=True,
        )
        return Markup(_disarm(str(markup)))

    def _get_left_out(self, quote):
        """Return the attachments that ``quote`` does not show already."""
        source = self._read_source()
        try:
            body = read_body(source)
        except MailCoreError:
            return self.part_ids
        pictures = embed_pictures(source, body, MAX_QUOTED_PICTURES).items()
        quoted = {path for path, picture in pictures if picture in quote}
        return self.part_ids.filtered(lambda part: part.path not in quoted)

    def _get_attribution(self):
        sender = self.email_from or self.env._("(no sender)")
        if not self.date:
            return self.env._("%s wrote:", sender)
        date = format_datetime(self.env, self.date)
        return self.env._("On %(date)s, %(sender)s wrote:", date=date, sender=sender)

    def _get_forward_head(self):
        rows = [
            (self.env._("From"), self.email_from),
            (self.env._("Date"), self.date and format_datetime(self.env, self.date)),
            (self.env._("Subject"), self.subject),
            (self.env._("To"), self.email_to),
            (self.env._("Cc"), self.email_cc),
        ]
        lines = [Markup("%s: %s") % (label, value) for label, value in rows if value]
        first = escape(self.env._("---------- Forwarded message ----------"))
        return Markup("<br/>").join([first, *lines])

    def _get_answer_subject(self, forward=False):
        subject = self.subject or ""
        known, prefix = (_FORWARD, "Fwd: ") if forward else (_REPLY, "Re: ")
        return subject if known.match(subject) else f"{prefix}{subject}".strip()

    def _get_answer_people(self, mailbox, everybody):
        """Return To and Cc of an answer, as headers; nobody answers oneself.

        An answer to what was sent from here goes to whom that went.

        :param mailbox: that answers
        :param everybody: reply to all
        """
        names = ("email_from", "email_reply_to", "email_to", "email_cc")
        read = {name: address.parse_addresses(self[name] or "") for name in names}
        if any(mailbox._is_own(one.addr_spec) for one in read["email_from"]):
            first = [read["email_to"], read["email_cc"]]
        else:
            first = [read["email_reply_to"], read["email_from"]]
        # the first of them that names anybody else
        candidates = (_others(mailbox, addressees, set()) for addressees in first)
        to = next(filter(None, candidates), [])
        cc = []
        if everybody:
            seen = {address.normalise(one.addr_spec) for one in to}
            listed = (*read["email_to"], *read["email_cc"])
            cc = _others(mailbox, listed, seen)
        return address.format_addresses(to), address.format_addresses(cc)

    def _get_answer_references(self):
        """Return References of an answer (RFC 5322, 3.6.4)."""
        before = (self.references or self.in_reply_to or "").split()
        return " ".join([*before[:1], *before[1:][-20:], self.message_id or ""]).strip()


def _cut(pieces):
    """Return the pieces of a body as far as they are quoted, texts as documents."""
    left, kept = 10 * MAX_QUOTED, []
    for piece in pieces:
        content = piece.content[:left]
        left -= len(content)
        if piece.kind == "text":
            lines = map(str, map(escape, content.strip().split("\n")))
            piece = replace(piece, kind="html", content="<br/>".join(lines))
        else:
            piece = replace(piece, content=content)
        kept.append(piece)
    return kept


def _others(mailbox, addresses, seen):
    """Return those of ``addresses`` that are neither ``seen`` nor the mailbox's own."""
    seen, others = set(seen), []
    for one in addresses:
        form = address.normalise(one.addr_spec)
        if "@" in form and form not in seen and not mailbox._is_own(form):
            seen.add(form)
            others.append(one)
    return others


def _disarm(markup):
    """Return ``markup`` without anything that a mail program would load."""
    if not markup.strip():
        return ""
    tree = lxml_html.fragment_fromstring(markup, create_parent="div")
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        for name in _LOADS:
            value = node.get(name)
            if value is None:
                continue
            kept = name == "src" and value.startswith("data:image/")
            if not kept and (name != "style" or "url" in value.lower()):
                del node.attrib[name]
        node.attrib.pop("id", None)
    for image in tree.xpath(".//img[not(@src)]|.//video|.//audio|.//source"):
        image.tail = f"{image.get('alt') or ''}{image.tail or ''}"
        image.drop_tree()
    return "".join(
        [
            str(escape(tree.text or "")),
            *(lxml_html.tostring(one, encoding="unicode") for one in tree),
        ]
    )
