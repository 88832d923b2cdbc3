from odoo import api, models
from odoo.fields import Domain

#: What of a user or a group decides which mailboxes somebody reads.
_OF_USER = {"active", "group_ids", "company_ids"}
_OF_GROUP = {"user_ids", "implied_ids", "implied_by_ids"}


class MailMailboxConversation(models.Model):
    """Who may no longer read a mailbox owns nothing in it: it is nobody's again."""

    _inherit = "mail.mailbox.conversation"

    def _filtered_owned(self):
        """Return those that somebody has who may read them."""
        readers = {mailbox: mailbox._get_readers() for mailbox in self.mailbox_id}
        return self.filtered(lambda one: one.owner_id & readers[one.mailbox_id])

    @api.model
    def _release_lost(self, domain=Domain.TRUE):
        """Take conversations from those who may not read them any more.

        :param domain: of the conversations that are looked at
        """
        # sudo: whoever changed the rights, the system keeps what follows
        conversations = self.sudo()
        owned = Domain(domain) & Domain("owner_id", "!=", False)
        for mailbox, owners in conversations._read_group(
            owned, ["mailbox_id"], ["owner_id:recordset"]
        ):
            if lost := owners - mailbox._get_readers():
                conversations.search(
                    [("mailbox_id", "=", mailbox.id), ("owner_id", "in", lost.ids)]
                )._change({"owner_id": False})

    @api.autovacuum
    def _gc_owners(self):
        # what is changed past the ORM
        self._release_lost()


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if concerned := self.browse([one.id for one in before["readers"]]):
            self.env["mail.mailbox.conversation"]._release_lost(
                [("mailbox_id", "in", concerned.ids)]
            )


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & _OF_USER:
            self.env["mail.mailbox.conversation"]._release_lost(
                [("owner_id", "in", self.ids)]
            )
        return result


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & _OF_GROUP:
            self.env["mail.mailbox.conversation"]._release_lost()
        return result
