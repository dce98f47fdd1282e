"""Collects the APV pack of a unit: what the record knows for the workplace assessment of a period.

It names no person, nobody who asked, booked, came or declined, and nothing of an incident but its
kind and days.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.apv_figures import (
    FlagRaised,
    RoundFigures,
    find_flags_raised,
    find_group_of_figures,
    find_round_figures,
)
from wellbeing.actions.apv_support import Agreed, HeldSession, OfferMade, find_support
from wellbeing.actions.effects import OfferEffects, find_effects_of_unit
from wellbeing.actions.units import find_groups, find_parents
from wellbeing.domain.cycles import add_months
from wellbeing.domain.errors import BadInput
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.reporting import units_below
from wellbeing.store.incidents import Incident

USUAL_YEARS, MOST_YEARS = 3, 10


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class IncidentShown:
    """That something happened, what kind, and when its follow-up ended."""

    unit_id: UUID
    happened_on: date
    kind: IncidentKind
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class ApvPack:
    """All there is of a unit in a period, earliest first; `units` are the unit and those below it.

    `counted_in` is the reporting group whose figures stand for the unit's, if one does.
    """

    unit_id: UUID
    period: Period
    units: frozenset[UUID]
    counted_in: UUID | None
    rounds: Sequence[RoundFigures]
    flags: Sequence[FlagRaised]
    incidents: Sequence[IncidentShown]
    offers: Sequence[OfferMade]
    sessions: Sequence[HeldSession]
    agreed: Sequence[Agreed]
    effects: Sequence[OfferEffects]


def find_usual_period(today: date) -> Period:
    """The three years up to today."""
    return Period(add_months(today, -12 * USUAL_YEARS) + timedelta(days=1), today)


def check_period(period: Period, *, today: date) -> None:
    """BadInput where the days are the wrong way round, too far apart, or still to come."""
    if period.first > period.last:
        raise BadInput("The last day cannot lie before the first.")
    if period.first > today:
        raise BadInput("Choose a period that has begun.")
    if period.last >= add_months(period.first, 12 * MOST_YEARS):
        raise BadInput("Choose at most {years} years at a time.", years=MOST_YEARS)


def find_pack(
    session: Session, unit_id: UUID, period: Period, *, zone: ZoneInfo, today: date
) -> ApvPack:
    """The pack of an open unit or reporting group, for those who read it and all below it."""
    units = units_below({unit_id}, find_parents(session)) | {unit_id}
    in_group = {group for group, teams in find_groups(session).items() if unit_id in teams}
    counted_in = find_group_of_figures(session, unit_id)
    first, last = period.first, period.last
    support = find_support(session, units | in_group, first, last, zone=zone, today=today)
    effects = find_effects_of_unit(session, unit_id, own_only=False, zone=zone)
    return ApvPack(
        unit_id=unit_id,
        period=period,
        units=frozenset(units),
        counted_in=counted_in,
        rounds=find_round_figures(session, counted_in or unit_id, first, last),
        flags=find_flags_raised(session, units | in_group, first, last),
        incidents=_find_incidents(session, units, period),
        offers=support.offers,
        sessions=support.sessions,
        agreed=support.agreed,
        effects=[one for one in effects[::-1] if any(day in period for day in one.held_on)],
    )


def _find_incidents(
    session: Session, unit_ids: Collection[UUID], period: Period
) -> list[IncidentShown]:
    """No more than these columns: details are for others, and numbers could point at somebody."""
    query = (
        select(Incident.unit_id, Incident.happened_on, Incident.kind, Incident.closed_on)
        .where(
            Incident.unit_id.in_(unit_ids),
            Incident.happened_on.between(period.first, period.last),
        )
        .order_by(Incident.happened_on, Incident.kind, Incident.id)
    )
    return [IncidentShown(*row) for row in session.execute(query)]
