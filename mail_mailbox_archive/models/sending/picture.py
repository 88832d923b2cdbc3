import functools
import re
from base64 import b64decode, b64encode
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from lxml import html as lxml_html
from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect, Rule

from odoo import api, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request
from odoo.tools import file_open
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.web.controllers.binary import Binary

#: Bytes of one picture that is put into a mail.
MAX_PICTURE = 20 * 2**20
#: Where the pages of people who work here are; nobody else gets anything there.
BACKEND = re.compile(
    r"/(?:web|odoo|mail|mail_mailbox_archive|html_editor|web_editor|bus|websocket"
    r"|discuss|json|jsonrpc|xmlrpc|im_livechat|[\w]+/static)(?:[/?#]|$)",
    re.I,
)
#: The parts of a URL that grant access to anyone who has it.
SECRET = re.compile(
    r"(?:(?<=[?&])|(?<=&amp;))[\w.-]*(?:token|signature|hash)=[^&#\s\"'<>]*(?:&amp;|&)?",
    re.I,
)
_STYLE_URL = re.compile(r"[^;{}]*url\([^)]*\)[^;{}]*;?", re.I)
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+", re.I)
_IMAGE = re.compile(r"(<img\b[^>]*?\bsrc\s*=\s*)([\"'])(.*?)\2", re.I | re.S)
_LINKS = ("href", "action", "cite", "longdesc")
_LOADS = ("src", "srcset", "background", "poster", "data")
#: Where Odoo shows the logo of a company, to everybody.
_LOGO = ("/logo", "/logo.png", "/web/binary/company_logo")


@functools.cache
def _get_routes():
    """Return the ways under which Odoo shows a picture, as Odoo itself lists them."""
    shown_by = (Binary.content_image, Binary.content_common)
    ways = [way for one in shown_by for way in one.original_routing["routes"]]
    return Map([Rule(way, endpoint=way) for way in ways]).bind("localhost")


