"""Class audit: the hash chain of consequential acts, mail waiting to go, and claims of jobs."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.accounts
import wellbeing.store.org
import wellbeing.store.support  # noqa: F401 (referred to by foreign keys)
from wellbeing.store.base import Base, Moment, enum_text


class MailState(StrEnum):
    """Waiting → sending (claimed) → handing over → ended (sent, no longer wanted, or given up: told
    apart only by count).
    """

    WAITING = "waiting"
    SENDING = "sending"
    HANDING_OVER = "handing_over"
    ENDED = "ended"


class AuditEvent(Base):
    """One consequential act; its hash covers the act and the hash before it."""

    __tablename__ = "audit_event"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(80))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditCheckpoint(Base):
    """Where the chain goes on after old events have been removed: the last of them, by hash."""

    __tablename__ = "audit_checkpoint"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    removed: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(Moment)


class OutboxMessage(Base):
    """A mail to one person, rendered when sent; `once_key` allows one per person and occasion."""

    __tablename__ = "outbox_message"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    once_key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"), index=True)
    session_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("support_session.id", ondelete="CASCADE")
    )
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[MailState] = mapped_column(enum_text(MailState), index=True)
    due_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(Integer, default=0)


class JobClaim(Base):
    """The right to run a job for one slot of its timetable, taken once by whoever inserts it."""

    __tablename__ = "job_claim"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    slot: Mapped[datetime] = mapped_column(Moment, primary_key=True)
