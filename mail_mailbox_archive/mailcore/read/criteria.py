"""Whether an email meets the criteria of a rule: its sender, its subject and so on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..addresses import address, names


def split(value: str) -> tuple[str, ...]:
    """Return the entries of a list that a person typed, separated by commas."""
    entries = value.replace(";", ",").replace("\n", ",").split(",")
    return tuple(entry.strip() for entry in entries if entry.strip())


def patterns(header: str) -> set[str]:
    """Return the addresses of a header, and each domain that they are in.

    ``jan@mail.x.example`` gives itself, ``mail.x.example``, ``x.example`` and
    ``example``, so that an entry is met by looking it up.
    """
    found = set()
    for one in address.parse_addresses(header):
        whole = address.normalise(one.addr_spec)
        labels = whole.rpartition("@")[2].split(".")
        found.add(whole)
        found.update(".".join(labels[start:]) for start in range(len(labels)))
    return found


def normalise_pattern(entry: str) -> str:
    """Return an address or a domain, as :func:`patterns` has it.

    :raises ValueError: it is neither
    """
    entry = entry.strip().removeprefix("@")
    whole = entry if "@" in entry else f"anybody@{entry}"
    if not address.is_valid(whole):
        raise ValueError(entry)
    whole = address.normalise(whole)
    return whole if "@" in entry else whole.partition("@")[2]


@dataclass(frozen=True)
class Facts:
    """What the criteria of a rule ask about one email in one mailbox.

    :param mailbox: the mailbox's id
    :param folder: the folder's name, "" where it is in none
    :param sender: the ``From`` header
    :param recipients: the ``To`` and ``Cc`` headers
    :param files: the names of its attachments
    """

    mailbox: int
    folder: str
    sender: str
    recipients: str
    subject: str
    files: tuple[str, ...]

    @cached_property
    def senders(self) -> set[str]:
        """The sender's address and domains."""
        return patterns(self.sender)

    @cached_property
    def addressees(self) -> set[str]:
        """The addresses and domains of the recipients."""
        return patterns(self.recipients)

    @cached_property
    def words(self) -> names.Text:
        """The subject, ready to look for words in."""
        return names.read(self.subject)

    @cached_property
    def endings(self) -> set[str]:
        """The endings of the files: ``pdf`` of ``Offer.PDF``."""
        split_names = (name.casefold().rpartition(".") for name in self.files)
        return {ending for stem, _dot, ending in split_names if stem}


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of a rule; all that are given have to be met, of each any entry.

    :param mailboxes: ids
    :param folder: a part of the folder's name
    :param senders: addresses and domains, see :func:`normalise_pattern`
    :param recipients: the same, in ``To`` or ``Cc``
    :param words: words or phrases of the subject; case and diacritics do not count
    :param endings: endings of attachments' names, without the dot
    """

    mailboxes: frozenset[int] = frozenset()
    folder: str = ""
    senders: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    endings: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Return whether there is any; without one every email meets them."""
        return self != Criteria()

    def are_met_by(self, facts: Facts) -> bool:
        """Return whether an email meets them; the cheap ones are asked first."""
        return (
            (not self.mailboxes or facts.mailbox in self.mailboxes)
            and self.folder.casefold() in facts.folder.casefold()
            and (not self.senders or not self.senders.isdisjoint(facts.senders))
            and (
                not self.recipients or not self.recipients.isdisjoint(facts.addressees)
            )
            and (not self.endings or not self.endings.isdisjoint(facts.endings))
            and (not self.words or any(map(facts.words.holds, self.words)))
        )
