from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..models.archiving.suggestion import ids_of
from ..models.mailbox.reader import composed_once

#: People whose faces the form shows; the others are one click away.
SHOWN_PEOPLE = 10


class MailMailboxArchiveWizard(models.TransientModel):
    """The form "Archive new email": which records, and who may read it there."""

    _name = "mail.mailbox.archive.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Archive Email"

    mailbox_message_ids = fields.Many2many(
        "mail.mailbox.message",
        "mail_mailbox_archive_wizard_message_rel",
        "wizard_id",
        "mailbox_message_id",
        string="Emails",
        default=lambda self: self._default_messages(),
    )
    mailbox_id = fields.Many2one(
        "mail.mailbox", default=lambda self: self._default_mailbox()
    )
    line_ids = fields.One2many(
        "mail.mailbox.archive.wizard.line", "wizard_id", "Attach to"
    )
    role_ids = fields.Many2many(
        "res.groups",
        "mail_mailbox_archive_wizard_role_rel",
        "wizard_id",
        "group_id",
        string="Only for users with roles",
        domain=[("mail_role", "=", True)],
    )
    first_time = fields.Boolean(compute="_compute_first_time")
    several = fields.Boolean(compute="_compute_subjects")
    subjects = fields.Text("Email", compute="_compute_subjects")
    attached_to = fields.Char("Attached to already", compute="_compute_subjects")
    private_warning = fields.Text(compute="_compute_private_warning")
    never_warning = fields.Text("Never archived", compute="_compute_never_warning")
    suggestion_note = fields.Text(readonly=True)
    suggestions = fields.Json(readonly=True, help="Each with its evidence.")
    picked = fields.Integer("Clicked suggestion", default=-1)
    other_count = fields.Integer(compute="_compute_others")
    other_emails = fields.Text(compute="_compute_others")
    with_others = fields.Boolean("The other emails of this conversation as well")
    follow = fields.Boolean(
        "Later emails of this conversation as well",
        compute="_compute_follow",
        store=True,
        readonly=False,
    )
    follow_note = fields.Text(compute="_compute_follow_note")
    audience = fields.Text(compute="_compute_audience")
    audience_user_ids = fields.Many2many("res.users", compute="_compute_audience")
    audience_more = fields.Integer(compute="_compute_audience")
    audience_all = fields.Boolean("Show everybody")

    @api.model
    def default_get(self, fields_list):
        if lines := self._get_target_lines():
            self = self.with_context(default_line_ids=lines)
        values = super().default_get(fields_list)
        if "line_ids" in fields_list and not values.get("line_ids"):
            values |= self._prepare_suggestions()
        return values

    def onchange(self, *args, **kwargs):
        with composed_once(self.env):
            return super().onchange(*args, **kwargs)

    @api.model
    def _get_target_lines(self):
        """Return a line for the record on whose own form the dialog is opened.

        It is named in the context, ``mailbox_archive_target`` = [model, id].
        """
        model, res_id = self.env.context.get("mailbox_archive_target") or (None, None)
        record_types = self.env["mail.mailbox.record.type"]
        if model not in record_types._get_tab_model_names():
            return []
        record = self.env[model].browse(res_id).exists()._filtered_access("read")
        record_type = record and record_types._find_for(record)
        if not record_type:
            return []
        return [Command.create({"record_type_id": record_type.id, "res_id": record.id})]

    @api.model
    def _prepare_suggestions(self):
        """Return the values with what is suggested.

        A line for each record that evidence chooses, of several emails with those that
        point to it, and an empty one for the others, to type their record in.
        """
        messages = self._default_messages()
        found = messages._suggest_for_each()
        ranked, note = messages._rank(found)
        groups, left = messages._group(found)
        left |= messages[len(found) :]
        lines = [
            self._prepare_line(suggestion, group, messages)
            for suggestion, group in groups.values()
        ]
        if groups and left:
            note = self.env._(
                "No record was found for some of the emails. They are left open unless "
                "you choose one."
            )
        if left or not lines:
            lines.append(self._prepare_emails(left, messages))
        return {
            "suggestion_note": note,
            "suggestions": [
                {
                    **self._prepare_line(suggestion, messages.browse(of), messages),
                    "type": suggestion.record_type.name,
                    "model": suggestion.record._name,
                    "name": suggestion.record.display_name,
                }
                for suggestion in ranked
                for of in [ids_of(found, suggestion.record)]
            ],
            "line_ids": [fields.Command.create(line) for line in lines],
        }

    @api.model
    def _prepare_line(self, suggestion, group, messages):
        """Return the values of a line with ``suggestion`` for ``group``."""
        return {
            "record_type_id": suggestion.record_type.id,
            "res_id": suggestion.record.id,
            "reason": suggestion.reason,
            **self._prepare_emails(group, messages),
        }

    @api.model
    def _prepare_emails(self, group, messages):
        every = group == messages or not messages
        return {"all_emails": every, "mailbox_message_ids": [] if every else group.ids}

    @api.onchange("picked")
    def _onchange_picked(self):
        """Take the suggestion that was clicked as a line, or leave it out again."""
        suggestions = self.suggestions or []
        if 0 <= self.picked < len(suggestions):
            picked = suggestions[self.picked]
            same = self.line_ids.filtered(
                lambda line: (line.res_model, line.res_id)
                == (picked["model"], picked["res_id"])
            )
            if same:
                self._leave_open(same)
            else:
                self._take(picked)
        self.picked = -1

    def _take(self, picked):
        """Add a line with a suggestion; its emails are no longer without a record."""
        for line in self.line_ids.filtered(lambda line: not line.res_id):
            left = line._get_messages().ids
            if picked["all_emails"]:
                left = []
            left = [one for one in left if one not in picked["mailbox_message_ids"]]
            line.all_emails = False
            line.mailbox_message_ids = [fields.Command.set(left)]
            if not left:
                self.line_ids -= line
        keys = ("type", "model", "name")
        line = {key: value for key, value in picked.items() if key not in keys}
        self.line_ids = [fields.Command.create(line)]

    def _leave_open(self, lines):
        """Remove lines; emails that are on no other one are left without a record."""
        left = self._get_messages()
        self.line_ids -= lines
        for line in self.line_ids:
            left -= line._get_messages()
        if left or not self.line_ids:
            values = self._prepare_emails(left, self._get_messages())
            self.line_ids = [fields.Command.create(values)]

    @api.model
    def _default_messages(self):
        """Return the messages that the form was opened on: of the Queue or Archives."""
        messages = self.env["mail.mailbox.message"]
        is_of_list = self.env.context.get("active_model")
        return messages._get_chosen() if is_of_list else messages

    @api.model
    def _default_mailbox(self):
        """Return the mailbox whose Queue the form was opened from, if it is one."""
        context = self.env.context
        if context.get("active_model") != "mail.mailbox.arrival":
            return self.env["mail.mailbox"]
        arrivals = self.env["mail.mailbox.arrival"].browse(context.get("active_ids"))
        mailboxes = arrivals.mailbox_id
        return mailboxes if len(mailboxes) == 1 else self.env["mail.mailbox"]

    @api.depends("mailbox_message_ids", "with_others")
    def _compute_first_time(self):
        for wizard in self:
            # sudo: roles are offered only before the first link, seen or not
            messages = wizard._get_messages() | wizard._get_wanted_others()
            links = self.env["mail.mailbox.link"].sudo()
            # searched: what is cached may be the links that the person sees
            found = links.search([("mailbox_message_id", "in", messages.ids)])
            wizard.first_time = bool(messages - found.mailbox_message_id)

    @api.depends("mailbox_message_ids")
    def _compute_subjects(self):
        for wizard in self:
            messages = wizard._get_messages()
            wizard.several = len(messages) > 1
            wizard.subjects = "\n".join(messages[:10].mapped("display_name"))
            if len(messages) > 10:
                wizard.subjects += "\n" + self.env._("and %s more", len(messages) - 10)
            names = filter(None, messages.link_ids.mapped("res_name"))
            wizard.attached_to = ", ".join(dict.fromkeys(names))

    @api.depends("mailbox_message_ids")
    def _compute_others(self):
        for wizard in self:
            others = wizard._get_messages()._get_others_of_conversation()
            wizard.other_count = len(others)
            lines = [f"{one.email_from}: {one.display_name}" for one in others[:10]]
            if len(others) > 10:
                lines.append(self.env._("and %s more", len(others) - 10))
            wizard.other_emails = "\n".join(lines)

    @api.depends("line_ids.record_type_id")
    def _compute_follow(self):
        for wizard in self:
            types = wizard.line_ids.record_type_id
            wizard.follow = wizard.follow or any(types.mapped("follow"))

    @api.depends("follow", "mailbox_message_ids")
    def _compute_follow_note(self):
        for wizard in self:
            wizard.follow_note = (
                wizard.follow and wizard._get_messages()._explain_following()
            )

    def _get_wanted_others(self):
        """Return the other emails of the conversations, if they are wanted."""
        messages = self._get_messages()
        if not self.with_others:
            return messages.browse()
        return messages._get_others_of_conversation()

    @api.depends("mailbox_message_ids", "mailbox_id", "with_others")
    def _compute_private_warning(self):
        for wizard in self:
            messages = wizard._get_messages() | wizard._get_wanted_others()
            mailboxes = messages._get_archiving_mailboxes(wizard.mailbox_id)
            private = sum(mailboxes[message].private for message in messages)
            wizard.private_warning = bool(private) and self.env._(
                "From a private mailbox (%(count)s of %(total)s): only the users of "
                "that mailbox will be able to read it on the record. It stays "
                "invisible to everybody else.",
                count=private,
                total=len(messages),
            )

    @api.depends("mailbox_message_ids")
    def _compute_never_warning(self):
        for wizard in self:
            messages = wizard._get_messages()
            names = dict.fromkeys(messages._get_never_archived().values())
            wizard.never_warning = "\n".join(
                map(messages._get_never_archived_sentence, names)
            )

    @api.depends(
        "line_ids.res_id",
        "line_ids.record_type_id",
        "line_ids.all_emails",
        "line_ids.mailbox_message_ids",
        "role_ids",
        "mailbox_message_ids",
        "with_others",
        "audience_all",
    )
    def _compute_audience(self):
        for wizard in self:
            users, wizard.audience = wizard._get_messages()._describe_audience(
                [
                    (record, line._get_all_messages())
                    for line in wizard.line_ids
                    if (record := line._get_readable_record())
                ],
                wizard.role_ids._origin,
                wizard.mailbox_id,
            )
            shown = users if wizard.audience_all else users[:SHOWN_PEOPLE]
            wizard.audience_user_ids = shown
            wizard.audience_more = len(users) - len(shown)

    def _get_messages(self):
        """Return the stored messages, also while the form is being filled.

        Those that the user may read: what a browser sends is anybody's word.
        """
        return self.mailbox_message_ids._origin.exists()._filtered_told()

    def action_confirm(self):
        """Attach the messages to the chosen records; report what was done."""
        self.ensure_one()
        # an empty line leaves its emails open
        lines = self.line_ids.filtered(lambda line: line._get_record())
        if not lines:
            raise UserError(
                self.env._("Choose the record to attach the email to, then confirm.")
            )
        mark = self.env["mail.mailbox.history"]._get_mark()
        roles = self.role_ids if self.first_time else None
        attached, before, failures = 0, 0, []
        for line in lines:
            done, known, errors = self._attach(
                line._get_record(), line._get_chosen(), roles
            )
            others = line._get_all_messages() - line._get_chosen()
            if others:
                more, _known, more_errors = self._attach(
                    line._get_record(), others, roles
                )
                done, errors = done + more, errors + more_errors
            attached, before = attached + done, before + known
            failures += errors
        chosen = self.mailbox_message_ids.browse().union(
            *(line._get_chosen() for line in lines)
        )
        left = len(self.mailbox_message_ids - chosen)
        history = self.env["mail.mailbox.history"]
        freed = history._count_freed(mark)
        kind, text = self._get_report(attached, before - freed, left, failures, freed)
        return history._tell_done(kind, text, mark)

    def _attach(self, record, messages, roles):
        """Attach ``messages`` to ``record``; one that cannot be does not stop others.

        :return: how many were attached, were attached before, and what went wrong
        """
        readable = messages.exists()._filtered_access("read")
        missing = len(messages) - len(readable)
        errors = []
        if missing == 1:
            errors = [
                self.env._("1 email no longer exists, or you may not read it."),
            ]
        elif missing:
            errors = [
                self.env._(
                    "%s emails no longer exist or you may not read them.", missing
                )
            ]
        never = readable._get_never_archived()
        errors = [*errors, *map(readable._get_never_archived_sentence, never.values())]
        readable = readable.filtered(lambda message: message not in never)
        try:
            links = readable._archive(record, roles, self.mailbox_id)
        except (UserError, AccessError, ValidationError) as error:
            return 0, 0, [*errors, str(error)]
        if self.follow:
            readable._follow(record)
        return len(links), len(readable) - len(links), errors

    def _get_report(self, attached, before, left, failures, freed):
        """Return the kind of notification, and what was done in words."""
        if failures and not attached:
            raise UserError("\n".join(dict.fromkeys(failures)))
        parts = []
        if attached:
            parts.append(
                self.env._("1 email attached.")
                if attached == 1
                else self.env._("%s emails attached.", attached)
            )
        if freed:
            parts.append(
                self.env._(
                    "Already attached, and shown now to everybody who may open the "
                    "record: %s.",
                    freed,
                )
            )
        if before:
            parts.append(self.env._("Already attached: %s. Nothing changed.", before))
        if left:
            parts.append(self.env._("Left open: %s.", left))
        parts += dict.fromkeys(failures)
        worked = (attached or freed) and not failures
        return "success" if worked else "warning", " ".join(parts)
