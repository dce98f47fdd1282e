"""Extra check-ins: a round that asks one unit and those below it, after an incident there.

It never moves a round of everyone: where the two would come too near each other, the extra one is
not planned, and one that was planned already is cancelled.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.programmes import RUNNING, rhythm_of
from wellbeing.actions.roster import Roster, counts_below, find_roster_below
from wellbeing.actions.structure import Tree, find_tree
from wellbeing.actions.units import find_parents
from wellbeing.domain.actor import Actor
from wellbeing.domain.burden import load_burden_budget
from wellbeing.domain.cycles import MIN_DAYS_BETWEEN_ROUNDS, Window, keeps_distance
from wellbeing.domain.errors import Missing, Refused
from wellbeing.domain.off_cycle import NoRoundReason, find_extra_window, is_well_before
from wellbeing.domain.reporting import path_up, units_below
from wellbeing.store.incidents import Incident
from wellbeing.store.org import Membership, Pause, Programme, Round, RoundState, RoundUnit, Unit

OPENED = (*RUNNING, RoundState.PUBLISHED, RoundState.LOST)


@dataclass(frozen=True, slots=True)
class ExtraRoundOption:
    """When a unit could have an extra check-in, or why it cannot.

    `next_round_at` is when the next round of everyone opens; None where none is planned.
    """

    window: Window | None
    reason: NoRoundReason | None
    next_round_at: datetime | None


def find_extra_round(session: Session, incident: Incident) -> Round | None:
    """The extra check-in about an incident, planned or later; never a cancelled one."""
    found = session.get(Round, incident.round_id) if incident.round_id else None
    return found if found is not None and found.state is not RoundState.CANCELLED else None


def find_option(
    session: Session, incident: Incident, *, zone: ZoneInfo, now: datetime
) -> ExtraRoundOption:
    """The earliest allowed window of an extra check-in about an incident, or why there is none."""
    unit_id, today = incident.unit_id, now.astimezone(zone).date()
    next_round_at = _find_next_of_everyone(session)
    programme = _find_programme(session)
    reason = _find_obstacle(session, unit_id, programme, today)
    if reason is not None or programme is None:
        return ExtraRoundOption(None, reason, next_round_at)
    found = find_extra_window(
        incident.happened_on,
        today,
        rhythm_of(programme),
        zone,
        pauses=[(pause.from_day, pause.until_day) for pause in session.scalars(select(Pause))],
        asked_at=_find_asked_at(session, unit_id),
        next_round_at=next_round_at,
        budget=load_burden_budget(),
    )
    if isinstance(found, Window):
        return ExtraRoundOption(found, None, next_round_at)
    return ExtraRoundOption(None, found, next_round_at)


def plan_off_cycle(
    session: Session, incident_id: UUID, *, on: date, zone: ZoneInfo, now: datetime, by: Actor
) -> Round:
    """Plans the extra check-in on the earliest allowed day, which whoever confirms it has seen as
    `on`; the one there is, if asked twice. Refused where there is none, or on another day by now.
    """
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise Missing("That incident does not exist.")
    found = find_extra_round(session, incident)
    if found is not None:
        return found
    option = find_option(session, incident, zone=zone, now=now)
    if option.window is None:
        raise Refused("No extra check-in is possible here at the moment.")
    if option.window.opens_at.astimezone(zone).date() != on:
        raise Refused("The earliest day has changed meanwhile. Look at it again.")
    planned = _add_round(session, incident.unit_id, option.window)
    incident.round_id = planned.id
    session.flush()
    record(
        session,
        "round.planned_extra",
        str(planned.id),
        by=by,
        now=now,
        unit=str(incident.unit_id),
        incident=str(incident_id),
    )
    return planned


def cancel_off_cycle(session: Session, round_id: UUID, *, now: datetime, by: Actor) -> None:
    """Takes a planned extra check-in back; twice is fine, once open it is too late."""
    round_ = session.get(Round, round_id, with_for_update=True)
    if round_ is None or round_.unit_id is None:
        raise Missing("That round does not exist.")
    if round_.state is RoundState.CANCELLED:
        return
    if round_.state is not RoundState.PLANNED:
        raise Refused("This check-in has opened, so it cannot be cancelled.")
    round_.state = RoundState.CANCELLED
    record(session, "round.cancelled", str(round_id), by=by, now=now)


def fits(session: Session, round_: Round, *, now: datetime) -> bool:
    """Whether a planned extra round may still open now: in time, large enough, far from others."""
    assert round_.unit_id is not None
    asked_at = _find_asked_at(session, round_.unit_id, but=round_.id, opened_only=True)
    next_round_at = _find_next_of_everyone(session)
    is_far = next_round_at is None or is_well_before(now, next_round_at)
    return now < round_.closes_at and is_far and keeps_distance(now, asked_at)


def has_obstacle(session: Session, round_: Round, *, today: date) -> bool:
    """Whether the unit of an extra round has become too small, closed or counted with others."""
    assert round_.unit_id is not None
    programme = session.get_one(Programme, round_.programme_id)
    return _find_obstacle(session, round_.unit_id, programme, today) is not None


def find_tree_below(session: Session, unit_id: UUID) -> Tree:
    """The part of the tree that an extra round is frozen with, the unit at its top."""
    below = units_below({unit_id}, find_parents(session))
    tree = {unit: node for unit, node in find_tree(session).items() if unit in below}
    return {
        unit: node if unit != unit_id else type(node)(None, node.path, pooled=False)
        for unit, node in tree.items()
    }


def find_asked_by(session: Session, round_: Round, *, day: date) -> Roster:
    """Whom an extra round would ask if it opened on a day, and where each counts.

    Whoever was asked by another extra round less than thirty days before, and has moved since, is
    left out: thirty days hold for each person.
    """
    assert round_.unit_id is not None
    asked_lately = _find_asked_lately(session, round_, day)
    roster = find_roster_below(session, round_.unit_id, day)
    return {person: unit for person, unit in roster.items() if person not in asked_lately}


def asks(session: Session, round_: Round, person_id: UUID, *, day: date) -> bool:
    """Whether a planned round would ask this person if it opened on a day."""
    if round_.unit_id is None:
        return True
    is_there = counts_below(session, person_id, round_.unit_id, day)
    return is_there and person_id not in _find_asked_lately(session, round_, day)


def overlap(session: Session, one: Round, other: Round) -> bool:
    """Whether two rounds ask some of the same units."""
    if one.unit_id is None or other.unit_id is None:
        return True
    parents = find_parents(session)
    return other.unit_id in _path(one.unit_id, parents) or one.unit_id in _path(
        other.unit_id, parents
    )


def _path(unit_id: UUID, parents: dict[UUID, UUID | None]) -> list[UUID]:
    return path_up(unit_id, parents) if unit_id in parents else [unit_id]


def _find_programme(session: Session) -> Programme | None:
    """The programme of the next round of everyone, or of the last one."""
    of_everyone = select(Round.programme_id).where(Round.unit_id.is_(None))
    planned = of_everyone.where(Round.state == RoundState.PLANNED).order_by(Round.opens_at)
    opened = of_everyone.where(Round.state.in_(OPENED)).order_by(Round.opens_at.desc())
    for query in (planned, opened):
        programme_id = session.scalars(query.limit(1)).first()
        if programme_id is not None:
            return session.get_one(Programme, programme_id)
    return None


def _find_obstacle(
    session: Session, unit_id: UUID, programme: Programme | None, today: date
) -> NoRoundReason | None:
    tree = find_tree(session)
    if programme is None:
        return NoRoundReason.NO_PROGRAMME
    if unit_id not in tree:
        return NoRoundReason.UNIT_CLOSED
    if tree[unit_id].pooled:
        return NoRoundReason.COUNTED_WITH_OTHERS
    if len(find_roster_below(session, unit_id, today)) < programme.min_group_size:
        return NoRoundReason.TOO_SMALL
    return None


def _find_next_of_everyone(session: Session) -> datetime | None:
    planned = select(Round.opens_at).where(
        Round.state == RoundState.PLANNED, Round.unit_id.is_(None)
    )
    return session.scalars(planned.order_by(Round.opens_at).limit(1)).first()


def _find_asked_at(
    session: Session, unit_id: UUID, *, but: UUID | None = None, opened_only: bool = False
) -> list[datetime]:
    """When rounds open or opened that ask some of the unit's people; the next of everyone apart."""
    planned_extra = (Round.state == RoundState.PLANNED) & Round.unit_id.is_not(None)
    known = Round.state.in_(OPENED)
    rounds = session.scalars(
        select(Round).where(known if opened_only else or_(known, planned_extra))
    ).all()
    parents = find_parents(session)
    path, below = set(_path(unit_id, parents)), units_below({unit_id}, parents)
    return [
        round_.opens_at
        for round_ in rounds
        if round_.id != but and (round_.unit_id is None or round_.unit_id in path | below)
    ]


