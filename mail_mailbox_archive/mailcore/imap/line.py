"""A logged-in line: opened, kept, broken, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from ..errors import Unreachable
from .connection import Account, connect, hang_up
from .folder import Folder
from .login import Secret, guard_account, log_in
from .responses import Namespaces
from .wire import Wire

L = TypeVar("L", bound="Line")


class Line:
    """A logged-in connection; a context manager that hangs up at its end.

    Use :meth:`open`. Methods raise :class:`Unreachable` when the line breaks; it is
    useless then until :meth:`reconnect`.
    """

    #: What carries the commands.
    wire_class: ClassVar[type[Wire]] = Wire

    def __init__(self, account: Account, secret: Secret) -> None:
        self._account = account
        self._secret = secret
        self._selected, self._uid_validity = "", 0
        self._aborted, self._waited = False, False
        #: of the messages that were looked at last, by UID
        self._sizes: dict[int, int] = {}
        #: nothing of this mailbox was read on the line before this poll
        self.fresh = True
        #: what the last LIST was answered, as it came, and read
        self._told: list[Sequence[bytes]] | None = None
        self._folders: tuple[Folder, ...] = ()
        self.capabilities: frozenset[str] = frozenset()
        self.reconnect()

    @classmethod
    def open(cls: type[L], account: Account, secret: Secret) -> L:
        """Return a session that is connected, verified and logged in.

        :raises Unreachable: no usable server there
        :raises LoginRefused: it does not accept login or secret
        :raises BadArgument: before any byte is sent
        """
        return cls(account, secret)

    def __enter__(self: L) -> L:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session {self._account.host}:{self._account.port}>"

    @property
    def commands(self) -> int:
        """How many commands were sent on this line since the login."""
        return self._wire.commands - self._login_commands

    def close(self) -> None:
        """Say LOGOUT without waiting for the answer, and hang up."""
        self._wire.close()

    def wait(self) -> bool:
        """Get ready to wait for the next poll; return whether it may.

        It may not with a folder open, which the server would tell news of meanwhile.
        """
        self._waited = not (self._aborted or self._selected or self._wire.broken)
        self.fresh = False
        return self._waited

    def abort(self) -> None:
        """Break the line for good; another thread may call it.

        Whoever waits for the server at that moment gets :class:`Unreachable`.
        """
        self._aborted = True
        self._wire.cut()

    def reconnect(self) -> None:
        """Log in on a new line; no folder is open then.

        :raises Unreachable: and so on, as :meth:`open`; ``timeout`` after
            :meth:`abort`
        """
        if self._aborted:
            raise Unreachable("timeout")
        guard_account(self._account, self._secret)
        client = connect(self._account)
        self._wire = self.wire_class(client, self._account.timeouts.command)
        try:
            self.capabilities = log_in(self._wire, client, self._account, self._secret)
        except BaseException:
            hang_up(client)
            raise
        self._login_commands = self._wire.commands
        self._condstore = "CONDSTORE" in self.capabilities
        self._forgetful, self._searches, self._introduced = False, True, False
        #: an open end is written as "*"
        self._stars = False
        self._namespaces: Namespaces | None = None
        self.fresh = True
        self._list_status = "LIST-STATUS" in self.capabilities
        self._list_extended = self._list_status or "LIST-EXTENDED" in self.capabilities
