"""From a draft to the recipient, and what became of it.

Holds the draft and its review, the outbox, the gate that decides who may send as whom,
sending accounts and verification, signatures, deliveries and the copy in Sent, and
Odoo's own mail. ``autoresponder`` may call it; it calls the rooms above.
"""

from . import sentences
from . import sender_origin
from . import sending_account
from . import sending_setting
from . import hook
from . import send
from . import verification
from . import advice
from . import gate
from . import claim
from . import proof
from . import alias
from . import signature
from . import sent
from . import delivery
from . import deliver
from . import dispatch
from . import picture
from . import outbox
from . import outbox_writer
from . import outbox_take
from . import outbox_edit
from . import outbox_run
from . import outbox_send
from . import outbox_outcome
from . import quote
from . import correspondent
from . import draft
from . import draft_begin
from . import draft_sender
from . import draft_check
from . import draft_template
from . import draft_plain
from . import draft_review
from . import draft_revision
from . import outbox_review
from . import snippet
from . import completion
from . import reply
from . import invitation_reply
from . import ir_mail_server
from . import mail_message
from . import mail_mail
from . import mail_mail_outcome
from . import mail_mail_gate
from . import mail_mail_private
from . import mail_thread
