"""What an assistant may do with a person's mail, and nothing else.

``mail_mailbox_assistant.py`` is all that an assistant can call. Whatever it asks, the
rights are the person's, a private mailbox stays closed until its people open it, and
each call is noted.
"""

from . import ir_http
from . import mail_mailbox
from . import mail_mailbox_history
from . import mail_mailbox_assistant_call
from . import mail_mailbox_message
from . import mail_mailbox_assistant
