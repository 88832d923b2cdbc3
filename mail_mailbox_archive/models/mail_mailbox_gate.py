import re
from email.utils import getaddresses

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.mail import email_split

from ..mailcore import address
from ..mailcore.text import decode_header, normalise

#: What a reader of a From would take for an address, wherever it stands in it.
_LOOKS_LIKE_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@\\]+@[^\s<>()\[\],;:\"'@\\]+")
#: Characters of a From that are looked at; more is no address.
MAX_FROM = 10_000


class MailMailbox(models.Model):
    """The send gate: whether something may leave in the name of a mailbox.

    One method decides, keyed on the From of the message and on nothing that a form or a
    caller says. It is asked when a mail is queued and again when it is sent, because a
    mailbox, a list of senders or a mail may change in between.
    """

    _inherit = "mail.mailbox"

    restrict_senders = fields.Boolean(
        "Restrict senders",
        tracking=True,
        help="Only the listed people send from this address. Otherwise everybody in "
        "the company may, and so may templates and automatic mail.",
    )
    sender_ids = fields.Many2many(
        "res.users",
        "mail_mailbox_sender_rel",
        "mailbox_id",
        "user_id",
        string="May send",
        domain=lambda self: self._domain_people(),
        context={"active_test": False},
    )
    hourly_limit = fields.Integer(
        "Mails per hour",
        help="More than this waits for the next hour. 0: no limit of ours.",
    )

    _check_hourly_limit = models.Constraint(
        "CHECK(hourly_limit >= 0)", "Mails per hour is a number; 0 means no limit."
    )

    @api.model
    def _pass_gate(self, froms, person):
        """Return the mailbox that a message leaves from, empty when it is none's.

        :param froms: the From headers of the message, as written
        :param person: ``res.users``, who sends; the superuser for what the system does
            by itself
        :return: the mailbox, with all rights
        :raises UserError: it may not leave; says why and who may send
        """
        found, mailboxes = self._find_by_from(froms)
        if not mailboxes:
            return mailboxes
        if len(found) > 1 or len(mailboxes) > 1:
            raise UserError(
                self.env._(
                    "The sender “%(sender)s” names several addresses. A mail from "
                    "%(mailbox)s has that one address as its sender, and no other.",
                    sender=", ".join(froms),
                    mailbox=mailboxes[0].email,
                )
            )
        mailboxes._check_may_send(person)
        return mailboxes

    @api.model
    def _find_by_from(self, froms):
        """Return the addresses that ``froms`` name, and the mailboxes among them.

        Whatever a program or a person could take for an address counts: in the
        display name, encoded, quoted, in brackets of another kind, tagged with a plus.
        """
        written = set()
        for value in froms:
            written |= _get_addresses(value or "")
        plain = {one: _strip_tag(one) for one in written}
        # sudo: an address is a mailbox's, also of one that the person cannot see
        mailboxes = self.sudo().with_context(active_test=False)
        found = mailboxes.search(
            [("email_normalized", "in", list({*plain, *plain.values()}))],
            order="active desc, id",
        )
        by_address = {}
        for mailbox in found:
            by_address.setdefault(mailbox.email_normalized, mailbox)
        ids = {
            mailbox.id
            for one, untagged in plain.items()
            if (mailbox := by_address.get(one) or by_address.get(untagged))
        }
        return set(plain.values()), mailboxes.browse(sorted(ids))

    def _check_may_send(self, person=None):
        """Refuse what may not leave from this mailbox.

        :param person: ``res.users``, the current user when not given
        :raises UserError: the mailbox is not able to send
        :raises AccessError: the person may not; says who may
        """
        self.ensure_one()
        # sudo: the answer does not depend on seeing the mailbox
        mailbox = self.sudo()
        person = person or self.env.user
        mailbox._check_able_to_send()
        if not mailbox._may_send(person):
            raise AccessError(mailbox._get_refusal(person))

    def _check_able_to_send(self):
        """Refuse to send from a mailbox that is deactivated or not verified.

        :raises UserError: says which of them
        """
        self.ensure_one()
        # sudo: see _check_may_send
        mailbox = self.sudo()
        if not mailbox.active:
            raise UserError(
                self.env._(
                    "The mailbox %s is deactivated, so nothing is sent from it. "
                    "Activate it, or send from another one.",
                    mailbox.email,
                )
            )
        if mailbox.state != "ready":
            raise UserError(
                self.env._(
                    "The mailbox %s is not verified yet, so nothing is sent from it. "
                    "Open the mailbox, fill in Sending and enter the code that is "
                    "mailed to its address.",
                    mailbox.email,
                )
            )

    def _may_send(self, person):
        """Return whether ``person`` may send from this mailbox, ready or not."""
        self.ensure_one()
        # sudo: who may send does not depend on who asks
        mailbox, person = self.sudo(), person.sudo()
        if not person.active and not (person._is_superuser() or person._is_public()):
            return False
        if mailbox.restrict_senders:
            return person in mailbox.sender_ids
        if mailbox.private:
            return person in mailbox.user_ids
        company = mailbox.company_id
        return person._is_superuser() or not company or company in person.company_ids

    def _get_refusal(self, person):
        """Return why ``person`` may not send, and who may."""
        self.ensure_one()
        # only people who are there to ask
        people = self.sender_ids if self.restrict_senders else self.user_ids
        names = ", ".join(people.filtered("active").mapped("name"))
        if not names:
            return self.env._(
                "%(person)s may not send from %(email)s: nobody is listed as its "
                "sender. Ask a mail administrator.",
                person=person.name,
                email=self.email,
            )
        return self.env._(
            "%(person)s may not send from %(email)s. These may: %(names)s.",
            person=person.name,
            email=self.email,
            names=names,
        )

    @api.model
    def _get_sendable_domain(self):
        """Return the domain of the mailboxes that the user may send from now.

        Of those that the user sees: what a chooser offers.
        """
        mine = Domain("user_ids", "in", self.env.user.ids)
        open_to_all = Domain("private", "=", False) | mine
        listed = Domain("sender_ids", "in", self.env.user.ids)
        return Domain("state", "=", "ready") & (
            (Domain("restrict_senders", "=", True) & listed)
            | (Domain("restrict_senders", "=", False) & open_to_all)
        )

    # The rate

    def _check_rate(self, uncounted=0):
        """Hold back what is beyond the mailbox's, or its account's, limit.

        :param uncounted: messages that left and are not kept yet
        :raises SendDeferred: with how long to wait
        """
        self.ensure_one()
        # sudo: what others sent counts as well
        sent = self.env["mail.mailbox.sent"].sudo()
        account = self.sending_account_id
        for limit, domain in (
            (self.hourly_limit, [("mailbox_id", "=", self.id)]),
            (account.hourly_limit, [("account_id", "=", account.id)]),
        ):
            if limit:
                sent._check_rate(domain, limit, uncounted)


def _get_addresses(value):
    """Return what could be read as an address in a From, each in normal form."""
    value = normalise(value[:MAX_FROM], "NFKC")
    readings = {value, decode_header(value, MAX_FROM)}
    found = set()
    for text in readings:
        found |= {one.addr_spec for one in address.parse_addresses(text)}
        found |= {spec for _name, spec in getaddresses([text])}
        found |= set(email_split(text))
        found |= set(_LOOKS_LIKE_ADDRESS.findall(text))
    return {_unquote(address.normalise(one)) for one in found if "@" in one}


def _unquote(addr_spec):
    local, _at, domain = addr_spec.rpartition("@")
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return f"{local}@{domain.strip('.')}"


def _strip_tag(addr_spec):
    local, _at, domain = addr_spec.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
