"""Putting a suggestion off for some weeks, waking it, and taking a closing back."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.support import MAX_REASON_LENGTH
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.plain_text import one_line
from wellbeing.store.audit import AuditEvent
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import Offer, OfferState

MAX_SNOOZE_DAYS = 92
REOPEN_DAYS = 14


def snooze_flag(
    session: Session,
    flag_id: UUID,
    until: date,
    reason: str,
    *,
    zone: ZoneInfo,
    now: datetime,
    by: Actor,
) -> None:
    """Puts a suggestion off until a day; another day or reason replaces the one before.

    It comes back by itself on that day. BadInput names a day or reason that cannot be, Refused a
    suggestion that is answered or closed.
    """
    flag = _hold_flag(session, flag_id)
    _check_waits(flag)
    because = _check_reason(reason)
    today = now.astimezone(zone).date()
    if until <= today:
        raise BadInput("That day has passed. Choose one that is still to come.")
    if until > today + timedelta(days=MAX_SNOOZE_DAYS):
        raise BadInput("A suggestion can be put off for {days} days at most.", days=MAX_SNOOZE_DAYS)
    if (flag.snoozed_until, flag.snoozed_because) == (until, because):
        return
    flag.snoozed_until, flag.snoozed_because = until, because
    record(session, "flag.snoozed", str(flag_id), by=by, now=now, until=until.isoformat())


def wake_flag(session: Session, flag_id: UUID, *, zone: ZoneInfo, now: datetime, by: Actor) -> None:
    """Takes a suggestion up again at once; nothing to do where it is not put off any more."""
    flag = _hold_flag(session, flag_id)
    if not is_snoozed(flag, now.astimezone(zone).date()):
        return
    flag.snoozed_until = flag.snoozed_because = None
    record(session, "flag.woken", str(flag_id), by=by, now=now)


def reopen_flag(
    session: Session, flag_id: UUID, *, zone: ZoneInfo, now: datetime, by: Actor
) -> None:
    """Takes a closing back; nothing to do where the suggestion is not closed any more.

    Refused once it is too late, or when another suggestion of the kind waits in the unit.
    """
    flag = _hold_flag(session, flag_id)
    if flag.state is not FlagState.CLOSED:
        return
    last_day = find_last_day_to_reopen(session, flag, zone=zone)
    if last_day is None or now.astimezone(zone).date() > last_day:
        raise Refused("A suggestion can be reopened within {days} days.", days=REOPEN_DAYS)
    if _has_another(session, flag):
        raise Refused("A newer suggestion of the same kind waits in this unit already.")
    flag.state, flag.closed_because = FlagState.RAISED, None
    closed = select(Offer).where(Offer.flag_id == flag_id, Offer.state == OfferState.CLOSED)
    for offer in session.scalars(closed):
        offer.state, offer.closed_because = OfferState.OFFERED, None
    record(session, "flag.reopened", str(flag_id), by=by, now=now)


def is_snoozed(flag: Flag, today: date) -> bool:
    """Whether a suggestion waits for a later day."""
    return (
        flag.state is FlagState.RAISED
        and flag.snoozed_until is not None
        and today < flag.snoozed_until
    )


def find_last_day_to_reopen(session: Session, flag: Flag, *, zone: ZoneInfo) -> date | None:
    """The last day on which a closing can be taken back; None where it is not closed."""
    if flag.state is not FlagState.CLOSED:
        return None
    closings = (
        select(AuditEvent.at)
        .where(AuditEvent.act == "flag.closed", AuditEvent.subject == str(flag.id))
        .order_by(AuditEvent.number.desc())
        .limit(1)
    )
    closed_at = session.scalars(closings).first()
    return closed_at.astimezone(zone).date() + timedelta(days=REOPEN_DAYS) if closed_at else None


def _hold_flag(session: Session, flag_id: UUID) -> Flag:
    flag = session.get(Flag, flag_id, with_for_update=True)
    if flag is None:
        raise Missing("That suggestion does not exist.")
    return flag


def _check_waits(flag: Flag) -> None:
    if flag.state is FlagState.CLOSED:
        raise Refused("This suggestion has been closed.")
    if flag.state is FlagState.ANSWERED:
        raise Refused("Support is already scheduled here, so there is nothing to put off.")


def _check_reason(reason: str) -> str:
    because = one_line(reason)
    if not because:
        raise BadInput("Write in a few words why it can wait.")
    if len(because) > MAX_REASON_LENGTH:
        raise BadInput("Write at most {length} characters.", length=MAX_REASON_LENGTH)
    return because


def _has_another(session: Session, flag: Flag) -> bool:
    other = select(Flag.id).where(
        Flag.unit_id == flag.unit_id,
        Flag.kind == flag.kind,
        Flag.id != flag.id,
        Flag.state == FlagState.RAISED,
    )
    return session.scalars(other).first() is not None
