import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError

from lxml import html as lxml_html
from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import is_html_empty

from ...mailcore.addresses import sender_name
from ...mailcore.send.plain_text import to_text

CLASS = "o-mailbox-signature"
#: Where the text of others begins: what mail programs and Odoo mark as quoted.
QUOTES = (
    ".//blockquote[not(ancestor::blockquote)]"
    "|.//*[@data-o-mail-quote-container]|.//*[@data-o-mail-quote]"
    "|.//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]"
    "|.//*[contains(concat(' ', @class, ' '), ' o-mailbox-quote ')]"
)
_DATA = re.compile(r"data:(image/[a-z0-9.+-]+);base64,([A-Za-z0-9+/=\s]+)")
_ATTACHMENT = re.compile(
    r"(src=[\"'])(?:https?://[^/\"']+)?/web/image/(?:ir\.attachment/)?(\d+)[^\"']*"
)


class MailMailbox(models.Model):
    """The signature: under what is written, above what is quoted, once."""

    _inherit = "mail.mailbox"

    signature = fields.Html(
        sanitize_style=True,
        help="Appended to every email sent from this address. You can use "
        "{{first_name}} and {{last_name}}.",
    )

    def _prepare_values(self, vals):
        return self._embed_pictures(super()._prepare_values(vals))

    @api.model
    def _embed_pictures(self, vals):
        """Return ``vals`` with the pictures of what is sent inside of it.

        As the person who writes it, so that no signature sends a picture around that
        its writer may not see.
        """
        written = {
            name: vals[name]
            for name in ("signature", "autoresponder_content")
            if "/web/image/" in (vals.get(name) or "")
        }
        if not written:
            return vals
        attachments = self.env["ir.attachment"]

        def embed(match):
            one = attachments.browse(int(match[2])).exists()
            if not one or not one.has_access("read"):
                return match[0]
            if one.mimetype not in ("image/png", "image/jpeg", "image/gif"):
                return match[0]
            content = b64encode(one.raw or b"").decode()
            return f"{match[1]}data:{one.mimetype};base64,{content}"

        return vals | {
            name: _ATTACHMENT.sub(embed, str(value)) for name, value in written.items()
        }

    @api.constrains("signature")
    def _check_signature_variables(self):
        for mailbox in self:
            if unknown := sender_name.unknown_variables(mailbox.signature or ""):
                raise ValidationError(
                    self.env._(
                        "The signature of %(email)s contains an unknown variable "
                        "%(unknown)s. Use {{first_name}} and {{last_name}}.",
                        email=mailbox.email,
                        unknown=", ".join(unknown),
                    )
                )

    def _get_signature(self, person):
        """Return the signature under a mail by ``person``, as HTML; "" for none."""
        self.ensure_one()
        signature = str(self.signature or "")
        if is_html_empty(signature) and "<img" not in signature:
            return ""
        return sender_name.fill_html(signature, self._get_name_values(person))

    def _sign_html(self, html, person):
        """Return ``html`` with the signature under what is written, once."""
        signature = self._get_signature(person)
        return sign_html(html, signature) if signature else html

    def _sign_message(self, message, person):
        """Put the signature into ``message``, in each form that its text has."""
        signature = self._get_signature(person)
        if not signature:
            return
        html, plain = message.get_body(("html",)), message.get_body(("plain",))
        if html is not None:
            before = html.get_content()
            after = sign_html(before, signature)
            if after == before:
                return
            html.set_content(after, subtype="html", charset="utf-8")
            if plain is not None:
                plain.set_content(to_text(after), charset="utf-8")
        elif plain is not None:
            plain.set_content(
                sign_text(plain.get_content(), to_text(signature)), charset="utf-8"
            )

    def _detach_pictures(self, message, pictures):
        """Make the pictures inside of the HTML of ``message`` parts of their own.

        Mail programs show those; many refuse ``data:`` addresses.

        :param pictures: type and bytes of those it shows by another ``src``
        """
        part = message.get_body(("html",))
        if part is None:
            return
        content, by_cid = part.get_content(), {}
        domain = self.email_normalized.rpartition("@")[2]

        def show(mimetype, raw):
            # of the same picture the same, so that a mail tried again is the same
            cid = f"{hashlib.sha256(raw).hexdigest()[:32]}@{domain}"
            by_cid[cid] = mimetype, raw
            return f"cid:{cid}"

        def refer(match):
            raw = _decode(match[2])
            return "" if raw is None else show(match[1], raw)

        content = _DATA.sub(refer, content)
        for src, (mimetype, raw) in pictures.items():
            if f'src="{src}"' in content:
                content = content.replace(
                    f'src="{src}"', f'src="{show(mimetype, raw)}"'
                )
        if not by_cid:
            return
        part.set_content(content, subtype="html", charset="utf-8")
        for cid, (mimetype, raw) in by_cid.items():
            kind, _slash, subtype = mimetype.partition("/")
            part.add_related(raw, kind, subtype, cid=f"<{cid}>", disposition="inline")


def sign_html(body, signature):
    """Return ``body`` with ``signature`` above what it quotes, once."""
    tree = lxml_html.fragment_fromstring(body or "", create_parent="div")
    quotes = tree.xpath(QUOTES)
    if any(not _is_within(node, quotes) for node in _signatures(tree)):
        return body
    block = lxml_html.fragment_fromstring(signature, create_parent="div")
    block.set("class", CLASS)
    if quotes:
        _put_before(quotes[0], block)
    else:
        _get_end(tree).append(block)
    return str(escape(tree.text or "")) + "".join(map(_to_string, tree.iterchildren()))


def sign_text(text, signature):
    """Return plain ``text`` with ``signature`` above the lines that it quotes."""
    lines = text.rstrip("\n").split("\n")
    quoted = next((n for n, line in enumerate(lines) if line.startswith(">")), None)
    place = len(lines) if quoted is None else quoted
    if quoted and lines[quoted - 1].rstrip().endswith(":"):
        place -= 1
    lines[place:place] = ["", *signature.split("\n"), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _decode(encoded):
    try:
        return b64decode("".join(encoded.split()), validate=True)
    except (BinasciiError, ValueError):
        return None


def _signatures(tree):
    return tree.xpath(f".//*[contains(concat(' ', @class, ' '), ' {CLASS} ')]")


def _is_within(node, containers):
    return any(one in containers for one in (node, *node.iterancestors()))


def _put_before(node, block):
    """Put ``block`` before ``node`` and the line that says who wrote what follows."""
    before = node.getprevious()
    if before is not None and "o-mailbox-attribution" in (before.get("class") or ""):
        node = before
    parent = node.getparent()
    parent.insert(parent.index(node), block)


def _get_end(tree):
    """Return where a text ends: the body, or what stands for it, of a whole page."""
    bodies = tree.xpath(".//body")
    return bodies[0] if bodies else tree


def _to_string(node):
    # with what follows it
    return lxml_html.tostring(node, encoding="unicode")
