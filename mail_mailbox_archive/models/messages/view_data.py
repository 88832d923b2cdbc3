import re

from odoo import api, fields, models
from odoo.fields import Domain

from ...mailcore.addresses.address import parse_addresses
from ...mailcore.addresses.domains import domain_of
from ...mailcore.addresses.spoof import readable_domain, signs
from ...mailcore.errors import MailCoreError
from ...mailcore.inside.invitation import CALENDARS
from ...mailcore.read.body import read_body
from ...mailcore.read.part_name import MESSAGES
from ...mailcore.read.sealing import SEALED
from ...mailcore.read.signed import signature_path

#: Earlier and later messages of a conversation that are listed.
MAX_THREAD = 50
PEOPLE = ("email_from", "email_to", "email_cc", "email_bcc", "email_reply_to")
# By ending, since senders say what they like about the kind: what the common systems
# run, or hand to a program that runs what is in it.
_RUNS = frozenset(
    "ade adp apk app appimage appref-ms application bas bat chm cmd com command cpl "
    "deb desktop diagcab dll dmg exe gadget hlp hta htm html img inf ins iso jar jnlp "
    "js jse library-ms lnk mde msc msi msix msp mst one pif pkg ps1 psm1 py pyw reg "
    "rgs rpm scf scr sct search-ms settingcontent-ms sh shb shs shtml svg svgz swf "
    "terminal theme url vb vbe vbs vhd vhdx workflow wsc wsf wsh xht xhtml xll".split()
)
_MACROS = frozenset("docm dotm xlsm xltm xlsb xlam pptm potm ppsm ppam sldm".split())
_EXTENSION = re.compile(r"\.([a-z0-9-]{1,20})[\s.]*$", re.I)


