import secrets
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import consteq, hmac

from ..mailcore import address
from ..mailcore.errors import MailCoreError
from ..mailcore.outgoing import prepare

SCOPE = "mail_mailbox_archive.verification"
DIGITS = 8
LIFE = timedelta(minutes=15)
MAX_TRIES = 5
HOUR = timedelta(hours=1)
#: Codes that are mailed in an hour: per mailbox, and per person who asks.
MAX_PER_MAILBOX = 3
MAX_PER_USER = 10


class MailMailboxVerification(models.Model):
    """A code that was mailed to a mailbox, as a keyed hash.

    It is written and counted by a cursor of its own, so that a refused try counts
    though its request is rolled back. Nobody may read it.
    """

    _name = "mail.mailbox.verification"
    _inherit = "mail.mailbox.guarded"
    _description = "Verification of a Mailbox"
    _written_by_system = True
    _order = "id desc"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    code_hash = fields.Char(required=True)
    requested_at = fields.Datetime(required=True)
    expires_at = fields.Datetime(required=True)
    tries = fields.Integer(default=0)
    used = fields.Boolean()

    @api.autovacuum
    def _gc_codes(self):
        limit = fields.Datetime.now() - timedelta(days=1)
        self.search([("requested_at", "<", limit)]).unlink()


