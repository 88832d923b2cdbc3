from datetime import timedelta

from babel.dates import get_day_names

from odoo import api, models
from odoo.tools.misc import babel_locale_parse, format_date, format_time, get_lang

#: Events of a series, other than its rule says, that are listed.
MAX_CHANGES = 10
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class MailMailboxMessage(models.Model):
    """What an invitation says, in words of the reader's language and time zone."""

    _inherit = "mail.mailbox.message"

    @api.model
    def _get_invitation_problem(self, name, code):
        if code in ("parts", "depth"):
            return self.env._(
                "“%s” is larger than invitations are, so it is not shown here. "
                "Download it and open it in a calendar.",
                name,
            )
        return self.env._(
            "“%s” contains no event that can be shown here. Download it and open it "
            "in a calendar.",
            name,
        )

    @api.model
    def _get_invitation_headline(self, invitation):
        """Return in a few words what this is: an invitation, a change, a reply."""
        who = invitation.attendees[:1]
        name = (who and (who[0].name or who[0].address)) or self.env._("Somebody")
        status = who[0].status if who else ""
        if invitation.method == "REPLY":
            replies = {
                "ACCEPTED": self.env._("%s has accepted", name),
                "TENTATIVE": self.env._("%s has accepted tentatively", name),
                "DECLINED": self.env._("%s has declined", name),
                "DELEGATED": self.env._("%s has sent somebody else", name),
            }
            return replies.get(status) or self.env._("%s has replied", name)
        if invitation.method == "REQUEST" and invitation.sequence:
            return self.env._("Changed invitation")
        if invitation.status == "CANCELLED":
            return self.env._("Cancelled event")
        return {
            "REQUEST": self.env._("Invitation"),
            "ADD": self.env._("Invitation"),
            "CANCEL": self.env._("Cancelled event"),
            "COUNTER": self.env._("%s proposes another time", name),
            "DECLINECOUNTER": self.env._("The proposed time was declined"),
            "REFRESH": self.env._("%s asks for the details of the event", name),
        }.get(invitation.method) or self.env._("Event")

    @api.model
    def _get_status_word(self, status):
        return {
            "ACCEPTED": self.env._("accepted"),
            "TENTATIVE": self.env._("tentative"),
            "DECLINED": self.env._("declined"),
            "DELEGATED": self.env._("sends somebody else"),
        }.get(status, "")

    # When

    @api.model
    def _describe_when(self, when):
        """Return from when to when, in the reader's time zone."""
        if not when:
            return self.env._("The time cannot be read.")
        start, end = self._get_local(when)
        if when.all_day:
            last = max(start, end - timedelta(days=1))
            days = list(dict.fromkeys(map(self._get_day_words, (start, last))))
            return " – ".join(days)
        begin = f"{self._get_day_words(start)}, {self._get_time_words(start)}"
        if end == start:
            return begin
        if end.date() == start.date():
            return f"{begin} – {self._get_time_words(end)}"
        return f"{begin} – {self._get_day_words(end)}, {self._get_time_words(end)}"

    @api.model
    def _get_local(self, when):
        """Return start and end as clocks show them where the reader is."""
        if when.start.tzinfo is None:
            return when.start, when.end
        return tuple(
            one.astimezone(self.env.tz).replace(tzinfo=None)
            for one in (when.start, when.end)
        )

    @api.model
    def _get_zone_note(self, when):
        """Return which time zone the times are in, and what the organizer wrote."""
        if not when or when.all_day:
            return ""
        if when.unknown:
            return self.env._(
                "In the organizer's time zone “%s”, which is not known here.", when.zone
            )
        if when.floating:
            return self.env._("Local time, the same in every time zone.")
        here = str(self.env.tz)
        if when.start.utcoffset() == when.start.astimezone(self.env.tz).utcoffset():
            return self.env._("Your time zone: %s", here)
        there = when.start.replace(tzinfo=None)
        return self.env._(
            "Your time zone: %(here)s. There it is %(time)s, %(day)s (%(zone)s).",
            here=here,
            time=self._get_time_words(there),
            day=self._get_day_words(there),
            zone=when.zone or "UTC",
        )

    @api.model
    def _get_day_words(self, moment):
        return format_date(self.env, moment.date(), date_format="full")

    @api.model
    def _get_time_words(self, moment):
        return format_time(self.env, moment.time(), time_format="short")

    # How often

    @api.model
    def _describe_recurrence(self, rule):
        """Return how an event repeats, "" for one that does not."""
        if not rule:
            return ""
        words = [self._get_frequency_words(rule.frequency, rule.interval)]
        if names := self._get_day_names(rule.days):
            words.append(self.env._("on %s", ", ".join(names)))
        if rule.count:
            words.append(self.env._("%s times", rule.count))
        if rule.until:
            until = format_date(self.env, rule.until.date())
            words.append(self.env._("until %s", until))
        sentence = ", ".join(words)
        if rule.special or len(names) < len(rule.days):
            return self.env._("%s, with further conditions", sentence)
        return sentence

    @api.model
    def _get_frequency_words(self, frequency, interval):
        if interval > 1:
            words = {
                "DAILY": self.env._("Repeats every %s days", interval),
                "WEEKLY": self.env._("Repeats every %s weeks", interval),
                "MONTHLY": self.env._("Repeats every %s months", interval),
                "YEARLY": self.env._("Repeats every %s years", interval),
            }
        else:
            words = {
                "DAILY": self.env._("Repeats every day"),
                "WEEKLY": self.env._("Repeats every week"),
                "MONTHLY": self.env._("Repeats every month"),
                "YEARLY": self.env._("Repeats every year"),
            }
        return words.get(frequency) or self.env._("Repeats")

    @api.model
    def _get_day_names(self, days):
        """Return the names of weekdays; of "the second Monday" there are none."""
        locale = babel_locale_parse(get_lang(self.env).code)
        names = get_day_names("wide", locale=locale)
        return [names[_DAYS.index(day)] for day in days if day in _DAYS]

    # Where a series differs

    @api.model
    def _get_instance_note(self, invitation):
        """Return that an event is one of a series, "" for any other."""
        one = invitation.occurrence
        if not one:
            return ""
        moved = one.when and one.when.start != one.original
        if not moved or one.is_day:
            return self.env._("One event of a series.")
        return self.env._(
            "One event of a series, instead of the one on %s.",
            self._get_original_words(one, invitation.when),
        )

    @api.model
    def _describe_changes(self, invitation):
        """Return a sentence for each event of a series that is not as the others."""
        shown = invitation.changes[:MAX_CHANGES]
        return [self._describe_change(one, invitation) for one in shown]

    @api.model
    def _describe_change(self, change, invitation):
        original = self._get_original_words(change, invitation.when)
        if not change.when:
            return self.env._("Not on %s", original)
        if change.when.start != change.original and not change.is_day:
            sentence = self.env._(
                "%(when)s, instead of %(original)s",
                when=self._describe_when(change.when),
                original=original,
            )
        else:
            sentence = self._describe_when(change.when)
        others = [
            words
            for words, usual in (
                (change.summary, invitation.summary),
                (change.location, invitation.location),
            )
            if words and words != usual
        ]
        return ": ".join([sentence, ", ".join(others)] if others else [sentence])

    @api.model
    def _get_original_words(self, change, when):
        """Return when an event of a series would be, in the reader's time zone."""
        moment = change.original
        if moment.tzinfo:
            moment = moment.astimezone(self.env.tz)
        if change.is_day or (when and when.all_day):
            return self._get_day_words(moment)
        return f"{self._get_day_words(moment)}, {self._get_time_words(moment)}"
