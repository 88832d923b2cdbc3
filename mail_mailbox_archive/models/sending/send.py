import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...mailcore.addresses import address, sender_name
from ...mailcore.connect.discovery_presets import saves_itself
from ...mailcore.errors import LoginRefused, MailCoreError, Unreachable
from ...mailcore.send import providers
from ...mailcore.send.providers.smtp import SmtpSettings
from ...mailcore.vault import SecretElsewhere, SecretUnreadable
from ..receiving.sentences import fill
from .sentences import NO_SERVER, NO_SMTP, explain

SMTP_PORTS = {"ssl": 465, "starttls": 587, "none": 25}
#: Seconds that a server may take for one step.
TIMEOUT = 30
#: Settings that say on whose behalf, and by whom, mail is delivered: another of them
#: is another proof.
SENDING_FIELDS = (
    "email",
    "provider",
    "sending_account_id",
    "smtp_host",
    "smtp_port",
    "smtp_login",
)
#: Names of readers that are written out.
SHOWN_READERS = 10
#: The system parameter with the name that SMTP servers are told.
OWN_NAME = "mail_mailbox_archive.smtp_name"


class MailMailbox(models.Model):
    """The sending half of a mailbox: by whom its mail is delivered, and as whom."""

    _inherit = "mail.mailbox"

    provider = fields.Selection(
        selection="_selection_provider",
        string="Email provider",
        tracking=True,
        help="Who delivers emails sent from this address: your own SMTP server, or "
        "an account that an administrator set up for everybody.",
    )
    sending_account_id = fields.Many2one(
        "mail.mailbox.sending.account",
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('provider', '=', provider),"
        " '|', ('company_ids', '=', False), ('company_ids', 'in', company_id)]",
    )
    smtp_host = fields.Char("SMTP server", tracking=True)
    smtp_port = fields.Integer("SMTP port", default=465, tracking=True)
    smtp_security = fields.Selection(
        [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")],
        string="SMTP connection security",
        default="ssl",
        required=True,
        tracking=True,
    )
    smtp_login = fields.Char("SMTP login", help="Leave empty to use the email address.")
    smtp_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    smtp_password = fields.Char(
        "SMTP password",
        compute="_compute_smtp_password",
        inverse="_inverse_smtp_password",
        copy=False,
        help="You can set or replace it, but not view it.",
    )
    has_smtp_password = fields.Boolean(
        compute="_compute_has_smtp_password", compute_sudo=True
    )
    smtp_verify_certificate = fields.Boolean(
        "Verify the SMTP server's certificate",
        default=True,
        tracking=True,
        help="Protects against impersonation of the server.",
    )
    save_sent = fields.Boolean(
        "Copy sent emails to the Sent folder",
        compute="_compute_save_sent",
        store=True,
        readonly=False,
        precompute=True,
        help="Not needed if the provider does this itself, as Gmail, Microsoft, "
        "iCloud and Yahoo do.",
    )
    name_preview = fields.Char("Recipients see", compute="_compute_name_preview")

    _check_smtp_port = models.Constraint(
        "CHECK(smtp_port BETWEEN 1 AND 65535)",
        "The SMTP port must be a number from 1 to 65535. Common ports are 465 for "
        "SSL/TLS and 587 for STARTTLS.",
    )

    @api.model
    def _selection_provider(self):
        return [(code, providers.get(code).label) for code in providers.codes()]

    def _compute_smtp_password(self):
        self.smtp_password = False

    def _inverse_smtp_password(self):
        for mailbox in self.filtered("smtp_password"):
            # sudo: a secret is written by those who may not read it
            mailbox.sudo().smtp_secret = self._seal__(
                mailbox.smtp_password, mailbox.smtp_host or ""
            )

    @api.depends("smtp_secret")
    def _compute_has_smtp_password(self):
        for mailbox in self:
            mailbox.has_smtp_password = bool(mailbox.smtp_secret)

    @api.depends_context("uid")
    @api.depends("name", "email")
    def _compute_name_preview(self):
        for mailbox in self:
            mailbox.name_preview = mailbox._get_from(self.env.user)

    @api.onchange("smtp_security")
    def _onchange_smtp_security(self):
        if self.smtp_port in (0, *SMTP_PORTS.values()):
            self.smtp_port = SMTP_PORTS[self.smtp_security]

    @api.depends("provider", "smtp_host")
    def _compute_save_sent(self):
        # whoever says otherwise afterwards is right
        for mailbox in self:
            own = mailbox.provider == "smtp"
            mailbox.save_sent = not (own and saves_itself(mailbox.smtp_host or ""))

    @api.onchange("provider")
    def _onchange_provider(self):
        if self.sending_account_id.provider != self.provider:
            self.sending_account_id = False

    @api.constrains("name")
    def _check_name_variables(self):
        for mailbox in self:
            if unknown := sender_name.unknown_variables(mailbox.name or ""):
                raise ValidationError(
                    self.env._(
                        "The name of %(email)s contains an unknown variable "
                        "%(unknown)s. Use {{first_name}} and {{last_name}}, or plain "
                        "words.",
                        email=mailbox.email,
                        unknown=", ".join(unknown),
                    )
                )

    @api.constrains("provider", "sending_account_id", "smtp_host", "company_id")
    def _check_sending(self):
        for mailbox in self.filtered("provider"):
            if mailbox.provider == "smtp":
                mailbox._check_smtp_host()
            else:
                mailbox._check_sending_account()

    def _check_smtp_host(self):
        host = (self.smtp_host or "").strip()
        if not host or any(c.isspace() or c in "/@:?#" for c in host):
            raise ValidationError(
                self.env._(
                    "Enter the name of the SMTP server that %(email)s sends through, "
                    "for example smtp.example.com.",
                    email=self.email,
                )
            )

    def _check_sending_account(self):
        # sudo: whether an account fits is known also of one the person cannot see
        account = self.sudo().sending_account_id
        fits = account.provider == self.provider and (
            not account.company_ids or self.company_id in account.company_ids
        )
        if not fits:
            raise ValidationError(
                self.env._(
                    "Choose the %(provider)s account that %(email)s sends through. An "
                    "administrator sets them up under Mail, Configuration, Sending "
                    "accounts.",
                    provider=providers.get(self.provider).label,
                    email=self.email,
                )
            )

    def _refuse_values(self, vals):
        super()._refuse_values(vals)
        self._refuse_unsafe_sending(vals)

    def _prepare_values(self, vals):
        vals = super()._prepare_values(vals)
        if not self:
            return vals
        # written once more they change nothing, nor what somebody chose beside them
        same = [n for n in ("provider", "smtp_host") if not self._differ(vals, {n})]
        return {name: value for name, value in vals.items() if name not in same}

    def _after_create(self):
        super()._after_create()
        self._sync_mail_server()

    def _before_write(self, vals):
        before = super()._before_write(vals)
        if not (self.env.su or vals.get("smtp_password")):
            elsewhere = self.filtered(lambda m: m._differs(vals, {"smtp_host"}))
            elsewhere._forget_secret("smtp_secret", "smtp_host")
        before["sending"] = {m: m._get_sending_digest() for m in self}
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        changed = self.filtered(
            lambda m: m._get_sending_digest() != before["sending"][m]
        )
        changed._ask_verification_again()
        if {"active", "email", "provider", "name", "smtp_host", "state"} & vals.keys():
            self._sync_mail_server()

    @api.model
    def _refuse_unsafe_sending(self, vals):
        """Refuse a connection that others can listen to, but by administrators."""
        unsafe = vals.get("smtp_verify_certificate") is False
        unsafe |= vals.get("smtp_security") == "none"
        if unsafe and not (self.env.su or self._is_manager()):
            raise AccessError(
                self.env._(
                    "Only a mail administrator can turn off the encryption or the "
                    "verification of the server's certificate."
                )
            )

    def _get_sending_digest(self):
        """Return what a verification is bound to: the address and who delivers."""
        self.ensure_one()
        values = [str(self[name] or "").strip().lower() for name in SENDING_FIELDS[1:]]
        values = [address.normalise(self.email or ""), *values]
        return hashlib.sha256("\0".join(values).encode()).hexdigest()

    # As whom

    def _render_name(self, user):
        """Return the name that recipients of a mail by ``user`` see.

        When nobody in particular sends, it is the responsible person's.
        """
        self.ensure_one()
        values = self._get_name_values(user)
        return sender_name.fill(self.name or "", values)

    def _get_name_values(self, user):
        """Return what the variables stand for in a mail by ``user``."""
        # sudo: a person's name is what recipients are shown
        person = (user if user and user._is_internal() else self.responsible_id).sudo()
        partner = person.partner_id
        if "firstname" in partner._fields:
            # an add-on that keeps them apart knows better
            return {
                "first_name": partner.firstname or "",
                "last_name": partner.lastname or "",
            }
        return sender_name.split_name(person.name or "")

    def _get_from(self, user, sent_as=None):
        """Return the From of what ``user`` sends from this mailbox.

        :param sent_as: another address of this mailbox, the main one by default
        """
        self.ensure_one()
        email = (sent_as or self.email or "").strip()
        one = address.Address(self._render_name(user), email)
        return address.format_addresses([one])

    def _describe_readers(self):
        """Return who reads what this mailbox sends, by name."""
        self.ensure_one()
        if not self._names_readers():
            return self.env._("its users")
        # sudo: whoever may send from a mailbox is told who else reads that
        people = self.sudo().user_ids
        names = people[:SHOWN_READERS].mapped("name")
        if len(people) > SHOWN_READERS:
            names.append(self.env._("%s more", len(people) - SHOWN_READERS))
        if not self.sudo().private:
            names.append(self.env._("the mail administrators"))
        return ", ".join(names)

    def _names_readers(self):
        """Return whether the user is told who reads this mailbox: no stranger is."""
        self.ensure_one()
        return self.env.user in self._get_readers() or self._may_send(self.env.user)

    # By whom

    def _open_provider__(self):
        """Return the provider that delivers this mailbox's mail, a context manager.

        It connects when it is first used. Its name keeps server actions away from it:
        who holds it sends without asking anybody.

        :raises MailCoreError: settings or secrets are missing
        """
        self.ensure_one()
        if not self.provider:
            raise Unreachable("no_provider")
        # also the services that are reached without a guard of ours
        if self._is_copy():
            raise Unreachable("copy")
        # sudo: sending needs secrets that nobody may read
        mailbox = self.sudo()
        if mailbox.provider == "smtp":
            return providers.get("smtp")(mailbox._get_smtp_settings__())
        return mailbox.sending_account_id._open_provider__()

    def _get_smtp_settings__(self):
        """Return how to reach and enter the mailbox's own SMTP server."""
        self.ensure_one()
        settings = SmtpSettings(
            host=self.smtp_host.strip(),
            port=self.smtp_port,
            security=self.smtp_security,
            login=(self.smtp_login or self.email).strip() if self.smtp_secret else "",
            password=self._get_smtp_password__(),
            verify_certificate=self.smtp_verify_certificate,
            timeout=TIMEOUT,
            name=self._get_own_name(),
            connect=self._get_net_guard().connect,
        )
        return self._with_sign_in__(settings)

    def _get_own_name(self):
        """Return the name that this system tells an SMTP server to be."""
        self.ensure_one()
        # sudo: a setting of the system, not a secret
        parameter = self.env["ir.config_parameter"].sudo().get_param
        name = (parameter(OWN_NAME) or self.email or "").rpartition("@")[2].strip()
        # as the wire has it
        return address.normalise(f"postmaster@{name}").rpartition("@")[2]

    def _get_smtp_password__(self):
        # sudo: see _open_provider__
        sealed = self.sudo().smtp_secret
        if not sealed:
            return None  # a server that lets us in without one
        try:
            return self._vault__().open(sealed, self.smtp_host or "")
        except SecretElsewhere as error:
            raise LoginRefused("elsewhere") from error
        except SecretUnreadable as error:
            raise Unreachable("key_missing") from error

    def action_test_sending(self):
        """Try the sending settings; send no more than the mail that proves them."""
        self.ensure_one()
        self.check_access("write")
        try:
            with self._open_provider__() as provider:
                answer = provider.check()
        except MailCoreError as error:
            return self._get_notification("danger", self._explain_sending(error))
        if self.address_is_proven and self.state != "ready":
            self._prove_settings()
        message = self.env._("The settings work.")
        if answer:
            message += "\n" + self.env._("The server says: %s", answer)
        return self._get_notification("success", message)

    @api.model
    def _get_uncertain_sentence(self):
        """Return what is said of a mail that its worker did not live to tell about."""
        return self.env._(
            "Uncertain: the server was stopped while the email was being handed over. "
            "It is not known whether it was sent, so it is not resent automatically."
        )

    def _explain_sending(self, error):
        """Return what ``error`` means and what to do about it, for people."""
        self.ensure_one()
        names = self._get_names(sending=True)
        away = isinstance(error, Unreachable) and error.code in NO_SMTP
        if away and not self._may_look_around():
            return fill(self.env, NO_SERVER, names)
        return explain(self.env, error, names)

    @api.model
    def _may_look_around(self):
        """Return whether the user is told how a server answers that speaks no SMTP.

        Others could find out by it what runs in the network. The system, whose words
        others read, is not told either.
        """
        return self._is_system() and not self.env.user._is_superuser()
