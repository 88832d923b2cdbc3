from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...mailcore.send import providers
from ..mailbox.arguments import checked, record_id
from .signature import to_text

MAX_TEMPLATES = 80
#: Of what a provider takes, what is left for files: they grow by a third on their way.
_FOR_FILES = 0.73


class MailMailboxDraft(models.Model):
    """Templates, and how large the files may be."""

    _inherit = "mail.mailbox.draft"

    size_limit = fields.Integer(
        "Limit for attachments (bytes)",
        compute="_compute_size_limit",
        help="What the email provider of the mailbox accepts.",
    )

    @api.depends("mailbox_id")
    def _compute_size_limit(self):
        for draft in self:
            # sudo: whose limit it is, of a mailbox that one may send from
            code = draft.mailbox_id._origin._filtered_access("read").sudo().provider
            limit = providers.get(code).max_bytes if code else 0
            draft.size_limit = int(limit * _FOR_FILES)

    def find_templates(self):
        """Return the templates for this mail, as dicts with ``id`` and ``name``.

        Those for the records that it is about, and general ones: for no model.
        """
        templates = self._find_templates()
        return [{"id": one.id, "name": one.name or ""} for one in templates]

    def _find_templates(self):
        self.ensure_one()
        self.check_access("read")
        models_of = {record._name for record in self._get_records()}
        return self.env["mail.template"].search(
            [("model", "in", [*models_of, False])], order="name", limit=MAX_TEMPLATES
        )

    @checked(one=True, template_id=record_id)
    def apply_template(self, template_id):
        """Put a template above what is written; its subject where there is none.

        It is rendered as the user, so that it shows nothing they may not read.

        :raises AccessError: the template is not for this mail, or shows too much
        """
        self.check_access("write")
        template = self.env["mail.template"].browse(template_id)
        if template not in self._find_templates():
            raise AccessError(self.env._("This template is not for this email."))
        values = self._render(template)
        body = Markup(values["body_html"] or "") + (self.body or Markup())
        self.write({"body": body, "subject": self.subject or values["subject"]})
        if self.plain:
            above = to_text(values["body_html"] or "")
            self.plain_text = f"{above}\n{self.plain_text or ''}"
        there = {"res_model": self._name, "res_id": self.id}
        for one in template.attachment_ids:
            one.check_access("read")
            self.attachment_ids += one.copy(there)

    def _render(self, template):
        """Return subject and text of ``template`` for the record it is about."""
        names = ("subject", "body_html")
        if not template.model:
            return {name: template[name] for name in names}
        record = next(one for one in self._get_records() if one._name == template.model)
        return template._generate_template(record.ids, names)[record.id]
