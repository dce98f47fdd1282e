"""What leader pages read: published rows and the ledger of support, never an answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.figures import (
    RoundShown,
    UnitSeries,
    WithheldUnit,
    find_rounds,
    find_series,
    find_withheld,
)
from wellbeing.actions.units import find_scope
from wellbeing.domain.instrument import Scale
from wellbeing.domain.roles import WORKPLACE_READERS
from wellbeing.domain.trends import PointKind
from wellbeing.store.org import Round, RoundState, RoundUnit
from wellbeing.store.published import (
    Flag,
    FlagState,
    PublishedFigure,
    PublishedGroup,
    PublishedRollup,
    PublishedRollupGroup,
    PublishedRound,
    PublishedWithheld,
)
from wellbeing.store.support import Offer, SessionState, SupportForm, SupportSession

OTHERS = "others"
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


@dataclass(frozen=True, slots=True)
class CountedIn:
    """Why a unit has no figure in a round; the group its people are counted in, if any."""

    reason: str
    is_others: bool
    unit_path: str | None


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """Everything published of a unit: an entry of each series per round, oldest first."""

    rounds: Sequence[RoundShown]
    series: UnitSeries
    withheld: Mapping[UUID, WithheldUnit]
    held_at: Sequence[datetime]

    @property
    def asked(self) -> list[int]:
        """The rounds that knew the unit; the others came before it was there."""
        return [
            i
            for i, shown in enumerate(self.rounds)
            if shown.round_id in self.withheld or any(points[i] for points in self.series.values())
        ]

    @property
    def has_figures(self) -> bool:
        """Whether any round showed a figure of this unit."""
        return any(point for points in self.series.values() for point in points)


@dataclass(frozen=True, slots=True)
class FlagSession:
    """The session that answers a flag: scheduled or held."""

    form: SupportForm
    state: SessionState
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FlagShown:
    """A flag of a released round and what has come of it."""

    id: UUID
    unit_id: UUID
    kind: str
    figures: Mapping[str, Any]
    state: FlagState
    raised_on: date
    round_id: UUID
    round_closed_on: date
    closed_because: str | None
    session: FlagSession | None

    @property
    def is_open(self) -> bool:
        """Whether something is still to happen."""
        held = self.session is not None and self.session.state is SessionState.HELD
        return self.state is not FlagState.CLOSED and not held

    @property
    def urgency(self) -> tuple[bool, date]:
        """Sorts open flags: those nobody has answered first, then the oldest."""
        return self.session is not None, self.raised_on


def find_reader_scope(session: Session, person_id: UUID) -> set[UUID]:
    """The open units whose published figures this person reads."""
    return find_scope(session, person_id, WORKPLACE_READERS)


def find_history(session: Session, unit_id: UUID) -> UnitHistory:
    """What was published of a unit, and when sessions were held there."""
    held = (
        select(SupportSession.starts_at)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Offer.unit_id == unit_id, SupportSession.state == SessionState.HELD)
        .order_by(SupportSession.starts_at)
    )
    return UnitHistory(
        find_rounds(session),
        find_series(session, {unit_id})[unit_id],
        find_withheld(session, unit_id),
        session.scalars(held).all(),
    )


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


def find_counting_group(session: Session, round_id: UUID, unit_id: UUID) -> GroupShown | None:
    """The group that the people of a withheld unit are counted in."""
    counted = select(PublishedWithheld.group_id).where(
        PublishedWithheld.round_id == round_id, PublishedWithheld.unit_id == unit_id
    )
    return next(iter(_find_groups(session, PublishedGroup.id.in_(counted))), None)


def find_counted_in(session: Session, round_id: UUID) -> dict[UUID, CountedIn]:
    """Every unit withheld in a round."""
    query = (
        select(PublishedWithheld, PublishedGroup, RoundUnit.path)
        .outerjoin(PublishedGroup, PublishedGroup.id == PublishedWithheld.group_id)
        .outerjoin(RoundUnit, _same_unit())
        .where(PublishedWithheld.round_id == round_id)
    )
    return {
        mark.unit_id: CountedIn(
            mark.reason,
            group is not None and group.kind == OTHERS,
            path or (group.label if group else None),
        )
        for mark, group, path in session.execute(query)
    }


def find_flags(session: Session, unit_ids: Collection[UUID]) -> list[FlagShown]:
    """Every flag of these units whose round is released, newest first."""
    query = (
        select(Flag, PublishedRound.closed_on)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .where(Flag.unit_id.in_(unit_ids), PublishedRound.key_destroyed_at.is_not(None))
        .order_by(Flag.raised_on.desc(), Flag.rule_id)
    )
    sessions = _find_sessions_of_flags(session, unit_ids)
    return [
        FlagShown(
            id=flag.id,
            unit_id=flag.unit_id,
            kind=flag.kind,
            figures=flag.figures,
            state=flag.state,
            raised_on=flag.raised_on,
            round_id=flag.round_id,
            round_closed_on=closed_on,
            closed_because=flag.closed_because,
            session=sessions.get(flag.id),
        )
        for flag, closed_on in session.execute(query)
    ]


def find_awaited_round(session: Session) -> Round | None:
    """The round whose figures come next: open or being counted, else planned."""
    query = select(Round).where(Round.state.in_(AWAITED)).order_by(Round.opens_at).limit(1)
    return session.scalars(query).first()


def find_min_group_size(session: Session, round_id: UUID) -> int:
    """The fewest answers a group of this round had."""
    return session.get_one(PublishedRound, round_id).min_group_size


def _find_sessions_of_flags(
    session: Session, unit_ids: Collection[UUID]
) -> dict[UUID, FlagSession]:
    query = (
        select(Offer.flag_id, Offer.form, SupportSession)
        .join(SupportSession, SupportSession.offer_id == Offer.id)
        .where(
            Offer.unit_id.in_(unit_ids),
            SupportSession.state != SessionState.CANCELLED,
        )
    )
    return {
        flag_id: FlagSession(form, found.state, found.starts_at, found.ends_at)
        for flag_id, form, found in session.execute(query)
        if flag_id is not None
    }


def _find_groups(session: Session, which: ColumnElement[bool]) -> list[GroupShown]:
    rows = session.execute(
        select(PublishedGroup, RoundUnit.path)
        .outerjoin(RoundUnit, _same_unit())
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


def _same_unit() -> ColumnElement[bool]:
    """The unit of a group as it stood in the group's own round."""
    return and_(
        RoundUnit.round_id == PublishedGroup.round_id, RoundUnit.unit_id == PublishedGroup.unit_id
    )
