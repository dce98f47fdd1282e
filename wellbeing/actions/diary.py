"""The diary: a person's own check-ins over time, which only their own code opens."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.open_checkin import find_open_checkin
from wellbeing.crypto.ballots import read_receipt
from wellbeing.crypto.diaries import make_diary, open_entry, public_key_of, unlock_diary
from wellbeing.crypto.diary_unlocks import DiaryClosed
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.diary_codes import check_code, composed
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.store.accounts import Person
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey

_KEEPS_ONE = select(DiaryKey.person_id).where(DiaryKey.person_id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One check-in as its writer reads it: scores CS, BO, STS (0 = not scored), answers 0–5.

    `receipt` is there only while it can still correct or withdraw, and `round_id` with it.
    `asked_in` is the round and language it was answered in, unknown for old entries; `rows` are
    the stored rows of it, several where an answer was corrected.
    """

    at: datetime
    scores: tuple[int, int, int]
    answers: tuple[int, ...]
    receipt: str | None
    round_id: UUID | None = None
    asked_in: tuple[UUID, str] | None = None
    rows: tuple[UUID, ...] = field(default=())

    @property
    def id(self) -> UUID:
        """What names it while the diary is open."""
        return self.rows[0]


def has_diary(session: Session, person_id: UUID) -> bool:
    """Whether the person keeps a diary."""
    return session.scalar(_KEEPS_ONE, {"person": person_id}) is not None


def start(session: Session, code: str, *, person_id: UUID, organisation: str = "") -> str:
    """Begins a diary opened by `code`; the recovery code, which is stored nowhere."""
    if has_diary(session, person_id):
        raise Refused("You already have a diary.")
    made = make_diary(check_own_code(session, code, person_id, organisation))
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


def unlock(session: Session, code: str, *, person_id: UUID) -> bytes:
    """The private key of the diary, by code or recovery code.

    BadInput when neither fits, Missing when there is no diary.
    """
    key = session.get(DiaryKey, person_id)
    if key is None:
        raise Missing("There is no diary.")
    return unlock_diary(composed(code), key.locked_by_code, key.locked_by_recovery)


def read(
    session: Session, private_key: bytes, *, person_id: UUID, keys: RoundKeys, now: datetime
) -> list[Entry]:
    """The entries, newest first; of an answer that was corrected only the newest."""
    entries = _open_all(session, private_key, person_id)
    return _with_working_receipts(session, entries, person_id, keys, now)


def delete_entry(
    session: Session, private_key: bytes, entry_id: UUID, *, person_id: UUID
) -> datetime | None:
    """Deletes one entry with whatever it corrected; when it was of, None if it was gone already."""
    entries = _open_all(session, private_key, person_id)
    entry = next((entry for entry in entries if entry_id in entry.rows), None)
    if entry is None:
        return None
    session.execute(
        delete(DiaryEntry).where(DiaryEntry.person_id == person_id, DiaryEntry.id.in_(entry.rows))
    )
    for row in entry.rows:
        note(session, Kind.DIARY_ENTRY, row)
    return entry.at


def delete_all(session: Session, *, person_id: UUID) -> None:
    """Deletes every entry and every lock; nothing is left to open. Again is fine."""
    key = session.scalar(select(DiaryKey.public_key).where(DiaryKey.person_id == person_id))
    if key is not None:
        # By its key: a diary begun later is another one.
        note(session, Kind.DIARY, key.hex())
    session.execute(delete(DiaryEntry).where(DiaryEntry.person_id == person_id))
    session.execute(delete(DiaryKey).where(DiaryKey.person_id == person_id))


def check_is_key(session: Session, private_key: bytes, person_id: UUID) -> None:
    """Raises DiaryClosed unless this opens the diary that the person has now."""
    public_key = session.scalar(select(DiaryKey.public_key).where(DiaryKey.person_id == person_id))
    if public_key != public_key_of(private_key):
        raise DiaryClosed


def check_own_code(session: Session, code: str, person_id: UUID, organisation: str) -> str:
    """The code as it is used; BadInput when it is soon guessed by whoever knows its owner."""
    person = session.get_one(Person, person_id)
    known = composed(code)
    check_code(known, about=(person.name, (person.email or "").split("@")[0], organisation))
    return known


def _open_all(session: Session, private_key: bytes, person_id: UUID) -> list[Entry]:
    check_is_key(session, private_key, person_id)
    rows = session.execute(
        select(DiaryEntry.id, DiaryEntry.sealed).where(DiaryEntry.person_id == person_id)
    )
    entries = [_entry(row.id, open_entry(row.sealed, private_key)) for row in rows]
    return _without_corrected(sorted(entries, key=lambda entry: entry.at, reverse=True))


def _entry(row_id: UUID, opened: dict[str, Any]) -> Entry:
    cs, bo, sts = opened["scores"]
    round_hex, locale = opened.get("round"), opened.get("locale")
    return Entry(
        at=datetime.fromisoformat(opened["at"]),
        scores=(cs, bo, sts),
        answers=tuple(int(answer) for answer in opened["answers"]),
        receipt=opened["receipt"],
        asked_in=(UUID(hex=round_hex), locale) if round_hex and locale else None,
        rows=(row_id,),
    )


def _without_corrected(newest_first: list[Entry]) -> list[Entry]:
    kept: dict[str | UUID, Entry] = {}
    for entry in newest_first:
        answer = entry.receipt or entry.id
        newest = kept.get(answer)
        kept[answer] = replace(newest, rows=newest.rows + entry.rows) if newest else entry
    return list(kept.values())


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
