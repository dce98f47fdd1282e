"""Reads published figures: as records for everyone, as series for one unit. Knows no answers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import GroupKind, Reason
from wellbeing.domain.trends import Point, PointKind
from wellbeing.store.org import Round, RoundUnit
from wellbeing.store.published import (
    PublishedFigure,
    PublishedGroup,
    PublishedRollup,
    PublishedRollupGroup,
    PublishedRound,
    PublishedWithheld,
)

_POOLED = Reason.POOLED.name.lower()
_OF_ONE_UNIT = tuple(kind.name.lower() for kind in (GroupKind.TEAM, GroupKind.POOLED))
UnitSeries = Mapping[Scale, tuple[Point | None, ...]]


@dataclass(frozen=True, slots=True)
class WithheldUnit:
    """Why a unit shows nothing in a round, and where its people count."""

    reason: str
    counted_in_label: str | None
    counted_in_unit_id: UUID | None

    @property
    def reporting_group_id(self) -> UUID | None:
        """The reporting group whose figure stands for the unit; None where it is not in one."""
        return self.counted_in_unit_id if self.reason == _POOLED else None


@dataclass(frozen=True, slots=True)
class RoundShown:
    """A published round as a page needs it; one that `is_extra` asked one unit and those below."""

    round_id: UUID
    number: int
    closed_on: date
    wording: str
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class _Figure:
    round_id: UUID
    unit_id: UUID
    size: int
    scale: str
    point: int
    kind: str


def find_rounds(session: Session, *, with_unreleased: bool = False) -> list[RoundShown]:
    """Published rounds, oldest first; one counts as published once its key is destroyed."""
    query = (
        select(PublishedRound, Round.unit_id)
        .join(Round, Round.id == PublishedRound.round_id)
        .order_by(PublishedRound.closed_on, PublishedRound.number)
    )
    if not with_unreleased:
        query = query.where(PublishedRound.key_destroyed_at.is_not(None))
    return [
        RoundShown(row.round_id, row.number, row.closed_on, row.wording, unit_id is not None)
        for row, unit_id in session.execute(query)
    ]


def find_rounds_of(
    session: Session, unit_ids: Collection[UUID], *, with_unreleased: bool = False
) -> dict[UUID, list[RoundShown]]:
    """Per unit the published rounds of everyone, and those extra ones that asked this unit.

    A round that asked others only is no part of a unit's history: not even as a gap in it.
    """
    rounds = find_rounds(session, with_unreleased=with_unreleased)
    extra = [shown.round_id for shown in rounds if shown.is_extra]
    asked = session.execute(
        select(RoundUnit.round_id, RoundUnit.unit_id).where(RoundUnit.round_id.in_(extra))
    )
    of_extra = {(row.round_id, row.unit_id) for row in asked} if extra else set()
    return {
        unit: [
            shown for shown in rounds if not shown.is_extra or (shown.round_id, unit) in of_extra
        ]
        for unit in unit_ids
    }


def find_series(
    session: Session,
    unit_ids: set[UUID],
    *,
    with_unreleased: bool = False,
    of_everyone_only: bool = False,
) -> dict[UUID, UnitSeries]:
    """Per unit and scale one entry per round of `find_rounds_of`; None where withheld.

    A unit's figure is that of its own group, or of its roll-up where it has units below it. With
    `of_everyone_only` extra rounds are left out, so that all units speak of the same latest round.
    """
    rounds_of = find_rounds_of(session, unit_ids, with_unreleased=with_unreleased)
    if of_everyone_only:
        rounds_of = {unit: [r for r in rs if not r.is_extra] for unit, rs in rounds_of.items()}
    figures: dict[UUID, list[_Figure]] = {unit: [] for unit in unit_ids}
    for figure in _find_figures(session, unit_ids):
        figures[figure.unit_id].append(figure)
    return {unit: _make_series(rounds_of[unit], figures[unit]) for unit in unit_ids}


def _make_series(rounds: Sequence[RoundShown], figures: Iterable[_Figure]) -> UnitSeries:
    at = {shown.round_id: i for i, shown in enumerate(rounds)}
    series: dict[Scale, list[Point | None]] = {scale: [None] * len(rounds) for scale in Scale}
    for figure in figures:
        i = at.get(figure.round_id)
        if i is None:
            continue
        series[Scale(figure.scale)][i] = Point(
            round_index=i,
            closed_on=rounds[i].closed_on,
            n=figure.size,
            point=figure.point,
            kind=cast(PointKind, figure.kind),
        )
    wordings = [shown.wording for shown in rounds]
    return {scale: _with_breaks(points, wordings) for scale, points in series.items()}


def _with_breaks(
    points: Sequence[Point | None], wordings: Sequence[str]
) -> tuple[Point | None, ...]:
    """Marks each point whose wording differs from that of the point shown before it."""
    marked: list[Point | None] = []
    before: str | None = None
    for point, wording in zip(points, wordings, strict=True):
        if point is not None:
            point = replace(point, series_break=before not in (None, wording))
            before = wording
        marked.append(point)
    return tuple(marked)


def find_withheld(session: Session, unit_id: UUID) -> dict[UUID, WithheldUnit]:
    """Per round the reason a unit has no figure of its own."""
    rows = session.execute(
        select(PublishedWithheld, PublishedGroup)
        .outerjoin(PublishedGroup, PublishedGroup.id == PublishedWithheld.group_id)
        .where(PublishedWithheld.unit_id == unit_id)
    )
    return {
        mark.round_id: WithheldUnit(
            mark.reason, group.label if group else None, group.unit_id if group else None
        )
        for mark, group in rows
    }


def _find_figures(session: Session, unit_ids: set[UUID]) -> list[_Figure]:
    shown = (
        PublishedFigure.scale,
        PublishedFigure.point,
        PublishedFigure.kind,
    )
    team = (
        select(PublishedGroup.round_id, PublishedGroup.unit_id, PublishedGroup.size, *shown)
        .join(PublishedGroup, PublishedGroup.id == PublishedFigure.group_id)
        .where(PublishedGroup.kind.in_(_OF_ONE_UNIT), PublishedGroup.unit_id.in_(unit_ids))
    )
    size = (
        select(func.sum(PublishedGroup.size))
        .join(PublishedRollupGroup, PublishedRollupGroup.group_id == PublishedGroup.id)
        .where(PublishedRollupGroup.rollup_id == PublishedRollup.id)
        .scalar_subquery()
    )
    rollup = (
        select(PublishedRollup.round_id, PublishedRollup.unit_id, size.label("size"), *shown)
        .join(PublishedRollup, PublishedRollup.id == PublishedFigure.rollup_id)
        .where(PublishedRollup.unit_id.in_(unit_ids))
    )
    return [_Figure(*row) for query in (team, rollup) for row in session.execute(query)]
