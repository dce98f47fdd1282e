"""Other systems that are told of flags and offers: where, of which units, and what waits.

Nothing here names a person, and no message holds more than ids, kinds and states.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

import wellbeing.store.org  # noqa: F401 (referred to by foreign keys)
from wellbeing.store.base import Base, Moment
from wellbeing.store.sealed import SealedText, SealedValue, WithSealedTexts, needed


class Webhook(WithSealedTexts, Base):
    """An address that is told what happens in a unit and all below (None: everywhere).

    `started_at`: what changed from then on is told; None: from the next run of the job. `off_at`:
    switched off, because nothing could be handed over for days. The secret is sealed.
    """

    __tablename__ = "webhook"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(80))
    url: Mapped[str] = mapped_column(String(500))
    sealed_secret: Mapped[SealedValue] = mapped_column(SealedText("webhook.secret", length=200))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"))
    events: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    off_at: Mapped[datetime | None] = mapped_column(Moment)

    secret = needed("sealed_secret")


class WebhookSeen(Base):
    """The state of a flag or an offer when the job looked last: what differs has happened since."""

    __tablename__ = "webhook_seen"

    subject_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    state: Mapped[str] = mapped_column(String(20))


class WebhookDelivery(Base):
    """A message that waits for its webhook; it goes when it is taken. `id` stays the same however
    often it is sent. Whoever sends it moves `due_at` on first, so that no other does.
    """

    __tablename__ = "webhook_delivery"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid4)
    webhook_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhook.id", ondelete="CASCADE"), index=True
    )
    body: Mapped[str] = mapped_column(String(1000))
    made_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
