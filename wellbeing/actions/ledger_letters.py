"""Mails about the ledger: a step is overdue, a request is waiting, was a session useful?

Who gets one is settled when it is posted, and asked again when it is sent.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.feedback import is_asking
from wellbeing.actions.ledger_list import LedgerRow, find_ledger
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.session_record import EXPECTED
from wellbeing.actions.support_people import find_hr_of, find_leaders_of
from wellbeing.domain.cycles import moment_of
from wellbeing.domain.danish_holidays import is_working_day
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.org import Pause
from wellbeing.store.support import Booking, SessionState, SupportSession

OFFICE_HOURS = (time(8), time(16))


def remind_of_overdue(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """Posts what is overdue in any ledger to whoever sees to it: at most one mail a week and row,
    on working days outside pauses, in office hours; how many were new.
    """
    if not _is_at_work(session, now.astimezone(zone)):
        return 0
    rows = [row for row in find_ledger(session, None, zone=zone, now=now) if row.overdue]
    return post(session, (letter for row in rows for letter in _reminders(session, row, zone, now)))


def find_reminded(session: Session, row: LedgerRow) -> set[UUID]:
    """Its owner, or HR in reach where nobody has it or who had it left; and the unit's leaders."""
    hr, leaders = (
        set(find_hr_of(session, [row.unit_id])),
        set(find_leaders_of(session, row.unit_id)),
    )
    seeing = {row.owner_id} & (hr | leaders)
    return leaders | ({owner for owner in seeing if owner} or hr)


def find_overdue_row(
    session: Session, context: dict[str, Any], person_id: UUID, *, zone: ZoneInfo, now: datetime
) -> LedgerRow | None:
    """The row that a waiting reminder is about, if a step is still overdue and this person's."""
    if not _is_at_work(session, now.astimezone(zone)):
        return None
    rows = find_ledger(session, [UUID(context["unit"])], zone=zone, now=now)
    row = next((row for row in rows if _key(row) == context["row"]), None)
    if row is None or row.overdue is None or person_id not in find_reminded(session, row):
        return None
    return row


def ask_whether_useful(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """Posts the question about a session to everyone who was invited, from the day after on."""
    local = now.astimezone(zone)
    if not OFFICE_HOURS[0] <= local.time() < OFFICE_HOURS[1]:
        return 0
    query = select(SupportSession).where(
        SupportSession.state == SessionState.HELD, SupportSession.feedback_until >= local.date()
    )
    return sum(
        post(session, _questions(session, about, zone, now))
        for about in session.scalars(query).all()
        if about.starts_at.astimezone(zone).date() < local.date()
    )


def is_question_wanted(
    session: Session, session_id: UUID, person_id: UUID, *, zone: ZoneInfo, now: datetime
) -> bool:
    """Whether this person can still answer about this session, and has not."""
    about = session.get(SupportSession, session_id)
    booking = session.get(Booking, (session_id, person_id))
    return (
        about is not None
        and booking is not None
        and about.state is SessionState.HELD
        and booking.state in EXPECTED
        and not booking.feedback_given
        and is_asking(about, today=now.astimezone(zone).date())
    )


def _reminders(session: Session, row: LedgerRow, zone: ZoneInfo, now: datetime) -> Iterator[Letter]:
    today = now.astimezone(zone).date()
    year, week, _ = today.isocalendar()
    for person_id in sorted(find_reminded(session, row)):
        yield Letter(
            MailKind.SUPPORT_OVERDUE,
            person_id,
            f"{_key(row)}/{year}-{week}",
            now,
            moment_of(today, OFFICE_HOURS[1], zone),
            context={"row": _key(row), "unit": str(row.unit_id)},
        )


def _questions(
    session: Session, about: SupportSession, zone: ZoneInfo, now: datetime
) -> Iterator[Letter]:
    assert about.feedback_until is not None
    expires_at = moment_of(about.feedback_until + timedelta(days=1), time(0), zone)
    query = (
        select(Booking.person_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.session_id == about.id,
            Booking.state.in_(EXPECTED),
            Person.email.is_not(None),
            Person.status != PersonStatus.DISABLED,
        )
    )
    for person_id in session.scalars(query):
        yield Letter(
            MailKind.FEEDBACK_ASKED, person_id, str(about.id), now, expires_at, session_id=about.id
        )


def _key(row: LedgerRow) -> str:
    return str(row.offer_id or row.flag_id)


def _is_at_work(session: Session, local: datetime) -> bool:
    first, last = OFFICE_HOURS
    day = local.date()
    return first <= local.time() < last and is_working_day(day) and not _is_paused(session, day)


def _is_paused(session: Session, day: date) -> bool:
    pauses = select(Pause.id).where(Pause.from_day <= day, Pause.until_day > day)
    return session.scalars(pauses).first() is not None
