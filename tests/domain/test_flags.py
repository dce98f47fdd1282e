"""Flags: what they name, which way they look, and that their rules are complete."""

from dataclasses import replace
from datetime import date
from math import inf
from pathlib import Path
from random import Random

import pytest

from tests.domain.flag_tables import make_rule_table, make_trend_table
from tests.domain.series_notation import read_series
from wellbeing.domain import flags as flags_module
from wellbeing.domain.errors import BadInput
from wellbeing.domain.flag_rules import (
    FlagKind,
    FlagRule,
    FlagRules,
    LooksAt,
    Suggestion,
    load_flag_rules,
)
from wellbeing.domain.flags import Flag, FlagReason, find_flags
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.trends import Point, Verdict, find_trend
from wellbeing.resources import folder

RULES = load_flag_rules()
INSTRUMENT = load_instrument()
RISEN = {
    Scale.CS: "38 37 38 38 37 38 33 32",
    Scale.BO: "23 22 23 23 22 23 28 28",
    Scale.STS: "17 16 17 17 16 17 22 23",
}


def flags_of(shown: dict[Scale, str], n: int = 8, rules: FlagRules = RULES) -> tuple[Flag, ...]:
    series = {scale: read_series(text, n) for scale, text in shown.items()}
    return find_flags(series, INSTRUMENT, rules)


def only_flag(scale: Scale, shown: str) -> Flag:
    (flag,) = flags_of({scale: shown})
    return flag


def rule_of(rule_id: str) -> FlagRule:
    return next(rule for rule in RULES.rows if rule.id == rule_id)


def test_a_team_strained_on_all_scales_gets_one_flag_for_each() -> None:
    assert [flag.rule_id for flag in flags_of(RISEN)] == ["bo-up", "cs-down", "sts-up"]


def test_a_calm_team_gets_no_flag() -> None:
    calm = {Scale.CS: "38 37 38 37", Scale.BO: "23 22 23 22", Scale.STS: "17 16 17 17"}
    assert flags_of(calm) == ()


def test_a_unit_without_any_round_gets_no_flag() -> None:
    assert flags_of({}) == ()
    assert flags_of({Scale.BO: ""}) == ()


def test_burnout_asks_for_supervision_and_traumatic_stress_for_a_debriefing() -> None:
    assert only_flag(Scale.BO, RISEN[Scale.BO]).kind is FlagKind.OFFER_SUPERVISION
    assert only_flag(Scale.CS, RISEN[Scale.CS]).kind is FlagKind.OFFER_SUPERVISION
    assert only_flag(Scale.STS, RISEN[Scale.STS]).kind is FlagKind.OFFER_DEBRIEFING


@pytest.mark.parametrize(
    ("shown", "severity"),
    [
        ("23 22 23 22 23 22 26 26", 1),
        ("23 22 23 23 22 23 27 27", 2),
        ("23 22 23 23 22 23 29 29", 3),
        ("29 28 29 30 29 28", 1),
        ("31 30 31 30 31 30", 2),
        ("33 33 34 33 33 33", 3),
    ],
)
def test_how_far_beyond_its_rule_a_unit_lies_is_one_of_three_classes(
    shown: str, severity: int
) -> None:
    assert only_flag(Scale.BO, shown).severity == severity


def test_severity_is_a_class_and_never_a_measure() -> None:
    rises = [f"23 22 23 22 23 22 {22 + by} {22 + by}" for by in range(4, 22)]
    found = [only.severity for text in rises for only in flags_of({Scale.BO: text})]
    assert {type(severity) for severity in found} == {int}
    assert set(found) == {1, 2, 3}
    first_of_each_rise = [flags_of({Scale.BO: text})[0].severity for text in rises]
    assert first_of_each_rise == sorted(first_of_each_rise)


@pytest.mark.parametrize(
    ("scale", "shown", "reason"),
    [
        (Scale.BO, RISEN[Scale.BO], FlagReason.ROSE),
        (Scale.CS, RISEN[Scale.CS], FlagReason.FELL),
        (Scale.BO, "30 30 29 30 30", FlagReason.ABOVE_REFERENCE),
        (Scale.CS, "28 29 28 29 28", FlagReason.BELOW_REFERENCE),
    ],
)
def test_a_flag_names_its_reason(scale: Scale, shown: str, reason: FlagReason) -> None:
    assert only_flag(scale, shown).reason is reason


def test_every_reason_is_covered_above() -> None:
    assert set(FlagReason) == {"rose", "fell", "above_reference", "below_reference"}


def test_a_change_flag_carries_the_change_and_a_level_flag_the_level() -> None:
    rose, high = only_flag(Scale.BO, RISEN[Scale.BO]), only_flag(Scale.BO, "30 30 29 30 30")
    assert rose.change is not None
    assert rose.level is None
    assert high.change is None
    assert high.level is not None


def test_a_fall_in_burnout_never_raises_a_flag() -> None:
    assert flags_of({Scale.BO: "24 24 23 24 15 14"}) == ()


def test_a_rise_in_satisfaction_never_raises_a_flag() -> None:
    assert flags_of({Scale.CS: "38 37 38 37 45 46"}) == ()


