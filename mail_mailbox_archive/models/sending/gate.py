from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.addresses import address
from ...mailcore.addresses.sender_claim import find_claims, without_tag
from .sender_origin import AUTHOR, OUTSIDE, PERSON


class MailMailbox(models.Model):
    """The send gate: whether something may leave in the name of a mailbox.

    One method decides, keyed on the From of the message and on nothing that a form or a
    caller says. It is asked when a mail is queued and again when it is sent, because a
    mailbox, a list of senders or a mail may change in between. It has three answers:
    refused, carried by a mailbox, or passed to Odoo's servers. Nothing else reads a
    From afterwards to choose by whom a message leaves.
    """

    _inherit = "mail.mailbox"

    restrict_senders = fields.Boolean(
        "Restrict senders",
        tracking=True,
        help="Only the listed users can send from this address. Otherwise everybody "
        "in the company can, and so can templates and automated emails.",
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
        "Emails per hour",
        help="More than this waits for the next hour. 0: no limit of ours.",
    )

    _check_hourly_limit = models.Constraint(
        "CHECK(hourly_limit >= 0)",
        "Emails per hour must be a number; 0 means no limit.",
    )

    @api.model
    def _pass_gate(self, froms, people, origin=PERSON, server=None, found=None):
        """Return the mailbox that carries a message; none where Odoo's servers do.

        :param froms: what the message says of its sender, as written
        :param people: ``res.users``, who answer for it; the superuser for what the
            system does on its own
        :param origin: who chose the sender, a word of ``sender_origin``
        :param server: ``ir.mail_server`` that was asked for
        :param found: what :meth:`_find_by_from` said of ``froms`` in this transaction
        :return: the mailbox, with all rights
        :raises UserError: it may not leave; says why and who may send
        """
        claims, mailboxes, addresses = found or self._find_by_from(froms)
        # sudo: whether the server is a mailbox's
        asked = server.sudo().mailbox_id if server else mailboxes.browse()
        named = mailboxes or asked
        if not named:
            return named
        by_hand = origin in (PERSON, OUTSIDE)
        if not by_hand and self.env["res.users"]._are_odoos_addresses(claims):
            return named._get_carrier(claims, addresses)
        if len(claims) > 1:
            raise UserError(
                self.env._(
                    "The sender “%(sender)s” names several addresses. An email from "
                    "%(mailbox)s can have only that address as its sender.",
                    sender=", ".join(froms),
                    mailbox=named[0].email,
                )
            )
        answers = {
            named._answer_for(person, claims, origin, addresses) for person in people
        }
        return named if answers == {named} else named.browse()

    def _answer_for(self, person, claims, origin, addresses):
        """Return this mailbox, or none for Odoo's servers, for what a person sends.

        :raises UserError: the person may not send it by anybody
        """
        able = self._is_able_to_send(addresses)
        if able and self._may_send(person):
            if origin == OUTSIDE:
                # who only says to be this person gets no mailbox by it
                return self.browse()
            if origin == AUTHOR or person._is_superuser():
                return self._get_carrier(claims, addresses)
            return self
        if person._are_own_addresses(claims) or (person._is_superuser() and not able):
            return self.browse()
        self._check_able_to_send(addresses)
        raise AccessError(self._get_refusal(person))

    def _get_carrier(self, claims, addresses):
        """Return the mailbox among these that carries Odoo's own mail, or none.

        Such mail is never refused, whatever mailbox has its address: nobody stops or
        reroutes it by setting one up.
        """
        carrier = self.filtered(lambda m: m.odoo_mail and m._is_able_to_send(addresses))
        return (
            carrier if len(claims) == len(self) == len(carrier) == 1 else self.browse()
        )

    @api.model
    def _find_by_from(self, froms):
        """Return the addresses that ``froms`` claim, the mailboxes among them, and
        the rows of ``mail.mailbox.address`` that say so.

        Whatever a program or a person could take for an address counts. A mailbox whose
        address waits for approval has no say yet, nor has a single address that does.
        """
        try:
            claims = set().union(*(find_claims(value or "") for value in froms))
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The sender is too long to be an address, so the email is not sent."
                )
            ) from error
        plain = {one: without_tag(one) for one in claims}
        addresses = self.env["mail.mailbox.address"]
        candidates = addresses._look_up(
            {*plain, *plain.values()},
            [("approval", "!=", "needed"), ("mailbox_id.approval", "!=", "needed")],
        )
        by_address = {}
        for row in candidates:
            by_address.setdefault(row.email_normalized, row)
        rows = candidates.browse(
            {
                row.id
                for one, untagged in plain.items()
                if (row := by_address.get(one) or by_address.get(untagged))
            }
        )
        return set(plain.values()), rows.mailbox_id.sorted("id"), rows

    def _check_may_send(self, person=None, sent_as=None):
        """Refuse what may not leave from this mailbox.

        :param person: ``res.users``, the current user when not given
        :param sent_as: the address it leaves from, where that is not the main one
        :raises UserError: the mailbox is not able to send
        :raises AccessError: the person may not; says who may
        """
        self.ensure_one()
        # sudo: the answer does not depend on seeing the mailbox
        mailbox = self.sudo()
        person = person or self.env.user
        mailbox._check_able_to_send(sent_as and mailbox._find_alias(sent_as))
        if not mailbox._may_send(person):
            raise AccessError(mailbox._get_refusal(person))

    def _find_alias(self, email):
        """Return the row of another address of this mailbox.

        :raises UserError: it is not, or no more, one of its addresses
        """
        wanted = address.normalise(email)
        alias = self._get_aliases().filtered(lambda a: a.email_normalized == wanted)
        if not alias:
            raise UserError(
                self.env._(
                    "%(email)s is not an address of the mailbox %(mailbox)s, so "
                    "nothing is sent from it.",
                    email=email,
                    mailbox=self.email,
                )
            )
        return alias

    def _is_able_to_send(self, addresses=None):
        """Return whether this mailbox is active and verified.

        :param addresses: rows that it is to send from, beside its main address
        """
        self.ensure_one()
        return (
            self.active
            and self.state == "ready"
            and not self._get_unverified(addresses)
        )

    def _get_unverified(self, addresses):
        """Return those of ``addresses`` that are this mailbox's and not verified."""
        # sudo: whether one is verified, whoever asks
        mine = (addresses or self.env["mail.mailbox.address"]).sudo()
        return mine.filtered(lambda a: a.mailbox_id == self and not a.is_proven)

    def _check_able_to_send(self, addresses=None):
        """Refuse to send from a mailbox that is deactivated or not verified.

        :param addresses: as of :meth:`_is_able_to_send`
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
                    "emailed to its address.",
                    mailbox.email,
                )
            )
        if unverified := mailbox._get_unverified(addresses):
            raise UserError(
                self.env._(
                    "The address %s is not verified yet, so nothing is sent from it. "
                    "Open the mailbox and enter the code that is emailed to the "
                    "address, under Other addresses.",
                    unverified[0].email,
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
        """Return why ``person`` may not send, and to whom it is told, who may."""
        self.ensure_one()
        # only people who are there to ask
        people = self.sender_ids if self.restrict_senders else self.user_ids
        names = ", ".join(people.filtered("active").mapped("name"))
        if not names or not self.with_user(person).has_access("read"):
            return self.env._(
                "%(person)s may not send from %(email)s. Ask a mail administrator.",
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

    def _check_rate(self, uncounted=0, asking=0):
        """Hold back what is beyond the mailbox's, or its account's, limit.

        :param uncounted: messages that left and are not kept yet, beside the outbox's
        :param asking: id of the mail of the outbox that is to leave now
        :raises SendDeferred: with how long to wait
        """
        self.ensure_one()
        # sudo: what others sent counts as well
        sent = self.env["mail.mailbox.sent"].sudo()
        # sudo: as above
        outbox = self.env["mail.mailbox.outbox"].sudo()
        account = self.sending_account_id
        for limit, domain, others in (
            (
                self.hourly_limit,
                [("mailbox_id", "=", self.id)],
                SQL("id = %s", self.id),
            ),
            (
                account.hourly_limit,
                [("account_id", "=", account.id)],
                SQL("sending_account_id = %s", account.id),
            ),
        ):
            if limit:
                leaving = outbox._count_unlisted(others, asking)
                sent._check_rate(domain, limit, uncounted + leaving)
