"""Class organisational: units, who belongs where, programmes and their rounds."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.accounts  # noqa: F401 (referred to by foreign keys)
from wellbeing.store.base import Base, Moment, enum_text


class RoundState(StrEnum):
    """Planned → open → closed → tallied → published; stopped waits for a person.

    Lost: closed without figures, because its ballots can never be opened.
    """

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"
    PUBLISHED = "published"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    LOST = "lost"


class Unit(Base):
    """A node of the organisation; a unit with no open unit below it is a team."""

    __tablename__ = "unit"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    closed_on: Mapped[date | None] = mapped_column(Date)


class Membership(Base):
    """Where a person works, from a day until (not including) another."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("until_day IS NULL OR until_day >= from_day", name="until_after_from"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date | None] = mapped_column(Date)


class ReportingGroup(Base):
    """Small sibling teams that are counted together, from the next round that opens."""

    __tablename__ = "reporting_group"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    parent_unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(240))


class ReportingGroupUnit(Base):
    """A team in a reporting group; it can be in one only."""

    __tablename__ = "reporting_group_unit"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(
        ForeignKey("reporting_group.id", ondelete="CASCADE"), index=True
    )


class StructureApproval(Base):
    """A second person's yes to a changed tree of units; `digest` says to which tree exactly."""

    __tablename__ = "structure_approval"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    approved_by: Mapped[str] = mapped_column(String(80))
    approved_at: Mapped[datetime] = mapped_column(Moment)


class Programme(Base):
    """Who is asked, with which instrument, how often: the wall-clock rule that makes rounds.

    `occupation`: by language, the word that stands for [helper] in the questions.
    `two_keys`: rounds open only with a key shared between HR and a safety representative.
    """

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("every_months >= 1", name="every_months"),
        CheckConstraint("window_days >= 1", name="window_days"),
        CheckConstraint("min_group_size >= 5", name="min_group_size"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(120))
    instrument: Mapped[str] = mapped_column(String(40))
    every_months: Mapped[int] = mapped_column(Integer)
    window_days: Mapped[int] = mapped_column(Integer)
    opening_time: Mapped[str] = mapped_column(String(5))
    reminder_days: Mapped[str] = mapped_column(String(40))
    min_group_size: Mapped[int] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(default=True)
    occupation: Mapped[dict[str, str] | None] = mapped_column(JSON)
    two_keys: Mapped[bool] = mapped_column(default=False)


class LevelReference(Base):
    """The sample that levels are compared with from a moment on; the newest row holds.

    `mean` and `answers` are set where it is the organisation's own record, as it stood then.
    """

    __tablename__ = "level_reference"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    sample: Mapped[str] = mapped_column(String(60))
    chosen_at: Mapped[datetime] = mapped_column(Moment)
    mean: Mapped[dict[str, float] | None] = mapped_column(JSON)
    answers: Mapped[int | None] = mapped_column(Integer)


class Pause(Base):
    """Days on which no round of any programme opens and nobody is reminded."""

    __tablename__ = "pause"
    __table_args__ = (CheckConstraint("until_day > from_day", name="until_after_from"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    from_day: Mapped[date] = mapped_column(Date)
    until_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(120))


class Round(Base):
    """One asking: opens and closes once, is published once.

    `unit_id`: an off-cycle round that asks only this unit and those below it; None asks everyone.
    `two_keys`: its key was shared between two people when it opened, and lies nowhere whole.
    """

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[RoundState] = mapped_column(enum_text(RoundState), index=True)
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    min_group_size: Mapped[int] = mapped_column(Integer)
    public_key: Mapped[str | None] = mapped_column(String(64))
    stopped_because: Mapped[str | None] = mapped_column(String(400))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    two_keys: Mapped[bool] = mapped_column(default=False)


class RoundUnit(Base):
    """A unit or reporting group as it stood when the round opened: the frozen tree.

    Members of a reporting group are `pooled`, with the group as the unit above them.
    """

    __tablename__ = "round_unit"

    round_id: Mapped[UUID] = mapped_column(
        ForeignKey("round.id", ondelete="CASCADE"), primary_key=True
    )
    unit_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    parent_unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    path: Mapped[str] = mapped_column(String(1000))
    pooled: Mapped[bool] = mapped_column(default=False)


class RoundWording(Base):
    """Which wording a round asks with, per language, and the SHA-256 of its words.

    `occupation` stands for [helper] where the wording has that; None keeps the wording's own word.
    """

    __tablename__ = "round_wording"

    round_id: Mapped[UUID] = mapped_column(
        ForeignKey("round.id", ondelete="CASCADE"), primary_key=True
    )
    locale: Mapped[str] = mapped_column(String(8), primary_key=True)
    wording_id: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    occupation: Mapped[str | None] = mapped_column(String(60))


class WordingState(StrEnum):
    """Waiting for an administrator → approved (from the next round on) → retired, or refused."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETIRED = "retired"
    REFUSED = "refused"


class ImportedWording(Base):
    """The official form in one language as an organisation imported it; kept for its rounds."""

    __tablename__ = "imported_wording"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    locale: Mapped[str] = mapped_column(String(8))
    instrument: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(200))
    state: Mapped[WordingState] = mapped_column(enum_text(WordingState))
    imported_at: Mapped[datetime] = mapped_column(Moment)
    imported_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(80))
