"""Reads sessions of support as pages list them: where, when, led by whom, how many invited."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from wellbeing.actions.session_people import count_invited
from wellbeing.actions.units import find_paths
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import Person
from wellbeing.store.org import Unit
from wellbeing.store.support import Offer, SessionState, SupportSession


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A session as its readers see it; nobody invited is named.

    `unit` is empty, and `unit_id` None, for a talk that a person has for themselves.
    """

    id: UUID
    unit_id: UUID | None
    unit: str
    flag_id: UUID | None
    form: SupportForm
    starts_at: datetime
    ends_at: datetime
    place: str
    video_link: str | None
    seats: int | None
    series_id: UUID | None
    supervisor_id: UUID
    state: SessionState
    supervisor: str
    invited: int
    attended: int | None

    @property
    def minutes(self) -> int:
        """How long it is meant to last."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


def find_sessions(
    session: Session, *conditions: ColumnElement[bool], with_private: bool = False
) -> list[SessionShown]:
    """The sessions that meet the conditions, earliest first; units by path, closed ones by name.

    Talks of single people are among them only `with_private`.
    """
    query = (
        select(SupportSession, Offer, Unit.name, Person.name)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .join(Unit, Unit.id == Offer.unit_id, isouter=with_private)
        .join(Person, Person.id == SupportSession.supervisor_id)
        .where(*conditions)
        .order_by(SupportSession.starts_at, SupportSession.id)
    )
    rows = session.execute(query).all()
    paths = find_paths(session) if rows else {}
    invited = count_invited(session, [found.id for found, *_ in rows])
    return [
        SessionShown(
            id=found.id,
            unit_id=offer.unit_id,
            unit=paths.get(offer.unit_id, unit_name) if offer.unit_id else "",
            flag_id=offer.flag_id,
            form=offer.form,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            place=found.place,
            video_link=found.video_link,
            seats=found.seats,
            series_id=found.series_id,
            supervisor_id=found.supervisor_id,
            state=found.state,
            supervisor=supervisor,
            invited=invited[found.id],
            attended=found.attended_count,
        )
        for found, offer, unit_name, supervisor in rows
    ]
