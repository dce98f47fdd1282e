"""How long a unit's verdicts and flags take as its record grows, and what a kept chart saves."""

import sys
from collections.abc import Callable
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np

from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.flags import find_flags
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.trends import Point, Series, find_trend
from wellbeing.web.team_page.charts import draw_trend, draw_uncached
from wellbeing.web.team_page.trend_chart import (
    ChartLabels,
    ChartPoint,
    ReferenceBand,
    Theme,
    TrendChart,
)

SHORT_MONTHS, LONG_MONTHS = 24, 120
WITHHELD_CHANCE = 0.1
REPEATS = 7
JUDGEMENTS, DRAWINGS, HITS = 20, 3, 2_000
LABELS = ChartLabels("Figure", "Level", "None", "Or more", "Or less", "Session", "Incident", "New")

Row = dict[str, Any]


def run() -> list[Row]:
    """Rows of seconds: ten years of monthly rounds beside two, a drawing beside a kept one."""
    long, short = (_measure_judgement(months) for months in (LONG_MONTHS, SHORT_MONTHS))
    chart = make_chart(SHORT_MONTHS)
    draw_trend(chart)
    drawn = _best_seconds(lambda: draw_uncached(chart), DRAWINGS)
    kept = _best_seconds(lambda: draw_trend(chart), HITS)
    return [
        _row("verdicts and flags of a unit, 120 monthly rounds (floor: 24)", long, short),
        _row("draw a chart of 24 rounds (floor: take it from the cache)", drawn, kept),
    ]


def make_series(scale: Scale, months: int) -> Series:
    """A team's monthly figures around the level of the reference sample, some withheld."""
    random = np.random.default_rng([2026, list(Scale).index(scale)])
    mean = {Scale.CS: 37.7, Scale.BO: 22.8, Scale.STS: 16.7}[scale]
    return [
        None
        if random.random() < WITHHELD_CHANCE
        else Point(
            round_index=at,
            closed_on=date(2016 + at // 12, 1 + at % 12, 20),
            n=int(random.integers(5, 12)),
            point=int(np.clip(np.rint(random.normal(mean, 2)), 14, 43)),
        )
        for at in range(months)
    ]


def make_chart(months: int) -> TrendChart:
    """The chart of one scale of such a team, as its page asks for it."""
    series = make_series(Scale.BO, months)
    trend = find_trend(series, Scale.BO, load_instrument(), load_flag_rules().trend)
    return TrendChart(
        title="Burnout",
        points=tuple(
            ChartPoint(
                on=date(2016 + at // 12, 1 + at % 12, 20),
                label=str(at + 1),
                value=point.point if point else None,
                level=level.level if level else None,
                low=level.low if level else None,
                high=level.high if level else None,
            )
            for at, (point, level) in enumerate(zip(series, trend.levels, strict=True))
        ),
        labels=LABELS,
        reference=ReferenceBand(20, 26, "Near the average"),
        theme=Theme.LIGHT,
    )


def _measure_judgement(months: int) -> float:
    series = {scale: make_series(scale, months) for scale in Scale}
    instrument, rules = load_instrument(), load_flag_rules()
    return _best_seconds(lambda: find_flags(series, instrument, rules), JUDGEMENTS)


def _best_seconds(way: Callable[[], object], times: int) -> float:
    """Seconds of one call, in the fastest of several turns."""
    best = float("inf")
    for _ in range(REPEATS):
        began = perf_counter()
        for _ in range(times):
            way()
        best = min(best, (perf_counter() - began) / times)
    return best


def _row(name: str, value: float, floor: float) -> Row:
    return {"name": name, "value": value, "unit": "s", "floor": floor, "ratio": value / floor}


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(f"{row['name']:<66}{row['value']:>12.6f}{row['floor']:>12.6f} s\n")
