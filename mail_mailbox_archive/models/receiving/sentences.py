"""What the codes of ``mailcore.errors`` mean for people, and what to do about them.

Each may name ``%(host)s``, ``%(port)s`` and ``%(login)s`` of the server, ``%(email)s``
of who signs in and ``%(provider)s`` where; :class:`Names` has them all, and
:func:`fill` is the one place where they are filled in.
"""

import re
from dataclasses import asdict, dataclass
from typing import NamedTuple

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

# lazy, because they are translated when somebody reads them
# pylint: disable=prefer-env-translation

SENTENCES = {
    "dns": _lt("There is no server named %(host)s. Check the IMAP server's name."),
    "refused": _lt("%(host)s refuses connections on port %(port)s. Check the port."),
    "timeout": _lt(
        "%(host)s does not respond. We will try again automatically; if this keeps "
        "happening, check the server's name and port."
    ),
    "closed": _lt("%(host)s closed the connection. We will try again automatically."),
    "not_tls": _lt(
        "Port %(port)s of %(host)s does not speak SSL/TLS. Choose STARTTLS, or "
        "the port for SSL/TLS (usually 993)."
    ),
    "needs_tls": _lt(
        "Port %(port)s of %(host)s speaks SSL/TLS only. Choose SSL/TLS as the "
        "connection security."
    ),
    "starttls_missing": _lt(
        "%(host)s does not offer STARTTLS. Choose SSL/TLS and its port (usually 993)."
    ),
    "preauth": _lt(
        "%(host)s accepts connections without a password over an unencrypted line, so "
        "it is not used. Choose SSL/TLS."
    ),
    "certificate_expired": _lt(
        "The certificate of %(host)s has expired. Ask its operator to renew it."
    ),
    "certificate_self_signed": _lt(
        "The certificate of %(host)s is not signed by a known authority. Ask its "
        "operator for a valid one; turn off the verification only for a server of "
        "your own."
    ),
    "certificate_host": _lt(
        "The server's certificate is for a name other than %(host)s. Use the name in "
        "the certificate."
    ),
    "certificate": _lt("The certificate of %(host)s cannot be trusted."),
    "tls_version": _lt(
        "%(host)s offers only outdated encryption. Ask its operator to enable TLS 1.2."
    ),
    "plain_refused": _lt(
        "Without encryption, the password and all emails would cross the network in "
        "clear text. Choose SSL/TLS or STARTTLS; “None” is only for a server in your "
        "own network that odoo.conf lists under allowed_networks."
    ),
    "address_refused": _lt(
        "%(host)s is a server inside a private network, which mailboxes may not "
        "connect to. If it is your own, list its network in odoo.conf: section "
        "[mail_mailbox_archive], allowed_networks."
    ),
    "port_refused": _lt(
        "Port %(port)s is not one of a mail server. Use 993 for SSL/TLS or 143 for "
        "STARTTLS; for a server of your own, list its port in odoo.conf: section "
        "[mail_mailbox_archive], allowed_ports."
    ),
    "throttled": _lt("%(host)s is rate-limiting us. Checking resumes automatically."),
    "protocol": _lt(
        "%(host)s sent an unexpected response. Check that it is an IMAP server."
    ),
    "password": _lt(
        "%(host)s refuses the login %(login)s. Check the login and the password; many "
        "providers require an app password."
    ),
    "expired": _lt(
        "The password of %(login)s has expired. Set a new one at the provider, "
        "then here."
    ),
    "login_disabled": _lt(
        "%(host)s does not accept passwords on this kind of connection. Choose SSL/TLS."
    ),
    "no_password": _lt("No password is set for %(login)s."),
    "key_missing": _lt(
        "The password cannot be decrypted: this system's key is missing or was "
        "replaced. Restore the key, or type the password again."
    ),
    "elsewhere": _lt(
        "The password or sign-in was entered for another server than %(host)s, or for "
        "another sign-in service. Type the password again, or sign in again."
    ),
    "token": _lt(
        "%(host)s refuses the sign-in of %(email)s. Sign in again; if this keeps "
        "happening, ask a mail administrator whether this account may be read over "
        "IMAP."
    ),
    "token_dead": _lt(
        "The sign-in of %(email)s with %(provider)s has expired, for example because "
        "the password was changed. Sign in again."
    ),
    "token_missing": _lt("Nobody has signed in with %(provider)s for %(email)s yet."),
    "wrong_account": _lt(
        "You signed in with another account. Sign in with %(provider)s as %(email)s."
    ),
    "sign_in": _lt(
        "The sign-in with %(provider)s was not completed. Sign in again and allow "
        "access to the emails."
    ),
    "oauth_client": _lt(
        "%(provider)s does not accept this system's registration. Ask a mail "
        "administrator to check the client ID, secret and redirect address of the "
        "sign-in service."
    ),
    "oauth_provider": _lt(
        "%(provider)s, the sign-in service of this mailbox, does not respond. We will "
        "try again automatically."
    ),
    "copy": _lt(
        "This database is a copy, so nothing is fetched or sent. If it replaces the "
        "original, ask a system administrator to confirm this under Settings, Mail."
    ),
    "disk_full": _lt(
        "The disk of Odoo's server is full, so no emails can be stored. Ask its "
        "operator to free some space: nothing is lost, and checking resumes "
        "automatically."
    ),
    "store": _lt("The email could not be stored. The details are in the server's log."),
    "folders": _lt(
        "%(host)s accepts the login but does not let us read all folders: see those "
        "marked red under Receiving. The other folders are fetched; these are retried."
    ),
    "unavailable": _lt(
        "%(host)s cannot check the login %(login)s at the moment. Checking resumes "
        "automatically; see the provider's status page for outages."
    ),
    "limit": _lt(
        "%(host)s allows no more connections or commands for %(login)s at the moment. "
        "Checking resumes automatically; if this keeps happening, close other "
        "programs that read this mailbox."
    ),
    "over_quota": _lt(
        "%(login)s has used up its daily limit at %(host)s, or its storage is full. "
        "Checking resumes automatically; if this keeps happening, delete emails there "
        "or ask the provider for a higher limit."
    ),
    "contact_admin": _lt(
        "%(host)s blocks %(login)s until its operator unblocks it. Sign in on the "
        "provider's website to see the reason, or ask the mail server's administrator."
    ),
    "not_allowed": _lt(
        "%(host)s knows %(login)s, but does not allow this mailbox to be read over "
        "IMAP. Enable IMAP for it in the provider's settings, or ask its "
        "administrator."
    ),
    "smtp_disabled": _lt(
        "Microsoft 365 does not accept passwords for sending from %(login)s. Ask its "
        "administrator to enable “Authenticated SMTP” for this mailbox in the "
        "Microsoft 365 admin center (Active users, Mail, Manage email apps), or sign "
        "in with OAuth."
    ),
    "app_password": _lt(
        "%(host)s requires an app password for %(login)s instead of the usual one. "
        "Create one in the account's security settings at the provider (two-step "
        "verification must be turned on there), and enter it here; or sign in with "
        "OAuth."
    ),
}

