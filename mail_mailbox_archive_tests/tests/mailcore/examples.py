"""How long the property tests search: the same every time, or longer and at random.

``MAILBOX_PROPERTIES=20 python3 setup test -k properties`` tries twenty times as many
inputs, other ones at each run; what it finds becomes a sample or an ``@example``.
"""

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("MAILBOX_PROPERTIES") or 1)


def examples(count: int, **values) -> settings:
    """Return the settings of a test that tries so many inputs."""
    return settings(
        max_examples=count * FACTOR,
        # a failure that nobody can repeat helps nobody, nor does a slow machine's
        derandomize=FACTOR == 1,
        database=None,
        deadline=None,
        print_blob=FACTOR > 1,
        suppress_health_check=list(HealthCheck),
        **values,
    )
