"""Programs for the tests that are unpacked into the cache, beside what is installed."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import cache, debian
from .console import Failure, say


@dataclass(frozen=True)
class Beside:
    """Programs of the machine's own release.

    :param variable: of the environment: the folder that they are in, where the tests
        look and which a person may set
    :param names: what they are called in a sentence
    :param packages: of Debian or Ubuntu
    :param programs: what must be in the folder
    """

    variable: str
    names: str
    packages: Sequence[str]
    programs: Sequence[str]

    def find(self) -> Path | None:
        """The folder, after unpacking them once; None if they cannot be had here.

        The tests that need them are left out then, and that is said; but not by root in
        CI, where whatever is left out would go unnoticed.

        :raises Failure: they cannot be had, by root in CI; or the variable is wrong
        """
        if given := os.environ.get(self.variable):
            if not all((Path(given) / program).exists() for program in self.programs):
                wanted = " and ".join(self.programs)
                raise Failure(f"{self.variable}: {wanted} are not in {given}.")
            return Path(given)
        try:
            return self._unpacked()
        except Failure as failure:
            if os.environ.get("CI") and os.getuid() == 0:
                raise
            reason = str(failure).splitlines()[0]
            say(f"  {self.names} are not tried, they cannot be had here: {reason}")
            return None

    def _unpacked(self) -> Path:
        prefix = self.variable.partition("_")[0].lower()
        key = cache.key(*self.packages, *_release(), platform.machine())
        return cache.entry(
            f"{prefix}-{key}", lambda path: debian.unpack_beside(self.packages, path)
        )


def _release() -> tuple[str, str]:
    """The machine's distribution and its version, whose libraries they need."""
    try:
        release = platform.freedesktop_os_release()
    except OSError as error:
        raise Failure("this is neither Debian nor Ubuntu") from error
    return release["ID"], release.get("VERSION_ID", "")
