"""Reading ahead: a thread listens to each server while the worker stores.

What came meanwhile is taken together, so that it shares a transaction. How much waits
is bounded by the bytes and the number of the emails.
"""

import os
import threading
from concurrent.futures import wait
from contextlib import contextmanager
from typing import NamedTuple

from ...mailcore.errors import Unreachable
from ...mailcore.imap import sync
from ...mailcore.imap.kept import KeptSessions

#: Bytes and emails of one mailbox after which its server is asked for no more until
#: some of it is stored; a batch is asked for as a whole.
AHEAD_BYTES, AHEAD_COUNT = 2**20, 100
#: Emails that are stored in one transaction, beside what the last mailbox brings.
BUNDLE = 200

#: Logins of this process; another one has its own.
KEPT = KeptSessions()
os.register_at_fork(after_in_child=KEPT.forget)


class Taken(NamedTuple):
    """What was told; falsy when there is nothing to do.

    :param is_over: nothing more will come
    """

    events: list
    is_over: bool

    def __bool__(self):
        return bool(self.events or self.is_over)


class Ahead:
    """The events of one conversation, read by a thread of its own.

    :param told: set whenever there is something to take
    """

    def __init__(self, events, told):
        self._events, self._told = events, told
        self._changed = threading.Condition()
        self._waiting, self._bytes, self._count = [], 0, 0
        self._stopped, self._over = False, False
        #: why the conversation ended; None where it came to its end
        self.error = None

    def run(self):
        """Read until the conversation ends or :meth:`stop` is called."""
        try:
            for event in self._events:
                if not self._put(event):
                    raise Unreachable("timeout")
        except BaseException as error:
            self.error = error
        finally:
            self._events.close()
            with self._changed:
                self._over = True
            self._told.set()

    def take(self):
        """Return what was told since the last time."""
        with self._changed:
            taken = Taken(self._waiting, self._over)
            self._waiting, self._bytes, self._count = [], 0, 0
            self._changed.notify()
        return taken

    def stop(self):
        """Have nothing more read."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _put(self, event):
        """Note an event; wait while there is enough. Return whether to go on."""
        emails = emails_of(event)
        with self._changed:
            self._waiting.append(event)
            self._bytes += sum(len(one.source) for one in emails)
            self._count += len(emails)
            self._told.set()
            self._changed.wait_for(lambda: self._stopped or not self._is_enough())
            return not self._stopped

    def _is_enough(self):
        return self._bytes >= AHEAD_BYTES or self._count >= AHEAD_COUNT


def emails_of(event):
    """Return what was fetched by an event."""
    return event.messages if isinstance(event, sync.MessagesFetched) else ()


def bundles(told):
    """Yield lists of what is stored together.

    :param told: of polls and their events
    """
    bundle, count = [], 0
    for poll, events in told:
        if events:
            bundle.append((poll, events))
            count += sum(len(emails_of(event)) for event in events)
        if count >= BUNDLE:
            yield bundle
            bundle, count = [], 0
    if bundle:
        yield bundle


def converse(poll, opener, known, limits):
    """Yield the server's events; runs in a thread, without a cursor."""
    # a check that a person asked for proves that one can log in
    sessions = KEPT.session(opener) if poll.by_schedule else opener()
    with sessions as poll.session:
        if poll.given_up:
            raise Unreachable("timeout")
        yield from sync.poll(poll.session, known, limits)


def fail(error):
    """Stand in for a conversation that could not begin."""
    yield _raise(error)


def _raise(error):
    raise error


def give_up(polls):
    """Break the lines to servers that take too long, and wait until that is done."""
    for poll in polls:
        poll.stop(patiently=False)
    wait([poll.reading for poll in polls])


@contextmanager
def leaving(polls):
    """Leave no thread waiting for a worker that ends on an error."""
    try:
        yield
    except BaseException:
        for poll in polls:
            poll.stop(patiently=False)
        raise
