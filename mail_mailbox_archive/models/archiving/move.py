from odoo import api, models
from odoo.tools import SQL

from .farewell import DETAILS
from .record_detail import describe


class MailMailboxLink(models.Model):
    """Merged records: what was archived to the removed ones follows."""

    _inherit = "mail.mailbox.link"

    @api.model
    def _move(self, source, target):
        """Move the emails archived to ``source`` to ``target``.

        What merges records calls this before it deletes those that go. Their links then
        lead to the one that stays, with who archived them, the private bond of the
        mailbox they were archived from, the roles of their messages, and a line in the
        history. A message that was on both is on it once.

        :param source: the records that hand over, of one model
        :param target: the one record that takes over, of an enabled model
        :return: the links that lead to ``target`` now and did not before
        """
        target.ensure_one()
        # sudo: what the person who merges may not see follows as well
        moved = self.sudo()._search_about(source - target)._lead_to(target)
        for name in DETAILS:
            if name != self._name:
                # sudo: as the links
                self.env[name].sudo()._search_about(source - target)._point_to(target)
        # sudo: the rule of whoever made it follows
        self.env["mail.mailbox.filing.rule"].sudo()._follow(source - target, target)
        # sudo: a hold binds also those who may not see it
        self.env["mail.mailbox.hold"].sudo()._follow(source - target, target)
        self._watch_merged(source - target, target)
        return moved.sudo(self.env.su)

    def _lead_to(self, target):
        """Lead these links to ``target``; return those that do now."""
        self._hold_records(target._name, target.ids)
        lines = [link._prepare_line(target) for link in self]
        moved = self._fold_into(target)
        moved._point_to(target, renamed=True)
        self.env["mail.mailbox.history"]._note("moved", lines)
        return moved

    def _prepare_line(self, target):
        """Return the line of the history about this link, which goes to ``target``."""
        return {
            "mailbox_message_id": self.mailbox_message_id.id,
            "res_model": target._name,
            "res_id": target.id,
            "mailbox_id": self.mailbox_id.id,
            "note": self.env._("From: %s", self.res_name or self.res_id),
        }

    def _fold_into(self, target):
        """Leave each message one link, of these and those of ``target``.

        Rather one from a mailbox that is not private: it showed the message to whoever
        could open its record.

        :return: those of these links that are left
        """
        here = self._search_about(target)
        left = {}
        for link in (here | self).sorted(
            lambda link: (link.mailbox_id.private, link not in here, link.id)
        ):
            left.setdefault(link.mailbox_message_id, link)
        left = self.browse().concat(*left.values())
        (here + self - left).unlink()
        return self & left


class MailMailboxRecordDetail(models.AbstractModel):
    _inherit = "mail.mailbox.record.detail"

    def _point_to(self, target, renamed=False):
        """Point these rows to ``target``.

        :param renamed: whether they take its name; a line of the history keeps what the
            record was called when it was written
        """
        # sudo: the name is read only by who may open the record
        described = describe(target.sudo())
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET res_model = %s, res_id = %s, res_create_date = %s,"
                " res_name = CASE WHEN %s THEN %s ELSE res_name END WHERE id = ANY(%s)",
                SQL.identifier(self._table),
                described.model,
                target.id,
                described.made[0],
                renamed,
                described.names[0],
                self.ids,
            )
        )
        self.invalidate_recordset()
