from datetime import timedelta

from markupsafe import Markup

from odoo import models

from ..mailbox.fields import as_text
from .sentences import get_cause

INCIDENT = "mail_mailbox_archive.mail_activity_mailbox_stopped"
#: How long a mailbox that is retried may fail before people are notified: within the
#: hour, also where the scheduled action is some minutes late.
PATIENCE = timedelta(minutes=55)


class MailMailbox(models.Model):
    """Who is notified of trouble: once per incident, and when it is over."""

    _inherit = "mail.mailbox"

    def _follow_incident(self, now):
        """Tell the responsible person once of each incident, and when it is over."""
        # a server that asks for a longer wait is not asked before
        until = max(now, self.next_poll_at or now)
        lasts = now >= self._get_end_of_patience() or until > now + PATIENCE
        if self.stopped or (self.error_code and lasts):
            if not self.incident_since:
                self.incident_since = now
                self._tell_responsible()
        elif self.incident_since and not self.error_code:
            self.incident_since = False
            self.activity_feedback([INCIDENT], feedback=self.env._("It works again."))

    def _tell_responsible(self):
        """Ask those who care for this mailbox to look after it."""
        people = self._get_people_to_tell()
        for person in people:
            self._tell(person)
        if not people:
            self._tell_of_abandoned()

    def _get_people_to_tell(self):
        """Return who is notified of an incident: those who can act on it."""
        people = self._get_caretakers()
        # of a private mailbox nobody else hears
        if get_cause(self.error_code).told == "managers" and not self.private:
            managers = self.env.ref("mail_mailbox_archive.group_manager").all_user_ids
            people |= managers.filtered("active")
        return people

    def _tell(self, person):
        """Ask ``person`` to look after this mailbox."""
        mailbox = self.with_context(lang=person.lang)
        # sudo: in the words that this person would read; the system notifies
        problem = mailbox.with_user(person).sudo().last_error
        summary = mailbox.env._("%s is no longer fetched", self.email)
        if not self.stopped:
            summary = mailbox.env._("%s cannot be fetched for an hour", self.email)
        mailbox.activity_schedule(
            INCIDENT, user_id=person.id, summary=summary, note=problem
        )
        mailbox._mail_responsible(person, summary, problem)

    def _mail_responsible(self, person, subject, problem):
        """Mail ``person``, by Odoo's own server.

        Never through another mailbox, whose people would read of this one.
        """
        address = person.email_normalized
        if not address or address in self._get_own_addresses():
            return
        link = Markup("<p><a href='%s'>%s</a></p>") % (
            f"{self.get_base_url()}/odoo/email-mailboxes/{self.id}",
            self.env._("Open the mailbox"),
        )
        company = self.company_id or self.env.company
        # sudo: the system notifies, and the queue is the system's
        self._get_notifier()["mail.mail"].sudo().create(
            {
                "email_from": company.email_formatted,
                "email_to": person.email_formatted,
                "subject": subject,
                "body_html": as_text(problem) + link,
                "auto_delete": True,
            }
        )
        # sudo: whoever notices it may wake the queue, which does what it always does
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def activity_schedule(self, *args, note="", **kwargs):
        # what a server says is text, whatever it looks like
        if note and not isinstance(note, Markup):
            note = as_text(note)
        return super().activity_schedule(*args, note=note, **kwargs)
