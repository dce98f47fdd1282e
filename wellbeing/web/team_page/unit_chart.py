"""The trend of one scale of a unit, and the chart that shows it in the reader's language."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta, tzinfo

from wellbeing.domain.flag_rules import FlagRules, LooksAt, load_flag_rules
from wellbeing.domain.instrument import Reference, Scale, load_instrument
from wellbeing.domain.trends import Point, Trend, find_trend
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
    rules, reference = load_flag_rules().trend, history.reference
    return find_trend(history.series[scale], scale, load_instrument(), rules, reference)


def make_chart(
    history: UnitHistory, trend: Trend, theme: Theme, zone: tzinfo, *, whole: bool = False
) -> TrendChart:
    """The chart of a trend in the reader's language: the latest rounds, or the `whole` record."""
    scale, drawn = trend.scale, history.list_drawn(whole=whole)
    points = history.series[scale]
    first = history.rounds[drawn[0]].closed_on if drawn else date.max
    return TrendChart(
        title=words.say_short(scale),
        points=tuple(_chart_point(history, points[i], trend, i) for i in drawn),
        labels=_labels(),
        reference=_reference_band(scale, load_flag_rules(), history.reference),
        marks=tuple(
            sorted(
                (mark for mark in _marks(history, points, zone) if mark.on >= first),
                key=lambda mark: mark.on,
            )
        ),
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
    """Sessions and incidents on their days, and breaks between the rounds they lie between."""
    for day in history.incidents_on:
        yield ChartMark(day, MarkKind.INCIDENT)
    for moment in history.held_at:
        yield ChartMark(moment.astimezone(zone).date(), MarkKind.SESSION)
    before: date | None = None
    for point in points:
        if point is not None:
            if point.series_break and before is not None:
                yield ChartMark(_between(before, point.closed_on), MarkKind.BREAK)
            before = point.closed_on


def find_incidents_drawn(chart: TrendChart) -> list[date]:
    """The days of the incidents that a chart shows."""
    return [mark.on for mark in chart.marks if mark.kind is MarkKind.INCIDENT]


def _between(one: date, other: date) -> date:
    return one + timedelta(days=(other - one).days // 2)


def _reference_band(scale: Scale, rules: FlagRules, reference: Reference) -> ReferenceBand | None:
    """As far from the average as the rule on levels lets a unit lie; no rule, no band."""
    for rule in rules.rows:
        if rule.scale is scale and rule.looks_at is LooksAt.LEVEL:
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
