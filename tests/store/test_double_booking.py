"""No supervisor, place or person is booked twice at a time: the database itself refuses it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import Cast, make_cast
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import Place
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    OfferState,
    SessionState,
    SupportSession,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def cast(database: Database) -> Cast:
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


def _add_session(session: Session, cast: Cast, at: datetime, **values: object) -> SupportSession:
    offer = Offer(
        unit_id=cast.units["team_a"],
        form=SupportForm.TEAM_SUPERVISION,
        state=OfferState.SCHEDULED,
        offered_on=at.date(),
    )
    session.add(offer)
    session.flush()
    added = SupportSession(
        **{
            "id": uuid4(),
            "offer_id": offer.id,
            "supervisor_id": cast.people["Susan"],
            "starts_at": at,
            "ends_at": at + HOUR,
            "place": "",
            "state": SessionState.SCHEDULED,
            **values,
        }
    )
    session.add(added)
    session.flush()
    return added


def _book(
    session: Session,
    about: SupportSession,
    person_id: UUID,
    state: BookingState = BookingState.BOOKED,
) -> None:
    session.add(
        Booking(
            session_id=about.id,
            person_id=person_id,
            starts_at=about.starts_at,
            ends_at=about.ends_at,
            state=state,
        )
    )
    session.flush()


OVERLAPS = pytest.mark.parametrize("minutes", [-59, 0, 30, 59])
APART = pytest.mark.parametrize("minutes", [-60, 60, 24 * 60])


@pytest.mark.asvs("2.3.4")
@OVERLAPS
def test_a_supervisor_is_refused_twice(
    database: Database, cast: Cast, now: datetime, minutes: int
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        _add_session(session, cast, now)
        with pytest.raises(IntegrityError, match="ex_support_session_supervisor_id"):
            _add_session(session, cast, now + timedelta(minutes=minutes))
        session.rollback()


@APART
def test_hours_that_only_touch_are_two(
    database: Database, cast: Cast, now: datetime, minutes: int
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        place = Place(name="Loftet", seats=8)
        session.add(place)
        session.flush()
        for at in (now, now + timedelta(minutes=minutes)):
            added = _add_session(session, cast, at, place_id=place.id)
            _book(session, added, cast.people["Eva"])


def test_moving_a_session_onto_another_is_refused(
    database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        _add_session(session, cast, now)
        later = _add_session(session, cast, now + 2 * HOUR)
        later.starts_at, later.ends_at = now, now + HOUR
        with pytest.raises(IntegrityError, match="ex_support_session_supervisor_id"):
            session.flush()
        session.rollback()


def test_a_place_is_refused_twice(database: Database, cast: Cast, now: datetime) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        place = Place(name="Loftet", seats=8)
        session.add(place)
        session.flush()
        _add_session(session, cast, now, place_id=place.id)
        with pytest.raises(IntegrityError, match="ex_support_session_place_id"):
            _add_session(session, cast, now, place_id=place.id, supervisor_id=cast.people["Hanne"])
        session.rollback()


def test_a_cancelled_session_frees_its_hour(database: Database, cast: Cast, now: datetime) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        _add_session(session, cast, now).state = SessionState.CANCELLED
        session.flush()
        _add_session(session, cast, now)


@pytest.mark.parametrize(
    ("state", "is_refused"),
    [(state, state is BookingState.BOOKED) for state in BookingState],
)
def test_only_a_booked_place_takes_up_a_person_s_time(
    database: Database, cast: Cast, now: datetime, state: BookingState, *, is_refused: bool
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        first = _add_session(session, cast, now)
        other = _add_session(session, cast, now, supervisor_id=cast.people["Hanne"])
        _book(session, first, cast.people["Eva"])
        if is_refused:
            with pytest.raises(IntegrityError, match="ex_booking_person_id"):
                _book(session, other, cast.people["Eva"], state)
            session.rollback()
        else:
            _book(session, other, cast.people["Eva"], state)


def test_a_booking_moves_with_its_session_and_cannot_have_hours_of_its_own(
    database: Database, cast: Cast, now: datetime
) -> None:
    with database.writing(Reach.EVERYTHING) as session:
        about = _add_session(session, cast, now)
        _book(session, about, cast.people["Eva"])
        about.starts_at, about.ends_at = now + 5 * HOUR, now + 6 * HOUR
        session.flush()
        session.expire_all()
        booking = session.get_one(Booking, (about.id, cast.people["Eva"]))
        assert (booking.starts_at, booking.ends_at) == (now + 5 * HOUR, now + 6 * HOUR)
        booking.starts_at = now
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
