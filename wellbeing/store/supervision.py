"""Class support: who supervises, when and where they can, and meetings that come again."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.accounts  # noqa: F401 (referred to by foreign keys)
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.base import Base, Moment, enum_text


class Supervisor(Base):
    """What a supervisor can be asked for: forms by value, qualifications in their own words."""

    __tablename__ = "supervisor"
    __table_args__ = (CheckConstraint("sessions_a_week >= 1", name="sessions_a_week"),)

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    is_external: Mapped[bool] = mapped_column(default=False)
    qualifications: Mapped[str] = mapped_column(String(400))
    forms: Mapped[list[str]] = mapped_column(JSON)
    sessions_a_week: Mapped[int] = mapped_column(Integer)
    video_link: Mapped[str | None] = mapped_column(String(400))


class Availability(Base):
    """Hours of a weekday (0 is Monday) that a supervisor gives, on the wall clock, week by week."""

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("until_time > from_time", name="until_after_from"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    supervisor_id: Mapped[UUID] = mapped_column(
        ForeignKey("supervisor.person_id", ondelete="CASCADE"), index=True
    )
    weekday: Mapped[int] = mapped_column(Integer)
    from_time: Mapped[str] = mapped_column(String(5))
    until_time: Mapped[str] = mapped_column(String(5))
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date | None] = mapped_column(Date)


class AvailabilityException(Base):
    """Days on which the weekly hours do not hold: away, or there in other hours instead."""

    __tablename__ = "availability_exception"
    __table_args__ = (CheckConstraint("until_day >= from_day", name="until_after_from"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    supervisor_id: Mapped[UUID] = mapped_column(
        ForeignKey("supervisor.person_id", ondelete="CASCADE"), index=True
    )
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date] = mapped_column(Date)
    from_time: Mapped[str | None] = mapped_column(String(5))
    until_time: Mapped[str | None] = mapped_column(String(5))


class Place(Base):
    """A room that sessions are held in."""

    __tablename__ = "place"
    __table_args__ = (CheckConstraint("seats >= 1", name="seats"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    seats: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(default=True)


class SessionSeries(Base):
    """Sessions of a unit that come every so many weeks at the same time on the wall clock."""

    __tablename__ = "session_series"
    __table_args__ = (CheckConstraint("every_weeks >= 1", name="every_weeks"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    unit_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    form: Mapped[SupportForm] = mapped_column(enum_text(SupportForm))
    supervisor_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    every_weeks: Mapped[int] = mapped_column(Integer)
    first_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date] = mapped_column(Date)
    start: Mapped[str] = mapped_column(String(5))
    length_minutes: Mapped[int] = mapped_column(Integer)


class CalendarFeed(Base):
    """The private read-only address of a person's own sessions; only the hash of its secret."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
