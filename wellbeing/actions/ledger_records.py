"""What came of the sessions that answer offers, as every reader of a unit's ledger may know it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.session_record import order_of_agreed
from wellbeing.domain.usefulness import Usefulness, find_usefulness
from wellbeing.store.support import (
    SessionAction,
    SessionFeedback,
    SessionState,
    SessionTheme,
    SupportSession,
    Theme,
)


@dataclass(frozen=True, slots=True)
class AgreedShown:
    """Something agreed in a session."""

    id: UUID
    what: str
    owner: str
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session with its record; `attended` None: not written down, or deleted since."""

    id: UUID
    offer_id: UUID
    state: SessionState
    starts_at: datetime
    held_on: date
    is_over: bool
    is_deleted: bool
    is_for_one: bool
    attended: int | None
    minutes: int | None
    next_on: date | None
    feedback_until: date | None
    themes: tuple[str, ...]
    agreed: tuple[AgreedShown, ...]
    usefulness: Usefulness


def find_records(
    session: Session,
    offer_ids: Collection[UUID],
    *,
    zone: ZoneInfo,
    now: datetime,
    steps_only: bool = False,
) -> dict[UUID, SessionRecord]:
    """For each offer the session that its ledger speaks of: the one to write down, else the latest
    held, else the next to come. Cancelled ones are left out. With `steps_only` nothing is read of
    what was said there.
    """
    query = select(SupportSession).where(
        SupportSession.offer_id.in_(offer_ids), SupportSession.state != SessionState.CANCELLED
    )
    chosen: dict[UUID, SupportSession] = {}
    for found in session.scalars(query):
        known = chosen.get(found.offer_id)
        if known is None or _rank(found, now) < _rank(known, now):
            chosen[found.offer_id] = found
    ids = [] if steps_only else [found.id for found in chosen.values()]
    themes = find_theme_names(session, ids) if ids else {}
    agreed = _agreed(session, ids) if ids else {}
    sums = count_useful(session, ids) if ids else {}
    return {
        offer_id: _show(
            found,
            themes.get(found.id, ()),
            agreed.get(found.id, ()),
            sums.get(found.id, {}),
            zone,
            now,
        )
        for offer_id, found in chosen.items()
    }


def _rank(found: SupportSession, now: datetime) -> tuple[int, float]:
    at = found.starts_at.timestamp()
    if found.state is SessionState.HELD:
        return 1, -at
    return (0, at) if found.ends_at <= now else (2, at)


def _show(
    found: SupportSession,
    themes: tuple[str, ...],
    agreed: tuple[AgreedShown, ...],
    sums: Mapping[int, int],
    zone: ZoneInfo,
    now: datetime,
) -> SessionRecord:
    today = now.astimezone(zone).date()
    return SessionRecord(
        id=found.id,
        offer_id=found.offer_id,
        state=found.state,
        starts_at=found.starts_at,
        held_on=found.starts_at.astimezone(zone).date(),
        is_over=found.ends_at <= now,
        is_deleted=found.delete_on is not None and found.delete_on <= today,
        is_for_one=found.seats == 1,
        attended=found.attended_count,
        minutes=found.minutes_held,
        next_on=found.next_on,
        feedback_until=found.feedback_until,
        themes=themes,
        agreed=agreed,
        usefulness=find_usefulness(sums, found.feedback_until, today=today),
    )


def find_theme_names(session: Session, ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Per session the themes that were taken up, by name."""
    query = (
        select(SessionTheme.session_id, Theme.name)
        .join(Theme, Theme.id == SessionTheme.theme_id)
        .where(SessionTheme.session_id.in_(ids))
        .order_by(Theme.name)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for session_id, name in session.execute(query):
        found[session_id] = (*found.get(session_id, ()), name)
    return found


def _agreed(session: Session, ids: Collection[UUID]) -> dict[UUID, tuple[AgreedShown, ...]]:
    query = select(SessionAction).where(SessionAction.session_id.in_(ids))
    found: dict[UUID, tuple[AgreedShown, ...]] = {}
    for a in sorted(session.scalars(query), key=order_of_agreed):
        shown = AgreedShown(a.id, a.what, a.owner, a.due_on, a.done_on)
        found[a.session_id] = (*found.get(a.session_id, ()), shown)
    return found


def count_useful(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[int, int]]:
    """Per session how many said so, by value; for `find_usefulness`, never to be shown as such."""
    query = select(SessionFeedback).where(SessionFeedback.session_id.in_(ids))
    found: dict[UUID, dict[int, int]] = {}
    for row in session.scalars(query):
        found.setdefault(row.session_id, {})[row.useful] = row.count
    return found
