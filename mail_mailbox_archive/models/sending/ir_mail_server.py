from email.message import EmailMessage

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...mailcore.errors import MailCoreError, SendRefused
from ...mailcore.text import safe_text
from .sender_origin import CODE, get_passed

#: Headers that say who a message is from, or bears the answers that do not arrive.
SENDERS = ("From", "Sender", "Resent-From", "Resent-Sender", "Return-Path")

#: What proves that a mailbox itself keeps its server in step: no call from outside can
#: hold it.
_IN_STEP = object()


class MailboxSession:
    """What Odoo's mail queue holds for an SMTP connection while a mailbox sends.

    The provider is reached when the first mail is sent and kept for the next ones. A
    line that broke, or an account that was refused, is not tried again by the rest of
    the batch: they wait, or fail, for the same reason at once. It sends what the gate
    gave this mailbox, and nothing else.
    """

    def __init__(self, mailbox):
        self.mailbox = mailbox
        self.from_filter = mailbox.email_normalized
        #: all addresses that it sends from: of others the gate gives it nothing
        self.senders = frozenset(mailbox._get_own_addresses())
        self.smtp_from = mailbox.email
        self._provider = None
        self._failed = None
        #: messages that left and are not counted among the sent ones yet
        self.uncounted = 0

    def admit(self, mailbox):
        """Return ``mailbox``, which the gate gave a message; refuse any but this one.

        :raises UserError: the gate gave the message to somebody else
        """
        if mailbox != self.mailbox:
            raise UserError(
                self.mailbox.env._(
                    "This email does not belong to the mailbox %s, so it is not sent "
                    "from there.",
                    self.mailbox.email,
                )
            )
        return mailbox

    def send_message(self, *_args, **_kwargs):
        """Refuse: what Odoo sends on its own has not passed the gate of a mailbox."""
        self.admit(self.mailbox.browse())

    def open(self):
        """Get ready, so that :meth:`send` asks the database nothing.

        :raises MailCoreError: settings or secrets are missing
        """
        if self._provider is None:
            self._provider = self.mailbox._open_provider__()

    def send(self, outgoing, about_to_send=lambda: None):
        """Hand a message to the provider; return its ``SendResult``.

        :param about_to_send: see ``mailcore.providers.base``
        :raises MailCoreError: see ``mailcore.providers.base``
        """
        if outgoing.sender not in self.senders:
            raise SendRefused("address", "The mail is not from this mailbox.")
        if self._failed:
            raise self._failed
        try:
            self.open()
            return self._provider.send(outgoing, about_to_send)
        except MailCoreError as error:
            if error.failure_type in ("connection", "login"):
                self._failed = error
            raise

    def quit(self):
        """Hang up."""
        if self._provider is not None:
            self._provider.close()
            self._provider = None

    close = quit

    def abort(self):
        """Break the connection while another thread waits for it."""
        if self._provider is not None:
            self._provider.abort()


