"""What the users of one mailbox do together: who has a conversation, its state, news.

Holds the conversation of a mailbox, what is shown of it on a line of the Queue, its
news to the screens of others, when somebody who lost access owns nothing any more,
which conversations a filing rule marks as done, when an answer is due and who is
writing one, what is marked as read on the server, blocked senders, figures, and lists
with one line for each conversation.
Nobody calls it; it calls the rooms above.
"""

from . import conversation
from . import archived_news
from . import arrival_team
from . import worked
from . import owner
from . import state
from . import seen_here
from . import seen_there
from . import note
from . import filing_done
from . import blocking
from . import unsubscribing
from . import due
from . import overdue
from . import figure
from . import handing
from . import given
from . import once
from . import writing
from . import line
