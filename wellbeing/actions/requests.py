"""A person's own request for support: asked, changed, taken back; arranged by HR.

The audit log has no event of what the person does here: it names who acts, and whoever reads it
must not learn who asked. What HR does names the offer, which names nobody. Nothing anywhere says
that somebody declined: a request that is taken back leaves no row.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.scheduling import cancel_session
from wellbeing.actions.support_people import find_homes, find_hr_of
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.name_order import name_order
from wellbeing.domain.plain_text import one_line
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import Person
from wellbeing.store.incidents import RequestWish, SupportRequest
from wellbeing.store.org import Membership
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession

MAX_CONTACT_LENGTH = 400
KEPT_DAYS_AFTER = load_retention_table().days_of("requests")
_MAIL_EVERY = timedelta(minutes=15)
_MAIL_LASTS = timedelta(days=7)
ARRANGED_FORMS = {
    RequestWish.TALK: SupportForm.DEFUSING,
    RequestWish.INDIVIDUAL_SUPERVISION: SupportForm.INDIVIDUAL_SUPERVISION,
    RequestWish.DEFUSING: SupportForm.DEFUSING,
    RequestWish.CRISIS_HELP: SupportForm.CRISIS_HELP,
}


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A person's open request as they see it; `starts_at` once a time is found."""

    id: UUID
    wish: RequestWish
    contact: str
    asked_on: date
    is_arranged: bool
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestShown:
    """An open request as HR in reach of the person sees it."""

    id: UUID
    name: str
    unit_ids: frozenset[UUID]
    wish: RequestWish
    contact: str
    asked_on: date
    offer_id: UUID | None
    session_id: UUID | None
    starts_at: datetime | None