class MailMailbox(models.Model):
    """No mail shows the address of this server: what it shows of it goes along.

    Whatever picture a person sees while they write is read as that person and becomes a
    part of the mail; what leads to a page for those who work here is taken out; what
    lets in whoever has the address never leaves.
    """

    _inherit = "mail.mailbox"

    @api.model
    def _is_own_place(self, url):
        """Return whether a URL leads to this server, as path and query."""
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("", "http", "https"):
            return False
        return not parts.netloc or parts.netloc.lower() in self._get_own_hosts()

    @api.model
    def _get_own_hosts(self):
        """Return the names, with ports, under which this server is known."""
        # sudo: a setting of the system, not a secret
        url = self.env["ir.config_parameter"].sudo().get_param("web.base.url") or ""
        hosts = {urlsplit(url).netloc.lower()}
        if request:
            hosts.add(request.httprequest.host.lower())
        return hosts - {""}

    # Pictures

    @api.model
    def _find_own_picture(self, url):
        """Return the picture that a URL of this server means to the user.

        :return: (record or None, mimetype, bytes); None when it is none, or not theirs
        """
        parts = urlsplit(url.strip())
        given = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        try:
            if parts.path in _LOGO:
                return self._read_logo(given)
            place = self._match_picture(parts.path)
            if place is None:
                return self._find_static_picture(parts.path)
            return self._read_picture(given | place)
        except (UserError, MissingError, AccessError, ValueError, KeyError):
            return None

    def _find_signature_picture(self, url):
        """Return the same for a picture of this mailbox's signature.

        What lies with the mailbox is shown by whoever sends from it.
        """
        if picture := self._find_own_picture(url):
            return picture
        given = self._match_picture(urlsplit(url.strip()).path) or {}
        # sudo: of the mailbox alone, whose signature shows it
        attachments = self.env["ir.attachment"].sudo()
        one = attachments.browse(int(given.get("id") or 0)).exists()
        of_mailbox = (one.res_model, one.res_id) == (self._name, self.id)
        if not of_mailbox or not (one.mimetype or "").startswith("image/"):
            return None
        return one, one.mimetype, one.raw or b""

    @api.model
    def _match_picture(self, path):
        """Return the arguments of a path that Odoo shows pictures under, or None."""
        with suppress(HTTPException, RequestRedirect):
            return _get_routes().match(path)[1]
        return None

    @api.model
    def _read_logo(self, given):
        # sudo: whoever opens the page to log in sees it
        companies = self.env["res.company"].sudo()
        company = companies.browse(int(given.get("company") or self.env.company.id))
        content = b64decode(company.exists().logo_web or b"")
        return content and (None, guess_mimetype(content), content) or None

    @api.model
    def _read_picture(self, given):
        field = given.get("field") or "raw"
        record = self._find_pictured(given, field)
        if record._name == "ir.attachment":
            content, mimetype = record.raw or b"", record.mimetype or ""
        elif record._fields[field].type == "binary":
            record._check_field_access(record._fields[field], "read")
            content = b64decode(record.with_context(bin_size=False)[field] or b"")
            mimetype = guess_mimetype(content)
        else:
            return None
        if not mimetype.startswith("image/") or not 0 < len(content) <= MAX_PICTURE:
            return None
        return record, mimetype, content

    @api.model
    def _find_pictured(self, given, field):
        """Return the record that a picture is of, if the user may see that."""
        number, token = given.get("id"), given.get("access_token")
        where = {
            "xmlid": given.get("xmlid"),
            "res_model": given.get("model") or "ir.attachment",
            "res_id": number and int(number),
            "field": field,
        }
        find = self.env["ir.binary"]._find_record
        try:
            return find(**where, access_token=token)
        except (AccessError, ValueError):
            # a token of another time, or none of Odoo's: their own rights count
            return find(**where)

    @api.model
    def _find_static_picture(self, path):
        if "/static/" not in path:
            return None
        kinds = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
        try:
            with file_open(path.lstrip("/"), "rb", filter_ext=kinds) as file:
                content = file.read(MAX_PICTURE)
        except (OSError, ValueError):
            return None
        return None, guess_mimetype(content), content

    def _show_own_pictures(self, message, person):
        """Put the pictures that the HTML of ``message`` shows of this server into it.

        As the person who sends, so that nobody sends around what they may not see.
        """
        part = message.get_body(("html",))
        if part is None or "<img" not in (content := part.get_content()):
            return
        if not person or person._is_superuser():
            # what nobody in particular sends shows what everybody may see
            person = self.env.ref("base.public_user")
        as_person = self.with_user(person)
        after = _IMAGE.sub(as_person._embed_picture, content)
        if after != content:
            part.set_content(after, subtype="html", charset="utf-8")

    def _embed_picture(self, match):
        before, quote, url = match.groups()
        url = url.replace("&amp;", "&")
        if url.startswith(("cid:", "data:")) or not self._is_own_place(url):
            return match[0]
        picture = self._find_own_picture(url)
        if not picture:
            return f"{before}{quote}{quote}"
        _record, mimetype, content = picture
        data = b64encode(content).decode()
        return f"{before}{quote}data:{mimetype};base64,{data}{quote}"

    # What a person wrote

    @api.model
    def _clean_own_places(self, markup, keep_picture, find_picture=None):
        """Return HTML that a person wrote without any address of this server.

        :param keep_picture: called with record, mimetype and bytes of each picture of
            this server that the HTML shows; returns the ``src`` to show it by
        """
        if not (markup or "").strip():
            return markup or ""
        tree = lxml_html.fragment_fromstring(str(markup), create_parent="div")
        for node in tree.iter():
            if not isinstance(node.tag, str):
                continue
            if node.tag == "img":
                self._clean_image(
                    node, keep_picture, find_picture or self._find_own_picture
                )
            for name, value in list(node.attrib.items()):
                if (node.tag, name) != ("img", "src"):
                    self._clean_attribute(node, name, value)
            node.text = self._clean_words(node.text)
            node.tail = self._clean_words(node.tail)
        for image in tree.xpath(".//img[not(@src)]"):
            image.tail = f"{image.get('alt') or ''}{image.tail or ''}"
            image.drop_tree()
        return str(escape(tree.text or "")) + "".join(
            lxml_html.tostring(one, encoding="unicode") for one in tree
        )

    def _clean_signature(self, markup, keep_picture):
        """Return the signature as :meth:`_clean_own_places` does.

        Its pictures that lie with the mailbox are everybody's who sends from it.
        """
        return self._clean_own_places(
            markup, keep_picture, self._find_signature_picture
        )

    def _clean_image(self, node, keep_picture, find_picture):
        url = node.get("src") or ""
        if url.startswith(("cid:", "data:")) or not self._is_own_place(url):
            return
        picture = url and find_picture(url)
        if picture and (shown := keep_picture(*picture)):
            node.set("src", shown)
        else:
            node.attrib.pop("src", None)

    def _clean_attribute(self, node, name, value):
        if name == "style":
            if "url" in value.lower():
                node.set(name, _STYLE_URL.sub("", value))
        elif name in _LINKS:
            self._clean_link(node, name, value.strip())
        elif name in _LOADS:
            if name == "srcset" or self._is_own_place(value):
                del node.attrib[name]
        elif name.startswith("data-") and value.startswith("/"):
            del node.attrib[name]
        elif self._has_own_place(value):
            del node.attrib[name]

    def _clean_link(self, node, name, url):
        """Keep a link to a public page of this server, without what lets anybody in."""
        if not url or url.startswith("#") or not self._is_own_place(url):
            return
        parts = urlsplit(url)
        if parts.netloc and not BACKEND.match(parts.path):
            node.set(name, SECRET.sub("", url).rstrip("?&"))
        else:
            # the words stay; there is nothing to open for anybody else
            del node.attrib[name]

    def _has_own_place(self, text):
        return any(self._is_own_place(one) for one in _ADDRESS.findall(text))

    def _clean_words(self, text):
        """Return words without what, in an address of this server, lets anybody in."""

        def clean(match):
            url = match[0]
            return SECRET.sub("", url).rstrip("?&") if self._is_own_place(url) else url

        return _ADDRESS.sub(clean, text) if text else text
