"""What a person may erase by themselves, chosen one by one and done in one transaction."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.bookings import step_back
from wellbeing.actions.calendar_feeds import find_address_made_at, revoke_address
from wellbeing.actions.diary import delete_all, has_diary
from wellbeing.actions.incident_affected import find_own_affected, take_back_affected
from wellbeing.actions.requests import find_own, take_back
from wellbeing.domain.actor import Actor
from wellbeing.store.support import Booking, SessionState, SupportSession


class Erasable(StrEnum):
    """What is a person's own to erase."""

    DIARY = "diary"
    REQUEST = "request"
    PLACES = "places"
    AFFECTED = "affected"
    CALENDAR = "calendar"


def find_erasable(session: Session, person_id: UUID, *, now: datetime) -> list[Erasable]:
    """What there is of it now."""
    found = {
        Erasable.DIARY: has_diary(session, person_id),
        Erasable.REQUEST: find_own(session, person_id) is not None,
        Erasable.PLACES: bool(_find_places(session, person_id, now)),
        Erasable.AFFECTED: bool(find_own_affected(session, person_id)),
        Erasable.CALENDAR: find_address_made_at(session, person_id) is not None,
    }
    return [what for what, is_there in found.items() if is_there]


def erase_own(
    session: Session, person_id: UUID, chosen: Collection[Erasable], *, now: datetime
) -> None:
    """Erases what was chosen for good; what is gone already is no fault."""
    if Erasable.REQUEST in chosen:
        take_back(session, person_id, now=now)
    if Erasable.PLACES in chosen:
        for session_id in _find_places(session, person_id, now):
            step_back(session, person_id, session_id, now=now)
    if Erasable.AFFECTED in chosen:
        for incident_id in find_own_affected(session, person_id):
            take_back_affected(session, incident_id, person_id=person_id)
    if Erasable.CALENDAR in chosen:
        revoke_address(session, person_id, now=now, by=Actor.person(person_id))
    if Erasable.DIARY in chosen:
        delete_all(session, person_id=person_id)


def _find_places(session: Session, person_id: UUID, now: datetime) -> list[UUID]:
    query = (
        select(Booking.session_id)
        .join(SupportSession, SupportSession.id == Booking.session_id)
        .where(
            Booking.person_id == person_id,
            SupportSession.state == SessionState.SCHEDULED,
            SupportSession.starts_at > now,
        )
        .order_by(SupportSession.starts_at)
    )
    return list(session.scalars(query))
