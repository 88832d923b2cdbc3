from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.mail_mailbox_archive.models.receiving.poll import RUN_TIME
from odoo.addons.queue_job.job import identity_exact


class MailMailbox(models.Model):
    """The check of a mailbox as a job: a cluster spreads them as it spreads others."""

    _inherit = "mail.mailbox"

    @api.model
    def _poll_due(self, seconds):
        """Queue a job for each mailbox that is due, instead of checking it here.

        Where nobody runs the jobs it is checked here: the claims keep the two apart.
        """
        if self._is_runner_late():
            return super()._poll_due(seconds)
        due = self.search(self._get_due_domain())
        for mailbox in due:
            mailbox._enqueue_poll()
        return len(due), 0

    @api.model
    def _is_runner_late(self):
        """Return whether a check waits in the queue for longer than between two."""
        # sudo: whether jobs of ours wait is no secret
        jobs = self.env["queue.job"].sudo()
        limit = fields.Datetime.now() - timedelta(minutes=self._get_poll_interval())
        return bool(
            jobs.search_count(
                [
                    ("model_name", "=", self._name),
                    ("method_name", "=", "_job_poll"),
                    ("state", "in", ("pending", "enqueued")),
                    ("date_created", "<", limit),
                    # one that is to be tried again waits for its time
                    "|",
                    ("eta", "=", False),
                    ("eta", "<", limit),
                ],
                limit=1,
            )
        )

    @api.model
    def _get_schedule_problem(self):
        problem = super()._get_schedule_problem()
        if problem or not self._is_runner_late():
            return problem
        return self.env._(
            "Checks have been waiting in the job queue for more than %s minutes: its "
            "runner is not running, or has too much to do. Until it catches up, the "
            "scheduled actions fetch the emails. Start the runner, or uninstall the "
            "app “Mail Mailbox Archive: job queue”.",
            self._get_poll_interval(),
        )

    def _enqueue_poll(self):
        """Queue the check of this mailbox, once however often it is asked for."""
        self.ensure_one()
        self.with_delay(
            identity_key=identity_exact, description=f"Fetch mail of {self.email}"
        )._job_poll()

    def _job_poll(self):
        """Fetch the mail of this mailbox: the unit of work of a job.

        The same claim as everywhere guards it, so that a job, a scheduled action of
        another database server's worker and a person's button never meet.
        """
        self._poll(RUN_TIME, only=self.ids)

        def is_due(env):
            due = env["mail.mailbox"]._get_due_domain()
            return env["mail.mailbox"].search_count([("id", "in", self.ids), *due])

        # in a new transaction: this job's one does not see what the check noted
        if self._transact(is_due):
            self._enqueue_poll()
