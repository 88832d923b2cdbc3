"""Start mail-devel; on Python 3.10 after lending it two names that came with 3.11."""

from __future__ import annotations

import sys
import typing

if sys.version_info < (3, 11):
    import tomli
    import typing_extensions

    typing.Self = typing_extensions.Self
    sys.modules["tomllib"] = tomli

from mail_devel.__main__ import main  # noqa: E402

if __name__ == "__main__":
    main()
