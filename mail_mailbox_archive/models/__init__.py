from . import mailbox
from . import messages
from . import receiving
from . import archiving
from . import keeping
from . import sending
from . import autoresponder
from . import teamwork

# the last one: what it stands above in a model is ours, what stands above it is not
from .messages import reaction
