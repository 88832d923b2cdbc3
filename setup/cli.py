"""The commands of ``python3 setup``."""

from __future__ import annotations

import argparse
import shlex
import sys
from datetime import date
from pathlib import Path

from . import (
    bench,
    by_hand,
    databases,
    demo,
    letters,
    lifecycle,
    lint,
    pages,
    pins,
    postgres,
    readme,
    reliability,
    screenshots,
    shell,
    site,
    suites,
    thunderbird,
    translations,
    try_provider,
    wheels,
)
from .console import Failure, say
from .outcome import summary
from .workplace import Workplace, workplace

OPTIONS = {
    "run": [
        ("--clean", {"action": "store_true", "help": "start over with a new database"}),
        ("--port", {"type": int, "help": "port of Odoo, else 8069 or the next free"}),
        ("--db-url", {"help": "PostgreSQL to use: postgresql://user:password@host"}),
    ],
    "test": [
        (
            "--fast",
            {
                "action": "store_true",
                "help": "no Odoo, no server, nothing slow",
            },
        ),
        (
            "--long",
            {
                "action": "store_true",
                "help": "try all of what has a short form, in what is chosen or in all",
            },
        ),
        (
            "--table",
            {
                "type": Path,
                "metavar": "FILE",
                "help": "where `test reliability` writes what it tried, as Markdown",
            },
        ),
    ],
    "by-hand": [
        (
            "--long",
            {
                "action": "store_true",
                "help": "with each Python that is to be had, in each way",
            },
        )
    ],
    "docs": [
        (
            "--output",
            {
                "type": Path,
                "metavar": "FOLDER",
                "default": pins.CHECKOUT / "build" / "docs",
                "help": "where the site is built, else build/docs",
            },
        )
    ],
    "bench": [("name", {"nargs": "?", "help": "what to measure"}), *bench.OPTIONS],
    "release": [
        (
            "--day",
            {
                "default": f"{date.today():%Y-%m-%d}",
                "metavar": "YYYY-MM-DD",
                "help": "the day of the release, else today",
            },
        )
    ],
    "lint": [
        (
            "checks",
            {
                "nargs": "*",
                "metavar": "check",
                "help": f"only these: {', '.join(lint.CHECKS)}",
            },
        ),
        (
            "--fix",
            {"action": "store_true", "help": "put right first what the tools can"},
        ),
    ],
}


def _assignments(place: Workplace) -> dict[str, str]:
    return {
        "ODOO_HOME": str(place.odoo.home),
        "ODOO": str(place.odoo.binary),
        "PYTHON": str(place.python),
        "ADDONS_PATH": place.addons_path,
        "DATA_DIR": str(place.data),
        **place.environment,
        "PG_BIN": str(place.programs),
        "TEMPLATE_DATABASE": databases.template(place),
        "DATABASE": databases.own(place),
        **demo.ports(place),
    }


def env(options: argparse.Namespace) -> int:
    """Print shell assignments; the database server stays up for their user."""
    with workplace() as place:
        values = _assignments(place)
        if not postgres.variables():
            postgres.keep()
    for name, value in values.items():
        print(f"{name}={shlex.quote(value)}")
    print("export", *values)
    return 0


def run(options: argparse.Namespace) -> int:
    """Start Odoo with demo data beside a mail server with demo mail."""
    return demo.run(options)


def test(options: argparse.Namespace) -> int:
    """Run the tests; `test reliability` tries longer; the rest goes to pytest."""
    return suites.run(
        options.rest, fast=options.fast, long=options.long, table=options.table
    )


def lint_(options: argparse.Namespace) -> int:
    """Run the checks of the text of the code alone."""
    if options.fix:
        lint.fix()
    return summary([lint.run(options.checks)])


def translate(options: argparse.Namespace) -> int:
    """Collect the words to translate, into i18n/ of the add-ons."""
    with workplace() as place:
        translations.update(place)
        return summary([translations.run(place)])


def wheels_(options: argparse.Namespace) -> int:
    """Build the package of each add-on and try what is in it."""
    with workplace() as place:
        return summary([wheels.run(place)])


def by_hand_(options: argparse.Namespace) -> int:
    """Install as README.md tells, and have one email take its way."""
    if options.long:
        reliability.ask_long(None)
    with workplace() as place:
        return summary([by_hand.run(place)])


def thunderbird_(options: argparse.Namespace) -> int:
    """Pack the add-on for Thunderbird."""
    return thunderbird.run()


def lifecycle_(options: argparse.Namespace) -> int:
    """Upgrade earlier versions, uninstall the add-on, install it again."""
    with workplace() as place:
        return summary([lifecycle.run(place)])


def docs(options: argparse.Namespace) -> int:
    """Build the documentation as a site; it needs no Odoo."""
    return site.run(options.output)


def screenshots_(options: argparse.Namespace) -> int:
    """Take the pictures of the description again, on a demonstration of their own."""
    return screenshots.run()


def shell_(options: argparse.Namespace) -> int:
    """Open Odoo's shell on a throw-away copy; a script on standard input works."""
    return shell.run(options.rest)


def bench_(options: argparse.Namespace) -> int:
    """Measure something; without a name it says what there is."""
    if not options.name:
        say("bench: " + ", ".join(bench.names()))
        return 2
    return bench.run(options.name, options)


def letters_(options: argparse.Namespace) -> int:
    """Say how the mails of a folder read: words, pictures and files that are lost."""
    return letters.run(options.rest)


def try_provider_(options: argparse.Namespace) -> int:
    """Try a live account of a sending provider; say in words what worked."""
    return try_provider.run(options.rest)


def release(options: argparse.Namespace) -> int:
    """Put the newsfragments into the history of the manifest's version."""
    version = readme.release(pages.ADD_ON, options.day)
    say(f"{version} is in the history. Now: python3 setup lint --fix")
    return 0


def stop(options: argparse.Namespace) -> int:
    """Stop the database server that `env` left running."""
    postgres.keep(wanted=False)
    with workplace():
        pass
    return 0


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python3 setup", allow_abbrev=False)
    commands = main.add_subparsers(required=True, metavar="command")
    for command in (
        run,
        test,
        lint_,
        translate,
        wheels_,
        by_hand_,
        thunderbird_,
        lifecycle_,
        docs,
        screenshots_,
        shell_,
        bench_,
        letters_,
        try_provider_,
        release,
        env,
        stop,
    ):
        name = command.__name__.rstrip("_").replace("_", "-")
        entry = commands.add_parser(name, help=command.__doc__, allow_abbrev=False)
        entry.set_defaults(command=command)
        for option, settings in OPTIONS.get(name, ()):
            entry.add_argument(option, **settings)
    return main


def main(arguments: list[str]) -> int:
    options, options_rest = parser().parse_known_args(arguments)
    options.rest = options_rest
    try:
        return options.command(options)
    except Failure as failure:
        say(f"\nsetup: {failure}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
