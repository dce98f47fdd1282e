"""Everything stored about one person, for that person: read whole, as rows of plain values.

A part is a kind of data with the same columns in every row; what a page or a file makes of it is
the page's matter. Nobody else is named: whoever acted is "you" or somebody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.units import find_paths
from wellbeing.domain.actor import Actor
from wellbeing.store.accounts import BouncedAddress, CheckInCode, Person, RoleGrant
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.incidents import Incident, IncidentAffected, SupportRequest
from wellbeing.store.org import Membership, Round, RoundUnit, Unit
from wellbeing.store.personal import DiaryEntry, DiaryKey, DiaryPasskey, Participation
from wellbeing.store.supervision import (
    Availability,
    AvailabilityException,
    CalendarFeed,
    SessionSeries,
    Supervisor,
)
from wellbeing.store.support import Booking, Offer, SupportSession

Value = str | int | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of data; `retention` names its row in the retention table."""

    key: str
    rows: tuple[dict[str, Value], ...]
    retention: str


def find_own_data(session: Session, person_id: UUID) -> list[Part]:
    """Every part, also those without a row, in the order of the page.

    Scores are in none of them: they are stored with a person in the sealed diary only.
    """
    paths = find_paths(session)
    return [
        Part("account", (_account(session, person_id),), "person"),
        Part("units", tuple(_units(session, person_id, paths)), "person"),
        Part("roles", tuple(_roles(session, person_id, paths)), "person"),
        Part("rounds", tuple(_rounds(session, person_id)), "answers"),
        Part("codes", _rows(session, _codes, person_id), "codes"),
        Part("diary", tuple(_diary(session, person_id)), "diary"),
        Part("requests", _rows(session, _requests, person_id), "requests"),
        Part("sessions", tuple(_sessions(session, person_id, paths)), "records"),
        Part("affected", tuple(_affected(session, person_id, paths)), "incidents"),
        Part("registered", tuple(_registered(session, person_id, paths)), "incidents"),
        Part("offers", tuple(_offers(session, person_id, paths)), "person"),
        Part("supervisor", _rows(session, _supervisor, person_id), "person"),
        Part("hours", _rows(session, _hours, person_id), "hours"),
        Part("exceptions", _rows(session, _exceptions, person_id), "hours"),
        Part("led", _rows(session, _led, person_id), "records"),
        Part("series", _rows(session, _series, person_id), "records"),
        Part("calendar", _rows(session, _calendar, person_id), "calendar"),
        Part("letters", _rows(session, _letters, person_id), "mail"),
        Part("acts", tuple(_acts(session, person_id)), "audit"),
    ]


def _rows(session: Session, query: Any, person_id: UUID) -> tuple[dict[str, Value], ...]:
    return tuple(_plain(row) for row in session.execute(query(person_id)).mappings())


def _plain(row: Any) -> dict[str, Value]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> Value:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if value is None or isinstance(value, bool | int | date | datetime):
        return value
    return str(value)


def _codes(person_id: UUID) -> Any:
    opens = select(Round.opens_at).join(CheckInCode, CheckInCode.round_id == Round.id)
    return opens.where(CheckInCode.person_id == person_id).order_by(Round.opens_at)


def _requests(person_id: UUID) -> Any:
    asked = SupportRequest
    query = select(asked.asked_on, asked.wish, asked.contact, asked.delete_on)
    return query.where(asked.person_id == person_id).order_by(asked.asked_on)


def _supervisor(person_id: UUID) -> Any:
    of = Supervisor
    columns = (of.qualifications, of.forms, of.sessions_a_week, of.video_link, of.is_external)
    return select(*columns).where(of.person_id == person_id)


def _hours(person_id: UUID) -> Any:
    of = Availability
    columns = (of.weekday, of.from_time, of.until_time, of.from_day, of.until_day)
    return select(*columns).where(of.supervisor_id == person_id).order_by(of.weekday)


def _exceptions(person_id: UUID) -> Any:
    of = AvailabilityException
    columns = (of.from_day, of.until_day, of.from_time, of.until_time)
    return select(*columns).where(of.supervisor_id == person_id).order_by(of.from_day)


def _led(person_id: UUID) -> Any:
    of = SupportSession
    columns = (of.starts_at, of.ends_at, of.place, of.state)
    return select(*columns).where(of.supervisor_id == person_id).order_by(of.starts_at)


def _series(person_id: UUID) -> Any:
    of = SessionSeries
    columns = (of.form, of.every_weeks, of.first_day, of.until_day, of.start)
    return select(*columns).where(of.supervisor_id == person_id).order_by(of.first_day)


def _calendar(person_id: UUID) -> Any:
    return select(CalendarFeed.made_at).where(CalendarFeed.person_id == person_id)


def _letters(person_id: UUID) -> Any:
    of = OutboxMessage
    query = select(of.kind, of.state, of.expires_at).where(of.person_id == person_id)
    return query.order_by(of.expires_at.desc(), of.kind)


