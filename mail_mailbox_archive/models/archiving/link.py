from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Command

from .record_detail import DELETED, THERE

#: What says that no person archived an email.
CAUSES = ("follow_id", "rule_id", "by_address")


class MailMailboxLink(models.Model):
    """An archive link: a message is archived to a record of any model.

    It is seen by who may open the record and may read the message; for anybody else it
    does not exist. It outlives its record, see ``mail.mailbox.record.detail``. Links
    are made by ``mail.mailbox.message._archive``, led to another record by ``_move``
    and removed by ``action_unfile``, never edited.
    """

    _name = "mail.mailbox.link"
    _inherit = "mail.mailbox.record.detail"
    _description = "Archived Email"
    _order = "id desc"
    _rec_name = "res_name"

    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference(required=True)
    mailbox_id = fields.Many2one(ondelete="restrict", index="btree_not_null")
    user_id = fields.Many2one(
        "res.users", "Archived by", readonly=True, default=lambda self: self.env.user
    )
    can_unfile = fields.Boolean(compute="_compute_can_unfile")

    # a number that begins again is another record
    _record_uniq = models.UniqueIndex(
        "(mailbox_message_id, res_model, res_id) WHERE record_state = 'there'",
        "This email is already attached to that record.",
    )
    _record_idx = models.Index("(res_model, res_id, mailbox_message_id)")
    _gone_idx = models.Index("(mailbox_message_id) WHERE record_state <> 'there'")

    @api.depends_context("uid")
    @api.depends("user_id", "mailbox_id")
    def _compute_can_unfile(self):
        for link in self:
            link.can_unfile = link.user_id == self.env.user or link._is_governed()

    def _get_record_data(self):
        """Return a dict: what is shown of the record of each of these links.

        Of one that is gone its last name, and in ``gone`` what became of it.
        """
        names = self._get_present_names()
        return {
            link: {
                "link_id": link.id,
                "res_model": link.res_model,
                "res_id": link.res_id,
                "name": names.get(link) or link.res_name or "",
                "automatic": link._get_cause(),
                "gone": False if link in names else link._describe_loss(),
            }
            for link in self
        }

    def _get_cause(self):
        """Return what archived the email, "follow" or "rule"; False for a person."""
        return (self.follow_id and "follow") or (self.rule_id and "rule") or False

    def action_open_record(self):
        """Open the record that the message is attached to."""
        self.ensure_one()
        self.check_access("read")
        if not self._get_record():
            raise UserError(self._describe_loss())
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _describe_loss(self):
        """Return a sentence about what happened to the record."""
        values = {"name": self.res_name, "date": fields.Date.to_string(self.gone_at)}
        if self.record_state == THERE or not self.gone_by_id:
            return self.env._("The record “%(name)s” no longer exists.", **values)
        if self.record_state == DELETED:
            # sudo: the name of a colleague who may have left
            values["user"] = self.gone_by_id.sudo().name
            return self.env._(
                "The record “%(name)s” was deleted by %(user)s on %(date)s.", **values
            )
        return self.env._(
            "The record “%(name)s” was removed with its app, which was uninstalled on "
            "%(date)s.",
            **values,
        )

    @api.model
    def _create_anew(self, values):
        """Create links to one record that were not there when this transaction began.

        :raises ConcurrencyError: somebody attached one of the messages meanwhile; Odoo
            then does the whole request again, which sees that it is attached already
        """
        try:
            with self.env.cr.savepoint():
                for one in values[:1]:
                    self._hold_records(one["res_model"], [one["res_id"]])
                links = self.create(values)
                links.mailbox_message_id._mark_needed()
                return links
        except UniqueViolation as error:
            raise ConcurrencyError("attached by somebody else meanwhile") from error

    def _free(self, mailboxes, roles):
        """Free those links of a private mailbox that are archived from another one now.

        They show the message to whoever may open the record from then on, as a new link
        would.

        :param mailboxes: message → the mailbox that it is archived from now
        :param roles: whom it is for now; a message that is for more people stays bonded
        :return: the links that were freed
        """
        freed = self.browse()
        for link in self.filtered(lambda link: link.mailbox_id.private):
            message = link.mailbox_message_id
            mailbox = mailboxes[message]
            fits = not roles or (message.role_ids and message.role_ids <= roles)
            if mailbox and not mailbox.private and fits:
                link.mailbox_id = mailbox
                freed += link
        return freed

    def action_unfile(self):
        """Remove the links; the messages stay, archived as long as others are left."""
        self.check_access("read")
        if not all(link.can_unfile for link in self):
            self._refuse_unfile()
        history = self.env["mail.mailbox.history"]
        mark = history._get_mark()
        before = {
            link: {
                "user": link.user_id.id,
                "roles": link.mailbox_message_id.role_ids.ids,
                "cause": {name: int(link[name]) for name in CAUSES},
            }
            # sudo: what the system keeps, to be undone
            for link in self.sudo()
        }
        # sudo: links are removed by the system alone, after the check above
        lines = history._note_links("unfiled", self, before)
        states = lines.mailbox_message_id._get_states()
        listed = self.sudo()._remove().grouped("mailbox_message_id")
        for line in lines:
            arrivals = listed.get(
                line.mailbox_message_id, self.env["mail.mailbox.arrival"]
            )
            changed = line.mailbox_message_id._get_changed_states(states)
            line.before = {**line.before, "listed": arrivals.ids, "states": changed}
        return history._tell_done("info", self.env._("Detached."), mark)

    def _refuse_unfile(self):
        raise AccessError(
            self.env._(
                "Only the person who attached an email, the mailbox's users or a mail "
                "administrator can detach it."
            )
        )

    def _remove(self):
        """Remove the links; a message left without any goes back to the Queue's rules.

        It loses its roles and, when it had left the Queue already, is listed there anew
        in the mailbox it was archived from, so that nobody's slip hides it from all.

        :return: the arrivals that list them anew
        """
        sources = {link.mailbox_message_id: link.mailbox_id for link in self}
        self.unlink()
        left = self.env["mail.mailbox.message"].browse(
            [message.id for message in sources if not message.link_ids]
        )
        left.filtered("role_ids").role_ids = [Command.clear()]
        return self.env["mail.mailbox.arrival"].create(
            [
                {
                    "mailbox_id": sources[message].id,
                    "mailbox_message_id": message.id,
                    "internal_date": message.date or fields.Datetime.now(),
                    "seen": True,
                }
                for message in left
                if sources[message] and not message.arrival_ids
            ]
        )
