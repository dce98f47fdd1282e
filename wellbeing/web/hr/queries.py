"""What HR pages read: flags to answer, rounds, programmes and sessions in reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wellbeing.actions.key_holders import check_both_sides
from wellbeing.actions.session_list import SessionShown, find_sessions
from wellbeing.actions.snoozing import is_snoozed
from wellbeing.actions.units import find_paths
from wellbeing.domain.errors import Refused
from wellbeing.domain.flag_rules import FlagKind
from wellbeing.store.accounts import Person
from wellbeing.store.org import Programme, Round, RoundState, Unit
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.support import Booking, Offer, SessionState, SupportSession
from wellbeing.web.hr.scope import Scope
from wellbeing.web.hr.words import FlagWords, say_flag, say_state, say_stopped
from wellbeing.web.shared.i18n import gettext

PUBLISHED_SHOWN = 3
HELD_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FlagShown:
    """A raised flag; `planned_at` is when a session for the same unit is coming up anyway.

    `snoozed_until` is set while it is put off.
    """

    id: UUID
    unit: str
    words: FlagWords
    raised_on: date
    planned_at: datetime | None
    snoozed_until: date | None
    snoozed_because: str


@dataclass(frozen=True, slots=True)
class RoundShown:
    """A round in words; `is_due` when the opening job is about to open it."""

    id: UUID
    programme: str
    number: int
    state: RoundState
    words: str
    is_due: bool
    opens_at: datetime
    closes_at: datetime
    stopped_because: str
    is_extra: bool
    waits_for_keys: bool


@dataclass(frozen=True, slots=True)
class ProgrammeShown:
    """A programme's rule, when its next round opens, and what staff are called, by language."""

    id: UUID
    name: str
    every_months: int
    window_days: int
    opening_time: str
    reminder_days: tuple[int, ...]
    min_group_size: int
    next_opens_at: datetime | None
    occupation: Mapping[str, str]
    two_keys: bool


def find_raised(
    session: Session, scope: Scope, sessions: list[SessionShown], *, today: date
) -> list[FlagShown]:
    """Raised flags in reach, oldest first and on the same day the more pressing kind first."""
    query = (
        select(Flag, Unit.name)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .join(Unit, Unit.id == Flag.unit_id)
        .where(Flag.state == FlagState.RAISED, PublishedRound.key_destroyed_at.is_not(None))
    )
    paths = find_paths(session)
    planned = {s.unit_id: s.starts_at for s in reversed(sessions)}
    shown = [
        (
            (flag.raised_on, flag.kind != FlagKind.OFFER_DEBRIEFING),
            FlagShown(
                flag.id,
                paths.get(flag.unit_id, name),
                say_flag(flag.kind, flag.figures),
                flag.raised_on,
                planned.get(flag.unit_id),
                flag.snoozed_until if is_snoozed(flag, today) else None,
                flag.snoozed_because or "",
            ),
        )
        for flag, name in session.execute(query)
        if flag.unit_id in scope
    ]
    return [flag for _, flag in sorted(shown, key=lambda pair: (pair[0], pair[1].unit))]


def list_snoozed(flags: list[FlagShown]) -> list[FlagShown]:
    """Those that are put off, the one that comes back first before the others."""
    waiting = [(flag.snoozed_until, flag) for flag in flags if flag.snoozed_until]
    return [flag for _, flag in sorted(waiting, key=lambda pair: pair[0])]


def find_rounds(session: Session, scope: Scope, *, now: datetime) -> list[RoundShown]:
    """Everything planned or under way and the latest rounds that are over, newest first.

    Of extra rounds those of units in reach only: there, something has happened.
    """
    query = (
        select(Round, Programme.name)
        .join(Programme, Programme.id == Round.programme_id)
        .where(Round.state != RoundState.CANCELLED)
        .order_by(Round.opens_at.desc())
    )
    shown: list[RoundShown] = []
    over = 0
    for round_, programme in session.execute(query):
        if round_.unit_id is not None and round_.unit_id not in scope:
            continue
        is_over = round_.state in (RoundState.PUBLISHED, RoundState.LOST)
        over += is_over
        if not is_over or over <= PUBLISHED_SHOWN:
            shown.append(_show_round(round_, programme, _find_obstacle(session, round_, now), now))
    return shown


def _find_obstacle(session: Session, round_: Round, now: datetime) -> str:
    """Why a round whose opening has come waits for a key holder; empty where it does not."""
    is_due = round_.state is RoundState.PLANNED and round_.opens_at <= now
    if is_due and session.get_one(Programme, round_.programme_id).two_keys:
        try:
            check_both_sides(session)
        except Refused as refusal:
            return str(refusal.in_words_of(gettext))
    return ""


def _show_round(round_: Round, programme: str, obstacle: str, now: datetime) -> RoundShown:
    is_stopped = round_.state is RoundState.STOPPED
    return RoundShown(
        id=round_.id,
        programme=_say_extra(programme) if round_.unit_id else programme,
        is_extra=round_.unit_id is not None,
        number=round_.number,
        state=round_.state,
        words=obstacle or say_state(round_),
        is_due=round_.state is RoundState.PLANNED and round_.opens_at <= now and not obstacle,
        waits_for_keys=bool(obstacle) or (round_.two_keys and round_.state is RoundState.CLOSED),
        opens_at=round_.opens_at,
        closes_at=round_.closes_at,
        stopped_because=say_stopped(round_.stopped_because) if is_stopped else "",
    )


def _say_extra(unit: str) -> str:
    return str(gettext("Extra check-in, %(unit)s", unit=unit))


def find_programmes(session: Session) -> list[ProgrammeShown]:
    """Active programmes by name."""
    opening = (
        select(func.min(Round.opens_at))
        .where(Round.programme_id == Programme.id, Round.state == RoundState.PLANNED)
        .scalar_subquery()
    )
    query = select(Programme, opening).where(Programme.active).order_by(Programme.name)
    return [
        ProgrammeShown(
            id=programme.id,
            name=programme.name,
            every_months=programme.every_months,
            window_days=programme.window_days,
            opening_time=programme.opening_time,
            reminder_days=tuple(int(day) for day in programme.reminder_days.split(",") if day),
            min_group_size=programme.min_group_size,
            next_opens_at=next_opens_at,
            occupation=programme.occupation or {},
            two_keys=programme.two_keys,
        )
        for programme, next_opens_at in session.execute(query)
    ]


def get_first_opening(session: Session, programme_id: UUID) -> datetime:
    """When the first round of a programme opens."""
    openings = select(func.min(Round.opens_at)).where(Round.programme_id == programme_id)
    return session.execute(openings).scalar_one()


def find_all_sessions(session: Session, scope: Scope) -> list[SessionShown]:
    """Every session in reach that was not cancelled, earliest first."""
    found = find_sessions(session, SupportSession.state != SessionState.CANCELLED)
    return [shown for shown in found if shown.unit_id and shown.unit_id in scope]


def count_without_email(session: Session, session_id: UUID) -> int:
    """How many of those invited no mail reaches."""
    query = (
        select(func.count())
        .select_from(Booking)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.session_id == session_id, Person.email.is_(None))
    )
    return session.scalar(query) or 0


def find_session_id(session: Session, flag_id: UUID) -> UUID | None:
    """The session that answers a flag, scheduled or held."""
    query = (
        select(SupportSession.id)
        .join(Offer, Offer.id == SupportSession.offer_id)
        .where(Offer.flag_id == flag_id, SupportSession.state != SessionState.CANCELLED)
    )
    return session.scalars(query).first()
