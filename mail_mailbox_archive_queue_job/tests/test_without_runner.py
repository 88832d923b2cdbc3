"""A server whose job runner nobody started: emails come all the same."""

from email.message import EmailMessage

from odoo.addons.mail_mailbox_archive_tests.tests.outside.case import OutsideCase

LOGIN = "late_runner"
CRON = "mail_mailbox_archive.ir_cron_poll_1"
JOBS = "SELECT state FROM queue_job WHERE model_name = 'mail.mailbox'"
#: As if it had been waiting since yesterday.
WAIT = (
    "UPDATE queue_job SET date_created = date_created - interval '1 day'"
    " WHERE model_name = 'mail.mailbox'"
)


class TestWithoutRunner(OutsideCase):
    def test_the_scheduled_action_fetches_and_health_says_why(self):
        anna = self.person("late_anna")
        box = self.mailbox(f"{LOGIN}@spedbud.example", anna)
        mail = EmailMessage()
        mail["From"], mail["Subject"] = "Bob <bob@spostex.example>", "Waiting"
        mail["Message-ID"] = "<late-1@spostex.example>"
        mail.set_content("Is anybody there?")
        self.dovecot.deliver(LOGIN, mail.as_bytes())

        self.odoo.wake(CRON)
        states = self.wait(lambda: self.odoo.sql(JOBS), "the job")
        self.assertEqual({state for (state,) in states}, {"pending"})
        mine = [("mailbox_id", "=", box)]
        self.assertFalse(anna.search_read("mail.mailbox.arrival", mine, "id"))
        problem = anna.fields("mail.mailbox", box, "schedule_problem")
        self.assertFalse(problem["schedule_problem"])

        self.odoo.sql(WAIT)
        self.odoo.wake(CRON)
        (arrival,) = self.wait(
            lambda: anna.search_read("mail.mailbox.arrival", mine, "subject"),
            "the email",
        )
        self.assertEqual(arrival["subject"], "Waiting")
        problem = anna.fields("mail.mailbox", box, "schedule_problem")
        self.assertIn("job queue", problem["schedule_problem"])
