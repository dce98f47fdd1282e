"""The record of a session: that it was held, how many came, themes, what was agreed, the next date.

There is no room in it for what anybody said: no free text, nobody's name, no score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.cycles import add_months
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.identifying_text import find_identifying
from wellbeing.domain.ledger import DAYS_OF_FEEDBACK
from wellbeing.domain.plain_text import one_line
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.domain.usefulness import FEWEST_ANSWERS
from wellbeing.store.support import (
    Booking,
    BookingState,
    Offer,
    OfferState,
    SessionAction,
    SessionState,
    SessionTheme,
    SupportSession,
    Theme,
)

KEPT_MONTHS = load_retention_table().months_of("records")
MOST_ACTIONS = 8
MAX_WHAT_LENGTH, MAX_OWNER_LENGTH = 200, 120
MAX_MINUTES_HELD = 600
MAX_DAYS_TO_NEXT = 730
EXPECTED = (BookingState.INVITED, BookingState.BOOKED)


@dataclass(frozen=True, slots=True)
class Agreed:
    """Something agreed: what, who sees to it, by when."""

    what: str
    owner: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class RecordValues:
    """What is written down of a session; `minutes` None: as long as planned."""

    attended: int
    minutes: int | None = None
    theme_ids: frozenset[UUID] = frozenset()
    agreed: tuple[Agreed, ...] = ()
    next_on: date | None = None


def write_record(
    session: Session,
    session_id: UUID,
    values: RecordValues,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> None:
    """Writes the session down as held; written again it is put right, and the same is nothing.

    Refused before it has begun, once it is cancelled, or once the record has been deleted;
    BadInput names a value that cannot be.
    """
    found = session.get(SupportSession, session_id, with_for_update=True)
    if found is None:
        raise Missing("That session does not exist.")
    today, held_on = (moment.astimezone(zone).date() for moment in (now, found.starts_at))
    _check_state(found, today, now)
    expected = count_expected(session, session_id)
    agreed = _check_values(values, expected, held_on)
    themes = _check_themes(session, session_id, values.theme_ids)
    if _is_written(session, found, values, agreed):
        return
    if found.state is not SessionState.HELD:
        found.delete_on = add_months(held_on, KEPT_MONTHS)
        # Fewer could never be shown, so nobody is asked.
        if expected >= FEWEST_ANSWERS:
            found.feedback_until = today + timedelta(days=DAYS_OF_FEEDBACK)
    found.state = SessionState.HELD
    found.attended_count, found.minutes_held = values.attended, values.minutes
    found.next_on = values.next_on
    session.get_one(Offer, found.offer_id).state = OfferState.HELD
    _write_themes(session, session_id, themes)
    _write_agreed(session, session_id, agreed)
    record(session, "session.held", str(session_id), by=by, now=now, attended=values.attended)


def count_expected(session: Session, session_id: UUID) -> int:
    """How many were invited or booked, so at most so many can have come."""
    query = select(func.count()).where(
        Booking.session_id == session_id, Booking.state.in_(EXPECTED)
    )
    return session.scalar(query) or 0


def find_agreed(session: Session, session_id: UUID) -> list[SessionAction]:
    """What was agreed in a session, in a steady order."""
    query = select(SessionAction).where(SessionAction.session_id == session_id)
    return sorted(session.scalars(query), key=order_of_agreed)


def find_theme_ids(session: Session, session_id: UUID) -> set[UUID]:
    """The themes that were taken up in a session."""
    query = select(SessionTheme.theme_id).where(SessionTheme.session_id == session_id)
    return set(session.scalars(query))


def check_says_nobody(text: str) -> None:
    """BadInput where a text would point at one person: what is agreed is about the work."""
    if find_identifying(text).person_numbers:
        raise BadInput("Write about the work, without anybody's person number.")


def _check_state(found: SupportSession, today: date, now: datetime) -> None:
    if found.state is SessionState.CANCELLED:
        raise Refused("This session was cancelled.")
    if now < found.starts_at:
        raise Refused("A session can be written down once it has begun.")
    if found.delete_on is not None and found.delete_on <= today:
        raise Refused("This record has been deleted, as it was to be.")


def _check_values(values: RecordValues, expected: int, held_on: date) -> list[Agreed]:
    if not 0 <= values.attended <= expected:
        raise BadInput("Between 0 and {invited} people can have come.", invited=expected)
    if values.minutes is not None and not 1 <= values.minutes <= MAX_MINUTES_HELD:
        raise BadInput("A session lasts 1 to {most} minutes.", most=MAX_MINUTES_HELD)
    latest = held_on + timedelta(days=MAX_DAYS_TO_NEXT)
    if values.next_on is not None and not held_on < values.next_on <= latest:
        raise BadInput("The next date lies after this session, at most two years ahead.")
    if len(values.agreed) > MOST_ACTIONS:
        raise BadInput("At most {most} agreements from one session.", most=MOST_ACTIONS)
    return [_check_agreed(each) for each in values.agreed]


def _check_agreed(agreed: Agreed) -> Agreed:
    what, owner = one_line(agreed.what), one_line(agreed.owner)
    if not what or not owner:
        raise BadInput("Write both what was agreed and who sees to it.")
    if len(what) > MAX_WHAT_LENGTH or len(owner) > MAX_OWNER_LENGTH:
        raise BadInput(
            "At most {what} characters for what, and {owner} for who sees to it.",
            what=MAX_WHAT_LENGTH,
            owner=MAX_OWNER_LENGTH,
        )
    check_says_nobody(what)
    check_says_nobody(owner)
    return Agreed(what, owner, agreed.due_on)


def _check_themes(session: Session, session_id: UUID, wanted: frozenset[UUID]) -> set[UUID]:
    """Those of the list, and a retired one that the record already names."""
    active = set(session.scalars(select(Theme.id).where(Theme.active)))
    if not wanted <= active | find_theme_ids(session, session_id):
        raise BadInput("Choose themes from the list.")
    return set(wanted)


def _is_written(
    session: Session, found: SupportSession, values: RecordValues, agreed: Sequence[Agreed]
) -> bool:
    return (
        found.state is SessionState.HELD
        and found.attended_count == values.attended
        and found.minutes_held == values.minutes
        and found.next_on == values.next_on
        and find_theme_ids(session, found.id) == values.theme_ids
        and {_as_agreed(a) for a in find_agreed(session, found.id)} == set(agreed)
    )


def _write_themes(session: Session, session_id: UUID, wanted: set[UUID]) -> None:
    there = find_theme_ids(session, session_id)
    session.execute(
        delete(SessionTheme).where(
            SessionTheme.session_id == session_id, SessionTheme.theme_id.in_(there - wanted)
        )
    )
    session.add_all(SessionTheme(session_id=session_id, theme_id=t) for t in wanted - there)


def _write_agreed(session: Session, session_id: UUID, wanted: Sequence[Agreed]) -> None:
    """What stands there already keeps its mark of being done."""
    there = {(a.what, a.owner): a for a in find_agreed(session, session_id)}
    kept = {(each.what, each.owner): each for each in wanted}
    for key, action in there.items():
        if key in kept:
            action.due_on = kept[key].due_on
        else:
            session.delete(action)
    session.add_all(
        SessionAction(
            id=uuid4(), session_id=session_id, what=each.what, owner=each.owner, due_on=each.due_on
        )
        for key, each in kept.items()
        if key not in there
    )


def _as_agreed(action: SessionAction) -> Agreed:
    return Agreed(action.what, action.owner, action.due_on)


def order_of_agreed(action: SessionAction) -> tuple[bool, date, str, str]:
    """Sorts agreements: those with a day first, by day."""
    return (action.due_on is None, action.due_on or date.max, action.what, action.owner)
