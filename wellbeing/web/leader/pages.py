"""Puts leader pages together out of what was published: sections, rows and charts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from uuid import UUID

from wellbeing.actions.figures import UnitSeries, WithheldUnit
from wellbeing.actions.units import PATH_SEPARATOR
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.domain.instrument import Scale, load_instrument
from wellbeing.domain.trends import Point, find_reference
from wellbeing.web.leader import words
from wellbeing.web.leader.queries import CountedIn, FlagShown, GroupShown, UnitHistory, Value
from wellbeing.web.leader.trend_chart import Theme, chart_key
from wellbeing.web.leader.unit_chart import find_trend_of, make_chart
from wellbeing.web.shared.i18n import LazyText

ROUNDS_OF_EARLIER_FLAGS = 4


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit by the last part of its path, and where it lies."""

    name: str
    above: str

    @classmethod
    def of(cls, path: str) -> "UnitName":
        """The name in a path."""
        above, _, name = path.rpartition(PATH_SEPARATOR)
        return cls(name, above)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the list: its figures in page order, or why it has none."""

    id: UUID
    unit: UnitName
    figures: tuple[str, ...]
    withheld: LazyText | None
    counted_in: str
    flags: tuple[FlagShown, ...]


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round in the table of a scale: a figure as shown, or why there is none."""

    closed_on: date
    text: str
    is_shown: bool


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
    chart_version: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in a table: its name, its figures in page order, and how many answers, roughly."""

    unit_id: UUID
    name: str
    figures: tuple[str, ...]
    size: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What a unit's latest figure rests on; `response` only where it is a single group's."""

    size: str
    response: str
    groups: list[GroupRow]


@dataclass(frozen=True, slots=True)
class WithheldShown:
    """Why a unit has no figure, and the group its people are counted in; `group` if readable."""

    why: str
    counted_in: str
    group: GroupRow | None
    is_small_team: bool


@dataclass(frozen=True, slots=True)
class ReferenceShown:
    """The sample that levels are compared with, and its average on each scale in whole points."""

    name: str
    source: str
    points: Mapping[Scale, int]


def list_units(
    paths: Mapping[UUID, str],
    latest: Mapping[UUID, UnitSeries],
    withheld: Mapping[UUID, CountedIn],
    flags: Collection[FlagShown],
) -> list[UnitRow]:
    """The units in the order of the tree, each with its latest figures and its open flags."""
    return [
        UnitRow(
            id=unit_id,
            unit=UnitName.of(path),
            figures=_latest_figures(latest[unit_id]),
            withheld=_short_reason(withheld.get(unit_id)),
            counted_in=_counted_in(withheld.get(unit_id)),
            flags=tuple(flag for flag in flags if flag.unit_id == unit_id and flag.is_open),
        )
        for unit_id, path in paths.items()
    ]


def list_flagged(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """The units with an open flag, the ones that have waited longest without an answer first."""
    flagged = [row for row in rows if row.flags]
    return sorted(flagged, key=lambda row: min(flag.urgency for flag in row.flags))


def describe_scales(history: UnitHistory, zone: tzinfo) -> list[ScaleSection]:
    """A section for each scale in page order; none before the unit has shown a figure."""
    if not history.has_figures:
        return []
    return [_describe_scale(history, scale, zone) for scale in words.PAGE_ORDER]


def list_groups(groups: Iterable[GroupShown]) -> list[GroupRow]:
    """Groups with their shown values, as rows of a table."""
    return [
        GroupRow(
            unit_id=group.unit_id,
            name=words.say_group(group.unit_path, is_others=group.is_others),
            figures=tuple(_say(group.values.get(scale)) for scale in words.PAGE_ORDER),
            size=words.say_size(group.size),
        )
        for group in groups
    ]


def describe_behind(groups: Sequence[GroupShown], unit_id: UUID) -> Behind | None:
    """What the latest figure of a unit rests on; None where it has none."""
    if not groups:
        return None
    first = groups[0]
    is_own = len(groups) == 1 and first.unit_id == unit_id and not first.is_others
    return Behind(
        size=words.say_size(sum(group.size for group in groups)),
        response=words.say_response(first.response_class) if is_own else "",
        groups=[] if is_own else list_groups(groups),
    )


def describe_withheld(
    mark: WithheldUnit, group: GroupShown | None, min_group_size: int, scope: Collection[UUID]
) -> WithheldShown:
    """Why a unit has no figure; the group's own figures only for readers of the group's unit."""
    return WithheldShown(
        why=words.say_why_withheld(mark.reason, min_group_size),
        counted_in=words.say_group(group.unit_path, is_others=group.is_others) if group else "",
        group=list_groups([group])[0] if group and group.unit_id in scope else None,
        is_small_team=mark.reason in words.TOO_SMALL,
    )


def list_earlier_flags(flags: Iterable[FlagShown], history: UnitHistory) -> list[FlagShown]:
    """Flags of the latest rounds that were answered or closed, newest first."""
    recent = {shown.round_id for shown in history.rounds[-ROUNDS_OF_EARLIER_FLAGS:]}
    return [flag for flag in flags if not flag.is_open and flag.round_id in recent]


def describe_reference() -> ReferenceShown:
    """The sample behind every comparison."""
    reference = find_reference(load_instrument(), load_flag_rules().trend)
    points = {scale: round(mean) for scale, mean in reference.mean.items()}
    return ReferenceShown(words.say_reference(reference), reference.source, points)


def _describe_scale(history: UnitHistory, scale: Scale, zone: tzinfo) -> ScaleSection:
    trend, rules = find_trend_of(history, scale), load_flag_rules().trend
    verdict = words.say_verdict(trend)
    points = history.series[scale]
    return ScaleSection(
        scale=scale,
        name=words.SCALE_NAMES[scale],
        about=words.SCALE_ABOUT[scale],
        verdict=verdict,
        explanation=words.explain(
            trend, _say_point(points[-1]), rules, is_shown=points[-1] is not None
        ),
        facts=words.list_facts(trend.change) if trend.change else [],
        rows=[_round_row(history, points[i], i) for i in reversed(history.asked)],
        is_class=bool(trend.change and trend.change.at_least),
        alt=words.say_chart(scale, len(history.asked), verdict),
        chart_version=chart_key(make_chart(history, scale, Theme.LIGHT, zone)),
    )


def _round_row(history: UnitHistory, point: Point | None, at: int) -> RoundRow:
    shown = history.rounds[at]
    if point is not None:
        return RoundRow(shown.closed_on, _say_point(point), is_shown=True)
    mark = history.withheld.get(shown.round_id)
    reason = words.WITHHELD_SHORT[mark.reason] if mark else words.WITHHELD_SHORT["too_few"]
    return RoundRow(shown.closed_on, str(reason), is_shown=False)


def _latest_figures(series: UnitSeries) -> tuple[str, ...]:
    latest = [series[scale][-1] if series[scale] else None for scale in words.PAGE_ORDER]
    return tuple(_say_point(point) for point in latest) if any(latest) else ()


def _short_reason(mark: CountedIn | None) -> LazyText | None:
    return words.WITHHELD_SHORT[mark.reason] if mark else None


def _counted_in(mark: CountedIn | None) -> str:
    if mark is None or mark.unit_path is None:
        return ""
    return words.say_group(mark.unit_path, is_others=mark.is_others)


def _say_point(point: Point | None) -> str:
    return words.say_value(point.point, point.kind) if point else ""


def _say(value: Value | None) -> str:
    return words.say_value(value.point, value.kind) if value else ""
