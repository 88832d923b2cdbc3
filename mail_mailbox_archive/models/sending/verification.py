import logging
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import consteq, hmac

from ..receiving.poll import RETRIED, TRANSACTION_TRIES

_logger = logging.getLogger(__name__)

SCOPE = "mail_mailbox_archive.verification"
DIGITS = 8
LIFE = timedelta(minutes=15)
MAX_TRIES = 5
HOUR = timedelta(hours=1)
#: What makes the settings of a mailbox complete, and so verified automatically.
WAKING_FIELDS = {
    "active",
    "approval",
    "auth_method",
    "email",
    "oauth_provider_id",
    "provider",
    "sending_account_id",
    "smtp_host",
    "smtp_login",
    "smtp_password",
    "smtp_port",
    "smtp_secret",
    "smtp_security",
    "smtp_verify_certificate",
}
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
    _of_the_system = True
    _description = "Verification of a Mailbox"
    _written_by_system = True
    _order = "id desc"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    address = fields.Char()
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

    A code is mailed to the address, over a road that whoever set the mailbox up does
    not control; it is bound to the address. The settings it sends with are proven by a
    test mail, which needs no code. Ready is what both are proven of.
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
    proven_address = fields.Char(
        readonly=True, copy=False, help="The address verified by a code."
    )
    proven_settings = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="A digest of the settings verified by a test email.",
    )
    address_is_proven = fields.Boolean(compute="_compute_address_is_proven")
    verification_due = fields.Boolean(readonly=True, copy=False)
    verification_asked = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The settings that were already verified automatically, so that not "
        "every save repeats it.",
    )
    verification_problem = fields.Text(readonly=True, copy=False)

    _verification_due_idx = models.Index("(id) WHERE verification_due")

    @api.depends("proven_address", "email_normalized")
    def _compute_address_is_proven(self):
        for mailbox in self:
            proven = mailbox.proven_address
            mailbox.address_is_proven = proven and proven == mailbox.email_normalized

    def _refuse_values(self, vals):
        super()._refuse_values(vals)
        if self:
            self._check_change_of_senders(vals)

    def _after_create(self):
        super()._after_create()
        self._wake_verification()

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if WAKING_FIELDS & vals.keys():
            self._wake_verification(again=bool(vals.get("smtp_password")))

    def _check_change_of_senders(self, vals):
        """Refuse changes of who may send by those who may not decide who reads."""
        if self.env.su or not {"restrict_senders", "sender_ids"} & vals.keys():
            return
        for mailbox in self:
            if mailbox.user_ids != self.env.user and not mailbox._may_change_people():
                raise AccessError(
                    self.env._(
                        "Only a mail administrator can decide who may send from %s; "
                        "for a private mailbox, only its users.",
                        mailbox.email,
                    )
                )

    def _ask_verification_again(self):
        """Revoke what was verified with other settings."""
        # sudo: the state follows from the settings, whoever changes them
        for mailbox in self.sudo().filtered(lambda m: m.state != "draft"):
            waiting = mailbox.state == "verifying" and mailbox._has_open_code()
            mailbox.state = "verifying" if waiting else "draft"

    def _has_open_code(self):
        """Return whether a code for this mailbox's main address may be entered."""
        # sudo: nobody reads the codes
        codes = self.env["mail.mailbox.verification"].sudo()
        now = fields.Datetime.now()
        waiting = [("mailbox_id", "=", self.id), ("used", "=", False)]
        waiting += [("address", "=", self.email_normalized)]
        return bool(codes.search_count([*waiting, ("expires_at", ">", now)], limit=1))

    # By itself

    def _is_sending_complete(self):
        """Return whether everything that sending needs was entered."""
        self.ensure_one()
        # sudo: whether a secret is there, which nobody reads
        mailbox = self.sudo()
        if mailbox.provider != "smtp":
            return bool(mailbox.provider and mailbox.sending_account_id)
        way_in = mailbox.smtp_secret or mailbox.oauth_token_ids
        return bool(mailbox.smtp_host and way_in)

    def _wake_verification(self, again=False):
        """Start the verification of mailboxes whose settings are complete now.

        Once for an address and its settings, not at each save; ``again`` where another
        password was typed.
        """
        # sudo: asked for by the system, and written by nobody
        for mailbox in self.sudo():
            if mailbox.state == "ready" or not mailbox.active:
                continue
            if mailbox.approval == "needed" or not mailbox._is_sending_complete():
                continue
            asked = mailbox._get_sending_digest()
            if asked == mailbox.verification_asked and not again:
                continue
            mailbox.write({"verification_due": True, "verification_asked": asked})
            # sudo: any user may wake the scheduled action, which does what is due
            job = mailbox.env.ref("mail_mailbox_archive.ir_cron_verify", False)
            job and job._trigger()

    @api.model
    def _cron_verify(self):
        """Mail the codes and test mails that saved settings have made due."""
        due = self.search([("verification_due", "=", True)])
        for number, mailbox in enumerate(due, 1):
            mailbox.verification_due = False
            waits = mailbox.approval == "needed" or not mailbox.active
            if waits or mailbox.state == "ready":
                continue
            # before anything is mailed, so that a crash mails nothing twice
            self.env["ir.cron"]._commit_progress(1, remaining=len(due) - number)
            mailbox._verify_undisturbed()
            self.env["ir.cron"]._commit_progress()

    def _verify_undisturbed(self):
        """Do :meth:`_verify_by_itself` again while others change the mailbox.

        Nothing was mailed yet then. Somebody may have pressed the button meanwhile.
        """
        for _attempt in range(TRANSACTION_TRIES):
            try:
                if self.state != "ready":
                    self._verify_by_itself()
                    self.env.flush_all()
                return
            except RETRIED:
                self.env.cr.rollback()
        _logger.warning("Mailbox %s was changed all the time: not verified", self.id)

    def _verify_by_itself(self):
        """Do the next step that needs no person; note why it failed."""
        person = self.settings_by_id or self.responsible_id
        # sudo: the system goes on with what this person saved, in their language
        mailbox = self.with_user(person).with_context(lang=person.lang).sudo()
        try:
            if mailbox.address_is_proven:
                mailbox._prove_settings()
            elif not mailbox._has_open_code():
                mailbox._send_code()
            mailbox.verification_problem = False
        except UserError as error:
            mailbox.verification_problem = str(error)
        except RETRIED:
            raise
        except Exception:
            # one mailbox must not keep the others waiting
            _logger.exception("Mailbox %s could not be verified", mailbox.id)
            mailbox.verification_problem = self.env._(
                "It failed because of an internal error. The details are in the "
                "server's log."
            )

    def _new_code(self, alias=None):
        """Return a new code, kept as a hash; refuse more than a few an hour."""
        proven = (alias or self).email_normalized
        code = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
        now = fields.Datetime.now()
        values = {
            "mailbox_id": self.id,
            "user_id": self.env.uid,
            "address": proven,
            "code_hash": self._hash_code(code, alias),
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
            same = [("mailbox_id", "=", self.id), ("address", "=", proven)]
            codes.search(same).write({"used": True})
            return codes.create(values)

        if not self._transact(work):
            raise UserError(
                self.env._(
                    "Too many codes were emailed to %s. Check its inbox and its junk "
                    "folder, or request another code in an hour.",
                    (alias or self).email,
                )
            )
        return code

    def _hash_code(self, code, alias=None):
        proven = (alias or self).email_normalized
        values = (self.id, proven, "".join((code or "").split()))
        # sudo: keyed with the database's secret
        return hmac(self.env(su=True), SCOPE, values)

    def _verify(self, code):
        """Make the mailbox ready when ``code`` is the one mailed to it.

        :raises UserError: it is not, or not any more
        """
        self.ensure_one()
        self._verify_hash(self._hash_code(code))

    def _verify_hash(self, tried):
        """As :meth:`_verify`, given what :meth:`_hash_code` made of the code."""
        self.check_access("write")
        self._try_code(tried)
        # before anything is written, so that nobody waits for the DNS behind us
        findings = self._look_up_domain()
        # sudo: what is proven is the system's to note
        self.sudo().write(
            {"proven_address": self.email_normalized, "domain_findings": findings}
        )
        try:
            self._prove_settings()
        except UserError as error:
            # the address is proven all the same, and stays so
            # sudo: see above
            self.sudo().write({"state": "draft", "verification_problem": str(error)})

    def _try_code(self, tried, alias=None):
        """Use up the code that was mailed to an address of this mailbox.

        :param tried: what :meth:`_hash_code` made of what was entered
        :raises UserError: it is not that, or not any more
        """
        mailbox_id, proven = self.id, (alias or self).email_normalized

        def work(env):
            codes = env["mail.mailbox.verification"]
            env.cr.execute(
                "UPDATE mail_mailbox_verification SET tries = coalesce(tries, 0) + 1"
                " WHERE id = (SELECT id FROM mail_mailbox_verification"
                " WHERE mailbox_id = %s AND address = %s"
                " AND NOT coalesce(used, false)"
                " ORDER BY id DESC LIMIT 1) RETURNING id",
                (mailbox_id, proven),
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
            raise UserError(self._get_code_refusal(answer, (alias or self).email))

    def _get_code_refusal(self, answer, email):
        return {
            "none": self.env._(
                "No verification is pending. The settings may have changed: request a "
                "new code."
            ),
            "tries": self.env._(
                "Too many wrong attempts. This code is no longer valid; request a new "
                "one."
            ),
            "late": self.env._("The code has expired. Request a new one."),
            "wrong": self.env._(
                "That is not the code emailed to %s. It has eight digits, and only "
                "the newest one is valid.",
                email,
            ),
        }[answer]
