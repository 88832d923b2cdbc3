from . import mail_mailbox
