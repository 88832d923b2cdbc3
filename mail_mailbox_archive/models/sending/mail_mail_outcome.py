"""What became of one mail of Odoo's on its way, recipient by recipient."""

import contextlib

from ...mailcore.addresses.address import normalise
from ...mailcore.errors import MailCoreError, SendDeferred, Unreachable


class Journal:
    """Notes messages by a cursor of their own; none where nobody may commit."""

    def __init__(self, dispatch):
        self._dispatch = dispatch

    @contextlib.contextmanager
    def about(self, mail_id):
        """Give the note of one message: ``intend()`` it, then set its ``entry``."""
        note = Note(self._dispatch, mail_id)
        try:
            yield note
        except MailCoreError as error:
            # whether that left nobody knows, until its mail says so for good
            if error.code != "uncertain":
                note.settle()
            raise
        if not note.left_open:
            note.settle()


class Note:
    """What is noted of one message; nothing is settled when the process dies."""

    def __init__(self, dispatch, mail_id):
        self._dispatch, self._mail_id = dispatch, mail_id
        self._id = self.entry = None
        #: It left and nothing of it is kept: its mail says so when it is committed.
        self.left_open = False

    def intend(self):
        """Commit that it is about to leave."""
        if self._dispatch is not None:
            self._id = self._dispatch._intend(self._mail_id)
            self._dispatch.env.cr.commit()  # pylint: disable=invalid-commit

    def settle(self):
        """Commit what came of it."""
        if self._id:
            self._dispatch._settle(self._id, self.entry)
            self._dispatch.env.cr.commit()  # pylint: disable=invalid-commit


class Outcome:
    """What came of the messages that one mail of the queue consists of."""

    def __init__(self):
        self.partners, self.emails = [], []
        self.reasons, self.failure_type = [], "unknown"
        self.entries, self.accepted = [], []
        #: the error after which it is tried again
        self.again = None

    @property
    def reason(self):
        """Why somebody does not have it, in words."""
        return "\n".join(self.reasons)

    def succeed(self, email):
        """Note that everybody whom ``email`` is for has it."""
        if email["partner_id"]:
            self.partners.append(email["partner_id"])
        else:
            self.emails.extend(email["email_to"])

    def fail(self, reason, failure_type="unknown"):
        """Note that it did not leave, for good."""
        self.reasons.append(reason)
        self.failure_type = failure_type

    def add_error(self, error, reason):
        """Note that nobody has it by now."""
        if isinstance(error, (SendDeferred, Unreachable)):
            self._try_again(error)
        kind = "mail_email_missing" if error.code == "recipients" else "mail_smtp"
        self.fail(reason, kind)

    def _try_again(self, error):
        # one part that may have left keeps all of it from being repeated automatically
        if not (self.again and self.again.code == "uncertain"):
            self.again = error

    def add(self, email, sending):
        """Note who got ``email`` and who did not."""
        self.accepted += [normalise(one) for one in sending.accepted]
        if not sending.failures:
            self.succeed(email)
            return
        if any(one.status == "deferred" for one in sending.failures):
            self._try_again(SendDeferred(retry_after=sending.retry_after))
        self.fail(sending.reason, "mail_email_invalid")
