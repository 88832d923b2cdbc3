from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.addresses import address
from .narrowing import refuse_named

#: What of a mailbox may be the only copy: listed, unreadable, to be sent, written.
HOLDING = ("arrival", "quarantine", "outbox", "draft")


class MailMailbox(models.Model):
    """One e-mail address of the company, and who has access to its mail.

    Differs from ``fetchmail.server`` and ``mail.alias``: those turn mail into records,
    a mailbox keeps the mail itself for people to read and to archive.
    """

    _name = "mail.mailbox"
    _description = "Mailbox"
    _inherit = ["mail.mailbox.guarded", "mail.thread", "mail.activity.mixin"]
    _order = "sequence, email, id"
    _rec_name = "email"
    _rec_names_search = ["email", "name", "description"]
    _check_company_auto = True

    name = fields.Char(
        required=True,
        tracking=True,
        help="The name that recipients see, for example 'Spedbud, invoices'.",
    )
    email = fields.Char("Email address", required=True, tracking=True)
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, precompute=True
    )
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, index=True
    )
    responsible_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain=lambda self: self._domain_people(),
        check_company=True,
        help="The person whose Queue incoming emails go to, and who is notified "
        "about problems.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Users",
        default=lambda self: self.env.user,
        domain=lambda self: self._domain_people(),
        # whoever left the company still counts: their mailbox is nobody else's by that
        context={"active_test": False},
        help="The users who can read this mailbox. Several users share one mailbox.",
    )
    private = fields.Boolean(
        tracking=True,
        help="Only the listed users can see the contents of this mailbox, not "
        "administrators or readers of the archive.",
    )
    description = fields.Text()
    can_change_people = fields.Boolean(compute="_compute_can_change_people")
    is_mine = fields.Boolean(compute="_compute_can_change_people")

    @api.model
    def _get_neutral_name(self):
        return self.env._("Mailbox")

    def _keep_readable(self):
        # of one's own, whose people are known already, nothing has to be asked
        known = not any(self._fields["user_ids"]._cache_missing_ids(self))
        if not known or not self.browse().has_access("read"):
            return super()._keep_readable()
        # sudo: whether one belongs to it
        mine = self.sudo().filtered(
            lambda one: self.env.uid in one.user_ids.ids
            and one.company_id <= self.env.companies
        )
        mine = mine.sudo(False)
        return mine | super(MailMailbox, self - mine)._keep_readable()

    @api.model
    def _domain_people(self):
        # by id, from the cache: it is part of every search by people
        group_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "mail_mailbox_archive.group_user"
        )
        return [("share", "=", False), ("all_group_ids", "in", [group_id])]

    @api.depends("email")
    def _compute_email_normalized(self):
        for mailbox in self:
            mailbox.email_normalized = address.normalise(mailbox.email or "")

    @api.depends_context("uid")
    @api.depends("private", "user_ids")
    def _compute_can_change_people(self):
        for mailbox in self:
            mailbox.can_change_people = mailbox._may_change_people()
            mailbox.is_mine = self.env.user in mailbox.user_ids

    @api.constrains("email")
    def _check_email(self):
        for mailbox in self:
            if not address.is_valid(mailbox.email or ""):
                raise ValidationError(
                    self.env._(
                        "“%(email)s” is not an email address. Write it in full, "
                        "for example office@example.com.",
                        email=mailbox.email,
                    )
                )

    @api.constrains("user_ids")
    def _check_people(self):
        for mailbox in self:
            if not mailbox.user_ids:
                raise ValidationError(
                    self.env._(
                        "No user would have access to the emails of %(email)s. Choose "
                        "at least one user.",
                        email=mailbox.email,
                    )
                )

    # What follows a change: rooms fill the hooks below, nobody else overrides these two

    @api.model_create_multi
    def create(self, vals_list):
        # none exists yet; a copy is a mailbox of its own
        new = self.browse()
        vals_list = [self._convert_booleans(vals) for vals in vals_list]
        for vals in vals_list:
            # with what a caller's context, or settings of theirs, fill in
            whole = new._add_missing_default_values(vals)
            new._refuse_values(self._convert_booleans(whole))
        prepared = [new._prepare_values(vals) for vals in vals_list]
        mailboxes = super().create(prepared)
        mailboxes._after_create()
        return mailboxes

    def write(self, vals):
        if self._are_notes(vals):
            # Odoo would read every field that it tracks, before and after
            quiet = self.with_context(tracking_disable=True)
            return super(MailMailbox, quiet).write(vals)
        listed = self._filtered_listed_only(vals)
        if listed:
            # sudo: an administrator orders the list; nothing of this is its people's
            listed.sudo().write(vals)
            self -= listed
        if not self:
            return True
        vals = self._convert_booleans(vals)
        self._refuse_values(vals)
        vals = self._prepare_values(vals)
        before = self._before_write(vals)
        result = super().write(vals)
        self._after_write(vals, before)
        return result

    @api.model
    def _convert_booleans(self, vals):
        """Return ``vals`` as they will be stored: a program may write 0 for False."""
        switches = [
            name
            for name in vals
            if name in self._fields and self._fields[name].type == "boolean"
        ]
        return {**vals, **{name: bool(vals[name]) for name in switches}}

    @api.model
    def _are_notes(self, vals):
        """Return whether ``vals`` are only the system's notes, which nobody sees.

        No hook concerns them: nothing is decided by them, and nothing follows.
        """
        written = [self._fields.get(name) for name in vals]
        return self.env.su and all(
            field and field.readonly and field.groups == fields.NO_ACCESS
            for field in written
        )

    def _refuse_values(self, vals):
        """Refuse what may not be written; on an empty recordset, what is created.

        :raises UserError: and its like, which say what to do
        """
        if self:
            self._check_change_of_people(vals)
        if not self and vals.get("active", True):
            self._refuse_taken(vals.get("email"))
        if "email" in vals or vals.get("active"):
            for mailbox in self:
                if vals.get("active", mailbox.active):
                    mailbox._refuse_taken(vals.get("email", mailbox.email))
                if vals.get("active") and not mailbox.active:
                    # sudo: what comes back into use, whoever brings it back
                    for one in mailbox.sudo().alias_ids:
                        mailbox._refuse_taken(one.email)

    def _prepare_values(self, vals):
        """Return the values as they are stored; those given stay as they are."""
        return vals

    def _after_create(self):
        """Do what follows the creation of these mailboxes."""
        self._add_responsible_to_people()
        self._check_own()

    def _before_write(self, vals):
        """Return what :meth:`_after_write` has to know of the time before, by name."""
        return {}

    def _after_write(self, vals, before):
        """Do what follows a change; ``before`` is of :meth:`_before_write`."""
        if "responsible_id" in vals:
            self._add_responsible_to_people()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_mail(self):
        # sudo: mail the person may not see counts as well
        kinds = [f"mail.mailbox.{name}" for name in HOLDING]
        mine = [("mailbox_id", "in", self.ids)]
        if any(self.env[kind].sudo().search_count(mine, limit=1) for kind in kinds):
            raise UserError(
                self.env._(
                    "A mailbox that contains emails cannot be deleted. Deactivate it: "
                    "its emails stay readable, and nothing more is fetched or sent."
                )
            )
        refuse_named(self)

    def _refuse_taken(self, email):
        """Refuse an address that another active mailbox has, and name that mailbox.

        Asked before the write, because the database's own refusal cannot name it.
        """
        addresses = self.env["mail.mailbox.address"]
        others = [("in_use", "=", True), ("mailbox_id", "not in", self.ids)]
        holder = addresses._look_up([address.normalise(email or "")], others).mailbox_id
        if not holder:
            return
        if not holder.with_user(self.env.user).sudo(self.env.su).has_access("read"):
            raise ValidationError(
                self.env._(
                    "Another mailbox already has the email address %s. Ask a mail "
                    "administrator about it.",
                    email,
                )
            )
        raise ValidationError(
            self.env._(
                "The email address %(email)s already belongs to the mailbox "
                "“%(name)s”. Deactivate that mailbox first, or use it.",
                email=email,
                name=holder.name,
            )
        )

    def _add_responsible_to_people(self):
        for mailbox in self:
            if mailbox.responsible_id not in mailbox.user_ids:
                # sudo: whoever may name the responsible person gives them access by it
                mailbox.sudo().user_ids = [Command.link(mailbox.responsible_id.id)]

    def _check_own(self):
        """Refuse a mailbox that an ordinary user sets up for somebody else."""
        if self.env.su or self._is_manager():
            return
        for mailbox in self:
            if mailbox.user_ids != self.env.user:
                raise AccessError(
                    self.env._(
                        "You can set up a mailbox for yourself. Ask a mail "
                        "administrator for a mailbox that other people use too."
                    )
                )

    def _check_change_of_people(self, vals):
        """Refuse changes of a mailbox's users by those who may not decide them.

        Of a private mailbox only its own people decide, of any other only
        administrators; whoever has a mailbox alone decides whether it is private.
        """
        if self.env.su or not {"user_ids", "responsible_id", "private"} & vals.keys():
            return
        for mailbox in self:
            alone = (
                not mailbox.private
                and vals.keys().isdisjoint({"user_ids", "responsible_id"})
                and mailbox.user_ids == self.env.user
            )
            if not alone and not mailbox._may_change_people():
                raise AccessError(
                    self.env._(
                        "Only its users can decide who reads the private mailbox "
                        "%(email)s.",
                        email=mailbox.email,
                    )
                    if mailbox.private
                    else self.env._(
                        "Only a mail administrator can decide who reads %(email)s.",
                        email=mailbox.email,
                    )
                )

    def _may_change_people(self):
        if self.env.su:
            return True
        if self.private:
            # sudo: whether one belongs to it does not depend on seeing its people
            return self.env.user in self.sudo().user_ids - self._get_guests()
        return self._is_manager()

    def _get_guests(self):
        """Return the administrators with temporary access to this private mailbox."""
        # sudo: the log is not everybody's to read
        accesses = self.env["mail.mailbox.break.glass"].sudo()
        return accesses.search(
            [("mailbox_id", "in", self.ids), ("ended_at", "=", False)]
        ).user_id

    @api.model
    def _is_manager(self):
        return self.env.user.has_group("mail_mailbox_archive.group_manager")

    @api.model
    def _get_readable_domain(self):
        """Return the domain of the mailboxes whose contents the user may read."""
        mine = self._get_mine_domain()
        if self._is_manager():
            mine |= Domain("private", "=", False)
        return mine

    @api.model
    def _get_mine_domain(self):
        """Return the domain of the mailboxes that the user belongs to."""
        return Domain.custom(to_sql=self._get_mine_sql)

    @api.model
    def _get_mine_sql(self, _mailbox, alias, _query):
        """Return the condition that the user belongs to a mailbox.

        From the user to their mailboxes, and nothing else: the circles of the top panel
        ask it on every page, where the search of ``user_ids`` joins users and groups.
        """
        people = self._fields["user_ids"]
        return SQL(
            "%s IN (SELECT %s FROM %s WHERE %s = %s)",
            SQL.identifier(alias, "id"),
            SQL.identifier(people.column1, to_flush=people),
            SQL.identifier(people.relation),
            SQL.identifier(people.column2),
            self.env.uid,
        )
