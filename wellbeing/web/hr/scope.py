"""How far an HR person reaches: the units granted and all below, or the whole organisation."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.support_people import find_homes
from wellbeing.actions.units import find_parents, find_scope
from wellbeing.domain.errors import Missing
from wellbeing.domain.roles import Role
from wellbeing.store.incidents import SupportRequest
from wellbeing.store.published import Flag, PublishedRound
from wellbeing.store.supervision import SessionSeries
from wellbeing.store.support import Booking, Offer, SupportSession

HR = frozenset({Role.HR})


@dataclass(frozen=True, slots=True)
class Scope:
    """The units in reach; `is_whole` when that is all of them, closed ones too."""

    units: frozenset[UUID]
    is_whole: bool

    def __contains__(self, unit_id: UUID) -> bool:
        return self.is_whole or unit_id in self.units


def find_hr_scope(session: Session, person_id: UUID) -> Scope:
    """What this person reaches as HR."""
    units = find_scope(session, person_id, HR)
    return Scope(frozenset(units), is_whole=units >= find_parents(session).keys())


def get_flag(session: Session, scope: Scope, flag_id: UUID) -> Flag:
    """The flag; Missing unless its round is published and its unit in reach."""
    query = (
        select(Flag)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .where(Flag.id == flag_id, PublishedRound.key_destroyed_at.is_not(None))
    )
    flag = session.scalars(query).first()
    if flag is None or flag.unit_id not in scope:
        raise Missing("That suggestion does not exist.")
    return flag


def check_session(session: Session, scope: Scope, session_id: UUID, *, today: date) -> None:
    """Missing unless the session exists and answers an offer in reach."""
    query = (
        select(Offer)
        .join(SupportSession, SupportSession.offer_id == Offer.id)
        .where(SupportSession.id == session_id)
    )
    offer = session.scalars(query).first()
    if offer is None or not reaches_offer(session, scope, offer, today=today):
        raise Missing("That session does not exist.")


def check_series(session: Session, scope: Scope, series_id: UUID) -> SessionSeries:
    """The series; Missing unless its unit is in reach."""
    series = session.get(SessionSeries, series_id)
    if series is None or series.unit_id not in scope:
        raise Missing("That series does not exist.")
    return series


def get_offer(session: Session, scope: Scope, offer_id: UUID, *, today: date) -> Offer:
    """The offer; Missing unless its unit, or whoever it is for, is in reach."""
    offer = session.get(Offer, offer_id)
    if offer is None or not reaches_offer(session, scope, offer, today=today):
        raise Missing("That offer does not exist.")
    return offer


def reaches_offer(session: Session, scope: Scope, offer: Offer, *, today: date) -> bool:
    """Whether an offer is in reach: its unit, or a unit of the one person it is for."""
    if offer.unit_id is not None:
        return offer.unit_id in scope
    if scope.is_whole:
        return True
    asked = select(SupportRequest.person_id).where(SupportRequest.offer_id == offer.id)
    booked = (
        select(Booking.person_id)
        .join(SupportSession, SupportSession.id == Booking.session_id)
        .where(SupportSession.offer_id == offer.id)
    )
    people = session.scalars(asked.union(booked)).all()
    return any(
        unit in scope
        for person_id in people
        for unit in find_homes(session, person_id, today=today)
    )


def check_request(session: Session, scope: Scope, request_id: UUID, *, today: date) -> None:
    """Missing unless the request exists and a unit of whoever asked is in reach."""
    found = session.get(SupportRequest, request_id)
    if found is None:
        raise Missing("That request does not exist.")
    homes = find_homes(session, found.person_id, today=today)
    if not scope.is_whole and not any(unit in scope for unit in homes):
        raise Missing("That request does not exist.")


def check_whole(scope: Scope) -> None:
    """Rounds ask everyone, so they are Missing for HR of a part of the organisation."""
    if not scope.is_whole:
        raise Missing("Rounds are for HR of the whole organisation.")
