"""Whether a session was useful is told once, in a whole number, and only from five answers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellbeing.domain.usefulness import FEWEST_ANSWERS, VALUES, Asked, Usefulness, find_usefulness

UNTIL = date(2026, 3, 2)
AFTER = UNTIL + timedelta(days=1)


def test_nothing_is_told_where_nobody_was_asked() -> None:
    assert find_usefulness({5: 9}, None, today=AFTER) == Usefulness(Asked.NOT)


@given(st.dictionaries(st.sampled_from(VALUES), st.integers(0, 40)))
def test_nothing_is_told_while_answers_can_still_come_in(counts: dict[int, int]) -> None:
    for days in (-14, -1, 0):
        found = find_usefulness(counts, UNTIL, today=UNTIL + timedelta(days=days))
        assert found == Usefulness(Asked.OPEN)


@pytest.mark.parametrize("answers", range(FEWEST_ANSWERS + 2))
def test_from_five_answers_on_it_is_told(answers: int) -> None:
    told = find_usefulness({4: answers}, UNTIL, today=AFTER)
    enough = answers >= FEWEST_ANSWERS
    assert told == (Usefulness(Asked.SHOWN, 4) if enough else Usefulness(Asked.TOO_FEW))


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        ({1: 5}, 1),
        ({5: 5}, 5),
        ({3: 3, 4: 2}, 3),
        ({3: 3, 4: 3}, 4),
        ({4: 3, 5: 3}, 5),
        ({1: 3, 2: 3}, 2),
        ({1: 1, 5: 4}, 4),
        ({2: 0, 3: 5}, 3),
    ],
)
def test_the_mean_is_rounded_to_a_whole_number_halves_upwards(
    counts: dict[int, int], value: int
) -> None:
    assert find_usefulness(counts, UNTIL, today=AFTER).value == value
