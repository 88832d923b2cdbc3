from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ...mailcore.read.criteria import split
from .name_index import is_number
from .record_detail import made_of

#: Where to archive: to a record that is named in the rule, or one that the email names.
RECORD, NUMBER, SENDER, DOMAIN = "record", "number", "sender", "domain"
#: What is found by the sender is only as true as the From header.
BY_SENDER = (SENDER, DOMAIN)
#: The conditions of every rule; others add more, see filing_condition.py.
CONDITIONS = {"mailbox_ids", "folder", "sender", "recipient", "words", "file_endings"}
#: What decides where an email goes.
DECIDING = {"target", "record_type_id", "res_id", "role_ids", "action"}
ARCHIVE, SUGGEST = "archive", "suggest"


class MailMailboxFilingRule(models.Model):
    """A rule that archives new emails to a record, or suggests it.

    It acts with the rights of the person who made it, and only where there is no doubt:
    one record, a sender that is verified if the rule goes by the sender or a number,
    for a number one who has to do with the record, no private mailbox that it does not
    name. Everything else is suggested.
    """

    _name = "mail.mailbox.filing.rule"
    _inherit = "mail.mailbox.ruled"
    _description = "Filing Rule"
    _order = "sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        "res.users",
        "Acts for",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete="cascade",
        help="The rule archives only what this person can read, to records that they "
        "can open.",
    )
    for_everybody = fields.Boolean(
        "Suggest to everybody",
        help="Everybody gets the suggestion, not only the person who made the rule.",
    )
    mailbox_ids = fields.Many2many(
        "mail.mailbox",
        string="Mailboxes",
        # a mailbox that is gone would leave its rule to all
        ondelete="restrict",
        help="Empty: all mailboxes you can read.",
    )
    folder = fields.Char(help="A part of the folder's name.")
    sender = fields.Char(
        "From", help="Addresses or domains, separated by commas. Any of them."
    )
    recipient = fields.Char(
        "To or Cc", help="Addresses or domains, separated by commas. Any of them."
    )
    words = fields.Char(
        "Subject contains", help="Words or phrases, separated by commas. Any of them."
    )
    file_endings = fields.Char(
        "Attachments", help="Endings of their names, for example: pdf, xml."
    )
    target = fields.Selection(
        [
            (RECORD, "This record"),
            (NUMBER, "The record whose number is in the subject or a file name"),
            (SENDER, "The contact with the sender's address"),
            (DOMAIN, "The company with the sender's domain"),
        ],
        "Archive to",
        required=True,
        default=RECORD,
    )
    record_type_id = fields.Many2one(
        "mail.mailbox.record.type",
        "Record type",
        domain=[("model_id", "!=", False)],
        ondelete="cascade",
    )
    res_model = fields.Char(
        "Model", related="record_type_id.res_model", store=True, readonly=True
    )
    record_domain = fields.Char(related="record_type_id.domain")
    res_id = fields.Many2oneReference("Chosen record", model_field="res_model")
    res_create_date = fields.Datetime(readonly=True, copy=False)
    role_ids = fields.Many2many(
        "res.groups",
        string="Only for users with roles",
        # a role that is gone would leave what it archives to everybody
        ondelete="restrict",
        domain=[("mail_role", "=", True)],
    )
    action = fields.Selection(
        [(ARCHIVE, "Archive"), (SUGGEST, "Only suggest")],
        "What to do",
        required=True,
        default=ARCHIVE,
    )
    res_name = fields.Char("Record", compute="_compute_res_name")
    note = fields.Text(compute="_compute_note")

    @api.depends_context("uid")
    @api.depends("target", "res_id", "record_type_id")
    def _compute_res_name(self):
        for rule in self:
            record = rule._get_record() if rule.target == RECORD else None
            readable = record and record.has_access("read")
            rule.res_name = readable and record.display_name

    @api.depends("target", "sender", "res_id", "record_type_id", "action")
    def _compute_note(self):
        for rule in self:
            rule.note = " ".join(rule._get_notes())

    def _get_notes(self):
        """Return what whoever makes the rule should know, as sentences."""
        self.ensure_one()
        notes = []
        if self.id and self._names_record() and not self._get_record():
            notes.append(self.env._("The record no longer exists. Choose another one."))
        if self._needs_proof():
            notes.append(
                self.env._(
                    "Emails whose sender is not verified by the server of their "
                    "mailbox are only suggested."
                )
            )
        if self._is_about_records() and self.target == NUMBER and not self.sender:
            notes.append(
                self.env._(
                    "So are emails with people who have had nothing to do with the "
                    "record, unless the rule names the sender."
                )
            )
        return notes

    @api.model
    def _get_read_domain(self):
        """Return the domain of one's own rules, and of those for everybody."""
        if self.env["mail.mailbox"]._is_manager():
            return Domain.TRUE
        mine = Domain("user_id", "=", self.env.uid)
        return mine | Domain("for_everybody", "=", True)

    def _refuse_reading(self):
        return AccessError(
            self.env._("You may not see this filing rule, or it does not exist.")
        )

    @api.onchange("record_type_id")
    def _onchange_record_type_id(self):
        # a form that opens with both keeps them
        given = self.env.context.get("default_record_type_id")
        if self._origin or self.record_type_id.id != given:
            self.res_id = False

    # What is entered

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create([self._normalise(vals) for vals in vals_list])
        rules._settle()
        return rules

    def write(self, vals):
        if self._get_deciding() & vals.keys() and not self.env.su:
            # it acts for who decided last, never with the rights of somebody else
            # sudo: the system's to write; that the user may change it is asked below
            self.check_access("write")
            self.sudo().user_id = self.env.user
        result = super().write(self._normalise(vals))
        if {"res_id", "record_type_id", "target"} & vals.keys():
            self._settle()
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _normalise(self, vals):
        vals = dict(vals)
        if vals.get("for_everybody") and not self._may_suggest_to_everybody():
            raise AccessError(
                self.env._(
                    "Only a mail administrator can make a rule that suggests to "
                    "everybody."
                )
            )
        check = self.env["mail.mailbox.never.archive"]._check_pattern
        for name in {"sender", "recipient"} & vals.keys():
            vals[name] = ", ".join(map(check, split(vals[name] or "")))
        if vals.get("file_endings"):
            endings = (one.lower().lstrip("*.") for one in split(vals["file_endings"]))
            vals["file_endings"] = ", ".join(filter(None, endings))
        return vals

    @api.model
    def _may_suggest_to_everybody(self):
        return self.env.su or self.env["mail.mailbox"]._is_manager()

    def _settle(self):
        """Note when the chosen records were made, so that no other is taken for one."""
        for rule in self.sudo():  # sudo: the record was checked as the person
            made = None
            if rule._names_record() and rule.res_model in self.env:
                record = self.env[rule.res_model].browse(rule.res_id)
                made = made_of(record).get(record.id)
            rule.res_create_date = made and made.replace(microsecond=0)
        self.env.registry.clear_cache()

    @api.constrains("target", "record_type_id", "res_id", "action")
    def _check_target(self):
        partners = self.env["res.partner"]._name
        for rule in self.filtered(lambda rule: rule._is_about_records()):
            model = rule.record_type_id.res_model
            if not rule.record_type_id:
                raise ValidationError(
                    self.env._("Choose the record type to archive to.")
                )
            if rule.target == RECORD and not rule.res_id:
                raise ValidationError(self.env._("Choose the record to archive to."))
            if rule.target in BY_SENDER and model != partners:
                raise ValidationError(
                    self.env._(
                        "A sender is a contact. Choose the record type Companies or "
                        "Contacts."
                    )
                )
            if rule.target == NUMBER and not rule._is_numbered():
                raise ValidationError(
                    self.env._(
                        "“%s” have no numbers that could be found in an email.",
                        rule.record_type_id.name,
                    )
                )

    def _is_numbered(self):
        model = self.env.get(self.record_type_id.res_model)
        # sudo: how the model is built is asked, none of its records
        return model is not None and is_number(model.sudo())

    @api.constrains("role_ids")
    def _check_roles(self):
        for rule in self:
            # sudo: whether they are roles is asked, whoever may read groups
            self.env["mail.mailbox.message"]._check_roles(rule.sudo().role_ids)

    # What it is about

    @api.model
    def _get_deciding(self):
        """Return the fields whose change makes who changes them answer for the rule."""
        return DECIDING | CONDITIONS | self._get_more_conditions().keys()

    def _is_about_records(self):
        """Return whether this rule archives to a record, or suggests one."""
        return self.action in (ARCHIVE, SUGGEST)

    def _names_record(self):
        return self.target == RECORD and self._is_about_records()

    def _needs_proof(self):
        """Return whether this rule is only as true as the sender of an email."""
        by_sender = self.target in (*BY_SENDER, NUMBER) and self._is_about_records()
        return by_sender or bool(self.sender)
