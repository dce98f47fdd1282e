"""What a team page says about each scale: a verdict, a chart, and the figures round by round."""

from dataclasses import dataclass
from datetime import date, tzinfo

from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale
from wellbeing.domain.trends import Point
from wellbeing.web.shared.flag_words import say_value
from wellbeing.web.shared.i18n import LazyText
from wellbeing.web.team_page import words
from wellbeing.web.team_page.queries import UnitHistory
from wellbeing.web.team_page.trend_chart import Theme, TrendChart, chart_key
from wellbeing.web.team_page.unit_chart import find_incidents_drawn, find_trend_of, make_chart


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round in the table of a scale: a figure as shown, or why there is none."""

    closed_on: date
    text: str
    is_shown: bool
    is_extra: bool


@dataclass(frozen=True, slots=True)
class ScaleSection:
    """All a page says about one scale of a unit."""

    scale: Scale
    name: LazyText
    about: LazyText
    verdict: LazyText
    explanation: str
    facts: list[tuple[str, str]]
    rows: list[RoundRow]
    is_class: bool
    alt: str
    chart: TrendChart
    chart_version: str
    incidents: str


def describe_scales(history: UnitHistory, zone: tzinfo, *, whole: bool) -> list[ScaleSection]:
    """A section for each scale in page order, with the latest rounds or the `whole` record; none
    before the unit has shown a figure.
    """
    if not history.has_figures:
        return []
    return [_describe_scale(history, scale, zone, whole=whole) for scale in words.PAGE_ORDER]


def say_point(point: Point | None) -> str:
    """A figure as shown; "" for none."""
    return say_value(point.point, point.kind) if point else ""


def _describe_scale(
    history: UnitHistory, scale: Scale, zone: tzinfo, *, whole: bool
) -> ScaleSection:
    trend, rules = find_trend_of(history, scale), load_flag_rules().trend
    verdict = words.say_verdict(trend)
    points, drawn = history.series[scale], history.list_drawn(whole=whole)
    chart = make_chart(history, trend, Theme.LIGHT, zone, whole=whole)
    incidents = words.say_incidents(find_incidents_drawn(chart))
    return ScaleSection(
        scale=scale,
        name=words.SCALE_NAMES[scale],
        about=words.SCALE_ABOUT[scale],
        verdict=verdict,
        explanation=words.explain(
            trend, say_point(points[-1]), rules, is_shown=points[-1] is not None
        ),
        facts=words.list_facts(trend.change) if trend.change else [],
        rows=[_round_row(history, points[i], i) for i in reversed(drawn)],
        is_class=bool(trend.change and trend.change.at_least),
        alt=f"{words.say_chart(scale, len(drawn), verdict)} {incidents}".rstrip(),
        chart=chart,
        chart_version=chart_key(chart),
        incidents=incidents,
    )


def _round_row(history: UnitHistory, point: Point | None, at: int) -> RoundRow:
    shown = history.rounds[at]
    if point is not None:
        return RoundRow(shown.closed_on, say_point(point), is_shown=True, is_extra=shown.is_extra)
    mark = history.withheld.get(shown.round_id)
    reason = words.WITHHELD_SHORT[mark.reason] if mark else words.WITHHELD_SHORT["too_few"]
    return RoundRow(shown.closed_on, str(reason), is_shown=False, is_extra=shown.is_extra)
