from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import human_size

from ..mailcore.addresses import address
from ..mailcore.connect import discovery
from ..mailcore.errors import MailCoreError
from ..mailcore.imap import sync
from ..mailcore.imap.folder import skipped_folders
from ..mailcore.imap.survey import take_survey

SECURITY = [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None")]
#: How long a mailbox waits for the choice of how much of it is fetched.
CHOOSING = timedelta(minutes=15)
#: Folders of each kind that are shown.
SHOWN = 40


class _Refused(Exception):
    """Raised to roll back what was set up only to try it."""


class MailMailboxSetupWizard(models.TransientModel):
    """Sets a mailbox up from its address: found settings, sign-in, folders.

    No password is asked for, let alone sent, before the person has seen the server.
    """

    _name = "mail.mailbox.setup.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Set up a Mailbox"

    step = fields.Selection(
        [("address", "Address"), ("settings", "Settings"), ("done", "Done")],
        default="address",
        required=True,
    )
    email = fields.Char("Email address", required=True)
    source = fields.Char(readonly=True)
    where = fields.Char(readonly=True)
    source_text = fields.Text(compute="_compute_source_text")
    imap_host = fields.Char("IMAP server")
    imap_port = fields.Integer("IMAP port", default=993)
    imap_security = fields.Selection(SECURITY, "Connection security", default="ssl")
    smtp_host = fields.Char("SMTP server")
    smtp_port = fields.Integer("SMTP port", default=465)
    smtp_security = fields.Selection(SECURITY, "SMTP security", default="ssl")
    login = fields.Char()
    auth_method = fields.Selection(
        [("password", "Password"), ("oauth2", "Sign in with the provider (OAuth)")],
        "Type of authorization",
        default="password",
        required=True,
    )
    oauth_provider_id = fields.Many2one("mail.mailbox.oauth.provider", "Service")
    sealed = fields.Char(groups=fields.NO_ACCESS)
    password = fields.Char(compute="_compute_password", inverse="_inverse_password")
    odoo_mail = fields.Boolean(
        "Carries Odoo's own emails",
        help="Invitations, password resets and notifications are sent through this "
        "mailbox, since Odoo has no outgoing server of its own. Whoever runs "
        "its server could read them.",
    )
    odoo_mail_missing = fields.Boolean(compute="_compute_odoo_mail_missing")
    problem = fields.Text(readonly=True)
    mailbox_id = fields.Many2one("mail.mailbox", readonly=True)
    folders_read = fields.Text("Fetched folders", readonly=True)
    folders_skipped = fields.Text("Skipped folders", readonly=True)
    found_text = fields.Text("Found", readonly=True)
    period = fields.Selection(
        [
            ("30", "The last 30 days"),
            ("365", "The last year"),
            ("all", "All of it"),
        ],
        "Fetch",
        default="all",
        required=True,
        help="Older emails stay on the server. You can change this later, under "
        "Receiving: “Fetch mail since”.",
    )

    def _compute_odoo_mail_missing(self):
        mailboxes = self.env["mail.mailbox"]
        missing = mailboxes._is_system() and mailboxes.new().odoo_mail_missing
        self.odoo_mail_missing = missing

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        for wizard in self.filtered("password"):
            seal = self.env["mail.mailbox"]._seal__
            hosts = wizard.imap_host or "", wizard.smtp_host or ""
            # sudo: a secret is written by those who may not read it
            wizard.sudo().sealed = seal(wizard.password, *hosts)

    @api.depends("source", "where")
    def _compute_source_text(self):
        texts = {
            "preset": self.env._("These are the settings of %s."),
            "autoconfig": self.env._("The address's own domain names these: %s"),
            "database": self.env._("Thunderbird's database names these: %s"),
            "services": self.env._("The name servers of %s name these."),
            "mx": self.env._(
                "Emails for the domain are received by %s, so these should fit."
            ),
            "guess": self.env._(
                "No settings are published; there is a server %s, which is a guess. "
                "Check it before you type a password."
            ),
        }
        nothing = self.env._(
            "No settings were found. Ask your provider for them; they are usually on "
            "its help pages under “IMAP”."
        )
        for wizard in self:
            text = texts.get(wizard.source)
            wizard.source_text = text % wizard.where if text else nothing

    def action_find(self):
        """Look for the settings of the address."""
        self.ensure_one()
        if not address.is_valid(self.email or ""):
            raise UserError(
                self.env._(
                    "“%s” is not an email address. Write it in full, for example "
                    "office@example.com.",
                    self.email,
                )
            )
        self.env["mail.mailbox"]._refuse_taken(self.email)
        settings = discovery.discover(self.email, self._get_fetchers())
        # sudo: what was found is the system's to write
        self.sudo().write(
            {"step": "settings", "problem": False, **self._get_values(settings)}
        )
        return self._reopen()

    @api.model
    def _get_fetchers(self):
        return discovery.make_fetchers(self.env["mail.mailbox"]._get_net_guard())

    def _get_values(self, settings):
        if not settings:
            return {"source": False, "where": False, "login": self.email}
        imap, smtp = settings.imap[0], settings.smtp[:1]
        service = self.env["mail.mailbox.oauth.provider"].search(
            [("imap_host", "=ilike", imap.host)], limit=1
        )
        # a service that an administrator registered, or no other way in
        sign_in = imap.oauth and service and (service.ready or not imap.password)
        values = {
            "source": settings.source,
            "where": settings.where,
            "imap_host": imap.host,
            "imap_port": imap.port,
            "imap_security": imap.security,
            "login": imap.login,
            "auth_method": "oauth2" if sign_in else "password",
            "oauth_provider_id": service.id,
        }
        if smtp:
            values |= {
                "smtp_host": smtp[0].host,
                "smtp_port": smtp[0].port,
                "smtp_security": smtp[0].security,
            }
        return values

    def action_back(self):
        """Return to the address; the password is forgotten."""
        # sudo: see _inverse_password
        self.sudo().write({"step": "address", "problem": False, "sealed": False})
        return self._reopen()

    def action_check(self):
        """Set up the mailbox, sign in and list its folders; else say what is wrong."""
        self.ensure_one()
        if self.auth_method == "oauth2":
            mailbox = self._create_mailbox()
            return mailbox.action_oauth_sign_in()
        try:
            with self.env.cr.savepoint():
                mailbox = self._create_mailbox()
                values = mailbox._try_folders()
                if "problem" in values:
                    raise _Refused
        except _Refused:
            # sudo: what went wrong is the system's to write
            self.sudo().write(values)
            return self._reopen()
        # sudo: when it is due is the system's; it waits for the choice, not for ever
        mailbox.sudo().next_poll_at = fields.Datetime.now() + CHOOSING
        # sudo: see above, and _inverse_password
        self.sudo().write(
            {
                **values,
                "problem": False,
                "sealed": False,
                "step": "done",
                "mailbox_id": mailbox.id,
            }
        )
        return self._reopen()

    def _create_mailbox(self):
        values = {
            "name": self.email.partition("@")[0],
            "email": self.email,
            "imap_host": self.imap_host,
            "imap_port": self.imap_port,
            "imap_security": self.imap_security,
            "imap_login": False if self.login == self.email else self.login,
            "auth_method": self.auth_method,
        }
        # sudo: only to hand it on to the mailbox, sealed as it is
        sealed = self.sudo().sealed
        if self.auth_method == "oauth2":
            values["oauth_provider_id"] = self.oauth_provider_id.id
        if self.smtp_host:
            values |= {
                "provider": "smtp",
                "smtp_host": self.smtp_host,
                "smtp_port": self.smtp_port,
                "smtp_security": self.smtp_security,
                "smtp_login": self.login,
            }
            if self.odoo_mail:
                values["odoo_mail"] = True
        mailbox = self.env["mail.mailbox"].create(values)
        if sealed and self.auth_method == "password":
            # sudo: see above
            mailbox.sudo().write({"imap_secret": sealed})
            if self.smtp_host:
                # sudo: see above
                mailbox.sudo().write({"smtp_secret": sealed})
                mailbox._wake_verification()
        return mailbox

    def action_open(self):
        """Open the mailbox that was set up, and have its mail fetched."""
        self.ensure_one()
        since = False
        if self.period != "all":
            since = fields.Date.today() - timedelta(days=int(self.period))
        # sudo: when it is due is the system's; nothing was fetched before the choice
        self.mailbox_id.sudo().write({"fetch_since": since, "next_poll_at": False})
        # sudo: any user may wake the scheduled action, which does what it always does
        self.env.ref("mail_mailbox_archive.ir_cron_poll_1").sudo()._trigger()
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.mailbox",
            "res_id": self.mailbox_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set up a mailbox"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }


class MailMailbox(models.Model):
    """Trying a mailbox's settings while somebody waits."""

    _inherit = "mail.mailbox"

    def _try_folders(self):
        """Sign in; return the folders for people, or the problem in words."""
        self.ensure_one()
        try:
            names = frozenset(self.skip_folder_ids.mapped("name"))
            with self._session__()() as session:
                folders = sync.list_folders(session)
                skipped = skipped_folders(folders, names)
                today = fields.Date.today()
                days = [today - timedelta(days=n) for n in (30, 365)]
                survey = take_survey(session, folders, skipped, days)
        except MailCoreError as error:
            return {"problem": self._get_sentence(error.code, error.detail)}
        names = {True: [], False: []}
        for folder in folders:
            names[folder.wire_name in skipped].append(folder.name)
        return {
            "folders_read": "\n".join(names[False][:SHOWN]),
            "folders_skipped": "\n".join(names[True][:SHOWN]),
            "found_text": self._describe_survey(survey, days),
        }

    def _describe_survey(self, survey, days):
        """Return in words how much there is, and how much of it is recent."""
        month, year = (survey.since[day] for day in days)
        return self.env._(
            "%(count)s emails, about %(size)s: %(month)s of the last 30 days, %(year)s "
            "of the last year.",
            count=survey.messages,
            size=human_size(survey.size) or self.env._("an unknown size"),
            month=month,
            year=year,
        )
