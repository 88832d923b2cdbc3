from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime, is_html_empty

from ...mailcore.send.placeholders import fill, path_of
from ..mailbox.arguments import checked, record_id

MAX_SNIPPETS = 500
#: Fields that are words; others have no place in a sentence.
SHOWN = {
    "boolean",
    "char",
    "date",
    "datetime",
    "float",
    "integer",
    "monetary",
    "selection",
    "text",
}


class MailMailboxSnippet(models.Model):
    """A short text that is put into an email by "/": one's own, or a mailbox's.

    One's own is nobody else's to read. A mailbox's is read by its users, and changed by
    who may change the mailbox.
    """

    _name = "mail.mailbox.snippet"
    _inherit = ["mail.mailbox.content", "mail.mailbox.settings.line"]
    _description = "Short Text"
    _order = "name, id"

    name = fields.Char(required=True)
    shortcut = fields.Char(
        help="What you type after “/” to find it, for example “thx”."
    )
    body = fields.Html(
        "Text",
        sanitize_style=True,
        help="You can use {{first_name}} and {{last_name}} of whoever writes, and "
        "fields of the record that the email is about, for example {{object.name}}.",
    )
    mailbox_id = fields.Many2one(
        "mail.mailbox",
        ondelete="cascade",
        index="btree_not_null",
        help="All users of this mailbox can use it. Empty: only you.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        compute="_compute_user_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    active = fields.Boolean(default=True)

    @api.model
    def _get_neutral_name(self):
        return self.env._("Short text")

    @api.model
    def _get_read_domain(self):
        return Domain("user_id", "=", self.env.uid) | super()._get_read_domain()

    def _is_open(self):
        own = self.user_id == self.env.user
        return super()._is_open() if self.mailbox_id else own

    @api.depends("mailbox_id")
    def _compute_user_id(self):
        for one in self:
            owner = one.user_id or self.env.user
            one.user_id = False if one.mailbox_id else owner

    @api.constrains("body")
    def _check_body(self):
        for one in self:
            if is_html_empty(one.body) and "<img" not in str(one.body or ""):
                raise ValidationError(
                    self.env._("Write the text that “%s” stands for.", one.name)
                )

    def write(self, vals):
        if vals.get("mailbox_id"):
            # the rules look at the mailbox it is in, not at the one it goes to
            self.env["mail.mailbox"].browse(vals["mailbox_id"]).check_access("write")
        return super().write(vals)


class MailMailboxDraft(models.Model):
    """Short texts in an email that is being written."""

    _inherit = "mail.mailbox.draft"

    @checked(one=True, mailbox_id=record_id)
    def find_snippets(self, mailbox_id=False):
        """Return what ``/`` offers: dicts with ``id``, ``name`` and ``shortcut``.

        One's own, and those of the mailbox it is sent from where one may read them.

        :param mailbox_id: of another mailbox than it was stored with
        """
        self.check_access("read")
        mine = Domain("user_id", "=", self.env.uid)
        # sudo: of which mailbox; what may be read of it is the search's to say
        here = Domain("mailbox_id", "=", mailbox_id or self.sudo().mailbox_id.id)
        snippets = self.env["mail.mailbox.snippet"]
        return [
            {"id": one.id, "name": one.name, "shortcut": one.shortcut or ""}
            for one in snippets.search(mine | here, limit=MAX_SNIPPETS)
        ]

    @checked(one=True, snippet_id=record_id)
    def render_snippet(self, snippet_id):
        """Return the HTML of a short text, filled in as the user may read the record.

        A field that is not there, or not theirs to read, stays as it is written.

        :raises AccessError: the short text, or the draft, is not theirs to read
        """
        self.check_access("read")
        snippet = self.env["mail.mailbox.snippet"].browse(snippet_id)
        snippet.check_access("read")
        # sudo: how the mailbox calls who writes
        names = self.sudo().mailbox_id._get_name_values(self.env.user)
        record = next(iter(self._get_records()), None)

        def read(placeholder):
            if placeholder in names:
                return names[placeholder]
            path = path_of(placeholder)
            return _read_path(record, path) if record and path else None

        return fill(str(snippet.body or ""), read)


def _read_path(record, path):
    """Return what ``path`` of a record holds as text; None where it is not to be had.

    Only fields, each read as the person, and nothing of what they lead to that is not
    theirs to read.
    """
    *before, last = path
    for name in before:
        record = _is_readable(record, name) and record[name]
        if not (isinstance(record, models.BaseModel) and len(record) == 1):
            return None
    return _show(record, last) if _is_readable(record, last) else None


def _is_readable(record, name):
    field = record._fields.get(name)
    if not field or not record.has_access("read"):
        return False
    return record._has_field_access(field, "read")


def _show(record, name):
    field, value = record._fields[name], record[name]
    if isinstance(value, models.BaseModel):
        return ", ".join(value._filtered_access("read").mapped("display_name"))
    if field.type not in SHOWN:
        return None
    if field.type == "boolean":
        return record.env._("Yes") if value else record.env._("No")
    if value is False:
        return ""
    if field.type == "selection":
        return dict(field._description_selection(record.env)).get(value) or ""
    if field.type == "date":
        return format_date(record.env, value)
    if field.type == "datetime":
        return format_datetime(record.env, value)
    return str(value)
