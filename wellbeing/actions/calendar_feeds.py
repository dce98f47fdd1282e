"""A private read-only address of a person's own sessions: made, replaced, revoked and read."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.session_letters import neutral_title, place_in_words
from wellbeing.calendar_invitations import Meeting, host_of, make_feed
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.domain.actor import Actor
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.supervision import CalendarFeed
from wellbeing.store.support import Booking, BookingState, SessionState, SupportSession
from wellbeing.texts import Texts, translations_for

DAYS_BACK, DAYS_AHEAD = 90, 400


def make_address(session: Session, person_id: UUID, *, now: datetime, by: Actor) -> str:
    """The secret of a new address, told this once; the address there was stops working."""
    secret = make_token()
    old = select(CalendarFeed.secret_hash).where(CalendarFeed.person_id == person_id)
    if replaced := session.scalar(old):
        note(session, Kind.CALENDAR, replaced)
    values = {"secret_hash": hash_token(secret), "made_at": now}
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(CalendarFeed).values(person_id=person_id, **values)
    session.execute(
        insert.on_conflict_do_update(index_elements=[CalendarFeed.person_id], set_=values)
    )
    record(session, "calendar.address_made", str(person_id), by=by, now=now)
    return secret


def revoke_address(session: Session, person_id: UUID, *, now: datetime, by: Actor) -> None:
    """The address stops working at once; without one nothing happens."""
    gone = delete(CalendarFeed).where(CalendarFeed.person_id == person_id)
    if secret_hash := session.scalars(gone.returning(CalendarFeed.secret_hash)).first():
        note(session, Kind.CALENDAR, secret_hash)
        record(session, "calendar.address_revoked", str(person_id), by=by, now=now)


def find_address_made_at(session: Session, person_id: UUID) -> datetime | None:
    """Since when the person has an address; None when they have none."""
    made = select(CalendarFeed.made_at).where(CalendarFeed.person_id == person_id)
    return session.scalar(made)


def find_feed(session: Session, secret: str, *, settings: Settings, now: datetime) -> bytes | None:
    """The calendar behind an address: sessions its owner leads or has a place in, nobody named.

    From 90 days back to 400 ahead, without those cancelled. None for a secret that opens nothing.
    """
    query = (
        select(CalendarFeed.made_at, Person.id, Person.language)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(
            CalendarFeed.secret_hash == hash_token(secret),
            Person.status != PersonStatus.DISABLED,
        )
    )
    owner = session.execute(query).one_or_none()
    if owner is None:
        return None
    texts = translations_for(owner.language)
    meetings = [
        _describe(found, texts, settings, written_at=owner.made_at)
        for found in _find_own(session, owner.id, now)
    ]
    middle = now + timedelta(days=(DAYS_AHEAD - DAYS_BACK) // 2)
    name = neutral_title(texts)
    return make_feed(meetings, name=name, zone=settings.zone, year=middle.year)


def _find_own(session: Session, person_id: UUID, now: datetime) -> list[SupportSession]:
    has_place = select(Booking.session_id).where(
        Booking.person_id == person_id,
        Booking.state.in_((BookingState.INVITED, BookingState.BOOKED)),
    )
    query = (
        select(SupportSession)
        .where(
            or_(SupportSession.supervisor_id == person_id, SupportSession.id.in_(has_place)),
            SupportSession.state != SessionState.CANCELLED,
            SupportSession.ends_at > now - timedelta(days=DAYS_BACK),
            SupportSession.starts_at < now + timedelta(days=DAYS_AHEAD),
        )
        .order_by(SupportSession.starts_at, SupportSession.id)
    )
    return list(session.scalars(query))


def _describe(
    found: SupportSession, texts: Texts, settings: Settings, *, written_at: datetime
) -> Meeting:
    # Whoever has the address can read this: no video link, which would let them in. The same time
    # of writing in every answer keeps answers equal until something has changed.
    return Meeting(
        session_id=found.id,
        host=host_of(settings.base_url),
        sequence=found.sequence,
        title=neutral_title(texts),
        place=place_in_words(found, texts),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        zone=settings.zone,
        written_at=written_at,
    )
