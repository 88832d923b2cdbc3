"""Who carries a message: one file each, known by its code.

What is named here is for providers of other add-ons, too, and changes only as the
documentation of public names says.
"""

from . import content
from ..delivery import DeliveryEvent
from .base import (
    Capabilities,
    Provider,
    RecipientResult,
    SendResult,
    Setting,
    Settings,
    codes,
    get,
    register,
    reporting,
    same_for_all,
)
from .http_errors import error_of, guard_secret, retry_after, unreachable
from .http_request import ask, read_json
from . import smtp, sendgrid, emaillabs