def ask(
    session: Session,
    person_id: UUID,
    wish: RequestWish,
    contact: str,
    *,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Asks, or changes what was asked; a person has one open request, pressed twice or not."""
    told = one_line(contact)
    if len(told) > MAX_CONTACT_LENGTH:
        raise BadInput("Write at most {length} characters.", length=MAX_CONTACT_LENGTH)
    session.get_one(Person, person_id, with_for_update=True)
    found = _find_open(session, person_id)
    if found is not None:
        found.wish, found.contact = wish, told
        return
    today = now.astimezone(zone).date()
    session.add(
        SupportRequest(id=uuid4(), person_id=person_id, wish=wish, contact=told, asked_on=today)
    )
    session.flush()
    _tell_hr(session, person_id, today, now)


def take_back(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Deletes the open request and cancels a session still to come; twice is fine."""
    session.get_one(Person, person_id, with_for_update=True)
    found = _find_open(session, person_id, lock=True)
    if found is None:
        return
    offer_id = found.offer_id
    note(session, Kind.REQUEST, found.id)
    session.delete(found)
    session.flush()
    if offer_id is None:
        return
    ahead = select(SupportSession.id).where(
        SupportSession.offer_id == offer_id,
        SupportSession.state == SessionState.SCHEDULED,
        SupportSession.starts_at > now,
    )
    for session_id in session.scalars(ahead).all():
        cancel_session(session, session_id, now=now, by=Actor.unnamed())
    offer = session.get_one(Offer, offer_id)
    if offer.state is OfferState.OFFERED:
        # No longer anybody's; the row itself goes with what is deleted each hour.
        offer.state = OfferState.CLOSED


def find_own(session: Session, person_id: UUID) -> OwnRequest | None:
    """The open request of a person."""
    found = _find_open(session, person_id)
    if found is None:
        return None
    about = _find_session(session, found.offer_id)
    return OwnRequest(
        found.id,
        found.wish,
        found.contact,
        found.asked_on,
        is_arranged=found.offer_id is not None,
        starts_at=about.starts_at if about else None,
    )


def has_kept_request(session: Session, person_id: UUID) -> bool:
    """Whether a request of this person is kept, open or seen to."""
    query = select(SupportRequest.id).where(SupportRequest.person_id == person_id)
    return session.scalars(query).first() is not None


def find_who_sees(session: Session, person_id: UUID, *, today: date) -> list[str]:
    """The names of HR who see this person's request."""
    homes = find_homes(session, person_id, today=today)
    return list(find_hr_of(session, homes).values())


def find_requests(session: Session, *, today: date) -> list[RequestShown]:
    """Every open request, the oldest first; whoever shows it checks the reach."""
    query = (
        select(SupportRequest, Person.name)
        .join(Person, Person.id == SupportRequest.person_id)
        .where(SupportRequest.delete_on.is_(None))
    )
    found = session.execute(query).all()
    rows = sorted(found, key=lambda row: (row.SupportRequest.asked_on, name_order(row.name)))
    homes = _find_homes_of(session, [request.person_id for request, _ in rows], today)
    return [_show(session, request, name, homes) for request, name in rows]


def arrange(
    session: Session,
    request_id: UUID,
    form: SupportForm,
    *,
    today: date,
    now: datetime,
    by: Actor,
) -> Offer:
    """The offer that answers a request, of no unit; the one there is, in this form while no
    session of it is arranged.
    """
    found = _hold_request(session, request_id)
    if found.delete_on is not None:
        raise Refused("This request has been seen to.")
    offer = session.get(Offer, found.offer_id) if found.offer_id else None
    if offer is not None:
        if offer.state is OfferState.OFFERED:
            offer.form = form
        return offer
    offer = Offer(id=uuid4(), unit_id=None, form=form, state=OfferState.OFFERED, offered_on=today)
    session.add(offer)
    session.flush()
    found.offer_id = offer.id
    record(session, "request.arranged", str(offer.id), by=by, now=now)
    return offer


def finish(session: Session, request_id: UUID, *, today: date, now: datetime, by: Actor) -> None:
    """Marks a request as seen to: it is deleted a month later. Again is fine."""
    found = _hold_request(session, request_id)
    if found.delete_on is not None:
        return
    about = _find_session(session, found.offer_id)
    if about is not None and about.state is SessionState.SCHEDULED and about.ends_at > now:
        raise Refused("A session is still to come. Cancel it first, or wait until it is over.")
    found.delete_on = today + timedelta(days=KEPT_DAYS_AFTER)
    record(session, "request.finished", str(request_id), by=by, now=now)


def has_waiting(session: Session, hr_id: UUID, *, today: date) -> bool:
    """Whether a request that this HR person sees has not been arranged yet."""
    return any(
        shown.offer_id is None and hr_id in find_hr_of(session, shown.unit_ids)
        for shown in find_requests(session, today=today)
    )


def _tell_hr(session: Session, person_id: UUID, today: date, now: datetime) -> None:
    """A mail to HR in reach, at most one a quarter of an hour and at its end: neither the mail nor
    its time says who asked.
    """
    slot = int(now.timestamp() // _MAIL_EVERY.total_seconds())
    due_at = now + _MAIL_EVERY - timedelta(seconds=now.timestamp() % _MAIL_EVERY.total_seconds())
    letters = (
        Letter(MailKind.REQUEST_WAITING, hr_id, str(slot), due_at, due_at + _MAIL_LASTS)
        for hr_id in find_hr_of(session, find_homes(session, person_id, today=today))
    )
    post(session, letters)


def _find_open(session: Session, person_id: UUID, *, lock: bool = False) -> SupportRequest | None:
    query = select(SupportRequest).where(
        SupportRequest.person_id == person_id, SupportRequest.delete_on.is_(None)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def _hold_request(session: Session, request_id: UUID) -> SupportRequest:
    found = session.get(SupportRequest, request_id, with_for_update=True)
    if found is None:
        raise Missing("That request does not exist.")
    return found


def _find_session(session: Session, offer_id: UUID | None) -> SupportSession | None:
    if offer_id is None:
        return None
    query = (
        select(SupportSession)
        .where(SupportSession.offer_id == offer_id, SupportSession.state != SessionState.CANCELLED)
        .order_by(SupportSession.starts_at.desc())
    )
    return session.scalars(query).first()


def _find_homes_of(
    session: Session, people: Collection[UUID], today: date
) -> dict[UUID, frozenset[UUID]]:
    query = select(Membership.person_id, Membership.unit_id).where(
        Membership.person_id.in_(people),
        Membership.from_day <= today,
        Membership.until_day.is_(None) | (Membership.until_day > today),
    )
    homes: dict[UUID, frozenset[UUID]] = {}
    for person_id, unit_id in session.execute(query):
        homes[person_id] = homes.get(person_id, frozenset()) | {unit_id}
    return homes


def _show(
    session: Session, found: SupportRequest, name: str, homes: dict[UUID, frozenset[UUID]]
) -> RequestShown:
    about = _find_session(session, found.offer_id)
    return RequestShown(
        found.id,
        name,
        homes.get(found.person_id, frozenset()),
        found.wish,
        found.contact,
        found.asked_on,
        found.offer_id,
        about.id if about else None,
        about.starts_at if about else None,
    )
