from datetime import timedelta, timezone

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import is_html_empty
from odoo.tools.misc import format_datetime

from odoo.addons.base.models.res_partner import _tz_get

from ...mailcore.addresses import address, sender_name
from ...mailcore.autoreply import autoreply_message, schedule
from ...mailcore.autoreply.autoreply import Withhold
from ...mailcore.autoreply.autoreply_message import Template
from ...mailcore.autoreply.schedule import Window
from ..mailbox.fields import aware_utc
from .sentences import REASONS

PREFIXES = {"none": "", "re": "Re:", "auto": "Auto:"}
#: How far working hours are looked at, for the status and for the start of a window.
HORIZON = timedelta(days=35)
MAX_DAYS = 90


class MailMailbox(models.Model):
    """The autoresponder: what it says and when; its journal says to whom."""

    _inherit = "mail.mailbox"

    autoresponder_enabled = fields.Boolean("Send automatic replies", tracking=True)
    autoresponder_since = fields.Datetime(readonly=True, copy=False)
    autoresponder_paused = fields.Boolean(readonly=True, copy=False, tracking=True)
    autoresponder_subject = fields.Char("Subject", default="{{subject}}")
    autoresponder_prefix = fields.Selection(
        [("re", "Re:"), ("auto", "Auto:"), ("none", "Nothing")],
        string="Prefix for the subject",
        default="re",
        required=True,
    )
    autoresponder_content = fields.Html(
        "Content",
        sanitize_style=True,
        help="You can use {{first_name}} and {{last_name}} of the responsible "
        "person, and {{subject}} and {{sender}} of the email being answered.",
    )
    autoresponder_when = fields.Selection(
        [
            ("always", "Always, until it is turned off"),
            ("periods", "In the periods below"),
            ("hours", "Outside working hours"),
            ("both", "In the periods below, and outside working hours"),
        ],
        string="When",
        default="always",
        required=True,
        tracking=True,
    )
    autoresponder_period_ids = fields.One2many(
        "mail.mailbox.autoresponder.period", "mailbox_id", string="Periods", copy=False
    )
    autoresponder_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working hours",
        check_company=True,
        ondelete="restrict",
        help="Its public holidays count as time outside working hours.",
    )
    autoresponder_tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Periods and working hours use this time zone.",
    )
    autoresponder_days = fields.Integer(
        "Days between two replies",
        default=7,
        help="To the same sender.",
    )
    autoresponder_addresses = fields.Char(
        "Other addresses of the mailbox",
        help="Emails forwarded here from these addresses get automatic replies as "
        "well. Separate the addresses by commas.",
    )
    autoresponder_status = fields.Char(
        "Status", compute="_compute_autoresponder_status", compute_sudo=True
    )
    autoresponder_preview = fields.Html(
        "Preview", compute="_compute_autoresponder_preview"
    )
    autoresponders_off = fields.Boolean(compute="_compute_autoresponders_off")

    _check_autoresponder_days = models.Constraint(
        f"CHECK(autoresponder_days BETWEEN 1 AND {MAX_DAYS})",
        "The interval between two automatic replies to the same sender must be "
        "between 1 and 90 days.",
    )

    def _compute_autoresponders_off(self):
        self.autoresponders_off = self._are_autoresponders_off()

    @api.model
    def _are_autoresponders_off(self):
        # sudo: a setting of the system, not a secret
        parameter = self.env["ir.config_parameter"].sudo().get_param
        return bool(parameter("mail_mailbox_archive.autoresponders_off"))

    @api.depends(
        "autoresponder_subject",
        "autoresponder_prefix",
        "autoresponder_content",
        "responsible_id",
    )
    def _compute_autoresponder_preview(self):
        for mailbox in self:
            values = mailbox._get_name_values(self.env["res.users"])
            values |= {
                "subject": self.env._("Your offer"),
                "sender": self.env._("Anna Example"),
            }
            subject, content = mailbox._fill_answer(values)
            mailbox.autoresponder_preview = (
                sender_name.fill_html("<p><b>{{subject}}</b></p>", {"subject": subject})
                + content
            )

    def _fill_answer(self, values):
        """Return subject and content of the answer, its variables filled."""
        template = Template(
            self.autoresponder_subject or "",
            str(self.autoresponder_content or ""),
            PREFIXES[self.autoresponder_prefix],
        )
        return autoreply_message.fill(template, values)

    # When it answers

    def _get_answer_windows(self, now):
        """Return the windows in which the mailbox answers, around ``now`` (aware)."""
        self.ensure_one()
        if self.autoresponder_when == "always":
            return (Window(schedule.FIRST),)
        windows = ()
        if self.autoresponder_when in ("periods", "both"):
            periods = self.autoresponder_period_ids
            windows += tuple(period._get_window() for period in periods)
        if self.autoresponder_when in ("hours", "both"):
            windows += self._get_free_windows(now)
        return windows

    def _get_free_windows(self, now):
        # sudo: working hours and holidays, of which only the times are used
        calendar = self.autoresponder_calendar_id.sudo()
        if not calendar:
            return ()
        first, last = now - HORIZON, now + HORIZON
        intervals = calendar._work_intervals_batch(
            first, last, tz=pytz.timezone(self.autoresponder_tz)
        )[False]
        working = [
            (start.astimezone(timezone.utc), end.astimezone(timezone.utc))
            for start, end, _records in intervals
        ]
        return schedule.outside(working, first, last)

    @api.depends_context("lang")
    @api.depends(
        "active",
        "state",
        "autoresponder_enabled",
        "autoresponder_paused",
        "autoresponder_when",
        "autoresponder_period_ids.first_day",
        "autoresponder_period_ids.first_hour",
        "autoresponder_period_ids.last_day",
        "autoresponder_period_ids.last_hour",
        "autoresponder_calendar_id",
        "autoresponder_tz",
    )
    def _compute_autoresponder_status(self):
        for mailbox in self:
            mailbox.autoresponder_status = mailbox._get_autoresponder_status()

    def _get_autoresponder_status(self):
        """Return a sentence: whether the mailbox replies now, until or from when."""
        if not self.autoresponder_enabled or not self.active:
            return self.env._("Off")
        if self._are_autoresponders_off():
            return self.env._("Not replying: turned off for all mailboxes")
        if self.autoresponder_paused:
            return self.env._("Paused: too many automatic replies in an hour")
        if self.state != "ready":
            return self.env._("Not replying: the mailbox is not ready to send")
        now = aware_utc(fields.Datetime.now())
        windows = self._get_answer_windows(now)
        current, following = (
            schedule.current(windows, now),
            schedule.following(windows, now),
        )
        if current is None and following is None:
            return self.env._("Not replying: no upcoming period")
        if current is None:
            return self.env._(
                "Not replying now; next from %s", self._in_words(following.start)
            )
        if withheld := self._get_reason_against_answers():
            return self.env._("Not replying now: %s", withheld)
        if current.end is None:
            return self.env._("Replying until turned off")
        until = self._in_words(current.end)
        if following is None:
            return self.env._("Replying until %s", until)
        return self.env._(
            "Replying until %(until)s; next from %(start)s",
            until=until,
            start=self._in_words(following.start),
        )

    def _get_reason_against_answers(self):
        """Return why a person's mail that came now would get no answer, or ""."""
        decision = self._origin._probe_answer() if self._origin else None
        if not isinstance(decision, Withhold):
            return ""
        return self.env._(REASONS[decision.reason])

    def _in_words(self, moment):
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        return format_datetime(
            self.env, moment, tz=self.autoresponder_tz, dt_format="EEEE d MMM y, H:mm"
        )

    # Bad input

    @api.constrains(
        "autoresponder_enabled",
        "autoresponder_subject",
        "autoresponder_content",
        "autoresponder_when",
        "autoresponder_period_ids",
        "autoresponder_calendar_id",
    )
    def _check_autoresponder(self):
        for mailbox in self:
            mailbox._check_answer_variables()
            if mailbox.autoresponder_enabled and (
                missing := mailbox._get_missing_for_answers()
            ):
                raise ValidationError(missing)

    def _check_answer_variables(self):
        known = autoreply_message.VARIABLES
        for text in (self.autoresponder_subject, self.autoresponder_content):
            if unknown := sender_name.unknown_variables(str(text or ""), known):
                raise ValidationError(
                    self.env._(
                        "The automatic reply of %(email)s contains an unknown "
                        "variable %(unknown)s. Use %(known)s.",
                        email=self.email,
                        unknown=", ".join(unknown),
                        known=", ".join(f"{{{{{name}}}}}" for name in known),
                    )
                )

    def _get_missing_for_answers(self):
        """Return what is missing before the mailbox can answer, None for nothing."""
        when = self.autoresponder_when
        if not (self.autoresponder_subject or "").strip():
            return self.env._("Enter a subject for the automatic reply.")
        if is_html_empty(self.autoresponder_content):
            return self.env._("Enter the text of the automatic reply.")
        if when in ("periods", "both") and not self.autoresponder_period_ids:
            return self.env._("Add a period of automatic replies.")
        if when in ("hours", "both") and not self.autoresponder_calendar_id:
            return self.env._(
                "Choose the working hours; automatic replies are sent outside them."
            )
        return None

    @api.constrains("autoresponder_enabled")
    def _check_autoresponder_sends(self):
        for mailbox in self.filtered("autoresponder_enabled"):
            if not mailbox.provider or mailbox.state != "ready":
                raise ValidationError(
                    self.env._(
                        "%s cannot send automatic replies before it can send. Fill in "
                        "Sending, enter the code that is emailed to the address, and "
                        "then turn on automatic replies.",
                        mailbox.email,
                    )
                )

    @api.constrains("autoresponder_addresses")
    def _check_autoresponder_addresses(self):
        for mailbox in self:
            for one in mailbox._split_addresses():
                if not address.is_valid(one):
                    raise ValidationError(
                        self.env._(
                            "“%s” is not an email address. Write the other addresses "
                            "of the mailbox in full, separated by commas.",
                            one,
                        )
                    )

    def _split_addresses(self):
        words = (self.autoresponder_addresses or "").replace(";", ",").split(",")
        return [word.strip() for word in words if word.strip()]

    # Changes

    def _after_create(self):
        super()._after_create()
        # sudo: since when is the system's to write
        answering = self.sudo().filtered("autoresponder_enabled")
        answering.autoresponder_since = fields.Datetime.now()

    def _before_write(self, vals):
        before = super()._before_write(vals)
        before["silent"] = self.filtered(lambda m: not m.autoresponder_enabled)
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if vals.get("autoresponder_enabled"):
            # sudo: as in creation; mail that came before is not answered
            before["silent"].sudo().write(
                {
                    "autoresponder_since": fields.Datetime.now(),
                    "autoresponder_paused": False,
                }
            )

    def action_resume_autoresponder(self):
        """Resume after too many replies in an hour."""
        self.check_access("write")
        # sudo: whether it pauses is the system's to write
        self.sudo().autoresponder_paused = False
        # sudo: the activity may be another person's
        self.sudo().activity_feedback(
            ["mail_mailbox_archive.mail_activity_autoresponder_paused"]
        )
        return True

    def action_show_autoresponder_journal(self):
        """Open the list of answers sent and withheld."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_mailbox_archive.mail_mailbox_autoresponder_journal_action"
        )
        return action | {"domain": [("mailbox_id", "=", self.id)]}
