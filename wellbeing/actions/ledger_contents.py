"""What mails about the ledger say, from what is true when they are sent; None: not wanted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from wellbeing.actions.ledger_letters import find_overdue_row, is_question_wanted
from wellbeing.actions.ledger_words import say_task
from wellbeing.actions.requests import has_waiting
from wellbeing.actions.session_letters import form_label
from wellbeing.actions.support_people import find_hr_of
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.support import SupportSession
from wellbeing.texts import translations_for

Variables = dict[str, Any] | None


def describe_overdue(
    session: Session, message: OutboxMessage, person: Person, settings: Settings, now: datetime
) -> Variables:
    """Which step of which unit is overdue, and where to see it; never a person's name."""
    row = find_overdue_row(session, message.context, person.id, zone=settings.zone, now=now)
    if row is None or row.overdue is None or row.overdue.day is None:
        return None
    texts = translations_for(person.language)
    is_hr = person.id in find_hr_of(session, [row.unit_id])
    path = "hr/ledger" if is_hr else f"teams/{row.unit_id}/support"
    return {
        "unit_label": row.unit,
        "form_label": form_label(row.form, texts),
        "task": say_task(row.overdue.step, texts),
        "due_text": texts.format_day(row.overdue.day),
        "link": f"{settings.base_url}/{path}",
    }


def describe_waiting(
    session: Session, person: Person, settings: Settings, now: datetime
) -> Variables:
    """That a request is waiting, and where; not whose."""
    today = now.astimezone(settings.zone).date()
    if not has_waiting(session, person.id, today=today):
        return None
    return {"link": f"{settings.base_url}/hr/requests"}


def describe_question(
    session: Session, message: OutboxMessage, person: Person, settings: Settings, now: datetime
) -> Variables:
    """Which session is asked about, until when, and where to answer."""
    session_id: UUID | None = message.session_id
    assert session_id is not None
    if not is_question_wanted(session, session_id, person.id, zone=settings.zone, now=now):
        return None
    about = session.get_one(SupportSession, session_id)
    assert about.feedback_until is not None
    texts = translations_for(person.language)
    return {
        "starts_text": texts.format_moment(about.starts_at, settings.zone, weekday=True),
        "until_text": texts.format_day(about.feedback_until, weekday=True),
        "link": f"{settings.base_url}/support/sessions/{session_id}/useful",
    }
