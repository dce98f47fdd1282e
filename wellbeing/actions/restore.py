"""Restores a backup. What was destroyed since stays destroyed: rounds whose key is gone close
without figures, people who were erased are erased again, and every old sign-in ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from nacl.public import PrivateKey
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import find_break, record
from wellbeing.actions.backup_files import (
    Manifest,
    Progress,
    check_keys,
    read_backup,
    scratch,
)
from wellbeing.actions.deletions import replay_deletions
from wellbeing.actions.lost_rounds import CAN_BE_LOST, lose_round
from wellbeing.actions.programmes import plan_round
from wellbeing.crypto.round_keys import RoundKeys
from wellbeing.domain.actor import Actor
from wellbeing.domain.cycles import add_months
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.store.accounts import Person, SignInLink, SignInSession
from wellbeing.store.audit import AuditEvent, MailState, OutboxMessage
from wellbeing.store.copies import (
    finish,
    is_unfinished,
    load_postgresql,
    replace_sqlite,
)
from wellbeing.store.org import Programme, Round, RoundState, Unit
from wellbeing.store.reach import Reach
from wellbeing.store.schema import find_current, is_known, upgrade
from wellbeing.store.sessions import Database

_PERSONAL = ("ballot", "participation", "diary_key", "diary_entry", "check_in_code")
_WAYS_IN = ("person", "sign_in_session", "sign_in_link")


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore found and did.

    `lost`: rounds that were open in the backup and can never be counted. `may_have_been`: planned
    rounds whose opening lay between the backup and now. `deleted_again`: what the log of deletions
    says was deleted since.
    """

    manifest: Manifest
    lost: tuple[str, ...]
    may_have_been: tuple[str, ...]
    deleted_again: int


def restore_backup(
    database: Database,
    source: Path,
    *,
    keys: RoundKeys,
    deletion_log: Path,
    zone: ZoneInfo,
    scratch_folder: Path,
    key: PrivateKey | None,
    replace: bool,
    progress: Progress,
    now: datetime,
    by: Actor,
) -> Restored:
    """Puts a backup in the database's place; nothing is changed unless it is whole and fits.

    Refused onto a database that holds something, unless it may be replaced.
    """
    if not replace and not is_empty(database):
        raise Refused("There is something in this database. With --replace it is lost.")
    with scratch(scratch_folder) as copy:
        manifest = read_backup(source, copy, key=key, progress=progress)
        _check_fits(database, manifest)
        settle = _Settling(manifest, keys, deletion_log, zone, now, by)
        if not database.is_sqlite:
            load_postgresql(database, copy)
            return settle.run(database)
        staged = Database(f"sqlite:///{copy.resolve()}", database.sealer)
        try:
            restored = settle.run(staged)
        finally:
            staged.close()
        replace_sqlite(database, copy)
        return restored


def is_empty(database: Database) -> bool:
    """Whether nobody and nothing is in the database yet; so counts one restored by halves."""
    if find_current(database) is None or is_unfinished(database):
        return True
    with database.reading(Reach.EVERYTHING) as session:
        tables = (Person, Unit, Programme)
        return not any(session.scalar(select(func.count()).select_from(t)) for t in tables)


def _check_fits(database: Database, manifest: Manifest) -> None:
    kind = "sqlite" if database.is_sqlite else "postgresql"
    if manifest.database != kind:
        raise BadInput(f"The backup is of {manifest.database}, and this database is {kind}.")
    if not is_known(manifest.schema):
        raise BadInput("The backup was made by a newer version of this program.")
    check_keys(manifest, database.sealer)