class MailMailbox(models.Model):
    """Verification: only who reads the mail of an address may send in its name.

    A code is mailed through the mailbox's own settings to its own address, which proves
    both at once. It is bound to the address and the settings it was sent with.
    """

    _inherit = "mail.mailbox"

    state = fields.Selection(
        [
            ("draft", "Not verified"),
            ("verifying", "Waiting for the code"),
            ("ready", "Ready to send"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )

    def write(self, vals):
        self._check_change_of_senders(vals)
        return super().write(vals)

    def _check_change_of_senders(self, vals):
        """Refuse changes of who may send by those who may not decide who reads."""
        if self.env.su or not {"restrict_senders", "sender_ids"} & vals.keys():
            return
        for mailbox in self:
            if mailbox.user_ids != self.env.user and not mailbox._may_change_people():
                raise AccessError(
                    self.env._(
                        "Who may send from %s is decided by a mail administrator, and "
                        "of a private mailbox by the people it belongs to.",
                        mailbox.email,
                    )
                )

    def _ask_verification_again(self):
        """Make what was proven for other settings count no more."""
        # sudo: the state follows from the settings, whoever changes them
        for mailbox in self.sudo().filtered(lambda m: m.state != "draft"):
            mailbox.state = "draft"

    def action_request_code(self):
        """Mail a new code to the mailbox's own address; open the form to enter it."""
        self.ensure_one()
        self.check_access("write")
        if not self.active or not self.provider:
            raise UserError(
                self.env._(
                    "Choose an email provider for %s first, and fill in its settings.",
                    self.email,
                )
            )
        code = self._new_code()
        try:
            self._mail_code__(code)
        except MailCoreError as error:
            raise UserError(self._explain_sending(error)) from error
        if self.state != "ready":
            # sudo: the state is the system's
            self.sudo().state = "verifying"
        return self.action_enter_code()

    def action_enter_code(self):
        """Open the form where the code is entered."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter the code mailed to %s", self.email),
            "res_model": "mail.mailbox.verify.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_mailbox_id": self.id},
        }

    def _new_code(self):
        """Return a new code, kept as a hash; refuse more than a few an hour."""
        code = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
        now = fields.Datetime.now()
        values = {
            "mailbox_id": self.id,
            "user_id": self.env.uid,
            "code_hash": self._hash_code(code),
            "requested_at": now,
            "expires_at": now + LIFE,
        }

        def work(env):
            codes = env["mail.mailbox.verification"]
            # one request at a time, or two at once would both be the last one allowed;
            # first of all, so that what is read afterwards is what the other one wrote
            env.cr.execute(
                "LOCK TABLE mail_mailbox_verification IN SHARE ROW EXCLUSIVE MODE"
            )
            recent = [("requested_at", ">", now - HOUR)]
            here = codes.search_count([*recent, ("mailbox_id", "=", self.id)])
            mine = codes.search_count([*recent, ("user_id", "=", self.env.uid)])
            if here >= MAX_PER_MAILBOX or mine >= MAX_PER_USER:
                return False
            # the last one alone counts
            codes.search([("mailbox_id", "=", self.id)]).write({"used": True})
            return codes.create(values)

        if not self._transact(work):
            raise UserError(
                self.env._(
                    "Enough codes were mailed to %s for now. Look into its inbox and "
                    "its junk folder, or ask for another code in an hour.",
                    self.email,
                )
            )
        return code

    def _hash_code(self, code):
        values = (self.id, self._get_sending_digest(), "".join((code or "").split()))
        # sudo: keyed with the database's secret
        return hmac(self.env(su=True), SCOPE, values)

    def _mail_code__(self, code):
        """Send the code; the one mail that leaves before a mailbox is ready."""
        message = EmailMessage(policy=SMTP)
        message["Message-Id"] = make_msgid(domain=self.email.rpartition("@")[2])
        message["Date"] = datetime.now(timezone.utc)
        message["Subject"] = self.env._("Your code for %s", self.email)
        message["From"] = self._get_from(self.env.user)
        message["To"] = self.email
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            self.env._(
                "The code that lets %(company)s send mail from %(email)s is:\n\n"
                "    %(code)s\n\nIt is valid for 15 minutes. If nobody of you set up "
                "this mailbox, do nothing: without the code nothing is sent.\n",
                company=(self.company_id or self.env.company).name,
                email=self.email,
                code=code,
            )
        )
        own = address.normalise(self.email)
        with self._open_provider__() as provider:
            result = provider.send(prepare(message, own, (own,)))
        failed = [one for one in result.recipients if one.status != "accepted"]
        if failed:
            raise UserError(
                self.env._(
                    "The code could not be mailed to %(email)s: %(reason)s",
                    email=self.email,
                    reason=failed[0].reason,
                )
            )

    def _verify(self, code):
        """Make the mailbox ready when ``code`` is the one mailed to it.

        :raises UserError: it is not, or not any more
        """
        self.ensure_one()
        self._verify_hash(self._hash_code(code))

    def _verify_hash(self, tried):
        """As :meth:`_verify`, given what :meth:`_hash_code` made of the code."""
        self.check_access("write")
        mailbox_id = self.id

        def work(env):
            codes = env["mail.mailbox.verification"]
            env.cr.execute(
                "UPDATE mail_mailbox_verification SET tries = coalesce(tries, 0) + 1"
                " WHERE id = (SELECT id FROM mail_mailbox_verification"
                " WHERE mailbox_id = %s AND NOT coalesce(used, false)"
                " ORDER BY id DESC LIMIT 1) RETURNING id",
                (mailbox_id,),
            )
            row = env.cr.fetchone()
            known = codes.browse(row and row[0])
            if not known:
                return "none"
            if known.tries > MAX_TRIES:
                return "tries"
            if known.expires_at < fields.Datetime.now():
                return "late"
            if not consteq(known.code_hash, tried):
                return "wrong" if known.tries < MAX_TRIES else "tries"
            known.used = True
            return "right"

        answer = self._transact(work)
        if answer != "right":
            raise UserError(self._get_code_refusal(answer))
        # before anything is written, so that nobody waits for the DNS behind us
        findings = self._look_up_domain()
        # sudo: the state is the system's
        self.sudo().write({"state": "ready", "domain_findings": findings})

    def _get_code_refusal(self, answer):
        return {
            "none": self.env._(
                "No code is waited for any more. The settings may have changed: ask "
                "for a new code."
            ),
            "tries": self.env._(
                "That was wrong too often. Ask for a new code; this one is dead."
            ),
            "late": self.env._("The code is too old. Ask for a new one."),
            "wrong": self.env._(
                "That is not the code mailed to %s. It has eight digits, and only the "
                "newest one counts.",
                self.email,
            ),
        }[answer]