class MailMailboxMessage(models.Model):
    """What the viewer shows around the body of a message."""

    _inherit = "mail.mailbox.message"

    attached_records = fields.Json(
        compute="_compute_attached_records",
        help="The records of “Email attached to”: model, id and name of each.",
    )

    mailbox_ids = fields.Many2many(
        "mail.mailbox",
        string="Mailboxes",
        compute="_compute_mailbox_ids",
        search="_search_mailbox_ids",
        help="Where the email is listed, and where it was archived from.",
    )

    @api.depends_context("uid")
    @api.depends("arrival_ids", "link_ids")
    def _compute_mailbox_ids(self):
        for message in self:
            domain = [("mailbox_message_id", "=", message._origin.id)]
            # as the user: a mailbox that one may not see is not named
            from_arrivals = self.env["mail.mailbox.arrival"].search(domain).mailbox_id
            links = self.env["mail.mailbox.link"].search(domain)
            # sudo: whether a link has a mailbox; then filtered by what one may see
            from_links = links.sudo().mailbox_id.sudo(False)._filtered_access("read")
            message.mailbox_ids = from_arrivals | from_links

    @api.model
    def _search_mailbox_ids(self, operator, value):
        if operator == "in":
            value = Domain("id", "in", value)
        elif operator not in ("any", "any!"):
            return NotImplemented
        # as the user: nothing is found by a mailbox that one may not see
        mailboxes = self.env["mail.mailbox"].with_context(active_test=False)
        seen = mailboxes._search(value)
        arrivals = Domain("arrival_ids.mailbox_id", "in", seen)
        return arrivals | Domain("link_ids.mailbox_id", "in", seen)

    @api.depends_context("uid", "lang")
    @api.depends("link_ids")
    def _compute_attached_records(self):
        # as the user: records that one may not open are not named
        links = self.env["mail.mailbox.link"].search(
            [("mailbox_message_id", "in", self.ids)], order="id"
        )
        data = links._get_record_data()
        by_message = links.grouped("mailbox_message_id")
        for message in self:
            message.attached_records = [
                data[link] for link in by_message.get(message._origin, ())
            ]

    @api.model
    def get_empty_state(self):
        """Return why the user's Archives may be empty, as a word."""
        is_archived = self.search_count([("archived", "=", True)], limit=1)
        return "no_match" if is_archived else "nothing_archived"

    def get_view_data(self):
        """Return what the viewer shows around the body, which it loads itself.

        :return: dict of plain values; texts are to be escaped by who shows them
        """
        self.ensure_one()
        self.check_access("read")
        consents = self.env["mail.mailbox.image.consent"]._find(self)
        return {
            "id": self.id,
            "subject": self.subject or "",
            **self._get_head_data(
                {name: self[name] for name in PEOPLE}, self.date, self.size
            ),
            "parts": self._get_part_data(),
            "invitations": self._get_invitation_data(),
            "sealing": self._get_sealing_data(),
            "cards": self._get_card_data(),
            "oversize": self.oversize,
            "defects": (self.defects or "").split("\n") if self.defects else [],
            "records": self.attached_records or [],
            "roles": self.role_ids.mapped("display_name"),
            "follows": self._get_follows_data(),
            "may_govern": self.may_govern,
            "may_send": self._may_answer(),
            "sender": self._get_sender(),
            "images": (consents.filtered("addr_spec") and "always")
            or (consents and "once")
            or "blocked",
            "token": consents and self._get_body_token() or False,
            "thread": self._get_thread_data(),
            "delivery": self._get_delivery_data(),
        }

    @api.model
    def _may_answer(self):
        """Return whether there is a mailbox that the user may send from."""
        mailboxes = self.env["mail.mailbox"]
        return bool(mailboxes.search_count(mailboxes._get_sendable_domain(), limit=1))

    @api.model
    def _get_head_data(self, people, date, size):
        """Return what is shown above a message: people, date, and warnings.

        :param people: name of the field → addresses as in a header
        """
        return {
            "date": fields.Datetime.to_string(date and date.replace(tzinfo=None)),
            "size": _size(size),
            **{name: _people(people[name]) for name in PEOPLE},
            "warnings": self._get_warnings(
                people["email_from"], people["email_reply_to"]
            ),
        }

    @api.model
    def _get_warnings(self, email_from, email_reply_to):
        """Return sentences about addresses that may deceive."""
        warnings = signs(
            parse_addresses(email_from or ""),
            parse_addresses(email_reply_to or ""),
            self._get_known_domains(),
        )
        return [{"code": one.code, "text": self._get_warning(one)} for one in warnings]

    @api.model
    def _get_known_domains(self):
        """Return the domains that others might imitate: those of our mailboxes."""
        mailboxes = self.env["mail.mailbox"].search([], limit=1000)
        return frozenset(filter(None, map(domain_of, mailboxes.mapped("email"))))

    def _get_warning(self, sign):
        shown, real = sign.shown, sign.real
        sentences = {
            "name_address": self.env._(
                "The name contains the address %(shown)s, but the email comes from "
                "%(real)s.",
                shown=shown,
                real=real,
            ),
            "reply_to": self.env._(
                "Replies go to %(real)s, another domain than the sender's (%(shown)s).",
                shown=shown,
                real=real,
            ),
            "punycode": self.env._(
                "The domain %(shown)s contains letters of other alphabets; its real "
                "name is %(real)s.",
                shown=shown,
                real=real,
            ),
            "mixed_scripts": self.env._(
                "“%(shown)s” mixes letters of different alphabets, as imitations do "
                "(%(real)s).",
                shown=shown,
                real=real,
            ),
            "look_alike": self.env._(
                "The domain %(real)s looks like %(shown)s, but is another one.",
                shown=shown,
                real=real,
            ),
            "override": self.env._(
                "The name contains hidden characters that reverse the writing "
                "direction (%s).",
                real,
            ),
            "no_sender": self.env._("The email does not say who sent it."),
            "several_senders": self.env._(
                "The email names several senders; the first is %s.", real
            ),
        }
        return sentences[sign.code]

    def _get_part_data(self):
        """Return the attachments, and which of them the text itself shows."""
        if not self.part_ids:
            return []
        source = self._read_source()
        kinds, shown = read_kinds_of(source)
        hinted = any(part.mimetype in SEALED for part in self.part_ids)
        signature = signature_path(source) if hinted else ""
        return [
            {
                "id": part.id,
                "inner": "",
                **describe(part.filename or "", part.mimetype or "", part.size),
                # no signature covers it, so that the sender does not name it
                **(_describe_signature(part.size) if part.path == signature else {}),
                "shown_as": kinds.get(part.path, ""),
                "in_text": part.path in shown,
            }
            for part in self.part_ids
        ]

    def _get_thread_data(self):
        """Return the other messages of the conversation that the user may read."""
        if not self.thread_key:
            return []
        others = self.search_fetch(
            [("thread_key", "=", self.thread_key), ("id", "!=", self.id)],
            ["subject", "date", "email_from", "preview", "attachment_count"],
            order="date, id",
            limit=MAX_THREAD,
        )
        return [
            {
                "id": message.id,
                "subject": message.subject or "",
                "date": fields.Datetime.to_string(message.date),
                "email_from": _people(message.email_from)[:1],
                "preview": message.preview or "",
                "attachment_count": message.attachment_count,
                "later": (message.date or self.date, message.id) > (self.date, self.id)
                if self.date
                else message.id > self.id,
            }
            for message in others
        ]


