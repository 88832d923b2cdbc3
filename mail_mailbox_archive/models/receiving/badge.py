from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: How long an arrival counts as new.
NEW_FOR = timedelta(minutes=5)
#: Circles show no number above 99, so no more than this is ever counted.
CAP = 100
#: Unread emails of blocked senders that are counted in a folder. Where there are more,
#: and nobody reads them, the emails of others are counted instead.
BLOCKED_CAP = 1000
#: An administrator of more mailboxes than this is asked the other way round: from the
#: unread and the new to their mailboxes.
FEW_MAILBOXES = 1000
#: Messages that the drop-down lists.
NEWEST = 8


class MailMailbox(models.Model):
    """The two circles of the top panel: unread on the server, and new right now."""

    _inherit = "mail.mailbox"

    @api.model
    @api.readonly
    def get_badge(self):
        """Return what the circles show to the user.

        One indexed query, whose cost grows with the user's mailboxes, not with the mail
        in them.

        :return: dict of ``unread``, the messages unread on the server in folders that
            are not skipped, and ``ages``, the seconds since each of the newest messages
            came, ascending. Both are capped at :data:`CAP` and leave out what blocked
            senders sent. Other rooms add numbers of theirs. False for who has no mail.
        """
        if not self.env.user.has_group("mail_mailbox_archive.group_user"):
            return False
        now = fields.Datetime.now()
        self.env["mail.mailbox.folder"].flush_model()
        self.env["mail.mailbox.arrival"].flush_model()
        more = self._get_badge_more()
        ((unread, fetched, *rest),) = self.env.execute_query(
            self._get_badge_sql(now - NEW_FOR, more.values())
        )
        return {
            "unread": min(unread or 0, CAP),
            "ages": [max(0, int((now - moment).total_seconds())) for moment in fetched],
            **dict(zip(more, rest, strict=True)),
        }

    @api.model
    def _get_badge_more(self):
        """Return further numbers, by name, in SQL: for the rooms of this add-on."""
        return {}

    @api.model
    def _get_badge_sql(self, since, more=()):
        manager = self._is_manager()
        mailboxes = self._get_badge_mailboxes(FEW_MAILBOXES + 1 if manager else None)
        unread, recent = self._get_few_mailboxes_sql(since)
        if manager:
            few = SQL("(SELECT count(*) FROM mailbox) <= %s", FEW_MAILBOXES)
            many_unread, many_recent = self._get_many_mailboxes_sql(since)
            unread = SQL("CASE WHEN %s THEN %s ELSE %s END", few, unread, many_unread)
            recent = SQL("CASE WHEN %s THEN %s ELSE %s END", few, recent, many_recent)
        return SQL(
            "WITH mailbox AS MATERIALIZED (%s) SELECT %s",
            mailboxes.select(),
            SQL(", ").join((unread, recent, *more)),
        )

    @api.model
    def _get_badge_mailboxes(self, limit=None):
        """Return the query of the active mailboxes whose contents the user may read."""
        mailboxes = self.with_context(active_test=True)
        return mailboxes._search(self._get_readable_domain(), limit=limit)

    @api.model
    def _get_few_mailboxes_sql(self, since):
        """Return both values, asked mailbox by mailbox."""
        unread = SQL(
            "(SELECT sum(count) FROM ("
            " SELECT %s AS count FROM mailbox"
            " JOIN mail_mailbox_folder AS folder ON folder.mailbox_id = mailbox.id"
            " WHERE %s LIMIT %s) AS unread)",
            _unread_count(),
            _unread(),
            CAP,
        )
        recent = SQL(
            "ARRAY(SELECT newest.came FROM mailbox CROSS JOIN LATERAL ("
            " SELECT %s AS came FROM mail_mailbox_arrival"
            " WHERE mailbox_id = mailbox.id AND %s"
            " ORDER BY 1 DESC LIMIT %s) AS newest ORDER BY 1 DESC LIMIT %s)",
            _CAME,
            _recent(since),
            CAP,
            CAP,
        )
        return unread, recent

    @api.model
    def _get_many_mailboxes_sql(self, since):
        """Return both values, asked of all unread folders and new arrivals in turn."""
        allowed = self._get_badge_mailboxes()
        allowed.add_where(SQL("%s = mailbox_id", SQL.identifier(allowed.table, "id")))
        # OFFSET keeps it a look-up per row; joined, all mailboxes would be hashed first
        allowed = SQL("EXISTS (%s OFFSET 0)", allowed.select(SQL("1")))
        unread = SQL(
            "(SELECT sum(count) FROM (SELECT %s AS count"
            " FROM mail_mailbox_folder AS folder WHERE %s AND %s LIMIT %s) AS unread)",
            _unread_count(),
            _unread(),
            allowed,
            CAP,
        )
        recent = SQL(
            "ARRAY(SELECT %s FROM mail_mailbox_arrival WHERE %s AND %s"
            " ORDER BY 1 DESC LIMIT %s)",
            _CAME,
            _recent(since),
            allowed,
            CAP,
        )
        return unread, recent

    @api.model
    @api.readonly
    def get_newest(self):
        """Return the newest messages that the user may read, for the drop-down.

        :return: dict of ``messages``, whose texts are to be escaped by who shows them,
            and ``has_mailbox``, whether there is a mailbox they could come from
        """
        arrivals = self.env["mail.mailbox.arrival"].search(
            [("mailbox_id.active", "=", True), ("blocked_id", "=", False)],
            limit=NEWEST,
        )
        return {
            "messages": [arrival._get_newest_data() for arrival in arrivals],
            "has_mailbox": bool(self.search(self._get_readable_domain(), limit=1)),
        }


