from . import test_assistant
from . import test_assistant_process
