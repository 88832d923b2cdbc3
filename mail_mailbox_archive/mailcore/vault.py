"""Secrets at rest: sealed with Fernet, so that a database dump holds no password.

The keys never live in the database; whoever calls hands them in.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PREFIX = "fernet:"


class SecretUnreadable(Exception):
    """The key that sealed a secret is not among the keys at hand."""


class Vault:
    """Seals and opens short secrets.

    ``keys`` are url-safe base64 keys of 32 bytes (``Fernet.generate_key``). The first
    one seals, every one may open, so that a key can be replaced without a gap.

    :raises ValueError: a key is malformed or there is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("at least one key is needed")
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    @staticmethod
    def new_key() -> str:
        """Return a fresh random key."""
        return Fernet.generate_key().decode()

    def seal(self, secret: str) -> str:
        """Return ``secret`` encrypted, as printable text."""
        return PREFIX + self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the secret that :meth:`seal` was given.

        :raises SecretUnreadable: sealed with another key, or damaged.
        """
        try:
            return self._fernet.decrypt(sealed.removeprefix(PREFIX).encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable from error
