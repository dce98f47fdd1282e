"""What is said of an effect: every verdict and reason, in half points, in both languages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask_babel import force_locale

from wellbeing.domain.effect_rules import load_effect_rules
from wellbeing.domain.effects import Effect, EffectVerdict, Unjudged
from wellbeing.domain.instrument import Scale
from wellbeing.web.shared.i18n import init_i18n
from wellbeing.web.support_pages.effect_words import (
    CAUTIONS,
    UNIT_RANGE_STARTS,
    VERDICTS,
    say_effect,
    say_effects,
    say_units,
)

HELPED = Effect(
    scale=Scale.BO,
    form="team_supervision",
    verdict=EffectVerdict.HELPED,
    why=None,
    estimate=-2.6,
    low=-4.1,
    high=-1.1,
    units=1,
    rounds_before=4,
    rounds_after=3,
    comparisons=12,
    at_least=False,
)


@pytest.fixture(params=["da", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """A request in this language."""
    app = Flask(__name__)
    init_i18n(app, "da", lambda: None)
    with app.test_request_context("/"), force_locale(request.param):
        yield request.param


def cannot(why: Unjudged) -> Effect:
    """An effect that cannot be told."""
    is_shown = why is Unjudged.TOO_UNSURE
    nothing = {} if is_shown else {"estimate": None, "low": None, "high": None}
    return replace(HELPED, verdict=EffectVerdict.CANNOT_TELL_YET, why=why, **nothing)  # type: ignore[arg-type]


def test_every_verdict_has_words_and_a_decision_on_a_caution() -> None:
    assert set(VERDICTS) == set(CAUTIONS) == set(EffectVerdict)


def test_whatever_helped_is_said_with_its_caution(language: str) -> None:
    said = say_effect(HELPED)
    assert "2,5" in said.text if language == "da" else "2.5" in said.text
    wanted = {"da": "mellem 1 og 4 point lavere", "en": "between 1 and 4 points lower"}
    assert wanted[language] in said.text
    assert {"da": "En hård tid", "en": "A hard time"}[language] in said.caution
    assert "11–20" in said.compared


@pytest.mark.parametrize("why", list(Unjudged))
def test_every_reason_has_words_of_its_own(language: str, why: Unjudged) -> None:
    said = say_effect(cannot(why))
    others = {say_effect(cannot(other)).text for other in Unjudged if other is not why}
    assert said.text
    assert said.text not in others
    assert "%(" not in said.text


def test_what_is_not_judged_has_no_figure_but_one_that_is_too_unsure(language: str) -> None:
    for why in Unjudged:
        said = say_effect(cannot(why))
        assert bool(said.compared) is (why is Unjudged.TOO_UNSURE)
    assert say_effect(cannot(Unjudged.TOO_FEW_AFTER)).caution == ""


@pytest.mark.parametrize(
    ("low", "estimate", "high", "danish"),
    [
        (-4, -2, 0, "omkring 2 point lavere end ventet (højst sandsynligt mellem 0 og 4 point"),
        (-3, -1, 1, "omkring 1 point lavere end ventet (højst sandsynligt mellem 3 point"),
        (0, 2, 4, "omkring 2 point højere end ventet (højst sandsynligt mellem 0 og 4 point"),
        (
            -1.5,
            0,
            1.5,
            "hvor man kunne vente det (højst sandsynligt mellem 1,5 point",
        ),
    ],
)
@pytest.mark.parametrize("language", ["da"], indirect=True)
def test_where_the_figure_lay_is_said_without_signs(
    language: str, low: float, estimate: float, high: float, danish: str
) -> None:
    effect = replace(HELPED, low=low, estimate=estimate, high=high)
    said = say_effect(effect).text
    assert danish in said
    assert "−" not in said
    assert "-" not in said


def test_no_figure_is_finer_than_half_a_point(language: str) -> None:
    said = say_effect(replace(HELPED, estimate=-2.37, low=-4.18, high=-1.26)).text
    for finer in ("2.37", "2,37", "4.18", "1.26", "4,2", "1,3"):
        assert finer not in said


def test_a_class_says_that_the_difference_may_be_larger(language: str) -> None:
    assert "38" in say_effect(replace(HELPED, at_least=True)).text
    assert "38" not in say_effect(HELPED).text


def test_the_scale_that_the_support_answers_comes_first(language: str) -> None:
    effects = {scale: replace(HELPED, scale=scale) for scale in Scale}
    assert [said.name for said in say_effects(effects)] == [
        said.name for said in say_effects(effects, Scale.BO)
    ]
    first = say_effects(effects, Scale.CS)[0]
    assert first.name == say_effect(effects[Scale.CS]).name
    assert say_effects({}) == []


def test_units_are_counted_in_ranges(language: str) -> None:
    said = {units: say_units(units) for units in range(40)}
    assert said[3] == said[5] == "3–5"
    assert said[6] == said[10] == "6–10"
    assert said[11] == said[20] == "11–20"
    assert said[0] == said[2] != said[3]
    assert said[21] == said[39]
    assert UNIT_RANGE_STARTS[0] == load_effect_rules().min_units
