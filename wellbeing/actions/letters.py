"""Who is written to about a round: invitations, reminders, and that the figures are there."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.programmes import rhythm_of
from wellbeing.domain.cycles import Window, reminder_moments
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.org import Membership, Pause, Programme, Round, RoundState, RoundUnit
from wellbeing.store.personal import Participation
from wellbeing.store.published import PublishedRound

_LATE_REMINDER = timedelta(days=2)
_TELL_FOR = timedelta(days=7)


def invite(session: Session, *, now: datetime) -> int:
    """Posts one invitation to everyone on the roster of an open round; how many were new."""
    added = 0
    for round_ in _open_rounds(session, now):
        people = _reachable(session, round_.id)
        added += post(
            session,
            (
                Letter(
                    MailKind.INVITATION,
                    person_id,
                    str(round_.id),
                    now,
                    round_.closes_at,
                    round_id=round_.id,
                )
                for person_id in people
            ),
        )
    return added


def remind(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """Posts the reminder that is due to the whole roster; who has answered is asked at sending.

    The outbox thus holds the same rows for everyone and tells nobody who is silent.
    """
    added = 0
    if is_paused(session, now.astimezone(zone).date()):
        return added
    for round_ in _open_rounds(session, now):
        due = _due_reminder(session, round_, zone, now)
        if due is None:
            continue
        number, until = due
        added += post(
            session,
            (
                Letter(
                    MailKind.REMINDER,
                    person_id,
                    f"{round_.id}/{number}",
                    now,
                    until,
                    round_id=round_.id,
                )
                for person_id in _reachable(session, round_.id)
            ),
        )
    return added


def announce(session: Session, *, now: datetime) -> int:
    """Tells everyone it is for that a round is published, all at once and within a week of it."""
    added = 0
    recent = session.scalars(
        select(PublishedRound.round_id).where(PublishedRound.key_destroyed_at > now - _TELL_FOR)
    ).all()
    for round_id in recent:
        people = session.scalars(_find_told(session, round_id))
        added += post(session, _announcements(people, round_id, now))
    return added


def _find_told(session: Session, round_id: UUID) -> Select[UUID]:
    """Everyone who works here; of an extra round those it was held for, and who leads them."""
    query = (
        select(Person.id)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .where(Person.status != PersonStatus.DISABLED, Person.email.is_not(None))
        .distinct()
    )
    works_here = Membership.until_day.is_(None) & Membership.unit_id.is_not(None)
    if session.get_one(Round, round_id).unit_id is None:
        return query.where(works_here)
    units = select(RoundUnit.unit_id).where(RoundUnit.round_id == round_id)
    leads = select(RoleGrant.person_id).where(
        RoleGrant.role == Role.LEADER, RoleGrant.unit_id.in_(units)
    )
    return query.where(or_(works_here & Membership.unit_id.in_(units), Person.id.in_(leads)))


def _announcements(people: Iterable[UUID], round_id: UUID, now: datetime) -> Iterable[Letter]:
    for person_id in people:
        yield Letter(
            MailKind.ROUND_PUBLISHED,
            person_id,
            str(round_id),
            now,
            now + _TELL_FOR,
            round_id=round_id,
        )


def _open_rounds(session: Session, now: datetime) -> list[Round]:
    query = select(Round).where(
        Round.state == RoundState.OPEN, Round.opens_at <= now, Round.closes_at > now
    )
    return list(session.scalars(query))


def is_paused(session: Session, day: date) -> bool:
    """Whether nobody is reminded that day."""
    pauses = select(Pause.id).where(Pause.from_day <= day, Pause.until_day > day)
    return session.scalars(pauses).first() is not None


def _reachable(session: Session, round_id: UUID) -> list[UUID]:
    """By mail, or without an address by text message: delivery knows whether any are sent."""
    query = (
        select(Participation.person_id)
        .join(Person, Person.id == Participation.person_id)
        .where(
            Participation.round_id == round_id,
            or_(Person.email.is_not(None), Person.mobile.is_not(None)),
            Person.status != PersonStatus.DISABLED,
        )
    )
    return list(session.scalars(query))


def _due_reminder(
    session: Session, round_: Round, zone: ZoneInfo, now: datetime
) -> tuple[int, datetime] | None:
    """The number of the reminder that is due, and until when: two never come on one morning."""
    rhythm = rhythm_of(session.get_one(Programme, round_.programme_id))
    moments = reminder_moments(Window(round_.opens_at, round_.closes_at), rhythm, zone)
    due = [n for n, moment in enumerate(moments) if moment <= now < moment + _LATE_REMINDER]
    if not due:
        return None
    return due[-1], (*moments, round_.closes_at)[due[-1] + 1]
