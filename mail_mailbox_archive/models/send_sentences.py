"""What keeps a mail from leaving, for people, and what to do about it.

By the error's code; where a code says little, by its class. They name the same things
as those of ``error_sentences``.
"""

from odoo.tools import LazyTranslate

from ..mailcore import errors
from .error_sentences import SENTENCES, fill

_lt = LazyTranslate(__name__)

# lazy, because they are translated when somebody reads them
# pylint: disable=prefer-env-translation

BY_CODE = {
    "dns": _lt("There is no server named %(host)s. Check the SMTP server's name."),
    "not_tls": _lt(
        "Port %(port)s of %(host)s does not speak SSL/TLS. Choose STARTTLS, or "
        "the port for SSL/TLS (usually 465)."
    ),
    "starttls_missing": _lt(
        "%(host)s does not offer STARTTLS. Choose SSL/TLS and its port (usually 465)."
    ),
    "throttled": _lt(
        "%(host)s asks us to slow down. The mail is sent later by itself."
    ),
    "protocol": _lt(
        "%(host)s answers in a way that is not understood. Check that it is the "
        "right server and port."
    ),
    "key_missing": _lt(
        "The password or key cannot be opened: this system's key is missing or was "
        "replaced. Restore the key, or type the password again."
    ),
    "no_provider": _lt(
        "Nobody delivers mail for %(login)s yet. Choose an email provider on the "
        "mailbox, under Sending."
    ),
    "no_key": _lt("The sending account %(host)s has no key. Type its API key."),
    "rate": _lt(
        "The mailbox has sent as many mails as it may in an hour. The mail is sent "
        "later by itself."
    ),
    "uncertain": _lt(
        "Uncertain: the line to %(host)s broke while it was handed the mail. Nobody "
        "knows whether it left, so it is not sent again by itself."
    ),
    "recipients": _lt("The mail has no recipient with a valid address. Add one."),
}

BY_CLASS = {
    errors.LoginRefused: _lt(
        "%(host)s does not let %(login)s in. Check the login and the password or key."
    ),
    errors.Unsupported: _lt("%(host)s cannot deliver this mail."),
    errors.SendDeferred: _lt(
        "%(host)s did not take the mail now. It is tried again by itself."
    ),
    errors.SendRefused: _lt("%(host)s refused the mail."),
}

UNKNOWN = _lt("The mail did not leave because of a fault on the way to %(host)s.")


def explain(env, error, names):
    """Return the sentence for ``error``, with the provider's own words below.

    :param names: ``error_sentences.Names``
    """
    text = fill(env, _choose(error), names)
    if error.detail:
        text += "\n" + env._("It says: %s", error.detail)
    return text


def _choose(error):
    sentence = BY_CODE.get(error.code)
    if sentence is None and isinstance(
        error, (errors.Unreachable, errors.LoginRefused)
    ):
        sentence = SENTENCES.get(error.code)
    if sentence is not None:
        return sentence
    return next(
        (text for kind, text in BY_CLASS.items() if isinstance(error, kind)), UNKNOWN
    )
