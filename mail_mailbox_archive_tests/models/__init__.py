from . import mailbox_test_order
from . import mailbox_test_hooks
from . import mailbox_test_keeper
