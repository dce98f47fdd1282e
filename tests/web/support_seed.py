"""A session of team A that was held, with its record; a person's own request; for pages' tests."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from tests.cast import Cast
from wellbeing.actions.session_people import invite_to
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.incidents import RequestWish, SupportRequest
from wellbeing.store.support import (
    Offer,
    OfferState,
    SessionAction,
    SessionState,
    SessionTheme,
    SupportSession,
    Theme,
)

WHAT, THEME = "Fast refleksion om mandagen", "Nattevagter alene"


def seed_held_session(
    session: Session,
    cast: Cast,
    *,
    now: datetime,
    unit: str | None = "team_a",
    invited: Iterable[UUID] | None = None,
    form: SupportForm = SupportForm.TEAM_SUPERVISION,
    days_ago: int = 3,
    seats: int | None = None,
) -> Mapping[str, UUID]:
    """Held so many days ago by Susan, with a theme and an agreement, and open for answers."""
    ids = {key: uuid4() for key in ("offer_id", "session_id", "theme_id", "action_id")}
    starts_at, today = now - timedelta(days=days_ago), now.date()
    offer = Offer(
        id=ids["offer_id"],
        unit_id=cast.units[unit] if unit else None,
        form=form,
        state=OfferState.HELD,
        offered_on=today - timedelta(days=days_ago + 10),
    )
    held = SupportSession(
        id=ids["session_id"],
        offer_id=offer.id,
        supervisor_id=cast.people["Susan"],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        place="Loftet",
        seats=seats,
        state=SessionState.HELD,
        attended_count=5,
        minutes_held=80,
        feedback_until=today + timedelta(days=14 - days_ago),
        delete_on=today + timedelta(days=730 - days_ago),
    )
    for row in (offer, held, Theme(id=ids["theme_id"], name=f"{THEME} {ids['theme_id']}"[:80])):
        session.add(row)
        session.flush()
    people = cast.members_of("team_a") if invited is None else invited
    session.add_all(invite_to(held, person_id) for person_id in people)
    session.add(SessionTheme(session_id=held.id, theme_id=ids["theme_id"]))
    session.add(
        SessionAction(
            id=ids["action_id"], session_id=held.id, what=WHAT, owner="Lederen", due_on=today
        )
    )
    session.flush()
    return ids


def seed_request(
    session: Session, person_id: UUID, *, now: datetime, contact: str = "", days_ago: int = 1
) -> UUID:
    """A request that waits; its id."""
    found = SupportRequest(
        id=uuid4(),
        person_id=person_id,
        wish=RequestWish.TALK,
        contact=contact,
        asked_on=now.date() - timedelta(days=days_ago),
    )
    session.add(found)
    session.flush()
    return found.id