@dataclass(frozen=True, slots=True)
class _Settling:
    """What is done with a copy before anybody uses it; again is fine."""

    manifest: Manifest
    keys: RoundKeys
    deletion_log: Path
    zone: ZoneInfo
    now: datetime
    by: Actor

    def run(self, database: Database) -> Restored:
        """Brings the copy to this program's version and makes it forget what is gone since."""
        if find_current(database) != self.manifest.schema:
            raise BadInput("The backup holds another version of the database than it says.")
        upgrade(database)
        with database.writing(Reach.EVERYTHING) as session:
            _open_names(session)
            _check_log(session, self.manifest)
            restored = self._forget(session)
            said = {"lost": len(restored.lost), "deleted": restored.deleted_again}
            record(
                session,
                "backup.restored",
                self.manifest.made_at,
                by=self.by,
                now=self.now,
                sha256=self.manifest.sha256,
                **said,
            )
        database.scrub(*_PERSONAL, *_WAYS_IN)
        finish(database)
        return restored

    def _forget(self, session: Session) -> Restored:
        lost = _lose_rounds(session, self.keys, self.now, self.by)
        made_at = datetime.fromisoformat(self.manifest.made_at)
        deleted = replay_deletions(
            session, self.keys.folder, now=self.now, log=self.deletion_log, since=made_at
        )
        _plan_next_rounds(session, self.zone, self.now)
        _end_what_was_under_way(session, self.now)
        return Restored(self.manifest, lost, _find_missed(session, self.now), deleted)


def _open_names(session: Session) -> None:
    """UnfitKeys without the keys that fields were sealed with: better told now than on a page."""
    for person in session.scalars(select(Person)):
        _ = person.name


def _check_log(session: Session, manifest: Manifest) -> None:
    broken = find_break(session)
    if broken is not None:
        raise BadInput(f"The log of acts in the backup breaks at event {broken}.")
    found = session.get(AuditEvent, manifest.audit_number) if manifest.audit_number else None
    if manifest.audit_number and (found is None or found.hash != manifest.audit_hash):
        raise BadInput("The log of acts in the backup is not the one that the backup names.")


def _lose_rounds(session: Session, keys: RoundKeys, now: datetime, by: Actor) -> tuple[str, ...]:
    """Rounds whose key has been destroyed, or never was here: published since, most often."""
    query = select(Round).where(Round.state.in_(CAN_BE_LOST)).order_by(Round.opens_at)
    gone = [round_ for round_ in session.scalars(query) if not keys.can_open(round_.id)]
    for round_ in gone:
        because = "Its key was gone when a backup was restored."
        lose_round(session, round_.id, because=because, now=now, by=by)
    return tuple(_name(session, round_) for round_ in gone)


def _find_missed(session: Session, now: datetime) -> tuple[str, ...]:
    query = select(Round).where(Round.state == RoundState.PLANNED, Round.opens_at <= now)
    return tuple(_name(session, round_) for round_ in session.scalars(query))


def _name(session: Session, round_: Round) -> str:
    return f"{session.get_one(Programme, round_.programme_id).name}, round {round_.number}"


def _plan_next_rounds(session: Session, zone: ZoneInfo, now: datetime) -> None:
    """A programme whose planned round turned out to be held already needs another one."""
    planned = select(Round.programme_id).where(Round.state == RoundState.PLANNED)
    without = select(Programme).where(Programme.active, Programme.id.not_in(planned))
    for programme in session.scalars(without).all():
        held = select(Round).where(Round.programme_id == programme.id).order_by(Round.number)
        last = session.scalars(held).all()[-1]
        day = add_months(last.opens_at.astimezone(zone).date(), programme.every_months)
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        plan_round(session, programme, last.number + 1, max(day, tomorrow), zone)


def _end_what_was_under_way(session: Session, now: datetime) -> None:
    """Sign-ins that ended since must not live again, and mail that went must not go twice."""
    session.execute(delete(SignInSession))
    session.execute(delete(SignInLink))
    waiting = OutboxMessage.state != MailState.ENDED
    session.execute(
        update(OutboxMessage)
        .where(waiting, OutboxMessage.due_at <= now)
        .values(state=MailState.ENDED, context={}, attempts=0)
    )
