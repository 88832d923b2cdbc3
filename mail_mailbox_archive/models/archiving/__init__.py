"""Messages on records: where they are archived, and by what right.

Holds the kinds of records, links and their history, what follows when a record moves
or goes, suggestions, and the tab on a record. ``keeping`` and what is below it may call
it; it calls the rooms above.
"""

from . import record_type
from . import record_detail
from . import link
from . import history
from . import undo
from . import farewell
from . import meanwhile
from . import move
from . import ir_module_module
from . import base
from . import archive
from . import never_archive
from . import audience
from . import name_index
from . import suggestion
from . import evidence
from . import invoice_evidence
from . import follow
from . import habit
from . import filing_rule
from . import filing_condition
from . import filing_rule_target
from . import filing
from . import new_record
from . import tab
from . import by_message_id
from . import filing_address
