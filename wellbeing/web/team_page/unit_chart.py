"""The trend of one scale of a unit, and the chart that shows it in the reader's language."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta, tzinfo

from wellbeing.domain.flag_rules import FlagRules, LooksAt, load_flag_rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.trends import Point, Trend, find_reference, find_trend
from wellbeing.web.shared.i18n import format_month, gettext
from wellbeing.web.team_page import words
from wellbeing.web.team_page.queries import UnitHistory
from wellbeing.web.team_page.trend_chart import (
    ChartLabels,
    ChartMark,
    ChartPoint,
    MarkKind,
    ReferenceBand,
    Theme,
    TrendChart,
)


def find_trend_of(history: UnitHistory, scale: Scale) -> Trend:
    """The trend over all rounds, as flags see it, so that verdict and flag never disagree."""
    return find_trend(history.series[scale], scale, load_instrument(), load_flag_rules().trend)


def make_chart(history: UnitHistory, scale: Scale, theme: Theme, zone: tzinfo) -> TrendChart:
    """The chart of a scale, in the reader's language."""
    trend, points = find_trend_of(history, scale), history.series[scale]
    return TrendChart(
        title=words.say_short(scale),
        points=tuple(_chart_point(history, points[i], trend, i) for i in history.asked),
        labels=_labels(),
        reference=_reference_band(scale, load_flag_rules()),
        marks=tuple(sorted(_marks(history, points, zone), key=lambda mark: mark.on)),
        theme=theme,
    )


def _chart_point(history: UnitHistory, point: Point | None, trend: Trend, at: int) -> ChartPoint:
    closed_on, level = history.rounds[at].closed_on, trend.levels[at]
    return ChartPoint(
        on=closed_on,
        label=format_month(closed_on),
        value=point.point if point else None,
        kind=point.kind if point else "exact",
        level=_half_points(level.level) if level else None,
        low=_half_points(level.low) if level else None,
        high=_half_points(level.high) if level else None,
    )


def _half_points(points: float) -> float:
    """As fine as a chart is drawn: the exact width of its band would tell the exact number of
    answers, which is shown as a range only.
    """
    return round(points * 2) / 2


def _marks(
    history: UnitHistory, points: Sequence[Point | None], zone: tzinfo
) -> Iterable[ChartMark]:
    """Sessions and incidents since the first round shown, and breaks between the rounds they lie
    between.
    """
    first = _first_day(history)
    for day in find_incidents_drawn(history):
        yield ChartMark(day, MarkKind.INCIDENT)
    for moment in history.held_at:
        held_on = moment.astimezone(zone).date()
        if held_on >= first:
            yield ChartMark(held_on, MarkKind.SESSION)
    before: date | None = None
    for point in points:
        if point is not None:
            if point.series_break and before is not None:
                yield ChartMark(_between(before, point.closed_on), MarkKind.BREAK)
            before = point.closed_on


def find_incidents_drawn(history: UnitHistory) -> list[date]:
    """The days of incidents since the first round shown; earlier ones have no place there."""
    return [day for day in history.incidents_on if day >= _first_day(history)]


def _first_day(history: UnitHistory) -> date:
    asked = history.asked
    return history.rounds[asked[0]].closed_on if asked else date.max


def _between(one: date, other: date) -> date:
    return one + timedelta(days=(other - one).days // 2)


def _reference_band(scale: Scale, rules: FlagRules) -> ReferenceBand | None:
    """As far from the average as the rule on levels lets a unit lie; no rule, no band."""
    for rule in rules.rows:
        if rule.scale is scale and rule.looks_at is LooksAt.LEVEL:
            reference = find_reference(load_instrument(), rules.trend)
            mean, room = reference.mean[scale], rule.threshold * reference.sd[scale]
            return ReferenceBand(mean - room, mean + room, gettext("Near the average"))
    return None


def _labels() -> ChartLabels:
    return ChartLabels(
        figure=gettext("Figure of a round"),
        interval=gettext("Likely level"),
        withheld=gettext("No figure shown"),
        or_more=gettext("This or more"),
        or_less=gettext("This or less"),
        session=gettext("Session held"),
        incident=gettext("Incident"),
        series_break=gettext("New wording"),
    )