def _find_asked_lately(session: Session, round_: Round, day: date) -> set[UUID]:
    since = datetime.combine(day, datetime.min.time(), tzinfo=round_.opens_at.tzinfo) - timedelta(
        days=MIN_DAYS_BETWEEN_ROUNDS
    )
    others = session.scalars(
        select(Round).where(
            Round.id != round_.id,
            Round.unit_id.is_not(None),
            Round.state.in_(OPENED),
            Round.opens_at > since,
        )
    )
    asked: set[UUID] = set()
    for other in others:
        opened_on = other.opens_at.date()
        units = select(RoundUnit.unit_id).where(RoundUnit.round_id == other.id)
        members = select(Membership.person_id).where(
            Membership.unit_id.in_(units),
            Membership.from_day <= opened_on,
            or_(Membership.until_day.is_(None), Membership.until_day >= opened_on),
        )
        asked |= set(session.scalars(members))
    return asked


def _add_round(session: Session, unit_id: UUID, window: Window) -> Round:
    """A programme of its own, never active: the rounds of everyone keep their numbers."""
    model = _find_programme(session)
    assert model is not None
    programme = Programme(
        id=uuid4(),
        name=session.get_one(Unit, unit_id).name,
        instrument=model.instrument,
        every_months=model.every_months,
        window_days=model.window_days,
        opening_time=model.opening_time,
        reminder_days=model.reminder_days,
        min_group_size=model.min_group_size,
        active=False,
        two_keys=model.two_keys,
    )
    session.add(programme)
    session.flush()
    planned = Round(
        id=uuid4(),
        programme_id=programme.id,
        number=1,
        state=RoundState.PLANNED,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        min_group_size=model.min_group_size,
        unit_id=unit_id,
    )
    session.add(planned)
    session.flush()
    return planned