def _account(session: Session, person_id: UUID) -> dict[str, Value]:
    person, came_back = session.get_one(Person, person_id), session.get(BouncedAddress, person_id)
    return {
        "name": person.name,
        "employee_number": person.employee_number,
        "email": person.email,
        "mobile": person.mobile,
        "language": person.language,
        "status": person.status.value,
        "reminders_stopped": person.reminders_stopped,
        "left_at": person.left_at,
        "mail_came_back": came_back.since if came_back else None,
        "external_id": person.external_id,
    }


def _units(session: Session, person_id: UUID, paths: dict[UUID, str]) -> Iterable[dict[str, Value]]:
    query = (
        select(Membership, Unit.name)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.from_day)
    )
    for found, name in session.execute(query):
        unit = paths.get(found.unit_id, name)
        yield {"unit": unit, "from_day": found.from_day, "until_day": found.until_day}


def _roles(session: Session, person_id: UUID, paths: dict[UUID, str]) -> Iterable[dict[str, Value]]:
    for held in session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id)):
        yield {"role": held.role.value, "unit": paths.get(held.unit_id) if held.unit_id else None}


def _rounds(session: Session, person_id: UUID) -> Iterable[dict[str, Value]]:
    query = (
        select(Round.opens_at, Round.closes_at, RoundUnit.path, Participation.done)
        .join(Participation, Participation.round_id == Round.id)
        .outerjoin(
            RoundUnit,
            (RoundUnit.round_id == Participation.round_id)
            & (RoundUnit.unit_id == Participation.reporting_unit_id),
        )
        .where(Participation.person_id == person_id)
        .order_by(Round.opens_at)
    )
    for row in session.execute(query):
        yield {
            "opens_at": row.opens_at,
            "closes_at": row.closes_at,
            "counted_in": row.path,
            "answered": row.done,
        }


def _diary(session: Session, person_id: UUID) -> Iterable[dict[str, Value]]:
    if session.get(DiaryKey, person_id) is None:
        return
    entries, passkeys = (
        session.scalar(select(func.count()).where(table.person_id == person_id)) or 0
        for table in (DiaryEntry, DiaryPasskey)
    )
    yield {"sealed_entries": entries, "passkeys": passkeys}


def _sessions(
    session: Session, person_id: UUID, paths: dict[UUID, str]
) -> Iterable[dict[str, Value]]:
    query = (
        select(Booking, SupportSession.place, Offer.form, Offer.unit_id)
        .join(SupportSession, SupportSession.id == Booking.session_id)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Booking.person_id == person_id)
        .order_by(Booking.starts_at)
    )
    for booking, place, form, unit_id in session.execute(query):
        yield {
            "starts_at": booking.starts_at,
            "ends_at": booking.ends_at,
            "form": form.value,
            "place": place,
            "unit": paths.get(unit_id) if unit_id else None,
            "state": booking.state.value,
            "said_how_useful": booking.feedback_given,
        }


def _affected(
    session: Session, person_id: UUID, paths: dict[UUID, str]
) -> Iterable[dict[str, Value]]:
    mine = select(IncidentAffected.incident_id).where(IncidentAffected.person_id == person_id)
    query = select(Incident).where(Incident.id.in_(mine)).order_by(Incident.happened_on)
    for found in session.scalars(query):
        unit = paths.get(found.unit_id)
        yield {"happened_on": found.happened_on, "kind": found.kind.value, "unit": unit}


def _registered(
    session: Session, person_id: UUID, paths: dict[UUID, str]
) -> Iterable[dict[str, Value]]:
    query = (
        select(Incident).where(Incident.registered_by == person_id).order_by(Incident.registered_on)
    )
    for found in session.scalars(query):
        yield {
            "registered_on": found.registered_on,
            "happened_on": found.happened_on,
            "kind": found.kind.value,
            "unit": paths.get(found.unit_id),
            "details": found.details,
        }


def _offers(
    session: Session, person_id: UUID, paths: dict[UUID, str]
) -> Iterable[dict[str, Value]]:
    query = select(Offer).where(Offer.owner_id == person_id).order_by(Offer.offered_on)
    for offer in session.scalars(query):
        yield {
            "offered_on": offer.offered_on,
            "form": offer.form.value,
            "unit": paths.get(offer.unit_id) if offer.unit_id else None,
            "state": offer.state.value,
        }


def _acts(session: Session, person_id: UUID) -> Iterable[dict[str, Value]]:
    me = str(Actor.person(person_id))
    query = (
        select(AuditEvent.at, AuditEvent.act, AuditEvent.by, AuditEvent.subject)
        .where(or_(AuditEvent.by == me, AuditEvent.subject == str(person_id)))
        .order_by(AuditEvent.number)
    )
    for event in session.execute(query):
        by = "you" if event.by == me else event.by.partition(":")[0]
        about = event.subject == str(person_id)
        yield {"at": event.at, "act": event.act, "by": by, "about_you": about}
