"""``odoo mailboxlisten``: new mail is fetched within seconds, not minutes."""

import argparse
import logging
import queue
import signal
import threading
import time

import psycopg2

from odoo.cli import Command
from odoo.tools import config

_logger = logging.getLogger(__name__)

HELP = """
Keeps a line open to each mailbox, on which the server says when something changed (IMAP
NOTIFY or IDLE), and wakes the scheduled actions that fetch. Those must run: start this
beside Odoo, once, for example by systemd. It ends on SIGTERM.

Odoo finds this command if the environment names its configuration:

  ODOO_RC=/etc/odoo/odoo.conf odoo mailboxlisten -d database
"""
#: Seconds until it is looked which mailboxes there are.
REFRESH = 60
#: Seconds that news of several mailboxes, or of several mails, are gathered.
GATHER = 0.3
#: Seconds after which a line that ended on its own is tried again.
PATIENCE = 3600


class MailboxListen(Command):
    """Listen to the mail servers and have new mail fetched at once."""

    name = "mailboxlisten"

    def run(self, args):
        """Listen until SIGTERM."""
        parser = argparse.ArgumentParser(
            prog=self.prog,
            usage=f"{self.prog} [--connections NUMBER] -d NAME",
            epilog=HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument(
            "--connections",
            type=int,
            default=500,
            help="maximum number of connections; the other mailboxes are polled only",
        )
        options, rest = parser.parse_known_args(args)
        config.parse_config(rest, setup_logging=True)
        names = config["db_name"]
        if len(names) != 1:
            parser.error("which database? -d NAME, a process for each")
        threading.current_thread().dbname = names[0]
        listeners = Listeners(names[0], options.connections)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: listeners.stop())
        listeners.run()


class Listeners:
    """The lines to all mailboxes of a database.

    :param limit: how many at most
    """

    def __init__(self, database, limit):
        # Odoo loads a command by its file, before it knows the add-ons
        # pylint: disable=import-outside-toplevel,odoo-addons-relative-import
        from odoo.addons.mail_mailbox_archive.models.mailbox.command import (
            open_registry,
        )

        self._registry = open_registry(database)
        self._limit = limit
        self._lines = {}
        self._listened = None
        self._news = queue.SimpleQueue()
        self._stopped = False

    def stop(self):
        """Have :meth:`run` end soon; for a signal's handler."""
        self._stopped = True
        self._news.put(None)

    def run(self):
        waiting, refresh = set(), 0
        while not self._stopped:
            try:
                if time.monotonic() >= refresh:
                    self._refresh()
                    refresh = time.monotonic() + REFRESH
                waiting |= self._gather(1 if waiting else refresh - time.monotonic())
                if waiting and not self._stopped:
                    waiting = self._transact("_wake", waiting)
            except psycopg2.Error as error:
                # the lines stay; what was told meanwhile is still waiting
                _logger.warning("The database does not answer: %s", error)
                refresh = time.monotonic() + GATHER
                time.sleep(GATHER)
        for line, _known, _begun in self._lines.values():
            line.stop()

    def _transact(self, method, *arguments):
        # pylint: disable=import-outside-toplevel
        from odoo.api import SUPERUSER_ID, Environment

        with self._registry.cursor() as cr:
            mailboxes = Environment(cr, SUPERUSER_ID, {})["mail.mailbox"]
            return mailboxes._transact(
                lambda env: getattr(env["mail.mailbox"], method)(*arguments)
            )

    def _gather(self, seconds):
        """Return the mailboxes with news as soon as there are, or after ``seconds``."""
        mailboxes = set()
        try:
            mailboxes.add(self._news.get(timeout=max(seconds, 0.01)))
            time.sleep(GATHER)
            while True:
                mailboxes.add(self._news.get_nowait())
        except queue.Empty:
            return mailboxes - {None}

    def _refresh(self):
        """Listen to the mailboxes that are there now, as they are set up now."""
        # pylint: disable=import-outside-toplevel,odoo-addons-relative-import
        from odoo.addons.mail_mailbox_archive.mailcore.imap.listening import Line

        self._registry = self._registry.check_signaling()
        wanted = self._transact("_get_listened", self._limit)
        now = time.monotonic()
        for mailbox, (line, known, begun) in list(self._lines.items()):
            ended = not line.is_alive() and now - begun > PATIENCE
            if ended or mailbox not in wanted or wanted[mailbox][0] != known:
                line.stop()
                del self._lines[mailbox]
        for mailbox in wanted.keys() - self._lines.keys():
            known, opener, skipped = wanted[mailbox]
            line = Line(opener, skipped, lambda one=mailbox: self._news.put(one))
            line.start()
            self._lines[mailbox] = line, known, now
        if len(wanted) != self._listened:
            self._listened = len(wanted)
            _logger.info("Listening for new emails of %s mailboxes", self._listened)
