"""Tells administrators that a webhook was switched off."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.domain.roles import Role
from wellbeing.store.accounts import Person, PersonStatus, RoleGrant
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.webhooks import Webhook

_KEPT = timedelta(days=7)


def tell_administrators(session: Session, webhook_id: UUID, *, now: datetime) -> int:
    """A mail to each; returns how many."""
    found = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role == Role.ADMINISTRATOR, Person.status == PersonStatus.ACTIVE)
        .distinct()
    )
    occasion = f"{webhook_id} {now.isoformat()}"
    return post(
        session,
        [
            Letter(
                MailKind.WEBHOOK_OFF,
                person_id,
                occasion,
                now,
                now + _KEPT,
                context={"webhook": str(webhook_id)},
            )
            for person_id in session.scalars(found)
        ],
    )


def describe_webhook_off(session: Session, message: OutboxMessage) -> dict[str, Any] | None:
    """What the mail says; None where the webhook is gone or on again."""
    webhook = session.get(Webhook, UUID(message.context["webhook"]))
    return {"name": webhook.name} if webhook is not None and webhook.off_at is not None else None
