"""What opens a diary besides its entries: its code, its recovery code, and passkeys.

Every act needs the private key, so only from an open diary can its locks be changed.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.diary import check_is_key, check_own_code
from wellbeing.crypto.diaries import (
    SALT_BYTES,
    SECRET_BYTES,
    lock_by_code,
    lock_by_passkey,
    make_recovery_code,
    public_key_of,
    read_passkey_name,
    unlock_by_passkey,
)
from wellbeing.crypto.diary_unlocks import DiaryClosed
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.store.personal import DiaryKey, DiaryPasskey

MOST_PASSKEYS = 10
_LONGEST_CREDENTIAL = 1023


@dataclass(frozen=True, slots=True)
class PasskeyRequest:
    """What a browser needs to ask for a passkey: nothing here opens anything."""

    credential_id: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it in the open diary."""

    id: UUID
    name: str


def change_code(
    session: Session, private_key: bytes, code: str, *, person_id: UUID, organisation: str = ""
) -> None:
    """From now on `code` opens the diary, and the one before does not."""
    known = check_own_code(session, code, person_id, organisation)
    _relock(session, private_key, person_id, locked_by_code=lock_by_code(private_key, known))


def renew_recovery_code(session: Session, private_key: bytes, *, person_id: UUID) -> str:
    """A new recovery code, stored nowhere; the one before opens nothing any more."""
    recovery = make_recovery_code()
    locked = lock_by_code(private_key, recovery)
    _relock(session, private_key, person_id, locked_by_recovery=locked)
    return recovery


def add_passkey(
    session: Session,
    private_key: bytes,
    request: PasskeyRequest,
    secret: bytes,
    name: str,
    *,
    person_id: UUID,
) -> None:
    """Lets a passkey open the diary: `secret` is what it makes of the salt. Again is fine."""
    check_is_key(session, private_key, person_id)
    lengths = (len(secret), len(request.salt))
    is_known_length = 0 < len(request.credential_id) <= _LONGEST_CREDENTIAL
    if lengths != (SECRET_BYTES, SALT_BYTES) or not is_known_length:
        raise BadInput("The passkey did not answer as expected. Please try again.")
    if request.credential_id in {
        known.credential_id for known in find_requests(session, person_id)
    }:
        return
    count = select(func.count()).where(DiaryPasskey.person_id == person_id)
    if (session.scalar(count) or 0) >= MOST_PASSKEYS:
        raise Refused("The diary has as many passkeys as it can have. Remove one first.")
    values = {
        "id": uuid4(),
        "person_id": person_id,
        "credential_id": request.credential_id,
        "salt": request.salt,
        "locked": lock_by_passkey(private_key, secret, name),
    }
    try:
        session.execute(insert(DiaryPasskey).values(values))
    except IntegrityError:  # the diary was deleted meanwhile
        raise DiaryClosed from None


def find_requests(session: Session, person_id: UUID) -> list[PasskeyRequest]:
    """What to ask a browser for, to open the person's diary."""
    rows = session.execute(
        select(DiaryPasskey.credential_id, DiaryPasskey.salt).where(
            DiaryPasskey.person_id == person_id
        )
    )
    return sorted((PasskeyRequest(*row) for row in rows), key=lambda known: known.credential_id)


def find_passkeys(session: Session, private_key: bytes, *, person_id: UUID) -> list[Passkey]:
    """The passkeys by name, for whoever has the diary open."""
    rows = session.execute(
        select(DiaryPasskey.id, DiaryPasskey.locked).where(DiaryPasskey.person_id == person_id)
    )
    named = [Passkey(row.id, read_passkey_name(row.locked, private_key)) for row in rows]
    return sorted(named, key=lambda passkey: (passkey.name.casefold(), passkey.id))


def remove_passkey(
    session: Session, private_key: bytes, passkey_id: UUID, *, person_id: UUID
) -> None:
    """That passkey opens nothing any more. Again is fine."""
    check_is_key(session, private_key, person_id)
    note(session, Kind.DIARY_PASSKEY, passkey_id)
    session.execute(
        delete(DiaryPasskey).where(
            DiaryPasskey.person_id == person_id, DiaryPasskey.id == passkey_id
        )
    )


def unlock_with_passkey(
    session: Session, credential_id: bytes, secret: bytes, *, person_id: UUID
) -> bytes:
    """The private key of the diary; BadInput when no passkey of it made this secret."""
    rows = session.scalars(
        select(DiaryPasskey.locked).where(
            DiaryPasskey.person_id == person_id, DiaryPasskey.credential_id == credential_id
        )
    )
    locked = rows.first()
    if locked is None:
        raise BadInput("That passkey does not open the diary.")
    private_key = unlock_by_passkey(locked, secret)
    check_is_key(session, private_key, person_id)
    return private_key


def _relock(session: Session, private_key: bytes, person_id: UUID, **locks: bytes) -> None:
    # Only the diary that this key opens: one deleted and begun anew meanwhile keeps its locks.
    changed = session.execute(
        update(DiaryKey)
        .where(DiaryKey.person_id == person_id, DiaryKey.public_key == public_key_of(private_key))
        .values(**locks)
        .returning(DiaryKey.person_id)
    ).first()
    if changed is None:
        raise DiaryClosed
