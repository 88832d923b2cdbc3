from . import mail_mailbox_content
from . import mail_mailbox_email
from . import mail_mailbox_provider
from . import mail_mailbox_viewer
from . import mail_mailbox_export
