"""The flags of units, and the sessions that answer them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.published import Flag, FlagState, PublishedRound
from wellbeing.store.support import Offer, SessionState, SupportSession


@dataclass(frozen=True, slots=True)
class FlagSession:
    """The session that answers a flag: scheduled or held."""

    form: SupportForm
    state: SessionState
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FlagShown:
    """A flag of a released round and what has come of it."""

    id: UUID
    unit_id: UUID
    rule_id: str
    kind: str
    figures: Mapping[str, Any]
    state: FlagState
    raised_on: date
    round_id: UUID
    round_closed_on: date
    closed_because: str | None
    session: FlagSession | None
    snoozed_until: date | None
    snoozed_because: str | None

    def is_snoozed(self, today: date) -> bool:
        """Whether it is open, but waits for a later day."""
        waits = self.snoozed_until is not None and today < self.snoozed_until
        return waits and self.state is FlagState.RAISED

    @property
    def is_open(self) -> bool:
        """Whether something is still to happen."""
        held = self.session is not None and self.session.state is SessionState.HELD
        return self.state is not FlagState.CLOSED and not held

    @property
    def severity(self) -> int:
        """How far beyond its rule the unit lay, 1 to 3; 0 for a flag from before it was noted."""
        noted = self.figures.get("severity")
        return noted if isinstance(noted, int) else 0

    @property
    def urgency(self) -> tuple[bool, int, date]:
        """Sorts open flags: those nobody has answered first, then the worst, then the oldest."""
        return self.session is not None, -self.severity, self.raised_on


def find_flags(session: Session, unit_ids: Collection[UUID]) -> list[FlagShown]:
    """Every flag of these units whose round is released, newest first."""
    query = (
        select(Flag, PublishedRound.closed_on)
        .join(PublishedRound, PublishedRound.round_id == Flag.round_id)
        .where(Flag.unit_id.in_(unit_ids), PublishedRound.key_destroyed_at.is_not(None))
        .order_by(Flag.raised_on.desc(), Flag.rule_id)
    )
    sessions = _find_sessions_of_flags(session, unit_ids)
    return [
        FlagShown(
            id=flag.id,
            unit_id=flag.unit_id,
            rule_id=flag.rule_id,
            kind=flag.kind,
            figures=flag.figures,
            state=flag.state,
            raised_on=flag.raised_on,
            round_id=flag.round_id,
            round_closed_on=closed_on,
            closed_because=flag.closed_because,
            session=sessions.get(flag.id),
            snoozed_until=flag.snoozed_until,
            snoozed_because=flag.snoozed_because,
        )
        for flag, closed_on in session.execute(query)
    ]


def _find_sessions_of_flags(
    session: Session, unit_ids: Collection[UUID]
) -> dict[UUID, FlagSession]:
    query = (
        select(Offer.flag_id, Offer.form, SupportSession)
        .join(SupportSession, SupportSession.offer_id == Offer.id)
        .where(
            Offer.unit_id.in_(unit_ids),
            SupportSession.state != SessionState.CANCELLED,
        )
    )
    return {
        flag_id: FlagSession(form, found.state, found.starts_at, found.ends_at)
        for flag_id, form, found in session.execute(query)
        if flag_id is not None
    }
