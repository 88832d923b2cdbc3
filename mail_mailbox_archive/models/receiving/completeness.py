from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.imap.uids import to_ranges


class MailMailboxFolder(models.Model):
    """How much of a folder is here: what the server has is accounted for, all of it."""

    _inherit = "mail.mailbox.folder"

    unreadable_count = fields.Integer("Unreadable", compute="_compute_completeness")
    read_count = fields.Integer(
        "Fetched",
        compute="_compute_completeness",
        help="Emails on the server that were read; some may have left the Queue.",
    )

    @api.depends("message_count", "waiting_count", "older_count", "skipped", "missing")
    def _compute_completeness(self):
        unreadable = dict(
            self.env["mail.mailbox.quarantine"]._read_group(
                [("folder_id", "in", self.ids), ("state", "=", "waiting")],
                ["folder_id"],
                ["__count"],
            )
        )
        for folder in self:
            folder.unreadable_count = unreadable.get(folder._origin, 0)
            rest = folder.waiting_count + folder.older_count + folder.unreadable_count
            read = 0 if folder.skipped else max(0, folder.message_count - rest)
            folder.read_count = read

    @api.model
    def _read_placed(self, mailbox_ids):
        """Return the UIDs held in folders that are gone through once more.

        :return: dict of mailbox id → dict of ``wire_name`` → ranges of UIDs
        """
        placed = {mailbox_id: {} for mailbox_id in mailbox_ids}
        self.env.cr.execute(
            SQL(
                """
                SELECT folder.mailbox_id, folder.wire_name, array_agg(held.uid)
                  FROM mail_mailbox_folder AS folder
                  JOIN LATERAL (
                        SELECT uid FROM mail_mailbox_arrival
                         WHERE folder_id = folder.id AND uid < folder.backfill_uid
                         UNION ALL
                        SELECT uid::bigint FROM mail_mailbox_quarantine
                         WHERE folder_id = folder.id
                           AND uid_validity = folder.uid_validity::varchar
                           AND uid::bigint < folder.backfill_uid
                           AND state = 'waiting' AND NOT coalesce(withheld, false)
                       ) AS held ON true
                 WHERE folder.mailbox_id = ANY(%s) AND folder.backfill_uid > 1
                   AND NOT coalesce(folder.skipped, false)
                 GROUP BY folder.mailbox_id, folder.wire_name
                """,
                list(mailbox_ids),
            )
        )
        for mailbox_id, wire_name, uids in self.env.cr.fetchall():
            placed[mailbox_id][wire_name] = to_ranges(sorted(uids))
        return placed

    def _go_through_again(self):
        """Have the folders read from the top once more; what is held is not fetched."""
        for folder in self.filtered(lambda f: f.next_uid and not f.skipped):
            folder.write({"backfill_uid": folder.next_uid, "last_error": False})


class MailMailbox(models.Model):
    """How much of a mailbox is here, and fetching what is not."""

    _inherit = "mail.mailbox"

    quarantine_ids = fields.One2many(
        "mail.mailbox.quarantine", "mailbox_id", readonly=True
    )
    server_count = fields.Integer("On server", compute="_compute_completeness")
    waiting_count = fields.Integer("Waiting", compute="_compute_completeness")
    unreadable_count = fields.Integer("Unreadable", compute="_compute_completeness")
    today_count = fields.Integer("Today", compute="_compute_completeness")

    @api.depends_context("uid", "tz")
    def _compute_completeness(self):
        # as the user: of a mailbox whose contents one may not see, all sums are zero
        folders = self.env["mail.mailbox.folder"]._read_group(
            [("mailbox_id", "in", self.ids), ("skipped", "=", False)],
            ["mailbox_id"],
            ["message_count:sum", "waiting_count:sum"],
        )
        known = {mailbox: sums for mailbox, *sums in folders}
        mine = [("mailbox_id", "in", self.ids)]
        unreadable = dict(
            self.env["mail.mailbox.quarantine"]._read_group(
                [*mine, ("state", "=", "waiting")], ["mailbox_id"], ["__count"]
            )
        )
        today = dict(
            self.env["mail.mailbox.arrival"]._read_group(
                [*mine, ("internal_date", ">=", "today")], ["mailbox_id"], ["__count"]
            )
        )
        for mailbox in self:
            one = mailbox._origin
            mailbox.server_count, mailbox.waiting_count = known.get(one, (0, 0))
            mailbox.unreadable_count = unreadable.get(one, 0)
            mailbox.today_count = today.get(one, 0)

    def action_fetch_missing(self):
        """Go through the folders once more, newest first; fetch what is not here.

        What is here is not fetched a second time, and what left the Queue stays away.
        """
        self.check_access("read")
        # as the user: folders and messages of a private mailbox are its people's
        mine = [("mailbox_id", "in", self.ids)]
        folders = self.env["mail.mailbox.folder"].search(mine)
        self.env["mail.mailbox.quarantine"].search(mine)._read_again()

        def work(env):
            env["mail.mailbox.folder"].browse(folders.ids)._go_through_again()
            # whoever reads them now would put the old place of reading back
            env["mail.mailbox"].browse(folders.mailbox_id.ids)._revoke_claim()

        self._transact(work)
        return self.action_check()

    def action_show_unreadable(self):
        """Open the messages of these mailboxes that could not be read."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_mailbox_archive.mail_mailbox_quarantine_action"
        )
        return action | {"domain": [("mailbox_id", "in", self.ids)]}
