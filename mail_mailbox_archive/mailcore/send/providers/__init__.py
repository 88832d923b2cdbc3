"""Who carries a message: one file each, known by its code."""

from .base import (
    Capabilities,
    Provider,
    RecipientResult,
    SendResult,
    codes,
    get,
    register,
)
from . import smtp, sendgrid, emaillabs
