from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...mailcore.addresses import address


class MailMailboxAddress(models.Model):
    """An address of a mailbox: its main one, or another one that its emails come to.

    Whose an address is, is asked of this table alone, by ``_look_up``: there is one
    index of them all. The main one follows ``email`` of its mailbox.
    """

    _name = "mail.mailbox.address"
    _inherit = "mail.mailbox.settings.line"
    _description = "Address of a Mailbox"
    _order = "is_main desc, email, id"
    _rec_name = "email"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, ondelete="cascade", index=True
    )
    is_main = fields.Boolean("Main address", readonly=True, copy=False)
    email = fields.Char(
        "Email address",
        compute="_compute_email",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, precompute=True, index=True
    )
    in_use = fields.Boolean(compute="_compute_in_use", store=True, precompute=True)

    _email_uniq = models.UniqueIndex(
        "(email_normalized) WHERE in_use IS TRUE",
        "An active mailbox already has this email address.",
    )
    _main_uniq = models.UniqueIndex(
        "(mailbox_id) WHERE is_main IS TRUE", "A mailbox has one main address."
    )

    @api.model
    def _get_neutral_name(self):
        return self.env._("Email address")

    @api.depends("is_main", "mailbox_id.email")
    def _compute_email(self):
        for one in self:
            # another one keeps what was entered
            one.email = one.mailbox_id.email if one.is_main else one.email

    @api.depends("email")
    def _compute_email_normalized(self):
        for one in self:
            one.email_normalized = address.normalise(one.email or "")

    @api.depends("mailbox_id.active")
    def _compute_in_use(self):
        for one in self:
            one.in_use = one.mailbox_id.active

    @api.constrains("email")
    def _check_email(self):
        for one in self:
            if not address.is_valid(one.email or ""):
                raise ValidationError(
                    self.env._(
                        "“%(email)s” is not an email address. Write it in full, "
                        "for example office@example.com.",
                        email=one.email,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        mailboxes = self.env["mail.mailbox"]
        for vals in vals_list:
            if vals.get("email"):
                vals["email"] = vals["email"].strip()
                mailbox = mailboxes.browse(vals.get("mailbox_id") or ())
                self._refuse_taken(mailbox, vals["email"])
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() & {"email", "mailbox_id"}:
            self._refuse_main()
        if vals.get("mailbox_id"):
            # the rules look at the mailbox it is in, not at the one it goes to
            self.env["mail.mailbox"].browse(vals["mailbox_id"]).check_access("write")
        if vals.get("email"):
            vals = {**vals, "email": vals["email"].strip()}
            for one in self:
                self._refuse_taken(one.mailbox_id, vals["email"])
        return super().write(vals)

    @api.model
    def _refuse_taken(self, mailbox, email):
        """Refuse what is another mailbox's: the database would do so without a name."""
        # sudo: whether it is in use
        if not mailbox or mailbox.sudo().active:
            mailbox._refuse_taken(email)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_main(self):
        self._refuse_main()

    def _refuse_main(self):
        if any(self.mapped("is_main")):
            raise UserError(
                self.env._(
                    "The main address of a mailbox is changed at the mailbox itself."
                )
            )

    @api.model
    def _look_up(self, addresses, domain=()):
        """Return the rows of ``addresses``, in normal form; those in use come first."""
        # sudo: an address is a mailbox's, also of one that the person cannot see
        return self.sudo().search_fetch(
            [("email_normalized", "in", list(addresses)), *domain],
            ["email_normalized", "mailbox_id", "is_main", "email"],
            order="in_use desc, mailbox_id, id",
        )


class MailMailbox(models.Model):
    """All addresses of a mailbox, the main one too."""

    _inherit = "mail.mailbox"

    address_ids = fields.One2many(
        "mail.mailbox.address", "mailbox_id", string="All addresses", copy=False
    )
    alias_ids = fields.One2many(
        "mail.mailbox.address",
        "mailbox_id",
        string="Other addresses",
        domain=[("is_main", "=", False)],
        copy=False,
        help="Other addresses whose emails come to this mailbox. It can send from "
        "them as well, once they are verified.",
    )

    def _after_create(self):
        # sudo: the main address is the system's line, of a mailbox that may be there
        self.env["mail.mailbox.address"].sudo().create(
            [{"mailbox_id": mailbox.id, "is_main": True} for mailbox in self]
        )
        super()._after_create()

    def _get_aliases(self):
        """Return the other addresses of this mailbox that are its own."""
        # sudo: an address is a mailbox's, whoever asks
        return self.sudo().alias_ids

    def _get_own_addresses(self):
        """Return all addresses of this mailbox in normal form, the main one first."""
        self.ensure_one()
        aliases = self._get_aliases().mapped("email_normalized")
        # of what its name is read by anyway
        return [address.normalise(self.email or ""), *aliases]

    def _is_own(self, addr_spec):
        """Return whether an address is this mailbox's own, with a tag or without."""
        own = self._get_own_addresses()
        return any(address.is_of(addr_spec, one) for one in own)