def test_a_withheld_latest_round_raises_no_flag() -> None:
    assert flags_of({Scale.BO: RISEN[Scale.BO] + " -"}) == ()


def test_a_change_flag_never_contradicts_the_verdict() -> None:
    for scale, shown in RISEN.items():
        trend = find_trend(read_series(shown, 8), scale, INSTRUMENT, RULES.trend)
        assert trend.verdict is Verdict.WORSE


def test_no_change_rule_is_laxer_than_the_verdict_worse() -> None:
    for rule in RULES.rows:
        if rule.looks_at is LooksAt.CHANGE:
            assert rule.threshold >= RULES.trend.clearly
            assert rule.at_once >= RULES.trend.clearly_at_once


def test_the_raw_high_band_is_not_needed_for_a_flag() -> None:
    assert flags_of({Scale.BO: "30 30 29 30 30"})[0].rule_id == "bo-high"


def test_the_same_series_always_finds_the_same_flags() -> None:
    assert flags_of(RISEN) == flags_of(RISEN)


def test_every_scale_has_a_rule_on_change_and_one_on_level() -> None:
    assert {(rule.scale, rule.looks_at) for rule in RULES.rows} == {
        (scale, looks_at) for scale in Scale for looks_at in LooksAt
    }


def test_every_suggestion_is_used_and_every_rule_suggests_and_cites() -> None:
    assert {action for rule in RULES.rows for action in rule.actions} == set(Suggestion)
    assert all(rule.actions and rule.guidance for rule in RULES.rows)


def test_rule_ids_are_stable() -> None:
    assert [rule.id for rule in RULES.rows] == [
        "bo-up",
        "bo-high",
        "cs-down",
        "cs-low",
        "sts-up",
        "sts-high",
    ]


def test_a_rise_seen_once_must_be_stronger_than_a_rise_seen_twice() -> None:
    assert flags_of({Scale.BO: "23 22 23 23 22 23 26"}) == ()
    assert [flag.rule_id for flag in flags_of({Scale.BO: "23 22 23 23 22 23 26 26"})] == ["bo-up"]


def test_a_rule_can_be_told_to_wait_for_a_second_round() -> None:
    patient = tuple(replace(rule, at_once=inf) for rule in RULES.rows)
    rules = replace(RULES, rows=patient)
    assert flags_of({Scale.BO: "23 22 23 23 22 23 29"}, rules=rules) == ()
    assert flags_of({Scale.BO: "23 22 23 23 22 23 29 28"}, rules=rules) != ()


def test_a_stricter_threshold_raises_fewer_flags() -> None:
    strict = tuple(replace(rule, threshold=rule.threshold * 4, at_once=inf) for rule in RULES.rows)
    assert flags_of(RISEN, rules=replace(RULES, rows=strict)) == ()


def broken(tmp_path: Path, old: str, new: str) -> Path:
    text = (folder("config") / "flags.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "flags.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_the_rules_can_be_read_from_another_file(tmp_path: Path) -> None:
    assert load_flag_rules(broken(tmp_path, 'id = "bo-up"', 'id = "bo-up"')) == RULES


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('scale = "BO"', 'scale = "XX"', "bo-up"),
        ('"recognition"', '"holiday"', "cs-down"),
        ('guidance = ["danish-recommendations"]', 'guidance = ["rumour"]', "bo-up"),
        ('id = "bo-high"', 'id = "bo-up"', "twice"),
        ("rounds = 2", "rounds = 0", "bo-up"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    with pytest.raises(BadInput) as error:
        load_flag_rules(broken(tmp_path, old, new))
    assert any(named in fault for fault in error.value.faults)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        load_flag_rules(broken(tmp_path, "[trend]", "[trend"))


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="patience"):
        load_flag_rules(broken(tmp_path, "[trend]", "[trend]\npatience = 3"))


@pytest.mark.parametrize("table", [make_rule_table(), make_trend_table()])
def test_the_page_on_flags_has_the_tables_of_the_rules_as_they_are(table: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "flags.md"
    assert table in page.read_text(encoding="utf-8")


def test_a_level_rule_that_must_be_surer_raises_fewer_flags() -> None:
    shown = {Scale.BO: "28 29 28 29"}
    assert [flag.rule_id for flag in flags_of(shown)] == ["bo-high"]
    surer = tuple(replace(rule, sure_z=4.0) for rule in RULES.rows)
    assert flags_of(shown, rules=replace(RULES, rows=surer)) == ()


@pytest.mark.parametrize("seed", range(40))
def test_a_series_that_is_not_judged_could_have_met_no_rule(seed: int) -> None:
    random = Random(seed)
    series = [
        None
        if random.random() < 0.6
        else Point(
            round_index=at,
            closed_on=date(2024, 1, 1),
            n=random.randint(5, 60),
            point=random.randint(10, 50),
            series_break=random.random() < 0.4,
        )
        for at in range(random.randint(0, 6))
    ]
    for scale in Scale:
        trend = find_trend(series, scale, INSTRUMENT, RULES.trend)
        meets_none = trend.level is None and trend.verdict is Verdict.TOO_FEW
        assert flags_module._can_be_judged(series) or (meets_none and not trend.changes)
