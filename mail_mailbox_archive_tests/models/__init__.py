from . import mailbox_test_order
