"""The thirty published series of the specification, as a page words them in both languages.

The sentences stand here once more, on purpose: what a leader reads is changed twice or not at all.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from tests.domain.series_notation import read_series
from tests.domain.test_trends import INSTRUMENT, RULES, TABLE
from wellbeing.domain.flags import Flag, find_flags
from wellbeing.domain.instrument import Scale
from wellbeing.domain.trends import Series, find_trend
from wellbeing.web.shared.flag_words import say_flag
from wellbeing.web.shared.i18n import init_i18n
from wellbeing.web.team_page import words
from wellbeing.web.team_page.sections import say_point

LANGUAGES = ("da", "en")
VERDICTS = {
    "BO": {
        "worse": ("Der er flere tegn på udbrændthed end før.", "Signs of burnout have risen."),
        "probably_worse": (
            "Der er sandsynligvis flere tegn på udbrændthed end før.",
            "Signs of burnout have probably risen.",
        ),
        "better": ("Der er færre tegn på udbrændthed end før.", "Signs of burnout have fallen."),
        "probably_better": (
            "Der er sandsynligvis færre tegn på udbrændthed end før.",
            "Signs of burnout have probably fallen.",
        ),
    },
    "STS": {
        "worse": (
            "Der er flere tegn på sekundær traumatisering end før.",
            "Signs of secondary traumatic stress have risen.",
        ),
        "probably_worse": (
            "Der er sandsynligvis flere tegn på sekundær traumatisering end før.",
            "Signs of secondary traumatic stress have probably risen.",
        ),
        "better": (
            "Der er færre tegn på sekundær traumatisering end før.",
            "Signs of secondary traumatic stress have fallen.",
        ),
        "probably_better": (
            "Der er sandsynligvis færre tegn på sekundær traumatisering end før.",
            "Signs of secondary traumatic stress have probably fallen.",
        ),
    },
    "CS": {
        "worse": (
            "Arbejdsglæden ved at hjælpe er faldet.",
            "The satisfaction of helping others has fallen.",
        ),
        "probably_worse": (
            "Arbejdsglæden ved at hjælpe er sandsynligvis faldet.",
            "The satisfaction of helping others has probably fallen.",
        ),
        "better": (
            "Arbejdsglæden ved at hjælpe er steget.",
            "The satisfaction of helping others has risen.",
        ),
        "probably_better": (
            "Arbejdsglæden ved at hjælpe er sandsynligvis steget.",
            "The satisfaction of helping others has probably risen.",
        ),
    },
}
OF_ANY_SCALE = {
    "no_evidence": ("Tallene viser ingen sikker ændring.", "The figures show no certain change."),
    "too_few": (
        "Der er for få tal til at sige, om noget har ændret sig.",
        "There are too few figures to tell whether anything has changed.",
    ),
}
REASONS = {
    "bo-up": VERDICTS["BO"]["worse"],
    "sts-up": VERDICTS["STS"]["worse"],
    "cs-down": VERDICTS["CS"]["worse"],
    "bo-high": (
        "Der er klart flere tegn på udbrændthed, end man finder andre steder.",
        "Signs of burnout lie clearly above what is found elsewhere.",
    ),
    "sts-high": (
        "Der er klart flere tegn på sekundær traumatisering, end man finder andre steder.",
        "Signs of secondary traumatic stress lie clearly above what is found elsewhere.",
    ),
    "cs-low": (
        "Arbejdsglæden ved at hjælpe er klart lavere, end man finder andre steder.",
        "The satisfaction of helping others lies clearly below what is found elsewhere.",
    ),
}
KINDS = {
    "offer_supervision": ("Tilbyd supervision", "Offer supervision"),
    "offer_debriefing": (
        "Tilbyd en debriefing eller en aflastningssamtale",
        "Offer a debriefing or a defusing talk",
    ),
}
FLAGGED = [row for row in TABLE if row["flags"]]
every_series = pytest.mark.parametrize("row", TABLE, ids=[row["why"] for row in TABLE])
either_language = pytest.mark.parametrize("language", LANGUAGES)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """A request of somebody who reads this language."""
    app = Flask(__name__)
    init_i18n(app, language, lambda: language)
    with app.test_request_context("/"):
        yield


def series_of(row: dict[str, Any]) -> tuple[Scale, Series]:
    """The scale and the series of a row."""
    return Scale(row["scale"]), read_series(row["shown"], row["n"])


def flags_of(row: dict[str, Any]) -> tuple[Flag, ...]:
    """The flags that a row raises."""
    scale, series = series_of(row)
    return find_flags({scale: series}, INSTRUMENT, RULES)


@every_series
@either_language
def test_the_verdict_of_a_published_series_is_said_in_words(
    row: dict[str, Any], language: str
) -> None:
    scale, series = series_of(row)
    trend = find_trend(series, scale, INSTRUMENT, RULES.trend)
    expected = {**VERDICTS[row["scale"]], **OF_ANY_SCALE}[row["verdict"]]
    with speaking(language):
        assert str(words.say_verdict(trend)) == expected[LANGUAGES.index(language)]


@every_series
@either_language
def test_it_is_explained_in_whole_points_and_with_how_sure_it_is(
    row: dict[str, Any], language: str
) -> None:
    scale, series = series_of(row)
    trend, latest = find_trend(series, scale, INSTRUMENT, RULES.trend), series[-1]
    with speaking(language):
        said = words.explain(trend, say_point(latest), RULES.trend, is_shown=latest is not None)
        sure = trend.change and str(words.HOW_SURE[trend.verdict])
    assert not re.search(r"\d[.,]\d", said)
    assert said.endswith(".")
    if sure:
        assert said.endswith(sure)
        assert re.search(r"\d", said)


@pytest.mark.parametrize("row", FLAGGED, ids=[row["why"] for row in FLAGGED])
@either_language
def test_its_flags_say_what_to_offer_and_why(row: dict[str, Any], language: str) -> None:
    at = LANGUAGES.index(language)
    for flag in flags_of(row):
        figures = {
            "scale": flag.scale.value,
            "reason": flag.reason.value,
            "actions": [action.value for action in flag.actions],
            "guidance": [source.id for source in flag.guidance],
        }
        with speaking(language):
            said = say_flag(flag.kind.value, figures)
            assert str(said.kind) == KINDS[flag.kind.value][at]
            assert str(said.reason) == REASONS[flag.rule_id][at]
            assert all(str(action).endswith((".", "?")) for action in said.actions)
        assert len(said.actions) == len(flag.actions) > 0
        assert len(said.guidance) == len(flag.guidance) > 0


def test_every_verdict_and_every_rule_has_its_sentences_here() -> None:
    assert set(VERDICTS) == set(Scale)
    assert {verdict for said in VERDICTS.values() for verdict in said} | set(OF_ANY_SCALE) == {
        row["verdict"] for row in TABLE
    }
    assert set(REASONS) == {rule.id for rule in RULES.rows}
