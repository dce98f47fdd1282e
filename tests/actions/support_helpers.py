"""What tests of support share: a session of a unit, and looks into the database."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tests.cast import Cast
from wellbeing.actions.audit_log import find_break
from wellbeing.actions.session_people import invite_to
from wellbeing.domain.actor import Actor
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.audit import AuditEvent
from wellbeing.store.base import Base
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession

ZONE = ZoneInfo("Europe/Copenhagen")
HR = Actor.person(UUID(int=1))


def add_session(
    database: Database,
    cast: Cast,
    *,
    at: datetime,
    unit: str | None = "team_a",
    offer_id: UUID | None = None,
    invited: list[UUID] | None = None,
    form: SupportForm = SupportForm.TEAM_SUPERVISION,
) -> UUID:
    """A scheduled session of Susan's with the whole team invited, and its offer."""
    session_id = uuid4()
    with database.writing(Reach.EVERYTHING) as session:
        offer = session.get(Offer, offer_id) if offer_id else None
        if offer is None:
            offer = Offer(
                id=uuid4(),
                unit_id=cast.units[unit] if unit else None,
                form=form,
                state=OfferState.SCHEDULED,
                offered_on=(at - timedelta(days=10)).date(),
            )
            session.add(offer)
        offer.state = OfferState.SCHEDULED
        session.flush()
        added = SupportSession(
            id=session_id,
            offer_id=offer.id,
            supervisor_id=cast.people["Susan"],
            starts_at=at,
            ends_at=at + timedelta(minutes=90),
            place="Loftet",
            state=SessionState.SCHEDULED,
        )
        session.add(added)
        session.flush()
        people = cast.members_of("team_a") if invited is None else invited
        session.add_all(invite_to(added, person_id) for person_id in people)
    return session_id


def acts(database: Database) -> list[str]:
    """What the audit log says happened; the chain is whole."""
    with database.reading(Reach.EVERYTHING) as session:
        assert find_break(session) is None
        return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)))


def rows_of(database: Database, table: type[Base]) -> list[Base]:
    """Every row of a table."""
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(select(table)))


def session_of(database: Database, session_id: UUID) -> SupportSession:
    """A session as it stands."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.get_one(SupportSession, session_id)


def offer_of(database: Database, session_id: UUID) -> Offer:
    """The offer that a session answers."""
    with database.reading(Reach.EVERYTHING) as session:
        return session.get_one(Offer, session.get_one(SupportSession, session_id).offer_id)
