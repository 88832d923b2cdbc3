"""Messages as they are stored, read, found and shown.

Holds the message, its source, parts and arrivals, the rule of who may read them, the
search, the viewer, and what makes two messages one. Every room but ``mailbox`` may
call it; it calls ``mailbox`` and ``mailcore``.
"""

from . import reactions
from . import ir_attachment
from . import source
from . import message
from . import message_detail
from . import part
from . import arrival
from . import queue
from . import blocked_sender
from . import envelope
from . import tombstone
from . import identity
from . import search
from . import search_operators
from . import image_consent
from . import viewer
from . import invitation
from . import invitation_words
from . import sealing
from . import signature
from . import card
from . import view_data
from . import packed
from . import attached
from . import reread
from . import inside
from . import inside_run
