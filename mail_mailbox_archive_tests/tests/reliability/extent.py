"""How much is tried, and what was: the switch of the suite and its ledger."""

import json
import os

#: Set by ``python3 setup test reliability``.
LONG = os.environ.get("MAILBOX_RELIABILITY") == "long"
#: What a test may have counted; the columns of the table in docs/reliability.md.
FIGURES = ("messages", "faults", "kills", "inputs", "lost", "doubled")


def extent(short, long):
    """Return how much a test tries: ``long`` when the suite is asked for by name."""
    return long if LONG else short


def note(part, tried, **figures):
    """Add figures to a row of the table that the suite ends with.

    :param part: the row, e.g. "Crash harness"; rows of one name are added up
    :param tried: what was done, in a few words; the last one said is shown
    :param figures: of :data:`FIGURES`, those that were counted
    """
    unknown = figures.keys() - set(FIGURES)
    if unknown:
        raise ValueError(f"the table has no column {', '.join(sorted(unknown))}")
    path = os.environ.get("MAILBOX_RELIABILITY_FIGURES")
    if path:
        with open(path, "a") as file:
            file.write(json.dumps([part, tried, figures]) + "\n")