class MailMailboxFolder(models.Model):
    _inherit = "mail.mailbox.folder"

    _unread_idx = models.Index(
        "(mailbox_id) INCLUDE (unseen_count)"
        " WHERE unseen_count > 0 AND skipped IS NOT TRUE"
    )


class MailMailboxArrival(models.Model):
    _inherit = "mail.mailbox.arrival"

    _live_idx = models.Index(
        "(mailbox_id, LEAST(internal_date, fetched_at) DESC) WHERE live"
    )

    def _get_newest_data(self):
        self.ensure_one()
        outgoing = self.direction == "outgoing"
        return {
            "id": self.id,
            "subject": self.subject or "",
            "people": (self.email_to if outgoing else self.email_from) or "",
            "direction": self.direction,
            "unread": not outgoing and not self.seen,
            "mailbox": self.mailbox_id.email,
            "color": self.mailbox_id.color or self.mailbox_id.id % 11 + 1,
            "date": fields.Datetime.to_string(self.internal_date),
        }


#: When a message reached the server, whose clock may be ahead of ours; what waited
#: there for a check that came late is not new.
_CAME = SQL("LEAST(internal_date, fetched_at)")


def _unread_count():
    """Return, of a folder, what is unread there without what blocked senders sent."""
    return SQL(
        """
        (SELECT CASE WHEN blocked.count < %(most)s THEN unseen_count - blocked.count
                     ELSE (SELECT count(*) FROM (
                           SELECT FROM mail_mailbox_arrival
                            WHERE folder_id = folder.id AND blocked_id IS NULL
                              AND seen IS NOT TRUE LIMIT %(cap)s) AS other) END
           FROM (SELECT count(*) FROM (
                 SELECT FROM mail_mailbox_arrival
                  WHERE folder_id = folder.id AND blocked_id IS NOT NULL
                    AND seen IS NOT TRUE LIMIT %(most)s) AS line) AS blocked)
        """,
        most=BLOCKED_CAP,
        cap=CAP,
    )


def _unread():
    return SQL("unseen_count > 0 AND skipped IS NOT TRUE AND %s > 0", _unread_count())


def _recent(since):
    return SQL(
        "live AND blocked_id IS NULL AND %s > %s AND"
        " (SELECT skipped FROM mail_mailbox_folder WHERE id = folder_id) IS NOT TRUE",
        _CAME,
        since,
    )
