"""Class support: what is offered, scheduled and held, who is expected there, and what came of it.

No table here holds an answer or a score, says who declined, or who of those invited came.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.accounts
import wellbeing.store.incidents
import wellbeing.store.org
import wellbeing.store.published
import wellbeing.store.supervision  # noqa: F401 (referred to by foreign keys)
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.base import Base, Moment, enum_text


class OfferState(StrEnum):
    """The steps of the ledger that people take; what follows is counted and read off."""

    OFFERED = "offered"
    SCHEDULED = "scheduled"
    HELD = "held"
    CLOSED = "closed"


class SessionState(StrEnum):
    """A session is scheduled, then held or cancelled."""

    SCHEDULED = "scheduled"
    HELD = "held"
    CANCELLED = "cancelled"


class BookingState(StrEnum):
    """Invited with a unit, booked by name, waiting for a place, or released by a cancellation.

    Only a booked place takes up the person's time. Who declines has no row.
    """

    INVITED = "invited"
    BOOKED = "booked"
    WAITING = "waiting"
    RELEASED = "released"


class Offer(Base):
    """Support offered to a unit in answer to a flag, an incident or a leader's own wish; or to a
    person who asked: then it names no unit and no person, so no unit's ledger can show it.

    `due_on` is when the next step should have been taken; `held_on` is set where no session is
    needed.
    """

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("incident_id", "form"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    flag_id: Mapped[UUID | None] = mapped_column(ForeignKey("flag.id"), unique=True)
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incident.id"))
    form: Mapped[SupportForm] = mapped_column(enum_text(SupportForm))
    state: Mapped[OfferState] = mapped_column(enum_text(OfferState))
    offered_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    held_on: Mapped[date | None] = mapped_column(Date)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    closed_because: Mapped[str | None] = mapped_column(String(400))


class SupportSession(Base):
    """A scheduled meeting with a supervisor; `sequence` counts changes for the calendar.

    `seats` None: the unit is invited; else so many can book. `feedback_until`: the last day on
    which those who were there can say whether it was useful; `delete_on`: when the record goes.
    """

    __tablename__ = "support_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("attended_count IS NULL OR attended_count >= 0", name="attended_count"),
        CheckConstraint("seats IS NULL OR seats >= 1", name="seats"),
        UniqueConstraint("id", "starts_at", "ends_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), index=True)
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(String(200))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    video_link: Mapped[str | None] = mapped_column(String(400))
    seats: Mapped[int | None] = mapped_column(Integer)
    series_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("session_series.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[SessionState] = mapped_column(enum_text(SessionState))
    sequence: Mapped[int] = mapped_column(Integer, default=0)
    attended_count: Mapped[int | None] = mapped_column(Integer)
    minutes_held: Mapped[int | None] = mapped_column(Integer)
    next_on: Mapped[date | None] = mapped_column(Date)
    feedback_until: Mapped[date | None] = mapped_column(Date)
    delete_on: Mapped[date | None] = mapped_column(Date)


class Booking(Base):
    """A person expected at a session; whether they came is never recorded per person.

    The hours are the session's own, kept the same by the foreign key, so that the database itself
    can refuse to book a person twice at a time. `position` orders those who wait.
    """

    __tablename__ = "booking"
    __table_args__ = (
        ForeignKeyConstraint(
            ("session_id", "starts_at", "ends_at"),
            ("support_session.id", "support_session.starts_at", "support_session.ends_at"),
            name="fk_booking_session_id_support_session",
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
    )

    session_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    starts_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[BookingState] = mapped_column(enum_text(BookingState))
    position: Mapped[int] = mapped_column(Integer, default=0)
    feedback_given: Mapped[bool] = mapped_column(default=False)


class SessionFeedback(Base):
    """How many found a session useful, by value from 1 (not at all) to 5 (very); never who."""

    __tablename__ = "session_feedback"
    __table_args__ = (CheckConstraint("useful BETWEEN 1 AND 5", name="useful"),)

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("support_session.id", ondelete="CASCADE"), primary_key=True
    )
    useful: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(Integer)


class Theme(Base):
    """A theme that a session record may name; HR keeps the list short."""

    __tablename__ = "theme"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    active: Mapped[bool] = mapped_column(default=True)


class SessionTheme(Base):
    """A theme that was taken up in a session."""

    __tablename__ = "session_theme"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("support_session.id", ondelete="CASCADE"), primary_key=True
    )
    theme_id: Mapped[UUID] = mapped_column(ForeignKey("theme.id"), primary_key=True)


class SessionAction(Base):
    """Something agreed in a session: what, who sees to it, by when; about the work, no person."""

    __tablename__ = "session_action"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("support_session.id", ondelete="CASCADE"), index=True
    )
    what: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date | None] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
