"""Reads the published series of all units side by side, for comparing units with each other.

Only figures of a unit's or reporting group's own: roll-ups would count people twice, and who is
among the others in a unit changes from round to round. Only rounds that asked everyone: in a round
that asked one unit there is nothing to compare it with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import GroupKind
from wellbeing.domain.trends import Point, PointKind, Series
from wellbeing.store.org import Round
from wellbeing.store.published import PublishedFigure, PublishedGroup, PublishedRound

OF_ONE_UNIT = tuple(kind.name.lower() for kind in (GroupKind.TEAM, GroupKind.POOLED))
SCALES = tuple(Scale)
_Points = tuple[list[Point | None], ...]


@dataclass(frozen=True, slots=True)
class SeriesOfUnits:
    """Series of the units that ever showed a figure, one entry per round, oldest first, None where
    there is none. They are keyed by the place of a unit in `units`: far quicker than its id.
    """

    units: tuple[UUID, ...]
    of_scale: Mapping[Scale, Mapping[int, Series]]


def find_series_of_units(session: Session) -> SeriesOfUnits:
    """Everything published of single units and reporting groups."""
    rounds = session.execute(_rounds()).all()
    at = {shown.round_id: i for i, shown in enumerate(rounds)}
    points: dict[UUID, _Points] = {}
    for round_id, unit_id, size, *shown in session.execute(_figures()):
        i = at[round_id]
        if unit_id not in points:
            points[unit_id] = tuple([None] * len(rounds) for _ in SCALES)
        for place, series in enumerate(points[unit_id]):
            point, kind = shown[2 * place], shown[2 * place + 1]
            series[i] = Point(i, rounds[i].closed_on, size, point, cast(PointKind, kind))
    wordings = [shown.wording for shown in rounds]
    for series in (series for of_unit in points.values() for series in of_unit):
        _mark_breaks(series, wordings)
    return SeriesOfUnits(
        units=tuple(points),
        of_scale={
            scale: {number: of_unit[place] for number, of_unit in enumerate(points.values())}
            for place, scale in enumerate(SCALES)
        },
    )


def _mark_breaks(series: list[Point | None], wordings: Sequence[str]) -> None:
    """Marks each point whose wording differs from that of the point shown before it."""
    before: str | None = None
    for i, point in enumerate(series):
        if point is not None:
            if before not in (None, wordings[i]):
                series[i] = replace(point, series_break=True)
            before = wordings[i]


def _rounds() -> Select[UUID, date, str]:
    return (
        select(PublishedRound.round_id, PublishedRound.closed_on, PublishedRound.wording)
        .join(Round, Round.id == PublishedRound.round_id)
        .where(PublishedRound.key_destroyed_at.is_not(None), Round.unit_id.is_(None))
        .order_by(PublishedRound.closed_on, PublishedRound.number, PublishedRound.round_id)
    )


def _figures() -> Any:
    """A row for each group; behind it value and kind on each scale, in the order of the scales."""
    query: Any = (
        select(PublishedGroup.round_id, PublishedGroup.unit_id, PublishedGroup.size)
        .join(PublishedRound, PublishedRound.round_id == PublishedGroup.round_id)
        .join(Round, Round.id == PublishedRound.round_id)
        .where(
            PublishedGroup.kind.in_(OF_ONE_UNIT),
            PublishedRound.key_destroyed_at.is_not(None),
            Round.unit_id.is_(None),
        )
        .order_by(PublishedGroup.unit_id)
    )
    for scale in SCALES:
        figure = aliased(PublishedFigure)
        is_its = and_(figure.group_id == PublishedGroup.id, figure.scale == scale.value)
        query = query.join(figure, is_its).add_columns(figure.point, figure.kind)
    return query
