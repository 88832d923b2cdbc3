"""What keeps a mail from leaving, for people, and what to do about it.

By the error's code; where a code says little, by its class. They name the same things
as those of ``error_sentences``.
"""

from odoo.tools import LazyTranslate

from ...mailcore import errors
from ..receiving.sentences import SENTENCES, TELLING, fill, find_said

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
    "port_refused": _lt(
        "Port %(port)s is not one of a mail server. Use 465 for SSL/TLS or 587 for "
        "STARTTLS; for a server of your own, list its port in odoo.conf: section "
        "[mail_mailbox_archive], allowed_ports."
    ),
    "token": _lt(
        "%(host)s refuses the sign-in of %(email)s. Sign in again; ask a mail "
        "administrator whether this account may send by SMTP if it goes on."
    ),
    "throttled": _lt(
        "%(host)s is rate-limiting us. The email is sent automatically later."
    ),
    "protocol": _lt(
        "%(host)s sent an unexpected response. Check that it is the right server and "
        "port."
    ),
    "key_missing": _lt(
        "The password or key cannot be decrypted: this system's key is missing or was "
        "replaced. Restore the key, or type the password again."
    ),
    "elsewhere": _lt(
        "The password or key was entered for another server than %(host)s. Type it "
        "again, or sign in again."
    ),
    "no_provider": _lt(
        "No sending provider is set up for %(login)s. Choose an email provider on the "
        "mailbox, under Sending."
    ),
    "no_key": _lt(
        "The sending account %(host)s is incomplete. Enter its API key, or what else "
        "its provider needs."
    ),
    "rate": _lt(
        "The mailbox has reached its limit of emails per hour. The email is sent "
        "automatically later."
    ),
    "uncertain": _lt(
        "Uncertain: the connection to %(host)s broke while the email was being handed "
        "over. It is not known whether it was sent, so it is not resent automatically."
    ),
    "recipients": _lt("The email has no recipient with a valid address. Add one."),
}

BY_CLASS = {
    errors.LoginRefused: _lt(
        "%(host)s refuses the login %(login)s. Check the login and the password or key."
    ),
    errors.Unsupported: _lt("%(host)s cannot deliver this email."),
    errors.SendDeferred: _lt(
        "%(host)s did not accept the email this time. We will try again automatically."
    ),
    errors.SendRefused: _lt("%(host)s refused the email."),
}

UNKNOWN = _lt("The email was not sent because of an error on the way to %(host)s.")


#: What tells apart servers that do not speak SMTP, and those that are not there.
NO_SMTP = TELLING - {"starttls_missing"}

NO_SERVER = _lt(
    "There is no SMTP server at %(host)s, port %(port)s, that can be used. Check the "
    "server's name, the port and the connection security; a Settings administrator "
    "sees the details."
)


def explain(env, error, names):
    """Return the sentence for ``error``, with the provider's own words below.

    :param names: ``error_sentences.Names``
    """
    text = fill(env, _choose(error), names)
    if error.detail:
        text += "\n" + env._("It says: %s", error.detail)
    return text


def _choose(error):
    sentence = find_said(error.code, error.detail) or BY_CODE.get(error.code)
    if sentence is None and isinstance(
        error, (errors.Unreachable, errors.LoginRefused)
    ):
        sentence = SENTENCES.get(error.code)
    if sentence is not None:
        return sentence
    return next(
        (text for kind, text in BY_CLASS.items() if isinstance(error, kind)), UNKNOWN
    )
