from . import test_access
from . import test_archive
from . import test_break_glass
from . import test_mailbox
from . import test_poll
from . import test_poll_errors
from . import test_retention
from . import test_viewer
