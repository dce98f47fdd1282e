"""Class published: what readers saw, written once and never changed; flags raised from it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Date, Float, ForeignKey, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.org  # noqa: F401 (referred to by foreign keys)
from wellbeing.store.base import Base, Moment, enum_text


class FlagState(StrEnum):
    """Raised → answered by an offer, or closed with a reason."""

    RAISED = "raised"
    ANSWERED = "answered"
    CLOSED = "closed"


class PublishedRound(Base):
    """A round as published; readers see it from the day its key was destroyed."""

    __tablename__ = "published_round"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    closed_on: Mapped[date] = mapped_column(Date)
    instrument: Mapped[str] = mapped_column(String(40))
    wording: Mapped[str] = mapped_column(String(200))
    min_group_size: Mapped[int] = mapped_column(Integer)
    key_destroyed_at: Mapped[datetime | None] = mapped_column(Moment)


class PublishedGroup(Base):
    """A group of at least `min_group_size` answers that figures stand for."""

    __tablename__ = "published_group"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("published_round.round_id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(1000))
    size: Mapped[int] = mapped_column(Integer)
    response_class: Mapped[int] = mapped_column(Integer)


class PublishedGroupUnit(Base):
    """A unit whose people are counted in a group."""

    __tablename__ = "published_group_unit"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("published_group.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_path: Mapped[str] = mapped_column(String(1000))


class PublishedFigure(Base):
    """A shown value of a group (`group_id`) or of a unit's roll-up (`rollup_id`)."""

    __tablename__ = "published_figure"
    __table_args__ = (
        UniqueConstraint("group_id", "scale"),
        UniqueConstraint("rollup_id", "scale"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("published_group.id"))
    rollup_id: Mapped[UUID | None] = mapped_column(ForeignKey("published_rollup.id"))
    scale: Mapped[str] = mapped_column(String(3))
    point: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)


class PublishedRollup(Base):
    """A unit above groups: arithmetic on their shown values."""

    __tablename__ = "published_rollup"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("published_round.round_id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    unit_path: Mapped[str] = mapped_column(String(1000))


class PublishedRollupGroup(Base):
    """A group that a roll-up is made of."""

    __tablename__ = "published_rollup_group"

    rollup_id: Mapped[UUID] = mapped_column(ForeignKey("published_rollup.id"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("published_group.id"), primary_key=True)


class PublishedWithheld(Base):
    """A unit with no figure of its own: why, and the group its people are counted in."""

    __tablename__ = "published_withheld"

    round_id: Mapped[UUID] = mapped_column(ForeignKey("published_round.round_id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, index=True)
    unit_path: Mapped[str] = mapped_column(String(1000))
    reason: Mapped[str] = mapped_column(String(20))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("published_group.id"))


class Flag(Base):
    """A sign that support should be offered in a unit, raised once per rule until it is closed.

    A snoozed flag is raised again by the calendar: from `snoozed_until` on it asks like any other.
    """

    __tablename__ = "flag"
    __table_args__ = (UniqueConstraint("unit_id", "round_id", "rule_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    unit_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("published_round.round_id"))
    rule_id: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[FlagState] = mapped_column(enum_text(FlagState), default=FlagState.RAISED)
    raised_on: Mapped[date] = mapped_column(Date)
    closed_because: Mapped[str | None] = mapped_column(String(400))
    snoozed_until: Mapped[date | None] = mapped_column(Date)
    snoozed_because: Mapped[str | None] = mapped_column(String(400))
