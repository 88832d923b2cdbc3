"""Each cell of the table of faults fails once what protects it is taken away.

A table that nothing can fail would prove nothing. ``SABOTAGE`` takes away, column by
column, what every fault relies on; ``PROTECTIONS`` what is there for one kind of fault.
"""

import logging
import uuid
from contextlib import ExitStack, suppress
from dataclasses import replace
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError
from odoo.addons.mail_mailbox_archive.mailcore.imap import items, reading
from odoo.addons.mail_mailbox_archive.mailcore.imap.reading import Reading
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Session

from ..test_poll import PASSWORD
from .extent import LONG, note
from .test_faults import (
    ADD_ON,
    FAULTS,
    KEPT,
    ONCE,
    OTHERS,
    RECOVERS,
    SECRET,
    TOLD,
    UNCHANGED,
    FaultCase,
)

#: Rows that the short form takes the columns' protections away from.
FEW = ("list is cut", "NIL for a body", "UIDVALIDITY changes")
LOGS = [f"{ADD_ON}.models.receiving.{name}" for name in ("poll", "store")]


@tagged("post_install", "-at_install")
class TestProtections(FaultCase):
    """Needs :meth:`FaultCase.check_fault` to fail, in the cell that is expected."""

    def setUp(self):
        super().setUp()
        self.needed = False
        self.model = self.registry["mail.mailbox"]

    def is_harmed(self, mailbox):
        """Return whether ``mailbox`` meets the fault; note that it matters then."""
        harmed = mailbox.id == self.mailbox.id
        self.needed |= harmed
        return harmed

    # One method per column

    def lose_a_message(self):
        """Have the cursor pass a message that is not stored."""
        store, lost = self.model._store_messages, set()

        def lose(mailbox, event):
            if self.is_harmed(mailbox):
                lost.update(one.source for one in event.messages if one.uid == 4)
                kept = (one for one in event.messages if one.source not in lost)
                event = replace(event, messages=tuple(kept))
            return store(mailbox, event)

        return patch.object(self.model, "_store_messages", lose)

    def forget_what_is_held(self):
        """Have neither the cursor nor the identity of a message remembered."""
        store, done = self.model._store_messages, self.model._store_state

        def forget(mailbox, event):
            if not self.is_harmed(mailbox):
                return store(mailbox, event)
            again = tuple(one.message and self.renamed(one) for one in event.messages)
            pairs = zip(again, event.messages, strict=True)
            messages = tuple(other or one for other, one in pairs)
            return store(mailbox, replace(event, messages=messages))

        def begin_again(mailbox, event):
            if not self.is_harmed(mailbox):
                return done(mailbox, event)
            return mailbox._folder(event.state.wire_name)._forget()

        return patch.multiple(
            self.model, _store_messages=forget, _store_state=begin_again
        )

    def renamed(self, fetched):
        identity = uuid.uuid4().hex * 2
        return replace(fetched, message=replace(fetched.message, identity=identity))

    def stop_at_the_first_failure(self):
        """Have what fails in one mailbox, or one folder, end the whole poll."""
        conclude = self.model._conclude

        def fail(model, poll, end, error=None):
            if error:
                self.needed = True
                raise error
            return conclude(model, poll, end)

        def fail_folder(_mailbox, event):
            raise event.error

        return patch.multiple(
            self.model, _conclude=fail, _store_folder_error=fail_folder
        )

    def say_nothing(self):
        """Have nobody told what is wrong."""

        def say(mailbox):
            self.needed |= bool(mailbox.error_code)
            return ""

        return patch.object(self.model, "_get_error_sentence", say)

    def fail_for_ever(self):
        """Have a mailbox that failed once never found well again."""
        finish = self.model._finish

        def remember(mailbox, poll, error, unfinished):
            if mailbox.error_code and not error:
                self.needed = True
                error = MailCoreError(mailbox.error_code, "")
            return finish(mailbox, poll, error, unfinished)

        return patch.object(self.model, "_finish", remember)

    def mark_as_read(self):
        """Have the server told what was fetched."""
        close = Session.close

        def mark(session):
            self.needed = True
            # where the line is broken nothing can be marked
            with suppress(MailCoreError):
                list(session._wire.run("UID STORE 1 +FLAGS (\\Seen)", tolerant=True))
            close(session)

        return patch.object(Session, "close", mark)

    def log_the_password(self):
        """Have the secret written down with what is done."""
        session = self.model._session__

        def log(mailbox):
            self.needed = True
            logging.getLogger(ADD_ON).debug("logging in with %s", PASSWORD)
            return session(mailbox)

        return patch.object(self.model, "_session__", log)

    SABOTAGE = {
        KEPT: lose_a_message,
        ONCE: forget_what_is_held,
        OTHERS: stop_at_the_first_failure,
        TOLD: say_nothing,
        RECOVERS: fail_for_ever,
        UNCHANGED: mark_as_read,
        SECRET: log_the_password,
    }

    # One method per kind of fault

    def without_quarantine(self):
        return patch.object(
            self.registry["mail.mailbox.quarantine"], "_keep", lambda *_args: None
        )

    def without_reset(self):
        return patch.object(reading, "is_reset", lambda _state, _opened: False)

    def without_any_reset(self):
        """Believe that UIDs mean what they meant, whatever the headers say."""
        stack = ExitStack()
        stack.enter_context(self.without_reset())
        same = patch.object(Reading, "_is_renumbered", lambda *_args: False)
        stack.enter_context(same)
        return stack

    def believing_search(self):
        """Look at nothing but what the server's SEARCH names."""
        look = Reading._look
        return patch.object(
            Reading, "_look", lambda self, _wanted, alive: look(self, alive, alive)
        )

    def believing_fetch(self):
        """Take what FETCH leaves out for deleted."""
        return patch.object(Session, "search", lambda *_args, **_values: ())

    def without_filter(self):
        """Take every answer for one to what was asked."""
        return patch.object(items, "clip", lambda *_args: True)

    PROTECTIONS = {
        "NIL for a body": (without_quarantine, KEPT),
        "a UID is left out": (without_quarantine, KEPT),
        "UIDVALIDITY changes": (without_any_reset, KEPT),
        "UIDNEXT goes down": (without_reset, KEPT),
        "search finds nothing": (believing_search, KEPT),
        "messages of others": (without_filter, ONCE),
    }

    # Breaking it

    def breaks(self, name, removed):
        """Check a fault without a protection; return the cell that failed, or ""."""
        self.needed = False
        try:
            with (
                self.env.cr.savepoint() as savepoint,
                removed,
                mute_logger(*LOGS),
            ):
                try:
                    self.check_fault(name, FAULTS[name])
                finally:
                    savepoint.rollback()
                    self.env.invalidate_all()
        except Exception:
            return self.cell
        return ""

    def test_each_column_fails_without_its_protection(self):
        broken = 0
        for name in FAULTS if LONG else FEW:
            for cell, remove in self.SABOTAGE.items():
                with self.subTest(fault=name, cell=cell):
                    failed = self.breaks(name, remove(self))
                    # what never meets trouble needs no protection from it
                    self.assertEqual(failed, cell if self.needed else "")
                    broken += bool(failed)
        note(
            "Protections",
            "cells of the table of hostile servers, each seen to fail without what"
            " protects it",
            faults=broken,
        )

    def test_faults_break_what_they_are_about(self):
        for name, (remove, cell) in self.PROTECTIONS.items():
            with self.subTest(fault=name):
                self.assertEqual(self.breaks(name, remove(self)), cell)
