"""Class support: what is offered, scheduled and held, and who is expected there."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.accounts
import wellbeing.store.org
import wellbeing.store.published  # noqa: F401 (referred to by foreign keys)
from wellbeing.store.base import Base, Moment, enum_text


class SupportForm(StrEnum):
    """The forms of support that can be offered."""

    TEAM_SUPERVISION = "team_supervision"
    INDIVIDUAL_SUPERVISION = "individual_supervision"
    PEER_SUPERVISION = "peer_supervision"
    OPEN_SUPERVISION = "open_supervision"
    DEFUSING = "defusing"
    DEBRIEFING = "debriefing"
    CRISIS_HELP = "crisis_help"


class OfferState(StrEnum):
    """The steps of the ledger so far."""

    OFFERED = "offered"
    SCHEDULED = "scheduled"
    HELD = "held"
    CLOSED = "closed"


class SessionState(StrEnum):
    """A session is scheduled, then held or cancelled."""

    SCHEDULED = "scheduled"
    HELD = "held"
    CANCELLED = "cancelled"


class Offer(Base):
    """Support offered to a unit, most often in answer to a flag."""

    __tablename__ = "offer"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    unit_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    flag_id: Mapped[UUID | None] = mapped_column(ForeignKey("flag.id"), unique=True)
    form: Mapped[SupportForm] = mapped_column(enum_text(SupportForm))
    state: Mapped[OfferState] = mapped_column(enum_text(OfferState))
    offered_on: Mapped[date] = mapped_column(Date)


class SupportSession(Base):
    """A scheduled meeting with a supervisor; `sequence` counts changes for the calendar."""

    __tablename__ = "support_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("attended_count IS NULL OR attended_count >= 0", name="attended_count"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(String(200))
    state: Mapped[SessionState] = mapped_column(enum_text(SessionState))
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    attended_count: Mapped[int | None] = mapped_column(Integer)


class Booking(Base):
    """A person invited to a session; whether they came is never recorded per person."""

    __tablename__ = "booking"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("support_session.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
