"""A session as whoever writes it down sees it: of a unit, or of one person who is not named."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.session_record import count_expected, find_agreed, find_theme_ids
from wellbeing.actions.units import find_paths
from wellbeing.domain.errors import Missing
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.org import Unit
from wellbeing.store.support import Offer, SessionAction, SessionState, SupportSession


@dataclass(frozen=True, slots=True)
class SessionHead:
    """`unit` is "" where the session answers a person's own request."""

    id: UUID
    form: SupportForm
    unit_id: UUID | None
    unit: str
    starts_at: datetime
    ends_at: datetime
    place: str
    state: SessionState
    expected: int
    attended: int | None
    minutes: int
    next_on: date | None
    theme_ids: frozenset[UUID]
    agreed: tuple[SessionAction, ...]


def get_head(session: Session, session_id: UUID) -> SessionHead:
    """The session; Missing where there is none. The reach is the caller's to check."""
    query = (
        select(SupportSession, Offer, Unit.name)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .outerjoin(Unit, Unit.id == Offer.unit_id)
        .where(SupportSession.id == session_id)
    )
    row = session.execute(query).first()
    if row is None:
        raise Missing("That session does not exist.")
    found, offer, unit_name = row
    planned = (found.ends_at - found.starts_at) // timedelta(minutes=1)
    return SessionHead(
        id=found.id,
        form=offer.form,
        unit_id=offer.unit_id,
        unit=_say_unit(session, offer.unit_id, unit_name),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        place=found.place,
        state=found.state,
        expected=count_expected(session, session_id),
        attended=found.attended_count,
        minutes=found.minutes_held or planned,
        next_on=found.next_on,
        theme_ids=frozenset(find_theme_ids(session, session_id)),
        agreed=tuple(find_agreed(session, session_id)),
    )


def _say_unit(session: Session, unit_id: UUID | None, name: str | None) -> str:
    if unit_id is None:
        return ""
    return find_paths(session).get(unit_id) or name or "–"
