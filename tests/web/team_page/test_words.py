"""Everything that can be the case has words, and no words say more than may be said."""

from itertools import product

import pytest

from wellbeing.domain.flag_rules import FlagKind, Suggestion, load_flag_rules
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import Reason
from wellbeing.domain.trends import Verdict
from wellbeing.web.shared import flag_words
from wellbeing.web.team_page import words


def test_every_scale_has_a_place_on_the_page() -> None:
    assert words.PAGE_ORDER == (Scale.BO, Scale.STS, Scale.CS)
    assert words.SCALE_NAMES.keys() == words.SCALE_ABOUT.keys() == set(Scale)


def test_every_verdict_has_a_sentence_on_every_scale() -> None:
    said = words.VERDICTS.keys() | set(product(Scale, words.VERDICTS_OF_ANY_SCALE))
    assert said == set(product(Scale, Verdict))


def test_every_verdict_that_compares_says_how_sure_it_is() -> None:
    assert words.HOW_SURE.keys() == set(Verdict) - {Verdict.TOO_FEW}


def test_every_reason_to_withhold_has_words() -> None:
    assert words.WITHHELD_SHORT.keys() == {reason.name.lower() for reason in Reason}
    assert all(words.say_why_withheld(reason, 5) for reason in words.WITHHELD_SHORT)


def test_everything_a_flag_can_say_has_words() -> None:
    assert flag_words.KINDS.keys() == flag_words.CAUTIONS.keys() == set(FlagKind)
    assert flag_words.ACTIONS.keys() == set(Suggestion)
    assert {scale for scale, _ in flag_words.REASONS} == {
        rule.scale for rule in load_flag_rules().rows
    }


@pytest.mark.parametrize(
    ("size", "shown"),
    [(4, "fewer than 5"), (5, "5–9"), (9, "5–9"), (12, "10–19"), (60, "50 or more")],
)
def test_a_number_of_answers_is_a_range(size: int, shown: str) -> None:
    assert words.say_size(size) == shown


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        (0, "Fewer than 60 % of those asked"),
        (1, "60–79 % of those asked"),
        (2, "80 % or more of those asked"),
    ],
)
def test_a_response_is_a_class(response: int, shown: str) -> None:
    assert words.say_response(response) == shown
