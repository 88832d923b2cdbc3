from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...mailcore.autoreply import schedule
from ...mailcore.autoreply.schedule import Window


class MailMailboxAutoresponderPeriod(models.Model):
    """A period in which a mailbox answers automatically, a holiday for one.

    Days and hours on the clock of the mailbox's time zone, not instants: they stay what
    somebody wrote, through changes of the clocks and for readers in other time zones.
    """

    _name = "mail.mailbox.autoresponder.period"
    _inherit = "mail.mailbox.settings.line"
    _description = "Period of Automatic Replies"
    _order = "first_day, first_hour, id"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, ondelete="cascade", index=True
    )
    first_day = fields.Date("From", required=True)
    first_hour = fields.Float("From (time)", default=0.0)
    last_day = fields.Date("Until", required=True)
    last_hour = fields.Float("Until (time)", default=24.0)

    _check_hours = models.Constraint(
        "CHECK(first_hour BETWEEN 0 AND 24 AND last_hour BETWEEN 0 AND 24)",
        "Enter a time of day between 0:00 and 24:00.",
    )

    def _get_window(self):
        self.ensure_one()
        zone = ZoneInfo(self.mailbox_id.autoresponder_tz or "UTC")
        return Window(
            schedule.at(self.first_day, self.first_hour, zone),
            schedule.at(self.last_day, self.last_hour, zone, last=True),
        )

    @api.constrains("first_day", "first_hour", "last_day", "last_hour", "mailbox_id")
    def _check_period(self):
        for period in self:
            window = period._get_window()
            if window.end <= window.start:
                raise ValidationError(
                    self.env._(
                        "A period of automatic replies ends before it starts: "
                        "%(start)s to %(end)s. Set its end after its start.",
                        start=period.mailbox_id._in_words(window.start),
                        end=period.mailbox_id._in_words(window.end),
                    )
                )
        for period in self:
            window = period._get_window()
            for neighbour in period.mailbox_id.autoresponder_period_ids - period:
                if neighbour._get_window().overlaps(window):
                    raise ValidationError(
                        self.env._(
                            "Two periods of automatic replies overlap: one starts "
                            "%(one)s and the other %(other)s. Merge them into one.",
                            one=period.mailbox_id._in_words(window.start),
                            other=period.mailbox_id._in_words(
                                neighbour._get_window().start
                            ),
                        )
                    )

    def write(self, vals):
        if vals.get("mailbox_id"):
            # the rules look at the mailbox it is in, not at the one it goes to
            self.env["mail.mailbox"].browse(vals["mailbox_id"]).check_access("write")
        return super().write(vals)
