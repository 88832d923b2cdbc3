from . import mail_mailbox_archive_wizard
from . import mail_mailbox_archive_target
from . import mail_mailbox_roles_wizard
from . import mail_mailbox_break_glass_wizard
from . import mail_mailbox_verify_wizard
from . import mail_mailbox_export_wizard
from . import mail_mailbox_setup_wizard
