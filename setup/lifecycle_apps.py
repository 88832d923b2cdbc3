"""The life of other apps: mail archived to their records outlives them.

Apps are installed beside the add-on, before it or after it, given mail or none,
uninstalled and installed once more. The short form tries one small app.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from . import databases, reliability
from .console import output, step
from .pins import HERE
from .workplace import Workplace, customer_add_ons

SCRIPTS = HERE / "scripts"
SHORT = ("fleet",)
WHOLE = ("project", "crm", "fleet")


def cases() -> list[tuple[Sequence[str], bool, bool]]:
    """What is tried: the apps, whether they come first, whether there is mail."""
    if os.environ.get(reliability.SWITCH) != "long":
        return [(SHORT, False, True)]
    return [(WHOLE, first, mail) for first in (True, False) for mail in (True, False)]


def stages(place: Workplace) -> Iterator[tuple[str, list[str]]]:
    """Yield each case that was tried, with what is wrong."""
    for apps, first, mail in cases():
        order = "before" if first else "after"
        name = f"{', '.join(apps)} {order} us, {'with' if mail else 'without'} mail"
        with (
            step(f"Uninstalling and installing again {name}"),
            databases.scratch(place, databases.template(place)) as database,
        ):
            yield name, _try(place, database, apps, first, mail)


def _try(
    place: Workplace, database: str, apps: Sequence[str], first: bool, mail: bool
) -> list[str]:
    ours = customer_add_ons()
    problems = []
    for modules in (apps, ours) if first else (ours, apps):
        problems += databases.install(place, database, modules)
    variables = {"APPS": " ".join(apps), "MAIL": "1" if mail else ""}
    problems += _run(place, database, "apps_archive.py", variables)
    problems += _run(place, database, "apps_gone.py", variables)
    problems += databases.install(place, database, apps)
    problems += _run(place, database, "apps_again.py", variables)
    # and anything else: the registry loads, whatever is updated
    return problems + databases.install(place, database, ["base_setup"])


def _run(
    place: Workplace, database: str, script: str, variables: dict[str, str]
) -> list[str]:
    told = output(
        place.command("shell", "-d", database, "--no-http", "--log-level=error"),
        env={**place.environment, **variables},
        input=(SCRIPTS / script).read_text(),
    )
    return [] if "DONE" in told else [f"{script}: {told.strip()[-1500:]}"]
