"""Who in office opened which unit's figures: written down by name, counted without names."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.domain.actor import Actor
from wellbeing.domain.roles import WORKPLACE_READERS, Role
from wellbeing.store.audit import AuditEvent


def record_read(
    session: Session,
    unit_id: UUID,
    *,
    roles: Iterable[Role],
    round_id: UUID | None,
    now: datetime,
    by: Actor,
) -> None:
    """Writes down that the figures of a unit were opened under these roles; `round_id` is the
    latest round on the page, None where there was none yet.
    """
    record(
        session,
        "figures.read",
        str(unit_id),
        by=by,
        now=now,
        roles=sorted(role.value for role in roles),
        round=str(round_id) if round_id else None,
    )


def count_reads(session: Session, round_id: UUID) -> dict[Role, int]:
    """On how many days (UTC) people of each role opened figures while this round was the latest:
    two people on one day, or one on two days, are 2. Every reading role has an entry.
    """
    events = session.scalars(
        select(AuditEvent).where(
            AuditEvent.act == "figures.read",
            AuditEvent.details["round"].as_string() == str(round_id),
        )
    )
    person_days: dict[Role, set[tuple[str, str]]] = {
        role: set() for role in Role if role in WORKPLACE_READERS
    }
    for event in events:
        day = event.at.astimezone(UTC).date().isoformat()
        for role in event.details["roles"]:
            person_days[Role(role)].add((event.by, day))
    return {role: len(days) for role, days in person_days.items()}
