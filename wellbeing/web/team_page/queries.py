"""What a team page reads: published rows and the sessions that were held, never an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.figures import (
    RoundShown,
    UnitSeries,
    WithheldUnit,
    find_rounds_of,
    find_series,
    find_withheld,
)
from wellbeing.actions.incident_reads import find_incident_days
from wellbeing.actions.references import find_level_reference
from wellbeing.actions.units import find_path_up
from wellbeing.domain.instrument import Reference, Scale
from wellbeing.domain.publication import GroupKind
from wellbeing.domain.trends import PointKind
from wellbeing.store.org import Round, RoundState, RoundUnit
from wellbeing.store.published import (
    PublishedFigure,
    PublishedGroup,
    PublishedGroupUnit,
    PublishedRollup,
    PublishedRollupGroup,
    PublishedRound,
    PublishedWithheld,
)
from wellbeing.store.support import Offer, SessionState, SupportSession

OTHERS = GroupKind.OTHERS.name.lower()
# Two years of monthly rounds, six of quarterly ones: about what a chart on a telephone can carry.
MOST_ROUNDS_DRAWN = 24
# What an address says that asks for every round: "?rounds=all".
ALL_ROUNDS = "all"
AWAITED = (RoundState.PLANNED, RoundState.OPEN, RoundState.CLOSED, RoundState.TALLIED)


@dataclass(frozen=True, slots=True)
class Value:
    """A figure as shown: a whole point, or the X of "X or more" and "X or less"."""

    point: int
    kind: PointKind


@dataclass(frozen=True, slots=True)
class GroupShown:
    """A published group: a team, small teams counted together, or the others in a unit.

    `size` is shown as a range only.
    """

    unit_id: UUID
    unit_path: str
    is_others: bool
    size: int
    response_class: int
    values: Mapping[Scale, Value]


@dataclass(frozen=True)
class UnitHistory:
    """Everything published of a unit: an entry of each series per round, oldest first; and the
    sample that its levels are compared with now.
    """

    unit_id: UUID
    rounds: Sequence[RoundShown]
    series: UnitSeries
    withheld: Mapping[UUID, WithheldUnit]
    held_at: Sequence[datetime]
    reference: Reference
    incidents_on: Sequence[date] = ()

    @cached_property
    def asked(self) -> list[int]:
        """The rounds that knew the unit; the others came before it was there."""
        return [
            i
            for i, shown in enumerate(self.rounds)
            if shown.round_id in self.withheld or any(points[i] for points in self.series.values())
        ]

    def list_drawn(self, *, whole: bool) -> list[int]:
        """The rounds that charts and tables show: the latest of those that knew the unit, or all.

        However many there are, every one of them counts in a verdict.
        """
        return self.asked if whole else self.asked[-MOST_ROUNDS_DRAWN:]

    @property
    def has_figures(self) -> bool:
        """Whether any round showed a figure of this unit."""
        return any(point for points in self.series.values() for point in points)

    @property
    def latest_round_id(self) -> UUID | None:
        """The round the page speaks of; None before the first."""
        return self.rounds[-1].round_id if self.rounds else None

    @property
    def latest_mark(self) -> WithheldUnit | None:
        """Why the latest round shows no figure of this unit; None where it shows one."""
        return self.withheld.get(self.rounds[-1].round_id) if self.rounds else None


def find_history(session: Session, unit_id: UUID) -> UnitHistory:
    """What was published of a unit or reporting group, and when sessions were held there."""
    held = (
        select(SupportSession.starts_at)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Offer.unit_id == unit_id, SupportSession.state == SessionState.HELD)
        .order_by(SupportSession.starts_at)
    )
    rounds_of = find_rounds_of(session, {unit_id})
    return UnitHistory(
        unit_id,
        rounds_of[unit_id],
        find_series(session, {unit_id}, rounds_of=rounds_of)[unit_id],
        find_withheld(session, unit_id),
        session.scalars(held).all(),
        find_level_reference(session),
        find_incident_days(session, unit_id),
    )


def find_drawn_history(session: Session, own: UnitHistory) -> UnitHistory:
    """The history whose trends a unit's page draws: its own, or that of the reporting group that
    the latest round counted it in.
    """
    group_id = own.latest_mark.reporting_group_id if own.latest_mark else None
    if group_id is None:
        return own
    # What happened in the other teams of the group is not for the readers of this one.
    return replace(find_history(session, group_id), incidents_on=own.incidents_on)


def find_own_groups(session: Session, round_id: UUID, unit_id: UUID) -> list[GroupShown]:
    """The groups behind a unit's figure: its own, or those of its roll-up; none if withheld."""
    rolled_up = (
        select(PublishedRollupGroup.group_id)
        .join(PublishedRollup, PublishedRollup.id == PublishedRollupGroup.rollup_id)
        .where(PublishedRollup.round_id == round_id, PublishedRollup.unit_id == unit_id)
    )
    own = and_(
        PublishedGroup.round_id == round_id,
        PublishedGroup.unit_id == unit_id,
        PublishedGroup.kind != OTHERS,
    )
    return _find_groups(session, or_(own, PublishedGroup.id.in_(rolled_up)))


