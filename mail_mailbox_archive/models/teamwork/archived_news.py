from odoo import api, models
from odoo.tools import SQL


class MailMailboxLink(models.Model):
    """What a colleague archives or detaches is seen in the Queue of the others."""

    _inherit = "mail.mailbox.link"

    @api.model_create_multi
    def create(self, vals_list):
        links = super().create(vals_list)
        links.mailbox_message_id._notify_archived()
        return links

    def write(self, vals):
        result = super().write(vals)
        if "mailbox_id" in vals:
            self.mailbox_message_id._notify_archived()
        return result

    def unlink(self):
        messages = self.mailbox_message_id
        result = super().unlink()
        messages.exists()._notify_archived()
        return result


class MailMailboxMessage(models.Model):
    _inherit = "mail.mailbox.message"

    def write(self, vals):
        result = super().write(vals)
        if "role_ids" in vals:
            self._notify_archived()
        return result

    def _notify_archived(self):
        """Notify who has these messages in a mailbox of theirs."""
        # sudo: in which mailboxes they are is told to these mailboxes' readers alone
        self.sudo().arrival_ids.mailbox_id._notify_worked()


def archived_mark(arrivals, alias):
    """Return in SQL a text that is another once a message is archived otherwise.

    Of the links that the user may see, and of its roles: nothing else is told by it.

    :param alias: of the table of arrivals
    """
    message = SQL.identifier(alias, "mailbox_message_id")
    links = arrivals.env["mail.mailbox.link"]
    showing = [] if links.env.su else links._get_showing_domain()
    query = links._search(showing, bypass_access=True, order="id")
    query.add_where(
        SQL("%s = %s", SQL.identifier(query.table, "mailbox_message_id"), message)
    )
    roles = arrivals.env["mail.mailbox.message"]._fields["role_ids"]
    return SQL(
        "concat(array(%s)::text,"
        " array(SELECT %s FROM %s WHERE %s = %s ORDER BY 1)::text)",
        query.select(),
        SQL.identifier(roles.column2),
        SQL.identifier(roles.relation),
        SQL.identifier(roles.column1),
        message,
    )
