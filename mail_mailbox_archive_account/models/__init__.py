from . import mail_mailbox_part
