"""Why a message gets no automatic answer, for people."""

from odoo.tools import LazyTranslate

from ..mailcore.autoreply import Reason

_lt = LazyTranslate(__name__)

# lazy, because they are translated when somebody reads them
# pylint: disable=prefer-env-translation

REASONS = {
    Reason.OFF: _lt("The autoresponder is off."),
    Reason.PAUSED: _lt("The autoresponder is paused."),
    Reason.HISTORY: _lt("It was on the server before the mailbox was first read."),
    Reason.TOO_OLD: _lt("It is older than three days."),
    Reason.OUTSIDE: _lt("The mailbox does not answer at this time."),
    Reason.BEFORE_WINDOW: _lt("It came before the mailbox began to answer."),
    Reason.UNREADABLE: _lt("It cannot be read."),
    Reason.NO_RETURN_PATH: _lt("It has no return path."),
    Reason.NULL_RETURN_PATH: _lt("Its return path is empty, as a machine's is."),
    Reason.PER_MESSAGE: _lt(
        "Its return path was made for this one message, as mass mailers and ticket "
        "systems do: nobody would read an answer."
    ),
    Reason.BAD_RETURN_PATH: _lt("Its return path is no address."),
    Reason.NO_SENDER: _lt("It has no sender."),
    Reason.OWN: _lt("It comes from an address of our own."),
    Reason.MACHINE: _lt("Its sender is a machine."),
    Reason.AUTOMATIC: _lt("It was written by a machine."),
    Reason.BULK: _lt("It went to many people."),
    Reason.LIST: _lt("It came through a mailing list."),
    Reason.SUPPRESSED: _lt("Its sender wants no automatic answer."),
    Reason.REPORT: _lt("It is a report about another mail."),
    Reason.SPAM: _lt("It is marked as spam."),
    Reason.NOT_ADDRESSED: _lt("The mailbox is neither in To nor in Cc."),
    Reason.ANSWERED: _lt("This correspondent was answered lately."),
    Reason.CAP: _lt("Too many answers were given within an hour."),
}
