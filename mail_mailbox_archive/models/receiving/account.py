import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...mailcore.errors import LoginRefused, Unreachable
from ...mailcore.imap.session import Account, Opener, Password, Session, Timeouts
from ...mailcore.vault import SecretElsewhere, SecretUnreadable

_logger = logging.getLogger(__name__)

DEFAULT_SKIPPED = ("Trash", "Junk", "Social", "Spam", "Deleted", "Drafts")
DEFAULT_PORTS = {"ssl": 993, "starttls": 143, "none": 143}
#: How long a server may take for what.
TIMEOUTS = Timeouts()
#: Settings that say which account on which server is read.
ACCOUNT_FIELDS = {"email", "imap_host", "imap_port", "imap_login"}
#: Settings that decide whether it can be read.
CONNECTION_FIELDS = ACCOUNT_FIELDS | {
    "imap_enabled",
    "imap_password",
    "imap_security",
    "verify_certificate",
}


class MailMailbox(models.Model):
    """The receiving half of a mailbox: its account on an IMAP server."""

    _inherit = "mail.mailbox"

    imap_enabled = fields.Boolean("Receive emails", default=True, tracking=True)
    imap_host = fields.Char("IMAP server", tracking=True)
    imap_port = fields.Integer("IMAP port", default=993, tracking=True)
    imap_security = fields.Selection(
        [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")],
        string="Connection security",
        default="ssl",
        required=True,
        tracking=True,
    )
    imap_login = fields.Char("Login", help="Leave empty to use the email address.")
    imap_secret = fields.Char(groups=fields.NO_ACCESS, copy=False)
    imap_password = fields.Char(
        "Password",
        compute="_compute_imap_password",
        inverse="_inverse_imap_password",
        copy=False,
        help="You can set or replace it, but not view it.",
    )
    has_imap_password = fields.Boolean(
        compute="_compute_has_imap_password", compute_sudo=True
    )
    auth_method = fields.Selection(
        [("password", "Password")],
        string="Type of authorization",
        default="password",
        required=True,
    )
    verify_certificate = fields.Boolean(
        "Verify the server's certificate",
        default=True,
        tracking=True,
        help="Protects against impersonation of the server.",
    )
    skip_folder_ids = fields.One2many(
        "mail.mailbox.skip.folder",
        "mailbox_id",
        string="Skip folders",
        default=lambda self: [(0, 0, {"name": name}) for name in DEFAULT_SKIPPED],
        copy=True,
    )
    folder_ids = fields.One2many("mail.mailbox.folder", "mailbox_id", readonly=True)
    fetch_since = fields.Date(
        "Fetch mail since",
        help="Emails that reached the server before this day are not fetched.",
    )

    _check_imap_port = models.Constraint(
        "CHECK(imap_port BETWEEN 1 AND 65535)",
        "The IMAP port must be a number from 1 to 65535. Common ports are 993 for "
        "SSL/TLS and 143 for STARTTLS.",
    )

    def _compute_imap_password(self):
        self.imap_password = False

    def _inverse_imap_password(self):
        for mailbox in self.filtered("imap_password"):
            # sudo: a secret is written by those who may not read it
            mailbox.sudo().imap_secret = self._seal__(
                mailbox.imap_password, mailbox.imap_host or ""
            )

    @api.model
    def _seal__(self, secret, *hosts):
        """Return a secret as it is stored, good for ``hosts`` alone.

        :raises UserError: it cannot be sealed; says what to do
        """
        try:
            return self._vault__().seal(secret, *hosts)
        except SecretUnreadable as error:
            raise UserError(
                self.env._(
                    "The key for passwords is invalid. Ask a system administrator to "
                    "create one with “ODOO_RC=/etc/odoo/odoo.conf odoo mailboxkey new” "
                    "and enter it in odoo.conf."
                )
            ) from error

    @api.depends("imap_secret")
    def _compute_has_imap_password(self):
        for mailbox in self:
            mailbox.has_imap_password = bool(mailbox.imap_secret)

    @api.onchange("imap_security")
    def _onchange_imap_security(self):
        if self.imap_port in (0, *DEFAULT_PORTS.values()):
            self.imap_port = DEFAULT_PORTS[self.imap_security]

    @api.constrains("imap_enabled", "imap_host")
    def _check_imap_host(self):
        for mailbox in self.filtered("imap_enabled"):
            host = (mailbox.imap_host or "").strip()
            if not host or any(c.isspace() or c in "/@:?#" for c in host):
                raise ValidationError(
                    self.env._(
                        "Enter the name of the IMAP server, for example "
                        "imap.example.com, or turn off receiving for %(email)s.",
                        email=mailbox.email,
                    )
                )

    def _refuse_values(self, vals):
        super()._refuse_values(vals)
        self._refuse_unsafe(vals)

    def _before_write(self, vals):
        before = super()._before_write(vals)
        before["reconnecting"] = self.filtered(
            lambda m: m._differs(vals, CONNECTION_FIELDS)
        )
        before["moving"] = self.filtered(lambda m: m._differs(vals, ACCOUNT_FIELDS))
        if not (self.env.su or vals.get("imap_password")):
            elsewhere = self.filtered(lambda m: m._differs(vals, {"imap_host"}))
            elsewhere._forget_secret("imap_secret", "imap_host")
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        reconnecting = before["reconnecting"]
        if reconnecting:
            reconnecting._revoke_claim()
            # sudo: health is the system's to write; other settings deserve another try,
            # also by a mailbox that had stopped
            reconnecting.sudo().write(
                {
                    "stopped": False,
                    "failed_checks": 0,
                    "refused_logins": 0,
                    "next_poll_at": False,
                }
            )
        # sudo: the cursors are the system's; another account numbers differently
        before["moving"].sudo().folder_ids._forget()

    @api.model
    def _refuse_unsafe(self, vals):
        """Refuse a connection that others can listen to, but by administrators."""
        unsafe = vals.get("verify_certificate") is False
        unsafe |= vals.get("imap_security") == "none"
        if unsafe and not (self.env.su or self._is_manager()):
            raise AccessError(
                self.env._(
                    "Only a mail administrator can turn off the encryption or the "
                    "verification of the server's certificate."
                )
            )

    def _differs(self, vals, names):
        """Return whether ``vals`` change any of the fields ``names``."""
        return any(
            _in_cache(self, name, self[name]) != _in_cache(self, name, vals[name])
            for name in names & vals.keys()
        )

    def _differ(self, vals, names):
        """Return whether ``vals`` change a field of any of these mailboxes."""
        return any(mailbox._differs(vals, names) for mailbox in self)

    def _forget_secret(self, secret, server):
        """Delete the passwords of former servers; notify the person who changed them.

        The password of one server is not handed to another, where whoever changes the
        setting could read it.

        :param secret: the field it is sealed in
        :param server: the field with the name of the server that it is for
        """
        # sudo: a secret is removed by those who may not read it
        for mailbox in self.sudo().filtered(secret):
            host = mailbox[server]
            mailbox[secret] = False
            self._warn_person(
                self.env._(
                    "The stored password of %(email)s was for %(host)s and is not "
                    "sent to any other server. Type the password for the new one.",
                    email=mailbox.email,
                    host=host,
                )
            )

    @api.model
    def _warn_person(self, text):
        """Show the person who changes something a side effect of it."""
        self.env.user._bus_send(
            "simple_notification", {"type": "warning", "sticky": True, "message": text}
        )

    def _imap_account(self):
        """Return the account to log in to, without its secret."""
        self.ensure_one()
        return Account(
            host=self.imap_host.strip(),
            port=self.imap_port,
            security=self.imap_security,
            login=(self.imap_login or self.email).strip(),
            verify_certificate=self.verify_certificate,
            guard=self._get_net_guard(),
            timeouts=TIMEOUTS,
        )

    def _imap_secret__(self):
        """Return what proves who we are to the server.

        :raises LoginRefused: none is set, or it was entered for another server
        :raises Unreachable: the key that sealed it is missing
        """
        self.ensure_one()
        # sudo: polling needs the secret that nobody may read
        sealed = self.sudo().imap_secret
        if not sealed:
            raise LoginRefused("no_password", "")
        try:
            return Password(self._vault__().open(sealed, self.imap_host or ""))
        except SecretElsewhere as error:
            raise LoginRefused("elsewhere") from error
        except SecretUnreadable as error:
            # nobody was asked: the mailbox resumes automatically when the key is back
            raise Unreachable("key_missing") from error

    def _session__(self, kind=Session):
        """Return an opener of this mailbox's session, to be called without a cursor.

        Other ways to receive (OAuth, another protocol) override this one method.

        :param kind: the class of line that is opened
        """
        return Opener(self._imap_account(), self._imap_secret__(), kind)


def _in_cache(record, name, value):
    """Return a value as its field has it, from whatever form it is written in."""
    return record._fields[name].convert_to_cache(value, record, validate=False) or None
