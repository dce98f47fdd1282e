"""Notes in the log of deletions what the present transaction deletes; `deletions` replays it.

Beside the act that deletes, in one line: `note(session, Kind.REQUEST, found.id)`. Nobody is named:
what is kept of the ids is a fingerprint.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from wellbeing.crypto.deletion_log import DeletionLog, fingerprint
from wellbeing.store.sessions import DELETIONS, NOTED


class Kind(StrEnum):
    """What can be deleted, left or taken back so that a restored copy must not bring it back."""

    PERSON_ERASED = "person_erased"
    PERSON_LEFT = "person_left"
    PERSON_BACK = "person_back"
    REMINDERS_STOPPED = "reminders_stopped"
    REMINDERS_WANTED = "reminders_wanted"
    WITHDRAWAL = "withdrawal"
    ROUND_KEYS = "round_keys"
    DIARY = "diary"
    DIARY_ENTRY = "diary_entry"
    REQUEST = "request"
    BOOKING = "booking"
    AFFECTED = "affected"
    CALENDAR = "calendar"
    ROLE = "role"
    TOKEN = "token"  # nosec B105  # a name, no secret
    WEBHOOK = "webhook"
    AUTHENTICATOR = "authenticator"
    PASSKEY = "passkey"
    DIARY_PASSKEY = "diary_passkey"
    RECOVERY_CODE = "recovery_code"
    IDENTITY = "identity"


def note(session: Session, kind: Kind, *ids: object) -> None:
    """What this transaction deletes is in the log before it commits; without a log, nowhere."""
    log = _find_log(session)
    if log is not None:
        _add(session, kind, log.fingerprint(kind, *ids))


def note_withdrawal(
    session: Session, mac_key: bytes, *, ballot_id: UUID, round_id: UUID, person_id: UUID
) -> None:
    """As `note`, under the key of the round: once that is destroyed, the line says nothing more."""
    if _find_log(session) is not None:
        ballot = fingerprint(mac_key, Kind.WITHDRAWAL, ballot_id)
        _add(session, Kind.WITHDRAWAL, ballot, fingerprint(mac_key, round_id, person_id))


def _find_log(session: Session) -> DeletionLog | None:
    log = session.info.get(DELETIONS)
    return log if isinstance(log, DeletionLog) else None


def _add(session: Session, kind: Kind, *what: str) -> None:
    noted = session.info[NOTED]
    if (kind.value, what) not in noted:
        noted.append((kind.value, what))
