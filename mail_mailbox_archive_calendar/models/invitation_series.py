"""A series of an invitation as Odoo's calendar holds one."""

from datetime import time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytz

#: Events of one series that Odoo makes at most.
MAX_EVENTS = 720
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: The n-th weekday of a month that Odoo knows.
POSITIONS = ("1", "2", "3", "4", "-1")
#: Days between two events of a series, at least.
SPAN = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}


def get_series_values(invitation, zone):
    """Return the values that make an event of Odoo's repeat as an invitation says.

    :param zone: name of the user's time zone, in which what floats is
    :return: dict; None for what does not repeat, or not in a way that Odoo knows
    """
    rule, when = invitation.recurrence, invitation.when
    if not rule or not when or rule.special or rule.frequency not in SPAN:
        return None
    zone = _get_zone(when, zone)
    days = _get_days(rule, when)
    if days is None or not zone or rule.interval > 999 or _is_too_long(rule, when):
        return None
    values = {
        "recurrency": True,
        "rrule_type": rule.frequency.lower(),
        "interval": rule.interval,
        "event_tz": zone,
        "end_type": "forever",
        **days,
    }
    if rule.until:
        values |= {"end_type": "end_date", "until": _get_last_day(rule, when)}
    elif rule.count:
        values |= {"end_type": "count", "count": rule.count}
    return values


def _get_zone(when, zone):
    """Return the name of the zone whose clocks a series follows, "" for none."""
    where = when.start.tzinfo
    if where is None:
        return zone or "UTC"
    if isinstance(where, ZoneInfo):
        return where.key if where.key in pytz.all_timezones_set else ""
    return "UTC" if where is timezone.utc else ""


def _get_days(rule, when):
    """Return on which days a series is, None where Odoo has no words for it."""
    first = DAYS[when.start.weekday()]
    if rule.frequency == "WEEKLY":
        days = rule.days or (first,)
        # where a week begins counts then, which is the reader's in Odoo
        ambiguous = rule.interval > 1 and len(days) > 1
        if first not in days or not set(days) <= set(DAYS) or ambiguous:
            return None
        return {name: day in days for name, day in zip(NAMES, DAYS, strict=True)}
    if rule.frequency == "MONTHLY":
        if not rule.days:
            return {"month_by": "date", "day": when.start.day}
        position, day = rule.days[0][:-2], rule.days[0][-2:]
        if len(rule.days) > 1 or day != first or not _is_nth(position, when.start):
            return None
        weekday = NAMES[DAYS.index(day)].upper()
        return {"month_by": "day", "byday": position, "weekday": weekday}
    return {} if not rule.days else None


def _is_nth(position, moment):
    """Return whether a day is the n-th of its weekday in its month."""
    if position == "-1":
        return (moment + timedelta(days=7)).month != moment.month
    return position in POSITIONS and int(position) == (moment.day - 1) // 7 + 1


def _get_last_day(rule, when):
    """Return the last day on which a series may have an event."""
    last, start = rule.until, when.start.time()
    # a day without a time is meant with the whole of it
    before = not when.all_day and time() != last.time() < start
    return last.date() - timedelta(days=before)


def _is_too_long(rule, when):
    """Return whether a series has more events than Odoo makes of one."""
    if rule.count:
        return rule.count > MAX_EVENTS
    if not rule.until:
        return False
    first = when.start.replace(tzinfo=None)
    span = (rule.until - first).days / (SPAN[rule.frequency] * rule.interval)
    return span < 0 or span * max(1, len(rule.days)) > MAX_EVENTS


def find_event(events, original, is_day, zone):
    """Return the event of a series that would be at a moment, empty for none.

    :param events: of the series
    :param original: when it would be
    :param is_day: the day of that is known alone
    :param zone: in which days are counted
    """
    # of two the one that nobody moved there
    events = events.sorted(lambda one: not one.follow_recurrence)
    if events[:1].allday:
        return events.filtered(lambda one: one.start_date == original.date())[:1]
    if is_day:
        return events.filtered(
            lambda one: (
                one.start.replace(tzinfo=timezone.utc).astimezone(zone).date()
                == original.date()
            )
        )[:1]
    if original.tzinfo is None:
        original = zone.localize(original)
    moment = original.astimezone(timezone.utc).replace(tzinfo=None)
    return events.filtered(lambda one: one.start == moment)[:1]
