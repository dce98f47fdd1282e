"""Class support: incidents at work, and people's own requests for a talk."""

from datetime import date
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, Uuid
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.accounts
import wellbeing.store.org
import wellbeing.store.support  # noqa: F401 (referred to by foreign keys)
from wellbeing.domain.incidents import IncidentKind
from wellbeing.store.base import Base, enum_text
from wellbeing.store.sealed import Opened, SealedText, SealedValue, WithSealedTexts, maybe_empty


class RequestWish(StrEnum):
    """What somebody asks for."""

    TALK = "talk"
    INDIVIDUAL_SUPERVISION = "individual_supervision"
    DEFUSING = "defusing"
    CRISIS_HELP = "crisis_help"


class Incident(WithSealedTexts, Base):
    """Something hard that happened in a unit: by number who was affected, never which citizen.

    `details` are for the unit's leader and HR, and sealed. `round_id` is the off-cycle check-in
    about it.
    """

    __tablename__ = "incident"
    __table_args__ = (CheckConstraint("affected_count >= 0", name="affected_count"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[IncidentKind] = mapped_column(enum_text(IncidentKind))
    happened_on: Mapped[date] = mapped_column(Date)
    registered_on: Mapped[date] = mapped_column(Date)
    registered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    affected_count: Mapped[int] = mapped_column(Integer)
    sealed_details: Mapped[SealedValue | None] = mapped_column(SealedText("incident.details"))
    closed_on: Mapped[date | None] = mapped_column(Date)
    round_id: Mapped[UUID | None] = mapped_column(ForeignKey("round.id"))

    details = maybe_empty("sealed_details")


class IncidentAffected(Base):
    """Somebody who chose to say that an incident affected them; for HR and themselves only."""

    __tablename__ = "incident_affected"

    incident_id: Mapped[UUID] = mapped_column(
        ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )


class SupportRequest(WithSealedTexts, Base):
    """A person's own wish for support, and the offer made to them; it carries no score.

    The row goes when it is taken back, or some time after the session. No refusal is kept.
    """

    __tablename__ = "support_request"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    sealed_wish: Mapped[SealedValue] = mapped_column(SealedText("support_request.wish"))
    sealed_contact: Mapped[SealedValue | None] = mapped_column(
        SealedText("support_request.contact")
    )
    asked_on: Mapped[date] = mapped_column(Date)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"), unique=True)
    delete_on: Mapped[date | None] = mapped_column(Date)

    wish = Opened("sealed_wish", lambda text: RequestWish(text or ""), str)
    contact = maybe_empty("sealed_contact")
