"""How long what is kept, and how it goes.

Holds rules of retention and their runs, holds, erasure on request, the space that is
taken, and leaving the files at an uninstallation. It calls the rooms above; nothing is
removed by anybody else.
"""

from . import hold
from . import retention_rule
from . import retention_run
from . import retention_removal
from . import space
from . import copies
from . import erasure
from . import uninstall
