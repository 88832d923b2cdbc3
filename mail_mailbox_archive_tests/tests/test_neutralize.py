from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged

from .common import MailboxCase


@tagged("post_install", "-at_install")
class TestNeutralize(MailboxCase):
    def test_copy_of_a_database_touches_no_mailbox(self):
        self.mailbox.write(
            {
                "imap_enabled": True,
                "imap_host": "imap.example.com",
                "imap_password": "s3cr3t-word",
            }
        )
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(self.mailbox.imap_enabled)
        self.assertFalse(self.mailbox.has_imap_password)
        self.assertFalse(
            self.env["mail.mailbox"].search(self.env["mail.mailbox"]._get_due_domain())
        )
