"""How long the property tests search: the same every time, or longer and at random.

Every run tries the same part of them, the long form all. ``MAILBOX_PROPERTIES=20
python3 setup test -k properties`` tries twenty times as many inputs, other ones at each
run; what it finds becomes a sample or an ``@example``.
"""

import os

from hypothesis import HealthCheck, settings

from odoo.addons.mail_mailbox_archive_tests.tests.reliability.extent import extent

FACTOR = int(os.environ.get("MAILBOX_PROPERTIES") or 1)
#: The part of the inputs that the short form tries, but never fewer than so many.
SHARE, LEAST = (extent(3, 1), 50) if FACTOR == 1 else (1, 0)


def examples(count: int, **values) -> settings:
    """Return the settings of a test that tries so many inputs in its long form."""
    short = max(count // SHARE, min(count, LEAST))
    return settings(
        max_examples=short * FACTOR,
        # a failure that nobody can repeat helps nobody, nor does a slow machine's
        derandomize=FACTOR == 1,
        database=None,
        deadline=None,
        print_blob=FACTOR > 1,
        suppress_health_check=list(HealthCheck),
        **values,
    )
