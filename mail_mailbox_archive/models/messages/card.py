import logging
from dataclasses import dataclass

from odoo import models

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Card:
    """What an add-on shows above the text of an email that is open.

    :param title: a translated sentence
    :param lines: more of them, each on a line of its own; plain text, never HTML
    :param record: what a click on the title opens; the card is shown only to those
        who may read it
    :param icon: a class of Font Awesome
    """

    title: str
    lines: tuple[str, ...] = ()
    record: models.BaseModel | None = None
    icon: str = "fa-info-circle"


class MailMailboxMessage(models.Model):
    """The cards that other add-ons show above the text of an email."""

    _inherit = "mail.mailbox.message"

    def _find_cards(self):
        """Return the cards of this message, as a list of :class:`Card`.

        The hook for other add-ons: call ``super()``, add to it. That the user may read
        the message was checked already. A card about a record that the user may not
        read is dropped afterwards, but what a card without one says must be known to
        the user. It is asked each time that an email is opened, so keep it fast.
        """
        self.ensure_one()
        return []

    def _get_card_data(self):
        """Return the cards as plain values; one that fails keeps no email from view."""
        try:
            with self.env.cr.savepoint(flush=False):
                cards = self._find_cards()
                return [self._describe_card(card) for card in cards if self._see(card)]
        except Exception:
            # of another add-on, whatever it raises
            _logger.exception("A card of email %s cannot be shown", self.id)
            return []

    def _see(self, card):
        """Return whether the user may read what the card is about."""
        if card.record is None:
            return True
        # browsed anew: a hook may have found it with more rights
        record = self.env[card.record._name].browse(card.record.ids).exists()
        return len(record) == 1 and record.has_access("read")

    def _describe_card(self, card):
        record = card.record
        return {
            "title": card.title,
            "lines": list(card.lines),
            "icon": card.icon,
            "res_model": record is not None and record._name,
            "res_id": record is not None and record.id,
        }
