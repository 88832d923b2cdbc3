from odoo import api, fields, models
from odoo.tools import SQL, human_size


def in_words(size):
    """Return a number of bytes for people; also none, of which Odoo says False."""
    return human_size(size) or "0 bytes"


class MailMailboxSpace(models.Model):
    """How much storage emails take, as they come and go.

    Each row adds to the sums: what changes is inserted, so that workers who fetch at
    the same time wait for nobody. The nightly cleaning adds the rows up.
    """

    _name = "mail.mailbox.space"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _description = "Storage of Emails"
    _log_access = False
    _written_by_system = True

    mailbox_id = fields.Many2one("mail.mailbox", ondelete="cascade")
    stored = fields.Float(digits=(20, 0), help="Bytes of emails, each counted once.")
    copied = fields.Float(
        digits=(20, 0),
        help="Bytes they would take, stored in each mailbox and on each record.",
    )
    freed = fields.Float(digits=(20, 0), help="Bytes that retention rules removed.")

    @api.model
    def _note(self, rows):
        """Note changes, as tuples: mailbox id or None, stored, copied, freed bytes."""
        rows = [row for row in rows if any(row[1:])]
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.env.cr.execute(
                SQL(
                    "INSERT INTO mail_mailbox_space (mailbox_id, stored, copied, freed)"
                    " SELECT * FROM unnest(%s::int[], %s::float[], %s::float[],"
                    " %s::float[])",
                    *columns,
                )
            )

    @api.model
    def _get_sums(self):
        """Return the bytes stored, saved by storing once, and freed by rules."""
        rows = self.env.execute_query(
            SQL("SELECT sum(stored), sum(copied), sum(freed) FROM mail_mailbox_space")
        )
        stored, copied, freed = (value or 0 for value in rows[0])
        return stored, max(0, copied - stored), freed

    @api.model
    def _describe(self):
        stored, saved, freed = map(in_words, self._get_sums())
        return self.env._(
            "%(stored)s stored; %(saved)s saved by storing each email once; %(freed)s "
            "freed by retention rules",
            stored=stored,
            saved=saved,
            freed=freed,
        )

    @api.autovacuum
    def _add_up(self):
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (DELETE FROM mail_mailbox_space RETURNING *)
                INSERT INTO mail_mailbox_space (mailbox_id, stored, copied, freed)
                SELECT mailbox_id, sum(stored), sum(copied), sum(freed)
                  FROM gone GROUP BY mailbox_id
                """
            )
        )


class MailMailboxMessage(models.Model):
    _inherit = "mail.mailbox.message"

    stored_size = fields.Float(
        "Stored (bytes)", digits=(20, 0), readonly=True, copy=False
    )

    def _count_stored(self):
        """Note how many bytes are stored of these messages, and what that changes."""
        before = {message.id: message.stored_size for message in self}
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE mail_mailbox_message AS message SET stored_size = kept.size
                  FROM (SELECT res_id, sum(file_size) AS size FROM ir_attachment
                         WHERE res_model = %s AND res_field = 'source'
                           AND res_id = ANY(%s) GROUP BY res_id) AS kept
                 WHERE message.id = kept.res_id RETURNING message.id, kept.size
                """,
                self._name,
                self.ids,
            )
        )
        self.invalidate_recordset(["stored_size"])
        change = sum(int(size) - before[one] for one, size in rows)
        self.env["mail.mailbox.space"]._note([(None, change, 0, 0)])
        # those that were stored otherwise before are listed and archived already
        former = {one: int(size) - before[one] for one, size in rows if before[one]}
        for message in self.browse(former):
            message._note_copies(former[message.id])

    def _note_copies(self, change):
        """Note that each copy of this message would take ``change`` bytes more."""
        rows = [(None, 0, change, 0) for _link in self.link_ids]
        rows += [(a.mailbox_id.id, 0, change, 0) for a in self.arrival_ids]
        self.env["mail.mailbox.space"]._note(rows)

    def unlink(self):
        # the database removes links with their message
        # sudo: what one may not see takes room as well
        gone = [(None, -m.stored_size, 0, 0) for m in self.sudo()]
        self.sudo().link_ids._note_space(-1)
        result = super().unlink()
        self.env["mail.mailbox.space"]._note(gone)
        return result


class MailMailboxArrival(models.Model):
    _inherit = "mail.mailbox.arrival"

    def _after_create(self):
        self._note_space(1)
        super()._after_create()

    def unlink(self):
        self._note_space(-1)
        return super().unlink()

    def _note_space(self, sign):
        # sudo: what one may not see takes room as well
        rows = self.sudo()
        self.env["mail.mailbox.space"]._note(
            [
                (
                    mailbox.id,
                    0,
                    sign * sum(a.mailbox_message_id.stored_size for a in mine),
                    0,
                )
                for mailbox, mine in rows.grouped("mailbox_id").items()
            ]
        )


class MailMailboxLink(models.Model):
    _inherit = "mail.mailbox.link"

    @api.model_create_multi
    def create(self, vals_list):
        links = super().create(vals_list)
        links._note_space(1)
        return links

    def unlink(self):
        self._note_space(-1)
        return super().unlink()

    def _note_space(self, sign):
        # sudo: what one may not see takes room as well
        size = sum(link.mailbox_message_id.stored_size for link in self.sudo())
        self.env["mail.mailbox.space"]._note([(None, 0, sign * size, 0)])


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    space = fields.Char(compute="_compute_space", help="Of the emails in this mailbox.")

    @api.depends_context("uid")
    def _compute_space(self):
        # as the user: of a mailbox whose contents one may not see, nothing is said
        readable = self.sudo(False)._filter_readable(self.env)
        sums = dict(
            self.env.execute_query(
                SQL(
                    "SELECT mailbox_id, sum(copied) FROM mail_mailbox_space"
                    " WHERE mailbox_id = ANY(%s) GROUP BY mailbox_id",
                    readable.ids,
                )
            )
        )
        for mailbox in self:
            known = mailbox._origin in readable
            mailbox.space = known and human_size(sums.get(mailbox._origin.id) or 0)
