"""Why a message gets no automatic answer, for people."""

from odoo.tools import LazyTranslate

from ...mailcore.autoreply.autoreply import Reason

_lt = LazyTranslate(__name__)

# lazy, because they are translated when somebody reads them
# pylint: disable=prefer-env-translation

REASONS = {
    Reason.OFF: _lt("The autoresponder is off."),
    Reason.PAUSED: _lt("The autoresponder is paused."),
    Reason.HISTORY: _lt("It was on the server before the mailbox was first read."),
    Reason.TOO_OLD: _lt("It is older than three days."),
    Reason.OUTSIDE: _lt("The mailbox does not reply at this time."),
    Reason.BEFORE_WINDOW: _lt("It arrived before the mailbox started replying."),
    Reason.UNREADABLE: _lt("It cannot be read."),
    Reason.NO_RETURN_PATH: _lt("It has no return path."),
    Reason.NULL_RETURN_PATH: _lt(
        "Its return path is empty, which indicates an automated message."
    ),
    Reason.PER_MESSAGE: _lt(
        "Its return path was created for this one email, as mass mailers and ticket "
        "systems do: nobody would read a reply."
    ),
    Reason.BAD_RETURN_PATH: _lt("Its return path is not a valid address."),
    Reason.NO_SENDER: _lt("It has no sender."),
    Reason.OWN: _lt("It comes from one of our own addresses."),
    Reason.MACHINE: _lt("Its sender is an automated system."),
    Reason.AUTOMATIC: _lt("It is an automated message."),
    Reason.BULK: _lt("It was sent to many recipients."),
    Reason.LIST: _lt("It was sent through a mailing list."),
    Reason.SUPPRESSED: _lt("Its sender does not want automatic replies."),
    Reason.REPORT: _lt("It is a report about another email."),
    Reason.SPAM: _lt("It is marked as spam."),
    Reason.NOT_ADDRESSED: _lt("The mailbox is neither in To nor in Cc."),
    Reason.BLOCKED: _lt("Its sender is blocked in this mailbox."),
    Reason.ANSWERED: _lt("This sender recently received an automatic reply."),
    Reason.CAP: _lt("Too many automatic replies were sent within an hour."),
}