#: What a server says beside an error's code, and the sentence that tells more than the
#: code's own: what to do at that provider. The first that fits.
_SAID = (
    (
        re.compile(r"\b5\.7\.139\b|SmtpClientAuthentication is disabled"),
        "smtp_disabled",
    ),
    (
        re.compile(
            r"(?<![\d.])5\.7\.9(?![\d.])|application-specific password|app password",
            re.I,
        ),
        "app_password",
    ),
    (
        re.compile(
            r"\[(?:CONTACTADMIN|WEBALERT)\b|(?<![\d.])5\.7\.14(?![\d.])|web browser",
            re.I,
        ),
        "contact_admin",
    ),
    (re.compile(r"\[(?:AUTHORIZATIONFAILED|NOPERM)\b", re.I), "not_allowed"),
    (re.compile(r"\[UNAVAILABLE\b", re.I), "unavailable"),
    (re.compile(r"\[OVERQUOTA\b", re.I), "over_quota"),
    (re.compile(r"\[LIMIT\b", re.I), "limit"),
)
#: The codes whose sentence what a server says may replace.
_LOGIN_CODES = {"login_disabled", "password", "expired", "throttled", "token"}


def find_said(code, detail=""):
    """Return the sentence for what a server says beside ``code``, None for none."""
    for words, better in _SAID if code in _LOGIN_CODES else ():
        if words.search(detail or ""):
            return SENTENCES[better]
    return None


