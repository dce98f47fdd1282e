"""The diary: a person's own check-ins over time, which only their own code opens."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.actions.checkin import find_open_checkin
from wellbeing.crypto.ballots import read_receipt
from wellbeing.crypto.diaries import make_diary, open_entry, unlock_diary
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey


@dataclass(frozen=True, slots=True)
class Entry:
    """One check-in as its writer reads it: scores CS, BO, STS (0 = not scored), answers 0–5.

    `receipt` is there only while it can still correct or withdraw, and `round_id` with it.
    """

    at: datetime
    scores: tuple[int, int, int]
    answers: tuple[int, ...]
    receipt: str | None
    round_id: UUID | None = None


def has_diary(session: Session, person_id: UUID) -> bool:
    """Whether the person keeps a diary."""
    return session.get(DiaryKey, person_id) is not None


def start(session: Session, code: str, *, person_id: UUID) -> str:
    """Begins a diary opened by `code`; the recovery code, which is stored nowhere."""
    if has_diary(session, person_id):
        raise Refused("You already have a diary.")
    made = make_diary(_composed(code))
    try:
        session.execute(
            insert(DiaryKey).values(
                person_id=person_id,
                public_key=made.public_key,
                locked_by_code=made.locked_by_code,
                locked_by_recovery=made.locked_by_recovery,
            )
        )
    except IntegrityError:
        raise Refused("You already have a diary.") from None
    return made.recovery_code


def read(
    session: Session, code: str, *, person_id: UUID, keys: RoundKeys, now: datetime
) -> list[Entry]:
    """The entries, newest first; of an answer that was corrected only the newest.

    BadInput when neither code nor recovery code fits, Missing when there is no diary.
    """
    key = session.get(DiaryKey, person_id)
    if key is None:
        raise Missing("There is no diary.")
    private_key = unlock_diary(_composed(code), key.locked_by_code, key.locked_by_recovery)
    sealed = session.scalars(select(DiaryEntry.sealed).where(DiaryEntry.person_id == person_id))
    entries = [_entry(open_entry(each, private_key)) for each in sealed]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return _with_working_receipts(session, _without_corrected(entries), person_id, keys, now)


def delete_all(session: Session, *, person_id: UUID) -> None:
    """Deletes every entry and both locks; nothing is left to open. Again is fine."""
    session.execute(delete(DiaryEntry).where(DiaryEntry.person_id == person_id))
    session.execute(delete(DiaryKey).where(DiaryKey.person_id == person_id))


def _composed(code: str) -> str:
    # Keyboards send å as one character or as two; both are the same code.
    return unicodedata.normalize("NFC", code)


def _entry(opened: dict[str, Any]) -> Entry:
    cs, bo, sts = opened["scores"]
    return Entry(
        at=datetime.fromisoformat(opened["at"]),
        scores=(cs, bo, sts),
        answers=tuple(int(answer) for answer in opened["answers"]),
        receipt=opened["receipt"],
    )


def _without_corrected(newest_first: list[Entry]) -> list[Entry]:
    kept: list[Entry] = []
    seen: set[str] = set()
    for entry in newest_first:
        if entry.receipt is None or entry.receipt not in seen:
            kept.append(entry)
        if entry.receipt is not None:
            seen.add(entry.receipt)
    return kept


def _with_working_receipts(
    session: Session, entries: list[Entry], person_id: UUID, keys: RoundKeys, now: datetime
) -> list[Entry]:
    checkin = find_open_checkin(session, person_id, now=now)
    if checkin is None:
        return [replace(entry, receipt=None) for entry in entries]
    mac_key = keys.get_mac(checkin.round_id)
    return [_if_working(session, e, mac_key, checkin.round_id, person_id) for e in entries]


def _if_working(
    session: Session, entry: Entry, mac_key: bytes, round_id: UUID, person_id: UUID
) -> Entry:
    if entry.receipt is None:
        return entry
    try:
        ballot_id = read_receipt(entry.receipt, mac_key, round_id=round_id, person_id=person_id)
    except BadInput:
        return replace(entry, receipt=None)
    is_kept = session.scalar(
        select(Ballot.id).where(Ballot.id == ballot_id, Ballot.round_id == round_id)
    )
    return replace(entry, round_id=round_id) if is_kept else replace(entry, receipt=None)
