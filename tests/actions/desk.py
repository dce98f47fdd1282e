"""A supervision desk for tests: supervisors with hours, rooms, and everybody's bookings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from wellbeing.actions.offers import offer_to_unit
from wellbeing.actions.outbox import MailKind
from wellbeing.actions.places import PlaceValues, add_place
from wellbeing.actions.supervisors import HoursValues, ProfileValues, add_hours, save_profile
from wellbeing.domain.actor import Actor
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SESSION_FORMS, SupportForm
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.audit import AuditEvent, OutboxMessage
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Booking, SessionState, SupportSession

ZONE = ZoneInfo("Europe/Copenhagen")
HR = Actor.person(UUID(int=1))
LINK = "https://video.example/susan"


def at(day: str, clock: str) -> datetime:
    """A moment on the organisation's wall clock."""
    local = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=ZONE)
    return local.astimezone(UTC)


def give_hours(
    session: Session,
    supervisor_id: UUID,
    now: datetime,
    *,
    clocks: tuple[time, time] = (time(9), time(15)),
    a_week: int = 40,
    forms: Iterable[SupportForm] = SESSION_FORMS,
    video_link: str = LINK,
) -> None:
    """A profile, and the same hours from Monday to Friday."""
    profile = ProfileValues("Psykolog", frozenset(forms), a_week, video_link)
    save_profile(session, supervisor_id, profile, now=now, by=HR)
    for weekday in range(5):
        values = HoursValues(weekday, *clocks, date(2026, 1, 1))
        add_hours(session, supervisor_id, values, now=now, by=HR)


def add_people(
    session: Session, count: int, *, unit_role: tuple[Role, UUID | None] | None = None
) -> list[UUID]:
    """So many people more, without a unit; with a role if asked for."""
    made = []
    for _ in range(count):
        person = Person(
            id=uuid4(),
            employee_number=f"n{uuid4().hex[:12]}",
            name="En til",
            email=f"{uuid4().hex}@osterhus.example",
            language="da",
            status=PersonStatus.ACTIVE,
        )
        session.add(person)
        made.append(person.id)
    session.flush()
    if unit_role is not None:
        role, unit_id = unit_role
        session.add_all(RoleGrant(person_id=p, role=role, unit_id=unit_id) for p in made)
        session.flush()
    return made


@dataclass(frozen=True)
class Desk:
    """The database with the cast, Susan's hours, and two rooms."""

    database: Database
    cast: Cast
    now: datetime
    rooms: tuple[UUID, UUID]

    @classmethod
    def open(cls, database: Database, cast: Cast, now: datetime) -> "Desk":
        """Susan is there Monday to Friday from nine to three; two rooms seat four and ten."""
        with database.writing(Reach.EVERYTHING) as session:
            give_hours(session, cast.people["Susan"], now)
            rooms = [
                add_place(session, PlaceValues(name, seats), now=now, by=HR).id
                for name, seats in (("Kammeret", 4), ("Loftet", 10))
            ]
        return cls(database, cast, now, (rooms[0], rooms[1]))

    @property
    def susan(self) -> UUID:
        """The supervisor."""
        return self.cast.people["Susan"]

    def offer(self, unit: str = "team_a") -> UUID:
        """An offer of team supervision to the unit named."""
        with self.database.writing(Reach.WORKPLACE) as session:
            return offer_to_unit(
                session,
                self.cast.units[unit],
                SupportForm.TEAM_SUPERVISION,
                today=self.now.date(),
                now=self.now,
                by=HR,
            ).id

    def bookings(self, session_id: UUID) -> dict[UUID, str]:
        """Everybody with a row, and its state."""
        with self.database.reading(Reach.EVERYTHING) as session:
            query = select(Booking).where(Booking.session_id == session_id)
            return {b.person_id: b.state.value for b in session.scalars(query)}

    def session(self, session_id: UUID) -> SupportSession:
        """The session as it stands."""
        with self.database.reading(Reach.EVERYTHING) as session:
            return session.get_one(SupportSession, session_id)

    def letters(self, kind: MailKind, session_id: UUID | None = None) -> list[UUID]:
        """Who has a letter of the kind, once per letter."""
        query = select(OutboxMessage.person_id).where(OutboxMessage.kind == kind.value)
        if session_id is not None:
            query = query.where(OutboxMessage.session_id == session_id)
        with self.database.reading(Reach.EVERYTHING) as session:
            return list(session.scalars(query))

    def acts(self) -> list[str]:
        """What the audit log says happened, after the desk was opened."""
        with self.database.reading(Reach.EVERYTHING) as session:
            acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)).all()
        return [a for a in acts if not a.startswith(("supervisor.", "place."))]

    def count_sessions(self, state: SessionState = SessionState.SCHEDULED) -> int:
        """How many sessions there are in a state."""
        query = select(func.count()).select_from(SupportSession)
        with self.database.reading(Reach.EVERYTHING) as session:
            return session.scalar(query.where(SupportSession.state == state)) or 0
