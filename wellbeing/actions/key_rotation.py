"""Makes new keys, seals every value with the newest one, and destroys keys that nothing needs.

A rotation can be killed anywhere and run again: which key a value needs stands before the value,
so what is left to do is read off the rows. Pages go on being read and written meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.crypto.field_keys import HEADER_BYTES, FieldKeys, header_of, number_in
from wellbeing.crypto.key_folder import KeyFolder, fields_name
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.actor import Actor
from wellbeing.store.accounts import SignInSession
from wellbeing.store.org import Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.sealed_columns import (
    SealedTable,
    count_by_header,
    hold_sealed_tables,
    seal_batch_anew,
    sealed_tables,
)
from wellbeing.store.sessions import Database

BATCH = 500
# A value is sealed and on its way to the database for less than this: after it, whoever locks the
# tables sees every value that an old key has ever sealed.
ON_ITS_WAY = timedelta(hours=1)
APP_KEY_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rotated:
    """The key that seals now, how many values were sealed anew, and whether an earlier rotation
    was finished instead of beginning one.
    """

    number: int
    values: int
    is_resumed: bool


def count_uses(session: Session) -> dict[int, int]:
    """How many values need each key, by its number."""
    found = count_by_header(session, HEADER_BYTES)
    return {number_in(header): count for header, count in found.items()}


def rotate_fields(
    database: Database,
    keys: FieldKeys,
    *,
    now: Callable[[], datetime],
    by: Actor,
    begin: Callable[[int], Callable[[int], object]] = lambda _total: lambda _done: None,
) -> Rotated:
    """Seals everything with a new key, or finishes a rotation that was cut short.

    `begin` is told how many values there are and returns what is told how many more are done.
    Refused while another rotation runs.
    """
    with keys.folder.held():
        with database.reading(Reach.EVERYTHING) as session:
            uses = count_uses(session)
        is_resumed = bool(set(uses) - {keys.newest})
        if not is_resumed:
            keys.folder.make(fields_name(keys.newest + 1))
            with database.writing(Reach.EVERYTHING) as session:
                record(session, "keys.made", fields_name(keys.newest), by=by, now=now())
        number = keys.newest
        report = begin(sum(count for key, count in uses.items() if key != number))
        values = sum(_seal_anew(database, found, number, report) for found in sealed_tables())
        with database.writing(Reach.EVERYTHING) as session:
            record(session, "keys.rotated", fields_name(number), by=by, now=now(), values=values)
        return Rotated(number, values, is_resumed)


def rotate_app_key(
    database: Database, keys: KeyFolder, *, now: datetime, by: Actor, at_once: bool
) -> int:
    """A new key for cookies and links; the one before is still believed, so nobody notices.

    `at_once`: earlier keys are believed no longer and everybody is signed out; returns how many
    sign-ins that ended.
    """
    with keys.held():
        keys.replace_app_key()
        if at_once:
            for name in keys.old_app_keys():
                keys.destroy(name)
        with database.writing(Reach.EVERYTHING) as session:
            ended = _sign_everybody_out(session) if at_once else 0
            record(session, "keys.rotated", "app.secret", by=by, now=now, sign_ins_ended=ended)
        return ended


def retire_keys(
    database: Database, keys: FieldKeys, rounds: RoundKeys, *, now: datetime, by: Actor
) -> tuple[list[str], list[str]]:
    """Destroys keys that nothing needs any more; the names of those, and of what has to wait."""
    folder, waiting = keys.folder, []
    with folder.held():
        destroyed = _destroy_round_keys(database, rounds, now=now, by=by)
        for name in _retired(keys):
            if not _is_old_enough(folder, keys, name, now):
                waiting.append(name)
                continue
            with database.writing(Reach.EVERYTHING) as session:
                hold_sealed_tables(session)
                if name in {fields_name(number) for number in count_uses(session)}:
                    waiting.append(name)
                    continue
                record(session, "keys.destroyed", name, by=by, now=now)
            folder.destroy(name)
            destroyed.append(name)
    return destroyed, waiting


def _destroy_round_keys(
    database: Database, rounds: RoundKeys, *, now: datetime, by: Actor
) -> list[str]:
    """Of rounds that are over, where a folder that was restored still has them."""
    destroyed = []
    over = select(Round.id).where(Round.state.in_((RoundState.PUBLISHED, RoundState.CANCELLED)))
    with database.writing(Reach.EVERYTHING) as session:
        for round_id in filter(rounds.exist, session.scalars(over).all()):
            record(session, "keys.destroyed", str(round_id), by=by, now=now)
            rounds.destroy(round_id)
            destroyed.append(str(round_id))
    return destroyed


def _retired(keys: FieldKeys) -> list[str]:
    older = (number for number in keys.folder.field_numbers() if number != keys.newest)
    return [*map(fields_name, older), *keys.folder.old_app_keys()]


def _is_old_enough(folder: KeyFolder, keys: FieldKeys, name: str, now: datetime) -> bool:
    """Old keys of the service say when they were replaced; fields, when their successor came."""
    is_app_key = name in folder.old_app_keys()
    since = folder.made_at(name if is_app_key else fields_name(keys.newest))
    return now.astimezone(UTC) - since >= (APP_KEY_KEPT if is_app_key else ON_ITS_WAY)


def _seal_anew(
    database: Database, found: SealedTable, number: int, report: Callable[[int], object]
) -> int:
    last: UUID | None = None
    total = 0
    while True:
        with database.writing(Reach.EVERYTHING) as session:
            last, values = seal_batch_anew(
                session, found, header_of(number), after=last, limit=BATCH
            )
        if last is None:
            return total
        total += values
        report(values)


def _sign_everybody_out(session: Session) -> int:
    return session.connection().execute(delete(SignInSession)).rowcount
