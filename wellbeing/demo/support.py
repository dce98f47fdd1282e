"""The demo's support after a session was held: its record, answers, a wish, and a request."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.feedback import give_feedback
from wellbeing.actions.ledger import mark_action, wish_for_support
from wellbeing.actions.requests import ask
from wellbeing.actions.session_record import Agreed, RecordValues, find_agreed, write_record
from wellbeing.actions.themes import add_first_themes, find_themes
from wellbeing.domain.actor import Actor
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.incidents import RequestWish
from wellbeing.store.support import Booking

_THEMES = ("Arbejdspres og prioritering", "Samarbejde i teamet")
_ANSWERS = (5, 4, 4, 5, 3, 4, 4)
_ATTENDED = 9


def write_demo_record(
    session: Session, session_id: UUID, *, zone: ZoneInfo, now: datetime, by: Actor
) -> None:
    """The session was held; two themes, two agreements of which one is done, a next date."""
    today = now.astimezone(zone).date()
    add_first_themes(session)
    values = RecordValues(
        attended=_ATTENDED,
        minutes=85,
        theme_ids=frozenset(t.id for t in find_themes(session) if t.name in _THEMES),
        agreed=(
            Agreed("Ti minutters refleksion som fast punkt på mandagsmødet", "Lederen", today),
            Agreed("To på arbejde ved aftenens vanskelige samtaler", "Teamet"),
        ),
        next_on=today + timedelta(weeks=6),
    )
    write_record(session, session_id, values, zone=zone, now=now, by=by)
    first, _ = find_agreed(session, session_id)
    mark_action(session, first.id, is_done=True, today=today, now=now, by=by)


def answer_demo_question(
    session: Session, session_id: UUID, *, zone: ZoneInfo, now: datetime
) -> None:
    """Seven of those invited say how useful it was."""
    people = session.scalars(select(Booking.person_id).where(Booking.session_id == session_id))
    today = now.astimezone(zone).date()
    for person_id, useful in zip(sorted(people), _ANSWERS, strict=False):
        give_feedback(session, session_id, person_id, useful, today=today)


def wish_in_demo(
    session: Session, unit_id: UUID, *, zone: ZoneInfo, now: datetime, by: Actor
) -> None:
    """A leader wishes for team supervision; nobody finds a time, so it becomes overdue."""
    today = now.astimezone(zone).date()
    wish_for_support(session, unit_id, SupportForm.PEER_SUPERVISION, today=today, now=now, by=by)


def ask_in_demo(session: Session, person_id: UUID, *, zone: ZoneInfo, now: datetime) -> None:
    """Somebody asks for a talk."""
    contact = "Gerne telefon efter kl. 14"
    ask(session, person_id, RequestWish.TALK, contact, zone=zone, now=now)