class IrMailServer(models.Model):
    """A mailbox that sends owns a server; what leaves through it, the mailbox delivers.

    So composer, templates, chatter and other add-ons send through mailboxes without
    knowing of them, and Odoo's mail queue and its failure states stay what they are.
    """

    _name = "ir.mail_server"
    _inherit = ["ir.mail_server", "mail.mailbox.system.fields"]

    mailbox_id = fields.Many2one(
        "mail.mailbox", readonly=True, ondelete="cascade", index="btree_not_null"
    )

    _mailbox_uniq = models.UniqueIndex(
        "(mailbox_id) WHERE mailbox_id IS NOT NULL",
        "A mailbox can have only one outgoing server.",
    )

    # Kept in step by the mailbox

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("mailbox_id") for vals in vals_list):
            self._refuse_edit()
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("mailbox_id") or self.mailbox_id:
            self._refuse_edit()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_mailbox(self):
        if self.mailbox_id:
            self._refuse_edit()

    def _refuse_edit(self):
        if self.env.context.get("mailbox_in_step") is not _IN_STEP:
            raise UserError(
                self.env._(
                    "This outgoing server belongs to the mailbox %s and follows its "
                    "settings. Change them under Mail, Email mailboxes.",
                    ", ".join(self.mailbox_id.mapped("email")),
                )
            )

    def _in_step(self):
        return self.with_context(mailbox_in_step=_IN_STEP)

    def _active_usages_compute(self):
        # a mailbox may be deactivated whatever uses its server: the gate says why then
        usages = super()._active_usages_compute()
        # sudo: whether it is a mailbox's
        of_mailboxes = set(self.sudo().filtered("mailbox_id").ids)
        return {key: value for key, value in usages.items() if key not in of_mailboxes}

    def test_smtp_connection(self, autodetect_max_email_size=False):
        if not self.mailbox_id:
            return super().test_smtp_connection(autodetect_max_email_size)
        return self.mailbox_id[:1].action_test_sending()

    # Who delivers is the gate's answer, and nobody's guess

    def _find_mail_server(self, email_from, mail_servers=None):
        if mail_servers is None:
            # sudo: Odoo looks among all of them as well
            mail_servers = self.sudo().search(
                self._find_mail_server_allowed_domain(), order="sequence"
            )
        others = mail_servers.filtered(lambda server: not server.mailbox_id)
        return super()._find_mail_server(email_from, others)

    def _connect__(  # noqa: PLW3201
        self, host=None, *args, smtp_from=None, mail_server_id=None, **kwargs
    ):
        # sudo: whether it is a mailbox's
        mailbox = self.sudo().browse(mail_server_id or ()).mailbox_id
        if not mailbox or self._disable_send():
            return super()._connect__(
                host,
                *args,
                smtp_from=smtp_from,
                mail_server_id=mail_server_id,
                **kwargs,
            )
        return MailboxSession(mailbox)

    # The finished message

    @api.model
    def send_email(  # noqa: PLW3201
        self, message, mail_server_id=None, *args, smtp_session=None, **kwargs
    ):
        """Send a message by whom the gate says, whatever server was asked for."""
        mailbox = self._get_sending_mailbox(message, mail_server_id, smtp_session)
        if not mailbox:
            if self._is_of_mailbox(mail_server_id):
                mail_server_id = None
            if isinstance(smtp_session, MailboxSession):
                smtp_session = None
            return super().send_email(
                message, mail_server_id, *args, smtp_session=smtp_session, **kwargs
            )
        if self._disable_send():
            return message["Message-Id"]
        session = smtp_session
        if not isinstance(session, MailboxSession) or session.mailbox != mailbox:
            session = MailboxSession(mailbox)
        recipients = self._prepare_smtp_to_list(message, session)
        try:
            sending = mailbox._send_finished(
                message, recipients, self.env.user, session
            )
        except MailCoreError as error:
            raise MailDeliveryException(
                self.env._("Mail Delivery Failed"), mailbox._explain_sending(error)
            ) from error
        finally:
            if session is not smtp_session:
                session.quit()
        if sending.failures:
            raise MailDeliveryException(
                self.env._("Mail Delivery Failed"), sending.reason
            )
        return message["Message-Id"]

    @api.model
    def _get_sending_mailbox(self, message, mail_server_id, smtp_session):
        """Return the mailbox that ``message`` leaves from; none for Odoo's servers.

        :raises UserError: it may not leave
        """
        mailboxes = self.env["mail.mailbox"]
        froms = [str(one) for name in SENDERS for one in message.get_all(name, [])]
        if passed := get_passed(self.env):
            self._check_passed(froms, passed)
            return mailboxes
        server = self.browse(mail_server_id or ())
        if isinstance(smtp_session, MailboxSession):
            # sudo: a mailbox's server is the system's
            server = smtp_session.mailbox.sudo().mail_server_id
        return mailboxes._pass_gate(froms, self.env.user, CODE, server)

    @api.model
    def _check_passed(self, froms, passed):
        """Refuse a finished message that claims what the gate was not shown.

        :raises MailDeliveryException: it names another mailbox
        """
        claims, mailboxes, _rows = self.env["mail.mailbox"]._find_by_from(froms)
        new = set(mailboxes.ids) - passed.mailbox_ids
        if new and not self.env["res.users"]._are_odoos_addresses(claims):
            raise MailDeliveryException(
                self.env._("Mail Delivery Failed"),
                self.env._(
                    "The sender “%s” became the address of a mailbox while the email "
                    "was being prepared, so it is not sent.",
                    ", ".join(froms),
                ),
            )

    @api.model
    def _is_of_mailbox(self, mail_server_id):
        # sudo: whether it is a mailbox's
        return bool(self.sudo().browse(mail_server_id or ()).mailbox_id)

    def _build_email__(  # noqa: PLW3201
        self, email_from, email_to, subject, body, *args, **kwargs
    ) -> EmailMessage:
        # a subject or name of an incoming mail may hold line ends once decoded; the
        # mail that answers it still has exactly its own headers
        for name in ("reply_to", "message_id", "references"):
            if isinstance(kwargs.get(name), str):
                kwargs[name] = _one_line(kwargs[name])
        if headers := kwargs.get("headers"):
            kwargs["headers"] = {
                key: _one_line(value) if isinstance(value, str) else value
                for key, value in headers.items()
            }
        return super()._build_email__(
            _one_line(email_from) if email_from else email_from,
            [_one_line(one) for one in email_to or []],
            _one_line(subject) if subject else subject,
            body,
            *args,
            **kwargs,
        )


def _one_line(value):
    return safe_text(value, 0).strip()
