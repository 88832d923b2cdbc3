from . import mail_mailbox_content
from . import mail_mailbox_oauth
from . import mail_mailbox_hook
from . import mail_mailbox_viewer
from . import mail_mailbox_export
