"""What was chosen before for emails like one, counted."""

from odoo.addons.mail_mailbox_archive.mailcore.read.habits import (
    DOMAIN,
    FOLDER,
    SENDER,
    WORD,
    Choice,
    Habit,
    Habits,
    Traits,
    words,
)

TASK, ORDER, OTHER = ("task", 1), ("order", 1), ("order", 2)
JAN = Traits("jan@x.example", "x.example")


def chosen(record, traits=JAN, times=1, own=False):
    return [Choice(traits, record, own)] * times


def test_more_of_the_same_says_more():
    weights = [
        Habits(JAN, chosen(TASK, times=times)).of_record(TASK).weight
        for times in range(5)
    ]
    assert weights == sorted(set(weights))
    assert weights[0] == 0
    assert weights[-1] < 1


def test_what_went_elsewhere_speaks_against_it():
    alone = Habits(JAN, chosen(TASK, times=3)).of_record(TASK)
    shared = Habits(JAN, chosen(TASK, times=3) + chosen(ORDER, times=3))
    assert shared.of_record(TASK).weight < alone.weight
    assert shared.records == {TASK, ORDER}


def test_the_strongest_is_told_and_one_s_own_are_counted():
    habits = Habits(JAN, chosen(TASK, times=2, own=True) + chosen(TASK))
    habit = habits.of_record(TASK)
    assert (habit.kind, habit.value, habit.count, habit.own) == (
        SENDER,
        "jan@x.example",
        3,
        2,
    )


def test_each_kind_of_what_they_have_in_common():
    anna = Traits("anna@x.example", "x.example")
    folder = Traits(folders=frozenset({7}))
    word = Traits(words=words("Re: the roof"))
    for kind, traits, mine in (
        (DOMAIN, anna, JAN),
        (FOLDER, folder, folder),
        (WORD, word, Traits(words=words("Another ROOF"))),
    ):
        once = Habits(mine, chosen(TASK, traits))
        assert not once.of_record(TASK).weight
        assert not once.records
        twice = Habits(mine, chosen(TASK, traits, times=2))
        assert twice.of_record(TASK).kind == kind
        assert twice.records == {TASK}


def test_a_word_of_every_subject_says_little():
    said = [Choice(Traits(words=words("offer")), ("order", n), True) for n in range(9)]
    habits = Habits(Traits(words=words("offer")), said + said[:1])
    assert habits.of_record(("order", 0)).weight < 0.15


def test_records_of_one_kind():
    habits = Habits(JAN, chosen(ORDER) + chosen(OTHER) + chosen(OTHER))
    assert habits.of_model("order").count == 3
    assert habits.of_model("task") == Habit()
    assert habits.of_record(("order", 3)) == Habit()
    # a folder or a word says nothing of a kind
    word = Traits(words=words("roof"))
    assert Habits(word, chosen(ORDER, word, times=5)).of_model("order") == Habit()


def test_nothing_in_common_is_nothing():
    other = Traits("eva@y.example", "y.example", frozenset({1}), words("walls"))
    habits = Habits(JAN, chosen(TASK, other, times=9))
    assert not habits.records
    assert habits.of_record(TASK) == Habit()
    empty = Traits()
    assert not Habits(empty, chosen(TASK, empty, times=9)).records


def test_hostile_subjects_are_bounded():
    assert len(words("word1234 " * 10_000 + "x" * 10**6)) <= 31
    assert words("Re: AW: a\u0000b") == frozenset()
