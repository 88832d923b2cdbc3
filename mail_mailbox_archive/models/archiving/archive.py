from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..mailbox.reader import refers_to


class MailMailboxMessage(models.Model):
    """Archiving: a message is attached to records, and detached from them."""

    _inherit = "mail.mailbox.message"

    attached_to = fields.Char("Email attached to", compute="_compute_attached_to")
    may_govern = fields.Boolean(compute="_compute_may_govern")
    record_gone = fields.Boolean(
        "Record deleted",
        compute="_compute_record_gone",
        search="_search_record_gone",
        help="Every record that it was attached to was deleted, or its app was "
        "uninstalled.",
    )

    @api.depends_context("uid", "lang")
    @api.depends("attached_records")
    def _compute_attached_to(self):
        for message in self:
            names = [record["name"] for record in message.attached_records or []]
            message.attached_to = ", ".join(names)

    @api.depends_context("uid")
    @api.depends("link_ids")
    def _compute_may_govern(self):
        for message in self:
            message.may_govern = message._may_govern()

    @api.depends_context("uid")
    @api.depends("link_ids")
    def _compute_archived(self):
        # as the user: a link to a record one may not open counts as nothing
        links = self.env["mail.mailbox.link"].search(
            [("mailbox_message_id", "in", self.ids)]
        )
        archived = links.mailbox_message_id
        for message in self:
            message.archived = message._origin in archived

    @api.depends("link_ids")
    def _compute_has_links(self):
        for message in self:
            message.has_links = bool(message.link_ids)

    @api.model
    def _search_archived(self, operator, value):
        if operator != "in":
            return NotImplemented
        links = self.env["mail.mailbox.link"]
        showing = Domain.TRUE if self.env.su else links._get_showing_domain()
        # any!: that the message is one the user may read is asked of the message itself
        attached = Domain("link_ids", "any!", showing) & self._get_linked_domain()
        if True in value and False in value:
            return Domain.TRUE
        return attached if True in value else ~attached

    @api.model
    def _get_linked_domain(self):
        """Return the domain of messages with a link, to whatever record."""
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL.identifier(
                alias, "has_links", to_flush=model._fields["has_links"]
            )
        )

    @api.model
    def _get_open_domain(self):
        """Return the domain of messages that are not archived, as the user sees it."""
        links = self.env["mail.mailbox.link"]
        showing = Domain.TRUE if self.env.su else links._get_showing_domain()
        return ~self._get_linked_by_domain(showing)

    @api.depends_context("uid")
    @api.depends("link_ids.record_state")
    def _compute_record_gone(self):
        gone = self.search([("id", "in", self.ids), ("record_gone", "=", True)])
        for message in self:
            message.record_gone = message._origin in gone

    @api.model
    def _search_record_gone(self, operator, value):
        if operator != "in":
            return NotImplemented
        links = self.env["mail.mailbox.link"]
        mailboxes = links._get_mailbox_domain()
        kept = self._get_linked_by_domain(links._get_kept_domain() & mailboxes)
        gone = kept & ~self._get_linked_by_domain(links._get_record_domain())
        if True in value and False in value:
            return Domain.TRUE
        return gone if True in value else ~gone

    @api.model
    def _get_linked_by_domain(self, domain):
        """Return the domain of messages with a link that is in ``domain``."""
        links = self.env["mail.mailbox.link"]

        def to_sql(_model, alias, _query):
            query = links._search(domain, bypass_access=True)
            message = SQL.identifier(alias, "id")
            return refers_to(query, links, "mailbox_message_id", message)

        return self._get_linked_domain() & Domain.custom(to_sql=to_sql)

    def action_display(self):
        """Open the message."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _archive(self, record, roles=None, mailbox=None, bond=None, cause=None):
        """Attach these messages to ``record``.

        :param record: one record of an enabled model, which the user may read
        :param roles: ``res.groups`` that may read a message which is not attached to
            anything yet; empty means everybody who may open the record. Of a message
            that is attached already the roles stay as they are.
        :param mailbox: where the user took the messages from, when known
        :param bond: a private mailbox whose people alone are to find them there
        :param cause: the followed conversation or the rule that has them archived, if
            no person does
        :return: the new links; attached before to the same record makes no new one,
            but shows it to all who may open the record where a private mailbox's people
            alone found it, and it is archived from another one now
        :raises AccessError: the user may not read a message or the record
        :raises UserError: the record is gone or its model not enabled, or an
            administrator excepted the correspondent of a message
        """
        self.check_access("read")
        self._check_target(record)
        self._refuse_never_archived()
        # sudo: links that the person may not see count as well, and links are made by
        # this method alone, after the checks above
        links = self.env["mail.mailbox.link"].sudo()
        links._forget_former(record)
        attached = links.search([("mailbox_message_id", "in", self.ids)])
        here = attached & links._search_about(record)
        new = self - here.mailbox_message_id
        if roles:
            # sudo: roles are the system's to write, so that nobody changes them by hand
            (new - attached.mailbox_message_id).sudo().write(
                {"role_ids": [Command.set(self._check_roles(roles).ids)]}
            )
        mailboxes = self._get_archiving_mailboxes(mailbox)
        mailboxes |= dict.fromkeys(self, bond) if bond else {}
        freed = here._free(mailboxes, roles)
        states = new._get_states()
        created = links._create_anew(
            [
                message._prepare_link(record, mailboxes[message], cause)
                for message in new
            ]
        )
        before = {link: link._get_before(states) for link in created}
        # whoever was shown what was freed knows it: that is not undone
        before |= dict.fromkeys(freed)
        self.env["mail.mailbox.history"]._note_links(
            "archived", created + freed, before, cause and cause._get_reason()
        )
        return created.sudo(False)

    def _prepare_link(self, record, mailbox, cause):
        """Return the values of a link of this message to ``record``, see _archive."""
        return {
            "mailbox_message_id": self.id,
            "res_model": record._name,
            "res_id": record.id,
            "mailbox_id": mailbox.id,
            "user_id": self.env.uid,
            **(cause._prepare_cause() if cause else {}),
        }

    @api.model
    def _check_target(self, record):
        record.ensure_one()
        if record._name not in self.env["mail.mailbox.record.type"]._get_model_names():
            raise UserError(
                self.env._(
                    "Emails cannot be archived to “%s”. Ask an administrator to add "
                    "the record type under Mail, Configuration.",
                    record._description,
                )
            )
        if not record.exists():
            raise UserError(
                self.env._(
                    "This record was deleted in the meantime. Choose another one."
                )
            )
        record.check_access("read")

    @api.model
    def _check_roles(self, roles):
        if not all(roles.exists().mapped("mail_role")) or len(roles.exists()) < len(
            roles
        ):
            raise UserError(
                self.env._(
                    "A role was deleted or is no longer a mail role. Choose again."
                )
            )
        return roles

    def _get_private_bond(self):
        """Return the private mailboxes with this message, if no other has it.

        What is in a mailbox that is not private as well, is no secret of one.
        """
        # sudo: whether it came to a private mailbox counts, whoever reads it
        message = self.sudo()
        mailboxes = message.arrival_ids.mailbox_id or message.link_ids.mailbox_id
        return mailboxes if all(mailboxes.mapped("private")) else mailboxes.browse()

    def _get_archiving_mailboxes(self, mailbox=None):
        """Return a dict: the mailbox that each of these messages is archived from.

        ``mailbox`` where the message was taken from there; otherwise one that lets the
        user read it, rather one that is not private, since a link from a private
        mailbox shows the message to that mailbox's people only.
        """
        domain = [("mailbox_message_id", "in", self.ids)]
        # sudo: what is searched as the user may lead to a mailbox that they do not see
        by_message = dict.fromkeys(self, self.env["mail.mailbox"].sudo())
        for source in ("mail.mailbox.arrival", "mail.mailbox.link"):
            for row in self.env[source].search(domain).sudo():
                by_message[row.mailbox_message_id.sudo(False)] |= row.mailbox_id
        return {
            message: mailbox.sudo()
            if mailbox and mailbox in mailboxes
            else mailboxes.sorted("private")[:1]
            for message, mailboxes in by_message.items()
        }

    def _may_govern(self):
        """Return whether the user may change who reads this archived message."""
        self.ensure_one()
        of_message = [("mailbox_message_id", "=", self.id)]
        links = self.env["mail.mailbox.link"].search(of_message)
        # sudo: who archived it first chose the roles; attaching it once more gives no
        # right to them
        first = links.sudo().search(of_message, order="id", limit=1).sudo(False)
        return any(
            link.can_unfile and (link == first or link._is_governed()) for link in links
        )

    def _set_roles(self, roles):
        """Change which roles may read this archived message, and note it.

        :raises AccessError: the user did not archive it, is not of its mailbox, and is
            no administrator
        """
        self.check_access("read")
        roles = self._check_roles(roles)
        self._refuse_governing()
        # sudo: what the system keeps, to be undone
        before = {message: message.sudo().role_ids.ids for message in self}
        # sudo: roles are written by the system after the check above
        self.sudo().write({"role_ids": [Command.set(roles.ids)]})
        note = ", ".join(roles.mapped("display_name"))
        self.env["mail.mailbox.history"]._note(
            "roles",
            [
                {
                    "mailbox_message_id": message.id,
                    "note": note,
                    "before": {"roles": before[message], "after": roles.ids},
                }
                for message in self
            ],
        )

    def _refuse_governing(self):
        """Refuse who may not change who reads these archived messages.

        :raises AccessError: the user did not archive one first, is not of its mailbox,
            and is no administrator
        """
        for message in self:
            if not message._may_govern():
                raise AccessError(
                    self.env._(
                        "Only the person who archived an email, the mailbox's users "
                        "or a mail administrator can change who may read it."
                    )
                )
