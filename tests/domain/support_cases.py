"""Organisations in the short notation in which some units had support, and their effects."""

from collections.abc import Sequence
from datetime import date, timedelta

from tests.domain.series_notation import read_series
from wellbeing.domain.effect_rules import EffectRules, load_effect_rules
from wellbeing.domain.effects import Effect, Effects, Support, find_effects
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.trends import Series

RULES = load_effect_rules()
TREND = load_flag_rules().trend
INSTRUMENT = load_instrument()
CALM = (
    "23 22 23 24 22 23 23 22",
    "24 23 25 24 23 25 24 24",
    "22 23 21 22 23 22 22 23",
    "20 21 20 21 21 20 21 20",
    "25 24 25 26 25 25 24 25",
    "23 24 22 23 23 24 23 23",
)
FELL = "27 26 27 26 23 22 23 22"
CALM_SERIES = CALM[0]
SUPERVISION, DEBRIEFING = "supervision", "debriefing"


def closing(round_number: int) -> date:
    """When a round of `read_series` closes; 1 is the first."""
    at = round_number - 1
    return date(2024 + at // 4, 2 + 3 * (at % 4), 20)


def held_after(
    unit: str, round_number: int, form: str = SUPERVISION, days: int = 1
) -> Support[str]:
    return Support(unit, form, (closing(round_number) + timedelta(days),))


def organisation(
    helped: Sequence[str], others: Sequence[str] = CALM, n: int | list[int] = 10
) -> dict[str, Series]:
    """Units h0, h1 … and c0, c1 …, cut to the rounds of the shortest."""
    rounds = min(len(read_series(shown, 10)) for shown in (*helped, *others))
    named = {f"h{at}": shown for at, shown in enumerate(helped)}
    named |= {f"c{at}": shown for at, shown in enumerate(others)}
    return {
        unit: read_series(shown, n if unit[0] == "h" else 10)[:rounds]
        for unit, shown in named.items()
    }


def judge(
    series: dict[str, Series],
    supports: Sequence[Support[str]],
    scale: Scale = Scale.BO,
    rules: EffectRules = RULES,
) -> Effects[str]:
    return find_effects(series, supports, scale, INSTRUMENT, TREND, rules)


def judge_one(
    shown: str, after: int = 4, n: int = 10, others: Sequence[str] = CALM, days: int = 1
) -> Effect:
    support = held_after("h0", after, days=days)
    return judge(organisation([shown], others, n), [support]).by_support[support]
