"""Mails to key holders: a closed round waits for their share; when it closes, then once a week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.round_shares import SharedRound, find_shared_rounds
from wellbeing.domain.duties import Duty
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.texts import translations_for

_PAGES = {Duty.HR: "hr/keys", Duty.SAFETY_REPRESENTATIVE: "teams/keys"}
_AGAIN_AFTER = timedelta(days=7)


def ask_for_shares(session: Session, folder: Path, *, now: datetime) -> int:
    """Posts a mail to everybody whose share a closed round waits for; how many were new."""
    rounds = find_shared_rounds(session, folder, now=now)
    return sum(post(session, _letters(found, now)) for found in rounds if not found.is_open)


def describe_wanted_share(
    session: Session, round_id: UUID, person: Person, settings: Settings, now: datetime
) -> dict[str, Any] | None:
    """Since when the round waits, and where to give the share; None once it is given."""
    rounds = find_shared_rounds(session, settings.key_folder, now=now)
    found = next((one for one in rounds if one.id == round_id and not one.is_open), None)
    duty = next((duty for duty in Duty if found and found.needs(person.id, duty)), None)
    if found is None or duty is None:
        return None
    closed = translations_for(person.language).format_moment(found.closes_at, settings.zone)
    return {"link": f"{settings.base_url}/{_PAGES[duty]}", "closed_text": closed}


def _letters(found: SharedRound, now: datetime) -> Iterator[Letter]:
    number = (now - found.closes_at) // _AGAIN_AFTER
    until = found.closes_at + (number + 1) * _AGAIN_AFTER
    for duty in Duty:
        for person_id in sorted(found.holders[duty]):
            if found.needs(person_id, duty):
                yield Letter(
                    MailKind.SHARE_WANTED,
                    person_id,
                    f"{found.id}/{number}",
                    now,
                    until,
                    round_id=found.id,
                )
