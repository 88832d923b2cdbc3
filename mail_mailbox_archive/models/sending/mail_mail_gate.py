from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .ir_mail_server import MailboxSession
from .sender_origin import AUTHOR, CODE, PERSON, Passed, get_origin, with_passed

#: What a person decides by changing it, and so answers for.
CONTENT_FIELDS = {
    "email_from",
    "email_to",
    "email_cc",
    "recipient_ids",
    "body_html",
    "body",
    "subject",
    "attachment_ids",
    "mail_server_id",
    "headers",
    "mail_message_id",
}


class MailMail(models.Model):
    """Odoo's mail queue asks the send gate, once it is queued and once it is sent.

    The gate alone says by whom a mail leaves: those of a mailbox are handed to a
    session of that mailbox, all others to Odoo's own servers, which a mailbox's never
    is.
    """

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        if not self.env.su:
            # sudo: noted for who made it, of a message that was there before
            mails.sudo().mail_message_id.mailbox_sender_origin = PERSON
        mails._pass_gate_when_queued()
        return mails

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "outgoing" or CONTENT_FIELDS & vals.keys():
            self._pass_gate_when_queued()
        return result

    def _pass_gate_when_queued(self):
        """Refuse mail that may not leave in the name of a mailbox.

        A person is told at once. What the system queues on its own, what a visitor
        causes or is made of incoming mail, becomes a failed mail that says why, and
        stops nothing else.
        """
        quiet = (
            self.env.context.get("mailbox_quiet") or not self.env.user._is_internal()
        )
        quiet = quiet or self.env.uid == api.SUPERUSER_ID
        asked = {}
        for mail in self:
            if mail.state != "outgoing":
                continue
            people = mail._get_senders() | self.env.user
            key = (*mail._get_question(), people)
            if key not in asked:
                asked[key] = mail._find_refusal(people)
            if asked[key] and not quiet:
                raise asked[key]
            if asked[key]:
                mail._fail(str(asked[key]))

    def _get_question(self):
        """Return what the gate is asked about this mail."""
        # sudo: who chose its sender is nobody's to read
        mail = self.sudo()
        origin = mail.mailbox_sender_origin or CODE
        if get_origin() == PERSON:
            origin = PERSON
        return mail.email_from or "", origin, mail.mail_server_id

    def _get_senders(self):
        """Return who answers for this mail: who made, wrote or changed it.

        The superuser only when no person did.
        """
        # sudo: who made it
        mail = self.sudo()
        people = mail.create_uid | mail.write_uid | mail.mail_message_id.create_uid
        system = people.filtered(lambda user: user._is_superuser())
        return (people - system) or system

    def _find_refusal(self, people):
        """Return why this mail may not leave, as an error; None when it may."""
        try:
            self._pass_gate(people)
        except UserError as error:
            return error
        return None

    def _pass_gate(self, people, found=None):
        """Return the mailbox that carries this mail; none where Odoo's servers do.

        :param found: dict of From → what ``_find_by_from`` said of it before in the
            same transaction, in which the database does not say otherwise
        :raises UserError: it may not leave
        """
        if len(people) > 1:
            # what the system adds to a person's mail is the person's
            people = people.filtered(lambda user: not user._is_superuser())
        email_from, origin, server = self._get_question()
        mailboxes, found = self.env["mail.mailbox"], {} if found is None else found
        if email_from not in found:
            found[email_from] = mailboxes._find_by_from([email_from])
        mailbox = mailboxes._pass_gate(
            [email_from], people, origin, server, found[email_from]
        )
        self._note_private(mailbox)
        return mailbox

    def _is_odoos_own(self):
        """Return whether Odoo sends this on its own.

        A mailbox that carries it keeps no copy: a password reset is none of its
        people's business.
        """
        email_from, origin, _server = self._get_question()
        if origin == PERSON:
            return False
        if origin == AUTHOR or self._get_senders()[:1]._is_superuser():
            return True
        claims, *_rest = self.env["mail.mailbox"]._find_by_from([email_from])
        return self.env["res.users"]._are_odoos_addresses(claims)

    def _split_by_mail_configuration(self):
        """Group the mails by who carries them, whatever server they ask for."""
        by_mailbox, others = {}, self.browse()
        for mail, mailbox, _named in self._ask_gate():
            if mailbox:
                by_mailbox.setdefault(mailbox, []).append(mail.id)
            else:
                others |= mail
        for mailbox, ids in by_mailbox.items():
            yield mailbox.mail_server_id.id, False, mailbox.email, ids
        if others:
            others._leave_servers_of_mailboxes()
            yield from super(MailMail, others)._split_by_mail_configuration()

    def _leave_servers_of_mailboxes(self):
        # sudo: whether a server is a mailbox's
        asking = self.sudo().filtered("mail_server_id.mailbox_id")
        # past the gate, which has answered
        asking.mail_message_id.write({"mail_server_id": False})

    def _ask_gate(self):
        """Yield each mail that may leave, its mailbox and those that its From names.

        One that may not becomes a failed mail.
        """
        answers, found = {}, {}
        for mail in self:
            people = mail._get_senders()
            key = (*mail._get_question(), people)
            if key not in answers:
                try:
                    mailbox = mail._pass_gate(people, found)
                    answers[key] = mailbox, found[key[0]][1], ""
                except UserError as refusal:
                    answers[key] = None, None, str(refusal)
            mailbox, named, reason = answers[key]
            if reason:
                mail._fail(reason, "mail_from_invalid")
                mail._postprocess_sent_message([], [], reason, "mail_from_invalid")
            else:
                yield mail, mailbox, named

    # with Odoo's own arguments, as in mail_mail.py, which sends what a mailbox carries
    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        """Send; by Odoo's servers only what the gate passes to them."""
        rest = (smtp_session, alias_domain_id, mail_server, post_send_callback)
        if isinstance(smtp_session, MailboxSession):
            return super()._send(auto_commit, raise_exception, *rest)
        by_names = {}
        for mail, mailbox, named in self._ask_gate():
            if not mailbox:
                by_names.setdefault(frozenset(named.ids), []).append(mail.id)
        refused = self.filtered(lambda mail: mail.failure_type == "mail_from_invalid")
        if raise_exception and refused:
            raise MailDeliveryException(refused[0].failure_reason)
        for names, ids in by_names.items():
            mails = with_passed(self.browse(ids), Passed(names))
            super(MailMail, mails)._send(auto_commit, raise_exception, *rest)
        return True
