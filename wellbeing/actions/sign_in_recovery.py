"""Ten printed codes that stand for a lost second factor, each once; only keyed hashes are kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.security_letters import Change, tell_of_change
from wellbeing.crypto.codes import hash_recovery_code, make_code, read_code, show_code
from wellbeing.domain.actor import Actor
from wellbeing.store.accounts import SignInRecoveryCode

HOW_MANY = 10


def make_recovery_codes(
    session: Session, person_id: UUID, *, key: bytes, now: datetime, is_first: bool = False
) -> tuple[str, ...]:
    """Ten new codes as they are printed; those made before work no more. `is_first`: they come
    with a new second factor, of which the person is told anyway.
    """
    codes = [make_code() for _ in range(HOW_MANY)]
    remove_recovery_codes(session, person_id)
    session.add_all(
        SignInRecoveryCode(
            code_hash=hash_recovery_code(code, key, person_id=person_id), person_id=person_id
        )
        for code in codes
    )
    session.flush()
    if not is_first:
        record(session, "recovery_codes.renewed", str(person_id), by=_own(person_id), now=now)
        tell_of_change(session, person_id, Change.CODES_RENEWED, now=now)
    return tuple(show_code(code) for code in codes)


def use_recovery_code(
    session: Session, person_id: UUID, typed: str, *, key: bytes, now: datetime
) -> bool:
    """Whether this is a recovery code of the person that was not used before; now it is gone."""
    code_hash = hash_recovery_code(read_code(typed), key, person_id=person_id)
    used = session.execute(
        delete(SignInRecoveryCode)
        .where(SignInRecoveryCode.code_hash == code_hash, SignInRecoveryCode.person_id == person_id)
        .returning(SignInRecoveryCode.code_hash)
    ).first()
    if used is None:
        return False
    note(session, Kind.RECOVERY_CODE, code_hash)
    record(session, "recovery_code.used", str(person_id), by=_own(person_id), now=now)
    tell_of_change(session, person_id, Change.CODE_USED, now=now)
    return True


def remove_recovery_codes(session: Session, person_id: UUID) -> None:
    """None of the person's codes works any more, nor in a copy made before."""
    removed = (
        delete(SignInRecoveryCode)
        .where(SignInRecoveryCode.person_id == person_id)
        .returning(SignInRecoveryCode.code_hash)
    )
    for code_hash in session.scalars(removed).all():
        note(session, Kind.RECOVERY_CODE, code_hash)


def count_recovery_codes(session: Session, person_id: UUID) -> int:
    """How many are left."""
    query = select(func.count()).where(SignInRecoveryCode.person_id == person_id)
    return session.scalar(query) or 0


def _own(person_id: UUID) -> Actor:
    return Actor.person(person_id)
