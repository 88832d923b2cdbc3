from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..mailbox.arguments import checked, record_id

#: How long somebody counts as writing after the last sign of life of their browser.
ALIVE = timedelta(minutes=3)


class MailMailboxWriting(models.Model):
    """Somebody has an answer open, beside a conversation of a mailbox.

    Shown to who reads that mailbox, as part of what a line shows of its conversation:
    a name and nothing of the answer. It ends with the draft, when its form is closed,
    or when its browser gives no sign of life any more.
    """

    _name = "mail.mailbox.writing"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _written_by_system = True
    _description = "Answer Being Written"

    draft_id = fields.Many2one("mail.mailbox.draft", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    conversation_id = fields.Many2one(
        "mail.mailbox.conversation", required=True, ondelete="cascade", index=True
    )
    until = fields.Datetime(required=True, index=True)

    _draft_uniq = models.UniqueIndex("(draft_id, user_id)")

    def unlink(self):
        mailboxes = self.conversation_id.mailbox_id
        result = super().unlink()
        mailboxes._notify_worked()
        return result

    @api.model
    def _begin(self, draft, conversation, until):
        """Note that the user writes; also where another tab said so at this moment."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_mailbox_writing
                            (draft_id, user_id, conversation_id, until, create_uid,
                             write_uid, create_date, write_date)
                     VALUES (%(draft)s, %(uid)s, %(conversation)s, %(until)s, %(uid)s,
                             %(uid)s, %(now)s, %(now)s)
                ON CONFLICT (draft_id, user_id) DO UPDATE SET until = EXCLUDED.until
                """,
                draft=draft.id,
                uid=self.env.uid,
                conversation=conversation.id,
                until=until,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()

    @api.model
    def _cron_expire(self):
        """End those that gave no sign of life; look again when the next may end."""
        now = fields.Datetime.now()
        rows = self.search([("until", "<=", now)]).try_lock_for_update()
        rows.unlink()
        if rest := self.search([("until", ">", now)], order="until", limit=1):
            self._expect_end(rest.until)

    @api.model
    def _expect_end(self, until):
        self.env.ref("mail_mailbox_archive.ir_cron_writing")._trigger(until)


class MailMailboxDraft(models.Model):
    """An answer is shown to the users of the mailbox while its form is open."""

    _inherit = "mail.mailbox.draft"

    @checked(one=True, mailbox_id=record_id)
    def note_writing(self, mailbox_id=False):
        """Note that the form of this answer is open, and still in use.

        :param mailbox_id: where the user reads what is answered, when known
        :return: dict of ``arrival_id`` and ``mailbox_id``, the line beside which it is
            shown; False where it is beside none
        """
        self.check_access("write")
        line = self._find_answered_line(mailbox_id)
        if not line:
            return False
        # sudo: noted by the system, for who was found to write and to read the line
        rows = self.env["mail.mailbox.writing"].sudo()
        here = [("draft_id", "=", self.id), ("user_id", "=", self.env.uid)]
        until = fields.Datetime.now() + ALIVE
        if row := rows.search(here):
            row.until = until
        else:
            conversation = line._begin_conversations()
            rows._begin(self, conversation, until)
            rows._expect_end(until)
            conversation.mailbox_id._notify_worked()
        return {"arrival_id": line.id, "mailbox_id": line.mailbox_id.id}

    @checked()
    def stop_writing(self):
        """Note that the form of these drafts is closed.

        Some may be gone by then, or in other hands: what the user noted ends.
        """
        self.browse().check_access("read")
        # sudo: the system's rows, of the user alone
        rows = self.env["mail.mailbox.writing"].sudo()
        here = [("draft_id", "in", self.ids), ("user_id", "=", self.env.uid)]
        rows.search(here).unlink()
        return True

    def _find_answered_line(self, mailbox_id=False):
        """Return the line of the Queue that this answers, of a mailbox the user reads.

        The one that the user looked at counts, then the one it is sent from, then one
        that is not private.
        """
        lines = self.env["mail.mailbox.arrival"]
        if not self.mode.startswith("reply") or not self.origin_id:
            return lines
        # sudo: only of whom the mailbox is; the lines are found as the user
        wanted = [mailbox_id, self.sudo().mailbox_id.id]
        found = lines.search([("mailbox_message_id", "=", self.origin_id.id)])
        return found.sorted(
            lambda one: (
                # sudo: whether it is private, of a mailbox that the user reads
                *(one.sudo().mailbox_id.id != wish for wish in wanted if wish),
                one.sudo().mailbox_id.private,
                one.id,
            )
        )[:1]

    def unlink(self):
        # sudo: the system's rows, of what is sent or discarded
        rows = self.env["mail.mailbox.writing"].sudo()
        rows.search([("draft_id", "in", self.ids)]).unlink()
        return super().unlink()


class MailMailboxArrival(models.Model):
    """A line tells who else is writing an answer."""

    _inherit = "mail.mailbox.arrival"

    @api.model
    def _read_team(self, query):
        self.env["mail.mailbox.writing"].flush_model()
        return super()._read_team(query)

    @api.model
    def _get_team_columns(self, query):
        columns = super()._get_team_columns(query)
        writing = SQL(
            """
            (SELECT coalesce(json_agg(json_build_object(
                        'id', one.user_id, 'name', one.name,
                        'since', to_char(one.since, 'YYYY-MM-DD HH24:MI:SS')
                    ) ORDER BY one.since), '[]')
               FROM (SELECT row.user_id, min(row.create_date) AS since,
                            min(person.name) AS name
                       FROM mail_mailbox_writing AS row
                       JOIN res_users AS writer ON writer.id = row.user_id
                       JOIN res_partner AS person ON person.id = writer.partner_id
                      WHERE row.conversation_id = %s AND row.until > %s
                        AND row.user_id <> %s AND writer.active
                      GROUP BY row.user_id) AS one)
            """,
            SQL.identifier(query.table, "conversation_id"),
            fields.Datetime.now(),
            self.env.uid,
        )
        return {**columns, "writing": writing}
