from . import mail_mailbox_content
