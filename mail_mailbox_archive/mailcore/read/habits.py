"""What people chose before for emails like one: counted, and told in words.

No model and no training: of the emails that have the same sender, the same domain, the
same folder or a word of the subject in common it is counted how many went to each
record. A share says more the more emails it is of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ..addresses import names

SENDER, DOMAIN, FOLDER, WORD = "sender", "domain", "folder", "word"
#: How much a share says, by what the emails have in common.
WEIGHTS = {SENDER: 1.0, DOMAIN: 0.6, FOLDER: 0.7, WORD: 0.6}
#: Fewer choices are no habit; of one correspondent one choice is.
AT_LEAST = {SENDER: 1, DOMAIN: 2, FOLDER: 2, WORD: 2}
#: Shorter words stand in too many subjects.
MIN_WORD = 4
MAX_WORDS = 30

#: What emails may have in common, and what it is.
Trait = tuple[str, Hashable]


@dataclass(frozen=True, slots=True)
class Traits:
    """What an email may have in common with others.

    :param sender: the address of the other side, the recipient's of what was sent
    :param domain: that of the company whose it is, "" at a public provider
    :param folders: those that a person named
    :param words: of the subject
    """

    sender: str = ""
    domain: str = ""
    folders: frozenset[Hashable] = frozenset()
    words: frozenset[str] = frozenset()

    def shared(self, other: Traits) -> Iterable[Trait]:
        """Yield what both have, as pairs of the kind and the value."""
        if self.sender and self.sender == other.sender:
            yield SENDER, self.sender
        if self.domain and self.domain == other.domain:
            yield DOMAIN, self.domain
        yield from ((FOLDER, one) for one in self.folders & other.folders)
        yield from ((WORD, one) for one in self.words & other.words)


@dataclass(frozen=True, slots=True)
class Choice:
    """One email that a person archived.

    :param record: its model and id
    :param own: whether the person who archives now did it
    """

    traits: Traits
    record: tuple[str, int]
    own: bool


@dataclass(frozen=True, slots=True)
class Habit:
    """What speaks for a record, or for records of its model.

    :param weight: from 0 to 1
    :param kind: what the emails have in common, and ``value`` itself
    :param count: how many went there, ``own`` of them by the person
    """

    weight: float = 0.0
    kind: str = ""
    value: Hashable = ""
    count: int = 0
    own: int = 0


class Habits:
    """The choices that were made for emails like one."""

    def __init__(self, traits: Traits, choices: Iterable[Choice] = ()) -> None:
        self._seen: Counter[Trait] = Counter()
        self._chosen: Counter[tuple[Trait, Hashable]] = Counter()
        self._own: Counter[tuple[Trait, Hashable]] = Counter()
        self.records: set[tuple[str, int]] = set()
        for choice in choices:
            self._count(traits, choice)

    def _count(self, traits: Traits, choice: Choice) -> None:
        model, _record_id = choice.record
        for trait in traits.shared(choice.traits):
            self._seen[trait] += 1
            for target in (choice.record, model):
                self._chosen[trait, target] += 1
                self._own[trait, target] += choice.own
            if self._chosen[trait, choice.record] >= AT_LEAST[trait[0]]:
                self.records.add(choice.record)

    def of_record(self, record: tuple[str, int]) -> Habit:
        """Return the strongest habit that speaks for a record."""
        return self._strongest(record, tuple(WEIGHTS))

    def of_model(self, model: str) -> Habit:
        """Return the strongest habit that speaks for records of a model."""
        return self._strongest(model, (SENDER, DOMAIN))

    def _strongest(self, target: Hashable, kinds: tuple[str, ...]) -> Habit:
        found = (
            Habit(
                WEIGHTS[kind] * chosen / (seen + 1),
                kind,
                value,
                chosen,
                self._own[(kind, value), target],
            )
            for (kind, value), seen in self._seen.items()
            if kind in kinds
            and (chosen := self._chosen[(kind, value), target]) >= AT_LEAST[kind]
        )
        return max(found, key=lambda one: (one.weight, one.count), default=Habit())


def words(subject: str) -> frozenset[str]:
    """Return the words of a subject that may tell what it is about."""
    found = names.fold(subject).split(" ")[:MAX_WORDS]
    return frozenset(word for word in found if len(word) >= MIN_WORD)
