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
        "%(host)s does not answer. It will be tried again; check the server's "
        "name and port if this goes on."
    ),
    "closed": _lt("%(host)s closed the connection. It will be tried again."),
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
        "%(host)s lets anybody in without a password on an unprotected line, so "
        "it is not used. Choose SSL/TLS."
    ),
    "certificate_expired": _lt(
        "The certificate of %(host)s has expired. Ask its operator to renew it."
    ),
    "certificate_self_signed": _lt(
        "The certificate of %(host)s is not signed by a known authority. Ask its "
        "operator for a valid one; only for a server of your own, switch the "
        "verification off."
    ),
    "certificate_host": _lt(
        "The certificate of the server is for another name than %(host)s. Use the "
        "name that the certificate is made for."
    ),
    "certificate": _lt("The certificate of %(host)s cannot be trusted."),
    "tls_version": _lt(
        "%(host)s offers only outdated encryption. Ask its operator to enable TLS 1.2."
    ),
    "plain_refused": _lt(
        "Without encryption the password and all mail would cross the network in "
        "clear. Choose SSL/TLS or STARTTLS; “None” is only for a server of your own "
        "network that odoo.conf lists under allowed_networks."
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
    "throttled": _lt(
        "%(host)s asks us to slow down. The check goes on later by itself."
    ),
    "protocol": _lt(
        "%(host)s answers in a way that is not understood. Check that it is an "
        "IMAP server."
    ),
    "password": _lt(
        "%(host)s refuses the login %(login)s. Check the login and the password; "
        "many providers want an app password."
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
        "The password cannot be opened: this system's key is missing or was "
        "replaced. Restore the key, or type the password again."
    ),
    "elsewhere": _lt(
        "The password or sign-in was entered for another server than %(host)s, or for "
        "another sign-in service. Type the password again, or sign in again."
    ),
    "token": _lt(
        "%(host)s refuses the sign-in of %(email)s. Sign in again; ask a mail "
        "administrator whether this account may be read by IMAP if it goes on."
    ),
    "token_dead": _lt(
        "The sign-in of %(email)s at %(provider)s has ended, for example because the "
        "password was changed. Sign in again."
    ),
    "token_missing": _lt("Nobody signed in at %(provider)s for %(email)s yet."),
    "wrong_account": _lt(
        "You signed in as somebody else. Sign in at %(provider)s as %(email)s."
    ),
    "sign_in": _lt(
        "The sign-in at %(provider)s was not finished. Sign in again and agree to the "
        "access to mail."
    ),
    "oauth_client": _lt(
        "%(provider)s does not accept this system's registration. A mail administrator "
        "checks client ID, secret and redirect address of the sign-in service."
    ),
    "oauth_provider": _lt(
        "%(provider)s, where this mailbox signs in, does not answer. It will be tried "
        "again."
    ),
    "copy": _lt(
        "This database is a copy, so nothing is fetched or sent. If it replaces the "
        "original, a system administrator confirms it under Settings, Mail."
    ),
    "disk_full": _lt(
        "The disk of Odoo's server is full, so no mail can be stored. Have its "
        "operator free some room: nothing is lost, and the check goes on by itself."
    ),
    "store": _lt("The mail could not be stored. The details are in the server's log."),
    "folders": _lt(
        "%(host)s lets us in but does not let us read all of it: see the folders "
        "marked red under Receiving. The other folders are fetched; these are tried "
        "again."
    ),
    "unavailable": _lt(
        "%(host)s cannot check the login %(login)s at the moment. The check goes on "
        "later by itself; the provider's status page says whether there is an outage."
    ),
    "limit": _lt(
        "%(host)s allows no more connections or commands for %(login)s at the moment. "
        "The check goes on later by itself; close other programs that read this "
        "mailbox if this goes on."
    ),
    "over_quota": _lt(
        "%(login)s has used up what %(host)s allows in a day, or its storage is full. "
        "The check goes on later by itself; delete mail there or ask the provider for "
        "more if this goes on."
    ),
    "contact_admin": _lt(
        "%(host)s blocks %(login)s until its operator unblocks it. Sign in on the "
        "provider's website to see the reason, or ask the mail server's administrator."
    ),
    "not_allowed": _lt(
        "%(host)s knows %(login)s, but does not allow this mailbox to be read by IMAP. "
        "Switch IMAP on for it in the provider's settings, or ask its administrator."
    ),
    "smtp_disabled": _lt(
        "Microsoft 365 does not accept passwords for sending from %(login)s. Its "
        "administrator switches “Authenticated SMTP” on for this mailbox in the "
        "Microsoft 365 admin center (Active users, Mail, Manage email apps), or you "
        "sign in with OAuth."
    ),
    "app_password": _lt(
        "%(host)s wants an app password for %(login)s instead of the usual one. Make "
        "one in the account's security settings at the provider (two-step verification "
        "must be on there), and enter it here; or sign in with OAuth."
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
        re.compile(r"\b534[ -]5\.7\.9\b|application-specific password", re.I),
        "app_password",
    ),
    (re.compile(r"\[CONTACTADMIN\b", re.I), "contact_admin"),
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

#: What would tell a stranger which servers answer on which ports.
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
    :param told: who is told when it lasts
    """

    state: str
    told: str


#: What the people of a mailbox cannot mend: managers are told as well.
_OF_THE_SYSTEM = {"disk_full", "store", "internal", "key_missing", "oauth_client"}
_REFUSED = {"password", "login_disabled", "expired", "token", "no_password", "sign_in"}


def get_cause(code):
    """Return what follows from the error ``code``."""
    told = "managers" if code in _OF_THE_SYSTEM else "responsible"
    if code in NEEDS_PERSON:
        return Cause("stopped", told)
    return Cause("third time stopped" if code in _REFUSED else "failing", told)


UNKNOWN = _lt("The check stopped on a fault. The details are in the server's log.")

#: Why a message is in quarantine, and what to do about it.
UNREADABLE = {
    "arrived": _lt("It could be read later and came into the Queue."),
    "gone": _lt(
        "It could not be fetched in time: the server has it no more, or its folder or "
        "its age is left out by now. Ask its sender to send it again."
    ),
    "withheld": _lt(
        "The server did not give all of it. It is asked for again by itself; open it "
        "in your mail program if this goes on."
    ),
    "empty": _lt(
        "There is nothing in it. Ask its sender to send it again if you expect one."
    ),
    "structure": _lt(
        "It does not have the form of an email. Download its source to look at it; "
        "each update of this add-on reads it again."
    ),
    "depth": _lt(
        "It is nested deeper than any real email, as if to harm whoever reads it. If "
        "you know its sender, ask for it in another form."
    ),
    "parts": _lt(
        "It has more parts than any real email, as if to harm whoever reads it. If "
        "you know its sender, ask for it in another form."
    ),
    "refused": _lt(
        "“%(culprit)s”, which is no part of this add-on, did not let it be stored. "
        "Have it mended; the email is read again by itself."
    ),
    "reaction": _lt(
        "It is in the Queue. “%(culprit)s”, which reacts to new emails, failed on it "
        "and is run again by itself; have it mended."
    ),
    "fault": _lt(
        "Reading it failed on a fault of this add-on. Report that with its source; "
        "each update of this add-on reads it again."
    ),
}
