"""Makes a backup while the service runs. It never holds a key of a round: those lie elsewhere."""

from datetime import datetime
from pathlib import Path

from nacl.public import PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.backup_files import (
    FORMAT,
    Manifest,
    Progress,
    hash_file,
    make_witness,
    scratch,
    write_backup,
)
from wellbeing.domain.actor import Actor
from wellbeing.store.audit import AuditEvent
from wellbeing.store.copies import copy_database
from wellbeing.store.reach import Reach
from wellbeing.store.schema import find_current
from wellbeing.store.sessions import Database


def make_backup(
    database: Database,
    target: Path,
    *,
    scratch_folder: Path,
    program: str,
    to: PublicKey | None,
    progress: Progress,
    now: datetime,
    by: Actor,
) -> Manifest:
    """Writes the backup whole or not at all, sealed to a recovery key where one is given.

    The act is recorded after it; the copy itself ends with the log as it was before.
    """
    schema = find_current(database)
    assert schema is not None
    with scratch(scratch_folder) as copy:
        # Read before the copy is taken: what the log holds then is in the copy for certain.
        with database.reading(Reach.EVERYTHING) as session:
            number, end = find_end(session)
        copy_database(database, copy, progress)
        manifest = Manifest(
            format=FORMAT,
            program=program,
            schema=schema,
            database="sqlite" if database.is_sqlite else "postgresql",
            made_at=now.isoformat(),
            size=copy.stat().st_size,
            sha256=hash_file(copy),
            audit_number=number,
            audit_hash=end,
            witness=make_witness(database.sealer),
        )
        write_backup(target, copy, manifest, to=to, progress=progress)
    with database.writing(Reach.EVERYTHING) as session:
        said = {"sha256": manifest.sha256, "sealed": to is not None}
        record(session, "backup.made", manifest.made_at, by=by, now=now, **said)
    return manifest


def find_end(session: Session) -> tuple[int, str]:
    """The number and hash of the last event; 0 and nothing for an empty log."""
    query = select(AuditEvent.number, AuditEvent.hash).order_by(AuditEvent.number.desc()).limit(1)
    last = session.execute(query).first()
    return (last.number, last.hash) if last else (0, "")
