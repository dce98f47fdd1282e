"""Reads published figures: as records for everyone, as series for one unit. Knows no answers."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

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

# Naming more units than this takes longer than reading them all and leaving the others out.
_MOST_NAMED = 1_000
_POOLED = Reason.POOLED.name.lower()
_OF_ONE_UNIT = tuple(kind.name.lower() for kind in (GroupKind.TEAM, GroupKind.POOLED))
# The number of answers, and the figure as shown.
_Figure = tuple[int, int, PointKind]
_Rows = Select[*tuple[Any, ...]]
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


def find_rounds(session: Session, *, with_unreleased: bool = False) -> list[RoundShown]:
    """Published rounds, oldest first; one counts as published once its key is destroyed."""
    query = (
        select(
            PublishedRound.round_id,
            PublishedRound.number,
            PublishedRound.closed_on,
            PublishedRound.wording,
            Round.unit_id.is_not(None),
        )
        .join(Round, Round.id == PublishedRound.round_id)
        .order_by(PublishedRound.closed_on, PublishedRound.number)
    )
    if not with_unreleased:
        query = query.where(PublishedRound.key_destroyed_at.is_not(None))
    return [RoundShown(*row) for row in session.execute(query)]


def find_rounds_of(
    session: Session, unit_ids: Collection[UUID], *, with_unreleased: bool = False
) -> dict[UUID, list[RoundShown]]:
    """Per unit the published rounds of everyone, and those extra ones that asked this unit.

    A round that asked others only is no part of a unit's history: not even as a gap in it.
    """
    rounds = find_rounds(session, with_unreleased=with_unreleased)
    extra = [shown.round_id for shown in rounds if shown.is_extra]
    if not extra:
        return dict.fromkeys(unit_ids, rounds)
    asked = session.execute(
        select(RoundUnit.round_id, RoundUnit.unit_id).where(RoundUnit.round_id.in_(extra))
    )
    of_extra = {(row.round_id, row.unit_id) for row in asked}
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
    rounds_of: Mapping[UUID, Sequence[RoundShown]] | None = None,
) -> dict[UUID, UnitSeries]:
    """Per unit and scale one entry per round of `find_rounds_of`; None where withheld.

    A unit's figure is that of its own group, or of its roll-up where it has units below it. With
    `of_everyone_only` extra rounds are left out, so that all units speak of the same latest round.
    `rounds_of` spares looking them up again.
    """
    rounds_of = rounds_of or find_rounds_of(session, unit_ids, with_unreleased=with_unreleased)
    if of_everyone_only:
        rounds_of = {unit: [r for r in rs if not r.is_extra] for unit, rs in rounds_of.items()}
    rows: dict[UUID, dict[UUID, Sequence[Any]]] = {unit: {} for unit in unit_ids}
    for round_id, unit, *figures in _find_figures(session, unit_ids):
        rows[unit][round_id] = figures
    return {unit: _make_series(rounds_of[unit], rows[unit]) for unit in unit_ids}


def _make_series(rounds: Sequence[RoundShown], rows: Mapping[UUID, Sequence[Any]]) -> UnitSeries:
    figures: dict[Scale, dict[int, _Figure]] = {scale: {} for scale in Scale}
    for i, shown in enumerate(rounds):
        size, *values = rows.get(shown.round_id, (0,))
        for scale, point, kind in zip(Scale, values[::2], values[1::2], strict=bool(values)):
            if point is not None:
                figures[scale][i] = (size, point, kind)
    return {scale: _as_points(figures[scale], rounds) for scale in Scale}


def _as_points(
    figures: Mapping[int, _Figure], rounds: Sequence[RoundShown]
) -> tuple[Point | None, ...]:
    """A point a round; one whose wording differs from that of the point before it is a break."""
    points: list[Point | None] = [None] * len(rounds)
    before: str | None = None
    for i in sorted(figures):
        (size, point, kind), shown = figures[i], rounds[i]
        points[i] = Point(
            round_index=i,
            closed_on=shown.closed_on,
            n=size,
            point=point,
            kind=kind,
            series_break=before not in (None, shown.wording),
        )
        before = shown.wording
    return tuple(points)


def find_withheld(session: Session, unit_id: UUID) -> dict[UUID, WithheldUnit]:
    """Per round the reason a unit has no figure of its own."""
    return find_withheld_of(session, [unit_id])[unit_id]


def find_withheld_of(
    session: Session, unit_ids: Collection[UUID]
) -> dict[UUID, dict[UUID, WithheldUnit]]:
    """The same of several units."""
    rows = session.execute(
        select(
            PublishedWithheld.unit_id,
            PublishedWithheld.round_id,
            PublishedWithheld.reason,
            PublishedGroup.label,
            PublishedGroup.unit_id,
        )
        .outerjoin(PublishedGroup, PublishedGroup.id == PublishedWithheld.group_id)
        .where(PublishedWithheld.unit_id.in_(unit_ids))
    )
    found: dict[UUID, dict[UUID, WithheldUnit]] = {unit: {} for unit in unit_ids}
    for unit_id, round_id, reason, label, counted_in in rows:
        found[unit_id][round_id] = WithheldUnit(reason, label, counted_in)
    return found


def _find_figures(session: Session, unit_ids: set[UUID]) -> Iterator[Sequence[Any]]:
    """A row a round and unit: both ids, the size, and a point and its kind for each scale."""
    is_named = len(unit_ids) <= _MOST_NAMED
    named = {"unit_ids": list(unit_ids)} if is_named else {}
    for query in _figure_queries(is_named=is_named):
        for row in session.execute(query, named):
            if row.unit_id in unit_ids:
                yield row


@cache
def _figure_queries(*, is_named: bool) -> tuple[_Rows, _Rows]:
    """Of teams' own groups, and of units above groups; of the `unit_ids` given where `is_named`."""
    team: _Rows = select(
        PublishedGroup.round_id, PublishedGroup.unit_id, PublishedGroup.size
    ).where(PublishedGroup.kind.in_(_OF_ONE_UNIT))
    # Sizes are added up by grouping the whole: a sum asked for unit by unit took a look at every
    # group for each, wherever the database had not counted its rows lately.
    rollup: _Rows = (
        select(PublishedRollup.round_id, PublishedRollup.unit_id, func.sum(PublishedGroup.size))
        .join(PublishedRollupGroup, PublishedRollupGroup.rollup_id == PublishedRollup.id)
        .join(PublishedGroup, PublishedGroup.id == PublishedRollupGroup.group_id)
        .group_by(PublishedRollup.id)
    )
    for scale in Scale:
        figure = aliased(PublishedFigure)
        is_of_scale = figure.scale == scale.value
        team = team.add_columns(figure.point, figure.kind).outerjoin(
            figure, and_(figure.group_id == PublishedGroup.id, is_of_scale)
        )
        figure = aliased(PublishedFigure)
        is_of_scale = figure.scale == scale.value
        rollup = (
            rollup.add_columns(figure.point, figure.kind)
            .outerjoin(figure, and_(figure.rollup_id == PublishedRollup.id, is_of_scale))
            .group_by(figure.point, figure.kind)
        )
    if is_named:
        unit_ids: BindParameter[Any] = bindparam("unit_ids", expanding=True)
        team = team.where(PublishedGroup.unit_id.in_(unit_ids))
        rollup = rollup.where(PublishedRollup.unit_id.in_(unit_ids))
    return team, rollup