class MailMailboxArrival(models.Model):
    """What a line of the Queue shows beside the message itself."""

    _inherit = "mail.mailbox.arrival"

    attached_records = fields.Json(
        related="mailbox_message_id.attached_records", related_sudo=False
    )
    mailbox_color = fields.Integer(related="mailbox_id.color")

    @api.model
    def get_empty_state(self):
        """Return why the user's Queue may be empty, as a word."""
        if self.search_count([], limit=1):
            return "no_match"
        return (
            "no_mail"
            if self.env["mail.mailbox"].search_count([], limit=1)
            else ("no_mailbox")
        )


def _people(value):
    """Return the addresses of a header's value, with the name beside each."""
    return [
        {
            "name": address.display_name,
            "address": address.addr_spec,
            "readable": _readable(address.addr_spec),
        }
        for address in parse_addresses(value or "")
    ]


def _readable(addr_spec):
    """Return an address with punycode domain as it is meant to be read, else ""."""
    local, at, domain = addr_spec.rpartition("@")
    readable = readable_domain(domain.lower()) if "xn--" in domain.lower() else ""
    return f"{local}{at}{readable}" if readable not in ("", domain.lower()) else ""


def _size(count):
    """Return a size in bytes for people: 640 B, 4.4 KB, 12 MB."""
    units = iter(("B", "KB", "MB", "GB"))
    unit = next(units)
    while count >= 1000 and unit != "GB":
        count, unit = count / 1024, next(units)
    return (
        f"{count:.1f} {unit}"
        if 0 < count < 10 and unit != "B"
        else f"{count:.0f} {unit}"
    )


def _kind(filename, mimetype):
    """Return a short word for a part's kind of file."""
    match = _EXTENSION.search(filename)
    return match[1].upper() if match else mimetype.partition("/")[2][:20].upper()


def describe(filename, mimetype, size):
    """Return what is shown of an attachment."""
    return {
        # calendars write no name beside the text
        "name": filename or ("invite.ics" if mimetype in CALENDARS else ""),
        "kind": _kind(filename, mimetype),
        "mimetype": mimetype,
        "message": mimetype in MESSAGES,
        "size": _size(size),
        "danger": _danger(filename),
    }


def _describe_signature(size):
    """Return what is shown of the S/MIME signature of a whole email."""
    return {**describe("smime.p7s", "application/pkcs7-signature", size), "signs": True}


def read_kinds_of(source):
    """Return path → kind under which a part is looked at, and the paths of those that
    the text shows."""
    try:
        body = read_body(source)
    except MailCoreError:
        return {}, frozenset()
    return body.kinds, body.shown


def _danger(filename):
    """Return "runs" for files that run when opened, "macros" for those that may."""
    match = _EXTENSION.search(filename)
    extension = match[1].lower() if match else ""
    return "runs" if extension in _RUNS else "macros" if extension in _MACROS else ""
