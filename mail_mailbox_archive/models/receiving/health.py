import functools
from datetime import datetime, timedelta, timezone

import psutil

from odoo import api, fields, models
from odoo.tools import SQL, config

from ...mailcore.errors import FolderGone, LoginRefused
from ...mailcore.retry import RetryPolicy
from ...mailcore.text import safe_text
from ..mailbox.fields import aware_utc
from ..mailbox.res_config_settings import read_number
from .health_notice import PATIENCE
from .sentences import NEEDS_PERSON, NOT_REACHED, TELLING, Names, fill, find_sentence

#: One minute, doubling to an hour; the third refused login in a row is the last, so
#: that the provider does not lock the account.
POLICY = RetryPolicy(
    first=timedelta(minutes=1), factor=2, limit=timedelta(hours=1), auth_limit=3
)


#: Until folders that had no turn have theirs, where there are too many for one check.
TURN = timedelta(seconds=30)
#: A mailbox that waits for three checks longer than it should is behind.
LATE = timedelta(minutes=3)


class MailMailbox(models.Model):
    """How fetching goes, in words, and who is notified when it fails."""

    _inherit = "mail.mailbox"

    last_check = fields.Datetime("Last check", readonly=True, copy=False)
    last_success = fields.Datetime("Last success", readonly=True, copy=False)
    failed_checks = fields.Integer(readonly=True, copy=False)
    refused_logins = fields.Integer(readonly=True, copy=False)
    stopped = fields.Boolean(
        readonly=True,
        copy=False,
        default=False,
        help="Checking is suspended until the settings change or someone checks it "
        "manually.",
    )
    # which server answers what on which port is nothing for everybody: with a host of
    # their choice in the form, people could look around in the network
    error_code = fields.Char(
        readonly=True, copy=False, groups="mail_mailbox_archive.group_manager"
    )
    error_detail = fields.Char(
        readonly=True, copy=False, groups="mail_mailbox_archive.group_manager"
    )
    last_error = fields.Text(
        "Last error", compute="_compute_last_error", compute_sudo=True
    )
    health = fields.Selection(
        [
            ("new", "Not checked yet"),
            ("good", "Working"),
            ("slow", "Behind"),
            ("failing", "Trying again"),
            ("stopped", "Stopped"),
            ("off", "Off"),
        ],
        compute="_compute_health",
        compute_sudo=True,
    )
    schedule_problem = fields.Text(compute="_compute_schedule_problem")
    unread_count = fields.Integer(
        "Unread",
        compute="_compute_unread_count",
        help="On the server, in the folders that are not skipped.",
    )
    check_requested_by = fields.Many2one("res.users", readonly=True, copy=False)
    incident_since = fields.Datetime(
        readonly=True, copy=False, help="The responsible person was notified that day."
    )

    @api.depends_context("lang", "uid")
    @api.depends("error_code", "error_detail", "quarantine_ids.culprit")
    def _compute_last_error(self):
        aside = self._get_aside_sentences()
        for mailbox in self:
            mailbox.last_error = (
                mailbox._get_error_sentence()
                if mailbox.error_code
                else aside.get(mailbox._origin.id)
            )

    def _get_aside_sentences(self):
        """Return what rules and other add-ons did to new mail, by mailbox id."""
        rows = self.env["mail.mailbox.quarantine"]._read_group(
            [
                ("mailbox_id", "in", self.ids),
                ("state", "in", ("waiting", "reaction")),
                ("culprit", "!=", False),
            ],
            ["mailbox_id"],
            ["culprit:array_agg", "__count"],
        )
        return {
            mailbox.id: self.env._(
                "%(culprit)s failed on %(count)s new emails: see Unreadable emails. "
                "It is rerun automatically; have it fixed.",
                culprit=", ".join(sorted(set(culprits))),
                count=count,
            )
            for mailbox, culprits, count in rows
        }

    @api.depends(
        "active",
        "imap_enabled",
        "stopped",
        "error_code",
        "last_success",
        "next_poll_at",
    )
    def _compute_health(self):
        late = fields.Datetime.now() - self._get_poll_interval() * LATE
        for mailbox in self:
            if not mailbox.active or not mailbox.imap_enabled:
                mailbox.health = "off"
            elif mailbox.stopped:
                mailbox.health = "stopped"
            elif mailbox.error_code:
                mailbox.health = "failing"
            elif (mailbox.next_poll_at or late) < late:
                mailbox.health = "slow"
            else:
                mailbox.health = "good" if mailbox.last_success else "new"

    @api.depends_context("lang")
    def _compute_schedule_problem(self):
        self.schedule_problem = self._get_schedule_problem()

    @api.model
    def _get_schedule_problem(self):
        """Return why nothing is sent or fetched on this server at all, or False."""
        if config["max_cron_threads"]:
            return False
        # sudo: the time of the last run is not a secret
        cron = self.env.ref("mail_mailbox_archive.ir_cron_outbox").sudo()
        if cron.lastcall and cron.lastcall > _get_server_start():
            # by another server of this database
            return False
        return self.env._(
            "This server runs no scheduled actions (max_cron_threads = 0), so no "
            "emails are sent or fetched. Set max_cron_threads to 2 or more in "
            "odoo.conf, or run them on another server of this database."
        )

    @api.depends_context("uid")
    @api.depends("folder_ids.unseen_count")
    def _compute_unread_count(self):
        # as the user: of a mailbox whose contents one may not see, the sum is zero
        counts = dict(
            self.env["mail.mailbox.folder"]._read_group(
                [("mailbox_id", "in", self.ids), ("skipped", "=", False)],
                ["mailbox_id"],
                ["unseen_count:sum"],
            )
        )
        for mailbox in self:
            mailbox.unread_count = counts.get(mailbox._origin, 0)

    def _get_error_sentence(self):
        """Return what went wrong and what to do about it, for the person who asks."""
        self.ensure_one()
        return self._get_sentence(self.error_code, self.error_detail)

    def _get_sentence(self, code, detail=""):
        """Return what an error's ``code`` means, with the server's own words."""
        sentence = find_sentence(code, detail)
        if code in TELLING and not self._is_manager():
            sentence, detail = NOT_REACHED, ""
        sentence = fill(self.env, sentence, self._get_names())
        if detail:
            sentence += "\n" + self.env._("The server says: %s", detail)
        return sentence

    def _get_names(self, sending=False):
        """Return what a sentence about an error of this mailbox may name.

        :param sending: it is about the server that sends, not the one that receives
        """
        self.ensure_one()
        if sending:
            # sudo: people see the name of the account that sends their emails
            host = self.smtp_host or self.sudo().sending_account_id.display_name
            port, login = self.smtp_port, self.smtp_login
        else:
            host, port, login = self.imap_host, self.imap_port, self.imap_login
        return Names(
            host=host or "",
            port=port,
            login=login or self.email,
            email=self.oauth_account or self.email,
            provider=self.oauth_provider_id.name or host or "",
        )

    def _finish(self, poll, error, unfinished):
        """Note the result of a check and give the mailbox back.

        :param unfinished: the time was used up before the mailbox was read to its end
        """
        self._renew_claim(poll.token)
        error = error or self._judge(poll, unfinished)
        now = fields.Datetime.now()
        values = {
            "lease_until": False,
            "last_check": now,
            "check_requested_by": False,
        }
        following = now
        if not unfinished:
            following += timedelta(minutes=self._get_poll_interval())
        if poll.partial:
            # the other folders have their turn before long
            following = min(following, now + TURN)
        if error is None:
            values |= {
                "last_success": now,
                "next_poll_at": following,
                "failed_checks": 0,
                "refused_logins": 0,
                "error_code": False,
                "error_detail": False,
            }
        else:
            values |= self._prepare_failure_values(error, now)
            if error.code == "folders":
                # the others go on as usual
                values["next_poll_at"] = following
            elif values["next_poll_at"] and error.retry_after is None:
                values["next_poll_at"] = self._in_time(values["next_poll_at"], now)
        self.write(values)
        self._follow_incident(now)
        if poll.changed:
            self._notify_changed()

    def _judge(self, poll, unfinished):
        """Return why a completed check was not a success, None if it was.

        Health is what arrived: it is none when the INBOX, all folders, or more than a
        tenth of what waits could not be read.
        """
        folders = self.env["mail.mailbox.folder"].search(
            [
                ("mailbox_id", "=", self.id),
                ("skipped", "=", False),
                ("missing", "=", False),
            ]
        )
        failed = folders.filtered("last_error")
        if not (unfinished or poll.partial):
            # what was not tried again has nothing to be read any more
            over = failed.filtered(lambda f: f.wire_name not in poll.failures)
            over.write({"last_error": False, "failed_count": 0})
            failed -= over
        lost = sum(failed.mapped("failed_count"))
        waiting = lost + poll.fetched + sum((folders - failed).mapped("waiting_count"))
        inbox = failed.filtered(lambda f: f.role == "inbox")
        if failed and (inbox or failed == folders or lost * 10 > waiting):
            return FolderGone("folders", (inbox or failed)[0].last_error)
        return None

    @api.model
    def _finish_good(self, polls):
        """Note that mailboxes work as they did before, and give them back.

        In one statement past the ORM, since it is how nearly every check ends.

        :return: the ids of those it was noted of; the others have more to tell
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_mailbox AS mailbox
                   SET lease_until = NULL, last_check = %s, last_success = %s,
                       next_poll_at = %s
                  FROM unnest(%s, %s) AS poll(id, token)
                 WHERE mailbox.id = poll.id AND lease_token = token
                   AND active AND imap_enabled
                   AND error_code IS NULL AND check_requested_by IS NULL
                   AND coalesce(failed_checks, 0) = 0
                   AND coalesce(refused_logins, 0) = 0
             RETURNING mailbox.id
                """,
                now,
                now,
                now + timedelta(minutes=self._get_poll_interval()),
                [poll.mailbox_id for poll in polls],
                [poll.token for poll in polls],
            )
        )
        noted = {mailbox_id for (mailbox_id,) in self.env.cr.fetchall()}
        changed = [poll.mailbox_id for poll in polls if poll.changed]
        self.browse(noted.intersection(changed))._notify_changed()
        return noted

    @api.model
    def _get_poll_interval(self):
        return read_number(self.env, "poll_interval")

    def _prepare_failure_values(self, error, now):
        # counted apart: a line that failed twice must not make one refusal the third
        refused = self.refused_logins + isinstance(error, LoginRefused)
        if error.code in NEEDS_PERSON:
            # asking again would change nothing
            refused = POLICY.auth_limit
        failed = self.failed_checks + 1
        attempt = refused if isinstance(error, LoginRefused) else failed
        again = POLICY.decide(attempt, error, aware_utc(now))
        return {
            "failed_checks": failed,
            "refused_logins": refused,
            "error_code": error.code,
            "error_detail": safe_text(error.detail, 500),
            "next_poll_at": again and again.replace(tzinfo=None),
            "stopped": again is None,
        }

    def _get_end_of_patience(self):
        """Return when people are notified of a mailbox that fails until then."""
        return (self.last_success or self.create_date) + PATIENCE

    def _in_time(self, again, now):
        """Return when to check next: ``again``, but once before people are notified."""
        told_at = self._get_end_of_patience()
        return min(again, told_at) if told_at > now else again


@functools.cache
def _get_server_start():
    process = psutil.Process()
    # of several processes, the one that started them
    process = (config["workers"] and process.parent()) or process
    return datetime.fromtimestamp(process.create_time(), timezone.utc).replace(
        tzinfo=None
    )
