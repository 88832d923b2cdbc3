from odoo import api, models


class MailMailboxMessage(models.Model):
    """Who will be able to read a message once it is archived: asked before it is."""

    _inherit = "mail.mailbox.message"

    def _get_audience(self, record, roles, mailbox, found, bond=None):
        """Return the users who will read these messages on ``record``, but ``found``.

        :param roles: ``res.groups`` chosen for messages not attached to anything yet;
            attached ones keep their own
        :param mailbox: where the messages are taken from
        :param found: users who are known to read one of the messages
        :param bond: a private mailbox whose people alone are to find them there
        """
        # sudo: the people of the system are asked about one by one below; only their
        # names come out
        group = self.env.ref("mail_mailbox_archive.group_user").sudo()
        users = group.all_user_ids.filtered(lambda user: user.active and not user.share)
        mailboxes = self._get_archiving_mailboxes(mailbox)
        mailboxes |= dict.fromkeys(self, bond) if bond else {}
        readers = users.browse()
        # sudo: links that the person may not see keep a message's roles as they are
        links = self.env["mail.mailbox.link"].sudo()
        attached = links.search([("mailbox_message_id", "in", self.ids)])
        for message in self:
            allowed = users
            known = message in attached.mailbox_message_id
            # sudo: who has a role is not everybody's to see
            needed = (message.role_ids if known else roles).sudo()
            if needed:
                allowed &= needed.all_user_ids
            if mailboxes[message].private:
                allowed &= mailboxes[message].user_ids
            readers |= allowed
        return self._filter_readers(record, readers - found).sudo(False)

    @api.model
    def _filter_readers(self, record, users):
        """Return those of ``users`` who may read ``record``."""
        return users.filtered(
            lambda user: record.with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
            ._filtered_access("read")
        )

    def _describe_audience(self, targets, roles, mailbox=None):
        """Return who will read these messages once archived, and that in words.

        :param targets: pairs of a record and those of the messages that go there
        """
        users = self.env["res.users"]
        targets = [(record, messages) for record, messages in targets if messages]
        if not targets:
            return users, False
        for record, messages in targets:
            users |= messages._get_audience(record, roles, mailbox, users)
        values = {
            "count": len(users),
            "records": ", ".join(record.display_name for record, _messages in targets),
            "roles": ", ".join(roles.mapped("display_name")),
        }
        return users, self._get_audience_sentence(len(users), bool(roles)) % values

    @api.model
    def _get_audience_sentence(self, count, with_roles):
        """Return the sentence, to be filled with count, records and roles."""
        if with_roles and count == 1:
            return self.env._(
                "1 person will read it, who has one of the roles %(roles)s and can "
                "open: %(records)s"
            )
        if with_roles:
            return self.env._(
                "%(count)s people will read it, everyone who has one of the roles "
                "%(roles)s and can open: %(records)s"
            )
        if count == 1:
            return self.env._("1 person will read it, who can open: %(records)s")
        return self.env._(
            "%(count)s people will read it, everyone who can open: %(records)s"
        )

    def _warn_of_saving(self):
        """Return who else would read this message's attachments as files, or ""."""
        self.ensure_one()
        if self._get_archiving_mailboxes()[self].private:
            return self.env._(
                "This email is from a private mailbox. As files of a record its "
                "attachments are open to everybody who can open the record."
            )
        if self.role_ids:
            return self.env._(
                "Only users with the roles %s may read this email. As files of a "
                "record its attachments are open to everybody who can open the record.",
                ", ".join(self.role_ids.mapped("display_name")),
            )
        return ""
