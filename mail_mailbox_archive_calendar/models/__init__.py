from . import invitation_event
from . import mail_mailbox_message
