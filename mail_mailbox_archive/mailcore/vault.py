"""Secrets at rest: sealed with Fernet, so that a database dump holds no password.

The keys are never in the database; the caller supplies them. A secret is sealed for
the hosts it was entered for and opens for no other: a person who changes a setting
cannot have it sent to a server of their own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PREFIX = "fernet:"
#: Stands before the hosts and before the secret; no secret begins with it.
_MARK = "\0"


class SecretUnreadable(Exception):
    """The key that sealed a secret is not among the keys at hand."""


class SecretElsewhere(SecretUnreadable):
    """The secret was entered for another host, and has to be entered again."""


def host_of(url: str) -> str:
    """Return the host that a URL leads to, with its port unless that is of https.

    "" when it leads nowhere.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ""
    host = plain_host(parts.hostname or "")
    return host if port == 443 or not host else f"{host}:{port}"


def plain_host(host: str) -> str:
    """Return the form in which hosts are compared."""
    return host.strip().lower().rstrip(".")


class Vault:
    """Seals and opens short secrets.

    ``keys`` are url-safe base64 keys of 32 bytes (``Fernet.generate_key``). The first
    one seals, every one may open, so that a key can be replaced without a gap.

    :raises ValueError: a key is malformed or there is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    @staticmethod
    def new_key() -> str:
        """Return a fresh random key."""
        return Fernet.generate_key().decode()

    def seal(self, secret: str, *hosts: str) -> str:
        """Return ``secret`` encrypted, as printable text.

        :param hosts: those it may be sent to; none for what is sent to nobody
        """
        names = dict.fromkeys(plain_host(host) for host in hosts if host)
        payload = _MARK.join(("", json.dumps(list(names)), secret))
        return PREFIX + self._fernet.encrypt(payload.encode()).decode()

    def open(self, sealed: str, host: str = "") -> str:
        """Return the secret that :meth:`seal` was given.

        :param host: to whom it is about to be sent; "" for nobody
        :raises SecretElsewhere: it was sealed for others
        :raises SecretUnreadable: sealed with another key, or damaged.
        """
        hosts, secret = self._read(sealed)
        fits = plain_host(host) in (hosts or ()) if host else not hosts
        if not fits:
            raise SecretElsewhere
        return secret

    def hosts_of(self, sealed: str) -> tuple[str, ...] | None:
        """Return the hosts that a secret was sealed for; None for one of an old form.

        :raises SecretUnreadable: see :meth:`open`
        """
        return self._read(sealed)[0]

    def bind(self, sealed: str, *hosts: str) -> str:
        """Return a secret of the old form, which had no hosts, sealed for ``hosts``.

        One that has hosts keeps them.

        :raises SecretUnreadable: see :meth:`open`
        """
        known, secret = self._read(sealed)
        return sealed if known is not None else self.seal(secret, *hosts)

    def reseal(self, sealed: str) -> str:
        """Return the same secret for the same hosts, sealed with the first key.

        :raises SecretUnreadable: see :meth:`open`
        """
        return PREFIX + self._fernet.encrypt(self._decrypt(sealed)).decode()

    def _read(self, sealed: str) -> tuple[tuple[str, ...] | None, str]:
        payload = self._decrypt(sealed).decode()
        if not payload.startswith(_MARK):
            return None, payload
        _start, hosts, secret = payload.split(_MARK, 2)
        return tuple(json.loads(hosts)), secret

    def _decrypt(self, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed.removeprefix(PREFIX).encode())
        except InvalidToken as error:
            raise SecretUnreadable from error
