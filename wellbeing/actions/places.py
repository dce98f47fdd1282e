"""The rooms that sessions are held in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.session_times import MAX_PLACE_LENGTH
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.domain.plain_text import one_line
from wellbeing.store.supervision import Place

MAX_SEATS = 500


@dataclass(frozen=True, slots=True)
class PlaceValues:
    """A room: its name, how many it seats, and whether it is in use."""

    name: str
    seats: int
    active: bool = True


def add_place(session: Session, values: PlaceValues, *, now: datetime, by: Actor) -> Place:
    """A new room; the one there is when the same is added twice."""
    name = _check(values)
    found = session.scalars(select(Place).where(Place.name == name)).first()
    if found is not None:
        if found.seats == values.seats and found.active == values.active:
            return found
        raise BadInput("There is a room of that name already.")
    place = Place(id=uuid4(), name=name, seats=values.seats, active=values.active)
    session.add(place)
    session.flush()
    record(session, "place.added", str(place.id), by=by, now=now)
    return place


def change_place(
    session: Session, place_id: UUID, values: PlaceValues, *, now: datetime, by: Actor
) -> None:
    """Another name or size, or out of use; what is scheduled there stays as it is."""
    place = session.get(Place, place_id, with_for_update=True)
    if place is None:
        raise Missing("That room does not exist.")
    name = _check(values)
    other = session.scalars(select(Place.id).where(Place.name == name, Place.id != place_id))
    if other.first() is not None:
        raise BadInput("There is a room of that name already.")
    if (place.name, place.seats, place.active) == (name, values.seats, values.active):
        return
    place.name, place.seats, place.active = name, values.seats, values.active
    record(session, "place.changed", str(place_id), by=by, now=now)


def find_places(session: Session, *, with_unused: bool = False) -> list[Place]:
    """The rooms by name; those out of use only when asked for."""
    query = select(Place).order_by(Place.name)
    return list(session.scalars(query if with_unused else query.where(Place.active)))


def _check(values: PlaceValues) -> str:
    name = one_line(values.name)
    if not 0 < len(name) <= MAX_PLACE_LENGTH:
        raise BadInput(
            "Give the room a name of at most {length} characters.", length=MAX_PLACE_LENGTH
        )
    if not 1 <= values.seats <= MAX_SEATS:
        raise BadInput("A room has 1 to {most} seats.", most=MAX_SEATS)
    return name
