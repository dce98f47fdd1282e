"""What support a unit was offered in a period, and what came of it, for its APV pack."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.conversations import WITHDRAWN
from wellbeing.actions.ledger_list import Origin, origin_of
from wellbeing.actions.ledger_records import count_useful, find_theme_names
from wellbeing.domain.errors import BadInput
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.usefulness import find_usefulness
from wellbeing.store.support import (
    Offer,
    OfferState,
    SessionAction,
    SessionState,
    SupportSession,
)

MOST_SESSIONS = 2000


@dataclass(frozen=True, slots=True)
class OfferMade:
    """An offer and how far it came; `held` counts its sessions, `next_at` is the next to come."""

    unit_id: UUID
    form: SupportForm
    origin: Origin
    offered_on: date
    due_on: date | None
    state: OfferState
    held: int
    held_on: date | None
    next_at: datetime | None
    closed_because: str


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session that was held. Of a talk with one person there is the day and nothing more.

    `useful` is 1 (not at all) to 5 (very) once nothing more can come in and enough have said so.
    """

    unit_id: UUID
    held_on: date
    form: SupportForm
    minutes: int | None
    attended: int | None
    themes: tuple[str, ...]
    useful: int | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """Something agreed in a session."""

    unit_id: UUID
    agreed_on: date
    what: str
    owner: str
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Support:
    """Offers, sessions and agreements, each earliest first."""

    offers: list[OfferMade]
    sessions: list[HeldSession]
    agreed: list[Agreed]


def find_support(
    session: Session,
    unit_ids: Collection[UUID],
    first: date,
    last: date,
    *,
    zone: ZoneInfo,
    today: date,
) -> Support:
    """What these units were offered in the period, and what was held in it, whenever offered.

    BadInput beyond MOST_SESSIONS: nobody reads a document of that size.
    """
    offers = [
        offer
        for offer in session.scalars(select(Offer).where(Offer.unit_id.in_(unit_ids)))
        if not _is_withdrawn(offer)
    ]
    sessions = _find_sessions(session, unit_ids)
    told = sorted(
        (
            _Told(offer, found, found.starts_at.astimezone(zone).date())
            for offer in offers
            for found in sessions[offer.id]
            if found.state is SessionState.HELD
        ),
        key=lambda one: (one.found.starts_at, one.found.id),
    )
    told = [one for one in told if first <= one.day <= last]
    if len(told) > MOST_SESSIONS:
        raise BadInput(
            "More than {most} sessions were held. Choose a shorter period, or a unit further down.",
            most=MOST_SESSIONS,
        )
    held_in_period = {one.offer.id for one in told}
    return Support(
        offers=[
            _describe_offer(offer, sessions[offer.id])
            for offer in sorted(offers, key=lambda offer: (offer.offered_on, offer.form, offer.id))
            if offer.id in held_in_period
            or first <= offer.offered_on <= last
            or (offer.held_on is not None and first <= offer.held_on <= last)
        ],
        sessions=_describe_sessions(session, told, today),
        agreed=_find_agreed(session, told),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """A held session of the period with its offer."""

    offer: Offer
    found: SupportSession
    day: date

    @property
    def is_for_one(self) -> bool:
        """A talk with one person: whether they came, and on what, is theirs."""
        return self.found.seats == 1 or self.offer.form is SupportForm.INDIVIDUAL_SUPERVISION


def _is_withdrawn(offer: Offer) -> bool:
    """Written down by mistake and taken back."""
    return offer.state is OfferState.CLOSED and offer.closed_because == WITHDRAWN


def _find_sessions(
    session: Session, unit_ids: Collection[UUID]
) -> Mapping[UUID, list[SupportSession]]:
    found: defaultdict[UUID, list[SupportSession]] = defaultdict(list)
    query = (
        select(SupportSession)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Offer.unit_id.in_(unit_ids), SupportSession.state != SessionState.CANCELLED)
    )
    for one in session.scalars(query):
        found[one.offer_id].append(one)
    return found


def _describe_offer(offer: Offer, sessions: Sequence[SupportSession]) -> OfferMade:
    assert offer.unit_id is not None
    ahead = [one.starts_at for one in sessions if one.state is SessionState.SCHEDULED]
    return OfferMade(
        unit_id=offer.unit_id,
        form=offer.form,
        origin=origin_of(offer),
        offered_on=offer.offered_on,
        due_on=offer.due_on,
        state=offer.state,
        held=sum(one.state is SessionState.HELD for one in sessions),
        held_on=offer.held_on,
        next_at=min(ahead, default=None),
        closed_because=(offer.closed_because or "") if offer.state is OfferState.CLOSED else "",
    )


def _describe_sessions(session: Session, told: Sequence[_Told], today: date) -> list[HeldSession]:
    ids = [one.found.id for one in told if not one.is_for_one]
    themes, useful = find_theme_names(session, ids), count_useful(session, ids)
    described = []
    for one in told:
        assert one.offer.unit_id is not None
        said, until = useful.get(one.found.id, {}), one.found.feedback_until
        described.append(
            HeldSession(
                unit_id=one.offer.unit_id,
                held_on=one.day,
                form=one.offer.form,
                minutes=None if one.is_for_one else one.found.minutes_held,
                attended=None if one.is_for_one else one.found.attended_count,
                themes=themes.get(one.found.id, ()),
                useful=find_usefulness(said, until, today=today).value,
            )
        )
    return described


def _find_agreed(session: Session, told: Sequence[_Told]) -> list[Agreed]:
    of_session = {one.found.id: one for one in told if not one.is_for_one}
    query = select(SessionAction).where(SessionAction.session_id.in_(of_session))
    agreed = []
    for row in session.scalars(query):
        one = of_session[row.session_id]
        assert one.offer.unit_id is not None
        agreed.append(
            Agreed(one.offer.unit_id, one.day, row.what, row.owner, row.due_on, row.done_on)
        )
    return sorted(agreed, key=lambda a: (a.agreed_on, a.due_on or date.max, a.what, a.owner))