def find_sentence(code, detail=""):
    """Return the sentence for an error, the one that fits the server's words best."""
    return find_said(code, detail) or SENTENCES.get(code, UNKNOWN)


@dataclass(frozen=True)
class Names:
    """What a sentence may name: a server, who logs in there, and where they sign in."""

    host: str
    port: int = 0
    login: str = ""
    email: str = ""
    provider: str = ""


def fill(env, sentence, names):
    """Return a lazy sentence in the person's words, with its names."""
    text = env._(sentence)
    return text % asdict(names)


#: What does not change by asking again.
NEEDS_PERSON = {
    "elsewhere",
    "token_dead",
    "token_missing",
    "oauth_client",
    "wrong_account",
}

#: What would reveal which servers answer on which ports.
TELLING = {
    "address_refused",
    "closed",
    "needs_tls",
    "not_tls",
    "port_refused",
    "preauth",
    "protocol",
    "refused",
    "starttls_missing",
    "timeout",
}

NOT_REACHED = _lt(
    "%(host)s cannot be used on port %(port)s. Check the server's name, the port and "
    "the connection security; a mail administrator sees the details."
)


class Cause(NamedTuple):
    """What follows from an error of a check.

    :param state: what the mailbox's health is then; a refused login is tried again
        twice before it is "stopped"
    :param told: who is notified when it lasts
    """

    state: str
    told: str


#: What a mailbox's users cannot fix: managers are notified as well.
_OF_THE_SYSTEM = {"disk_full", "store", "internal", "key_missing", "oauth_client"}
_REFUSED = {"password", "login_disabled", "expired", "token", "no_password", "sign_in"}


def get_cause(code):
    """Return what follows from the error ``code``."""
    people = "managers" if code in _OF_THE_SYSTEM else "responsible"
    if code in NEEDS_PERSON:
        return Cause("stopped", people)
    return Cause("third time stopped" if code in _REFUSED else "failing", people)


UNKNOWN = _lt(
    "The check failed because of an internal error. The details are in the server's "
    "log."
)

#: Why a message is in quarantine, and what to do about it.
UNREADABLE = {
    "arrived": _lt("It could be read later and is now in the Queue."),
    "gone": _lt(
        "It could not be fetched in time: the server no longer has it, or its folder "
        "or age is now skipped. Ask its sender to send it again."
    ),
    "withheld": _lt(
        "The server did not deliver all of it. It is requested again automatically; "
        "if this keeps happening, open it in your mail program."
    ),
    "empty": _lt(
        "It is empty. If you expect an email, ask its sender to send it again."
    ),
    "structure": _lt(
        "This is not a valid email. Download its source to look at it; each update of "
        "this add-on tries to read it again."
    ),
    "depth": _lt(
        "It is nested more deeply than any legitimate email and may be malicious. If "
        "you know its sender, ask for it in another form."
    ),
    "parts": _lt(
        "It has more parts than any legitimate email and may be malicious. If you "
        "know its sender, ask for it in another form."
    ),
    "refused": _lt(
        "“%(culprit)s”, which is not part of this add-on, prevented it from being "
        "stored. Have it fixed; the email is then read again automatically."
    ),
    "reaction": _lt(
        "It is in the Queue. “%(culprit)s”, which reacts to new emails, failed on it "
        "and is rerun automatically; have it fixed."
    ),
    "fault": _lt(
        "Reading it failed because of an error in this add-on. Report the error "
        "together with the email's source; each update of this add-on tries to read "
        "it again."
    ),
}
