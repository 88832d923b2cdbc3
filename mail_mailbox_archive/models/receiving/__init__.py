"""From the server into the Queue.

Holds the account, signing in, the poll and its claims, storing, folders, health and its
sentences, the quarantine, imports, and the numbers that people are told. ``archiving``
and what is below it may call it; it calls ``messages`` and ``mailbox``.
"""

from . import sentences
from . import account
from . import authentication
from . import poll
from . import poll_claim
from . import store
from . import health
from . import health_notice
from . import check
from . import listen
from . import copy_notice
from . import skip_folder
from . import folder
from . import quarantine
from . import quarantine_retry
from . import completeness
from . import progress
from . import oauth_provider
from . import oauth
from . import oauth_state
from . import import_job
from . import badge
from . import news
