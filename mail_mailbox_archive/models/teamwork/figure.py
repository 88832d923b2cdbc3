from odoo import api, fields, models
from odoo.tools import SQL

#: Of a number of hours: the middle one, and that within which nine of ten are.
QUANTILES = {"median": 0.5, "ninetieth": 0.9}
#: How long a conversation is open at least, in days, by what it is called.
AGES = (("week", 7), ("days", 3), ("day", 1))


class MailMailboxFigure(models.Model):
    """One row for each conversation that somebody began: what the figures count.

    It begins with the first email that came to the mailbox while it was read, not from
    a blocked sender; its first answer is the first email after it that a person sent
    from there. Read when asked for, so nothing of it is stored, and only of what one
    may read: the rows are kept by the rule of the mailbox's contents.

    A median is not the mean of medians: PostgreSQL takes it of the hours of all rows of
    a group (``percentile_cont``), for each group and each total anew.
    """

    _name = "mail.mailbox.figure"
    _inherit = "mail.mailbox.content"
    _description = "Figures of Mailboxes"
    _auto = False
    _order = "received_at desc, id desc"
    _rec_name = "mailbox_id"

    mailbox_id = fields.Many2one("mail.mailbox", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        "Person",
        readonly=True,
        help="Who sent the first answer; until then, who has the conversation.",
    )
    received_at = fields.Datetime("Received on", readonly=True)
    answered_at = fields.Datetime("First answered", readonly=True)
    received = fields.Integer(readonly=True, aggregator="sum")
    answered = fields.Integer(readonly=True, aggregator="sum")
    open = fields.Integer(readonly=True, aggregator="sum")
    answer_hours = fields.Float(
        "Hours to first answer (median)", readonly=True, aggregator="median"
    )
    answer_hours_most = fields.Float(
        "Hours to first answer (90%)",
        readonly=True,
        aggregator="ninetieth",
        help="Nine of ten first answers came within these hours.",
    )
    age = fields.Selection(
        [
            ("new", "Open for less than a day"),
            ("day", "Open for 1 to 3 days"),
            ("days", "Open for 3 to 7 days"),
            ("week", "Open for more than a week"),
        ],
        "Open for",
        readonly=True,
    )

    @property
    def _table_query(self):
        self.env["mail.mailbox.conversation"].flush_model()
        for name in ("arrival", "message", "sent"):
            self.env[f"mail.mailbox.{name}"].flush_model()
        self.env["mail.mailbox"].flush_model(["company_id"])
        self.env["res.company"].flush_model(["mailbox_figures_of_people"])
        open_ = SQL("coalesce(talk.state, 'open') = 'open' AND answer.at IS NULL")
        hours = SQL("extract(epoch FROM answer.at - came.internal_date)::float8 / 3600")
        ages = SQL(" ").join(
            SQL(
                "WHEN came.internal_date < now() AT TIME ZONE 'UTC' - %s * interval '1"
                " day' THEN %s",
                days,
                age,
            )
            for age, days in AGES
        )
        return SQL(
            """
            SELECT came.id, came.mailbox_id, box.company_id,
                   CASE WHEN coalesce(company.mailbox_figures_of_people, TRUE)
                        THEN CASE WHEN answer.at IS NULL THEN talk.owner_id
                                  ELSE answer.user_id END
                    END AS user_id,
                   came.internal_date AS received_at, answer.at AS answered_at,
                   1 AS received, (answer.at IS NOT NULL)::int AS answered,
                   (%(open)s)::int AS open,
                   %(hours)s AS answer_hours, %(hours)s AS answer_hours_most,
                   CASE WHEN %(open)s THEN CASE %(ages)s ELSE 'new' END END AS age
              FROM mail_mailbox_arrival AS came
              JOIN mail_mailbox_message AS message
                ON message.id = came.mailbox_message_id
              JOIN mail_mailbox AS box ON box.id = came.mailbox_id
              LEFT JOIN res_company AS company ON company.id = box.company_id
              LEFT JOIN mail_mailbox_conversation AS talk
                ON talk.id = came.conversation_id
              LEFT JOIN LATERAL (%(answer)s) AS answer ON TRUE
             WHERE came.direction = 'incoming' AND came.live
               AND came.blocked_id IS NULL AND NOT EXISTS (%(earlier)s)
            """,
            open=open_,
            hours=hours,
            ages=ages,
            answer=_FIRST_ANSWER,
            earlier=_EARLIER,
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(":")
        if function in QUANTILES and name in self._fields:
            return SQL(
                "percentile_cont(%s) WITHIN GROUP (ORDER BY %s)",
                QUANTILES[function],
                self._field_to_sql(self._table, name, query),
            )
        return super()._read_group_select(aggregate_spec, query)


#: The first email of a person of the mailbox after ``came``; automatic ones are none.
_FIRST_ANSWER = SQL(
    """
    SELECT one.internal_date AS at,
           (SELECT sent.user_id FROM mail_mailbox_sent AS sent
             WHERE sent.mailbox_message_id = one.mailbox_message_id
             ORDER BY sent.id LIMIT 1) AS user_id
      FROM mail_mailbox_arrival AS one
     WHERE one.conversation_id = came.conversation_id AND one.direction = 'outgoing'
       AND one.automatic IS NOT TRUE AND one.internal_date >= came.internal_date
     ORDER BY one.internal_date, one.id LIMIT 1
    """
)
#: What came to the mailbox before ``came`` in the same conversation.
_EARLIER = SQL(
    """
    SELECT FROM mail_mailbox_message AS other
      JOIN mail_mailbox_arrival AS earlier ON earlier.mailbox_message_id = other.id
     WHERE message.thread_key <> '' AND other.thread_key = message.thread_key
       AND earlier.mailbox_id = came.mailbox_id AND earlier.direction = 'incoming'
       AND (earlier.internal_date, earlier.id) < (came.internal_date, came.id)
    """
)


class ResCompany(models.Model):
    _inherit = "res.company"

    mailbox_figures_of_people = fields.Boolean(
        "Figures of each person",
        default=True,
        help="Show in the figures of mailboxes who answered. If this is off, nobody "
        "sees the figures of a single person.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    mailbox_figures_of_people = fields.Boolean(
        related="company_id.mailbox_figures_of_people", readonly=False
    )