def find_groups_of_people(session: Session, round_id: UUID, unit_id: UUID) -> list[GroupShown]:
    """The group that the people placed in a unit itself are counted in; none without such people
    or where their answers are part of no figure.
    """
    counted = (
        select(PublishedGroupUnit.group_id)
        .join(PublishedGroup, PublishedGroup.id == PublishedGroupUnit.group_id)
        .where(PublishedGroup.round_id == round_id, PublishedGroupUnit.unit_id == unit_id)
    )
    return _find_groups(session, PublishedGroup.id.in_(counted))


def find_counting_group(session: Session, round_id: UUID, unit_id: UUID) -> GroupShown | None:
    """The group that the people of a withheld unit are counted in."""
    counted = select(PublishedWithheld.group_id).where(
        PublishedWithheld.round_id == round_id, PublishedWithheld.unit_id == unit_id
    )
    return next(iter(_find_groups(session, PublishedGroup.id.in_(counted))), None)


def find_awaited_round(session: Session, unit_id: UUID | None = None) -> Round | None:
    """The round whose figures come next: open or being counted, else planned.

    Of those that ask everyone; with a unit, of the extra ones that ask this unit as well.
    """
    asks_it: ColumnElement[bool] = Round.unit_id.is_(None)
    if unit_id is not None:
        asks_it = or_(asks_it, Round.unit_id.in_(find_path_up(session, unit_id)))
    query = select(Round).where(Round.state.in_(AWAITED), asks_it).order_by(Round.opens_at)
    return session.scalars(query.limit(1)).first()


def find_min_group_size(session: Session, round_id: UUID) -> int:
    """The fewest answers a group of this round had."""
    return session.get_one(PublishedRound, round_id).min_group_size


def same_unit() -> ColumnElement[bool]:
    """The unit of a group as it stood in the group's own round."""
    return and_(
        RoundUnit.round_id == PublishedGroup.round_id, RoundUnit.unit_id == PublishedGroup.unit_id
    )


def _find_groups(session: Session, which: ColumnElement[bool]) -> list[GroupShown]:
    rows = session.execute(
        select(PublishedGroup, RoundUnit.path)
        .outerjoin(RoundUnit, same_unit())
        .where(which)
        .order_by(RoundUnit.path)
    ).all()
    figures = session.scalars(
        select(PublishedFigure).where(
            PublishedFigure.group_id.in_(select(PublishedGroup.id).where(which))
        )
    )
    values: dict[UUID | None, dict[Scale, Value]] = {}
    for figure in figures:
        value = Value(figure.point, cast(PointKind, figure.kind))
        values.setdefault(figure.group_id, {})[Scale(figure.scale)] = value
    return [
        GroupShown(
            unit_id=group.unit_id,
            unit_path=path or group.label,
            is_others=group.kind == OTHERS,
            size=group.size,
            response_class=group.response_class,
            values=values.get(group.id, {}),
        )
        for group, path in rows
    ]
