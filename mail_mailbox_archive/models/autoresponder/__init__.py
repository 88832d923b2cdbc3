"""Automatic answers: when a mailbox gives one, to whom, and the journal of them.

Holds the settings, periods, the journal and the answer itself. Nobody calls it; it
calls all rooms above, and sends by ``sending`` alone.
"""

from . import sentences
from . import autoresponder
from . import period
from . import journal
from . import answer
