"""Every check of `wellbeing doctor` finds the fault it is there for, and says what to do."""

import os
import sqlite3
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jobs.context import JobContext
from jobs.scheduler import run_claimed
from jobs.timetable import TIMETABLE, Entry
from tests.cast import make_cast
from tests.mail_server import MailServer, make_certificate, running_mail_server
from tests.rounds import BY, RoundRunner
from wellbeing.actions.audit_log import record
from wellbeing.actions.health.checks import CHECKS, examine, worst
from wellbeing.actions.health.database import check_clock, check_database, check_migrations
from wellbeing.actions.health.files import Room, check_disk, check_keys, check_security_log
from wellbeing.actions.health.findings import Finding, Patient, State, broken, look, ok
from wellbeing.actions.health.mail import check_mail
from wellbeing.actions.health.work import (
    SECONDS_BETWEEN_RUNS,
    check_audit_log,
    check_backups,
    check_jobs,
    check_outbox,
    check_rounds,
)
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.clock import utc_now
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person
from wellbeing.store.audit import AuditEvent, JobClaim, OutboxMessage
from wellbeing.store.org import Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.schema import downgrade
from wellbeing.store.sessions import Database
from wellbeing.web.admin.status_words import CHECKS as WORDS

BROKEN, LOOK, OK = State.BROKEN, State.LOOK, State.OK
HOUR = timedelta(hours=1)


@pytest.fixture
def patient(
    migrated_sqlite: Path, tmp_path: Path, mail_server: MailServer, now: datetime
) -> Iterator[Patient]:
    """A service that is well, with the cast in it."""
    (tmp_path / "wellbeing.db").write_bytes(migrated_sqlite.read_bytes())
    settings = Settings(data=tmp_path, smtp_port=mail_server.port)
    get_or_make_app_key(settings.key_folder)
    keys = make_field_keys(settings.key_folder)
    database = Database(settings.effective_database_url, keys)
    with database.writing(Reach.EVERYTHING) as session:
        make_cast(session)
        record(session, "backup.made", "now", by=BY, now=now)
        record(session, "audit_log.anchored", "audit_log", by=BY, now=now, whole=True, number=1)
        session.add_all(JobClaim(job=job, slot=now) for job in SECONDS_BETWEEN_RUNS)
    yield Patient(settings, database, now, Reach.ADMIN)
    database.close()


def with_settings(patient: Patient, **changed: object) -> Patient:
    """The same service, set otherwise."""
    return replace(patient, settings=patient.settings.model_copy(update=changed))


def later(patient: Patient, **by: float) -> Patient:
    """The same service after some time in which nothing happened."""
    return replace(patient, now=patient.now + timedelta(**by))


def do(patient: Patient, act: Callable[..., object]) -> None:
    """One transaction."""
    with patient.database.writing(Reach.EVERYTHING) as session:
        act(session)


def test_a_service_that_is_well_has_nothing_to_do(patient: Patient) -> None:
    found = dict(examine(patient))
    assert {name: (f.state, str(f)) for name, f in found.items() if f.state is not OK} == {}
    assert [*found] == [check.name for check in CHECKS]
    assert set(found) == set(WORDS)
    assert worst(list(found.values())) is OK


def test_an_administrator_s_connection_can_carry_out_every_check_on_postgresql(
    patient: Patient, postgresql_database: Database
) -> None:
    found = dict(examine(replace(patient, database=postgresql_database), outside=False))
    assert "could not be carried out" not in " ".join(map(str, found.values()))
    assert {found[name].state for name in ("migrations", "clock", "rounds", "outbox")} == {OK}


def test_the_worst_counts() -> None:
    assert worst([ok("a"), broken("b"), look("c")]) is BROKEN
    assert worst([ok("a"), look("c")]) is LOOK


# --- database


def test_a_database_that_is_away_is_said_once_and_stops_no_other_check(
    patient: Patient, tmp_path: Path
) -> None:
    away = Database(f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    found = dict(examine(replace(patient, database=away)))
    away.close()
    assert found["database"].state is BROKEN
    assert "database_url" in str(found["database"])
    assert {found[name].state for name in ("rounds", "jobs", "outbox", "clock")} == {LOOK}
    assert found["mail"].state is OK


def test_a_file_that_is_no_database_is_said(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"not a database at all" * 100)
    spoilt = Database(f"sqlite:///{tmp_path / 'other.db'}")
    assert dict(examine(replace(patient, database=spoilt)))["database"].state is BROKEN
    spoilt.close()


def test_a_database_that_does_not_wait_for_the_disk_is_said(
    patient: Patient, postgresql_database: Database
) -> None:
    hasty = Database(patient.settings.effective_database_url, durable=False)
    assert "synchronous" in str(check_database(replace(patient, database=hasty)))
    hasty.close()
    # The server of the tests runs without fsync, on purpose.
    found = check_database(replace(patient, database=postgresql_database))
    assert found.state is BROKEN
    assert "fsync" in str(found)


def test_tables_of_another_version_and_none_at_all_are_said(
    patient: Patient, tmp_path: Path
) -> None:
    downgrade(patient.database, "0004")
    found = check_migrations(patient)
    assert (found.state, "0004" in str(found)) == (BROKEN, True)
    sqlite3.connect(tmp_path / "empty.db").close()
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert "wellbeing init" in str(check_migrations(replace(patient, database=empty)))
    empty.close()


# --- clock


def test_a_clock_that_was_set_back_is_said(patient: Patient) -> None:
    assert check_clock(patient).state is OK
    assert check_clock(replace(patient, now=patient.now - HOUR)).state is BROKEN


@pytest.mark.parametrize(("seconds", "state"), [(2, OK), (20, LOOK), (3600, BROKEN)])
def test_clocks_that_part_are_said(
    patient: Patient,
    postgresql_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    state: State,
) -> None:
    off = timedelta(seconds=seconds)
    monkeypatch.setattr("wellbeing.actions.health.database.utc_now", lambda: utc_now() + off)
    assert check_clock(replace(patient, database=postgresql_database)).state is state


def test_time_zones_that_are_not_installed_are_said(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tzdata", *(name for name in sys.modules if name.startswith("tzdata."))):
        monkeypatch.setitem(sys.modules, name, None)
    zoneinfo.reset_tzpath(to=[])
    try:
        assert "tzdata" in str(check_clock(patient))
    finally:
        zoneinfo.reset_tzpath()


# --- mail


def test_mail_servers_that_do_not_take_our_mail_are_said(
    patient: Patient, mail_server: MailServer, tmp_path: Path
) -> None:
    assert check_mail(with_settings(patient, smtp_starttls=True)).state is BROKEN
    login = {"smtp_user": "wellbeing", "smtp_password": "no"}
    assert "smtp_user" in str(check_mail(with_settings(patient, **login)))
    # The same server by a name that does not say that it is near.
    assert check_mail(with_settings(patient, smtp_host="127.1")).state is LOOK
    assert mail_server.received == []
    mail_server.stop()
    assert "does not answer" in str(check_mail(patient))


def test_a_certificate_nobody_vouches_for_is_said(patient: Patient, tmp_path: Path) -> None:
    tls, _ = make_certificate(tmp_path)
    with running_mail_server(tls) as server:
        found = check_mail(with_settings(patient, smtp_starttls=True, smtp_port=server.port))
    assert (found.state, "certificate" in str(found)) == (BROKEN, True)


# --- keys, disk, security log


def test_keys_that_are_open_missing_or_left_over_are_said(patient: Patient) -> None:
    folder = patient.settings.key_folder
    (folder / "index.key").chmod(0o644)
    assert check_keys(patient).state is BROKEN
    (folder / "index.key").chmod(0o600)
    folder.chmod(0o755)
    assert check_keys(patient).state is BROKEN
    folder.chmod(0o700)
    assert check_keys(patient).state is OK
    round_id = RoundRunner(patient.database, patient.settings.data, patient.now).open()
    assert check_keys(patient).state is OK
    (folder / f"{round_id}.private").unlink()
    assert "Keys of rounds" in str(check_keys(patient))
    (folder / "fields-1.key").unlink()
    assert "wellbeing keys check" in str(check_keys(patient))


def test_a_key_that_fits_nothing_is_found_by_whoever_may_open_values(patient: Patient) -> None:
    deep = replace(patient, find_deep_key_faults=lambda _session: ["It does not fit."])
    assert check_keys(deep).state is BROKEN


def test_a_disk_without_room_and_a_folder_that_is_missing_are_said(patient: Patient) -> None:
    all_of_it, none = Room(2**62, 0.0), Room(0, 0.0)
    assert check_disk(patient, enough=all_of_it, least=none).state is LOOK
    assert check_disk(patient, enough=all_of_it, least=all_of_it).state is BROKEN
    assert check_disk(patient, enough=none, least=none).state is OK
    # Names of files run out before bytes do, where many small files are kept.
    if os.statvfs(patient.settings.data).f_files:
        assert check_disk(patient, enough=Room(0, 1.1), least=none).state is LOOK
    away = with_settings(patient, anchor_file=patient.settings.data / "away" / "anchors.jsonl")
    assert "is missing" in str(check_disk(away))


def test_a_security_log_that_cannot_be_written_is_said(patient: Patient) -> None:
    (patient.settings.data / "file").write_text("no folder")
    found = check_security_log(
        with_settings(patient, security_log=patient.settings.data / "file" / "log")
    )
    assert found.state is BROKEN


# --- rounds


@pytest.mark.parametrize(
    ("state", "opens", "closes", "expected"),
    [
        (RoundState.PLANNED, -HOUR, HOUR, LOOK),
        (RoundState.PLANNED, -timedelta(minutes=5), HOUR, OK),
        (RoundState.OPEN, -2 * HOUR, -HOUR, BROKEN),
        (RoundState.OPEN, -2 * HOUR, HOUR, OK),
        (RoundState.CLOSED, -12 * HOUR, -10 * HOUR, LOOK),
        (RoundState.CLOSED, -12 * HOUR, -HOUR, OK),
        (RoundState.TALLIED, -12 * HOUR, -10 * HOUR, LOOK),
        (RoundState.STOPPED, -12 * HOUR, -HOUR, BROKEN),
        (RoundState.PUBLISHED, -12 * HOUR, -10 * HOUR, OK),
        (RoundState.LOST, -12 * HOUR, -10 * HOUR, OK),
    ],
)
def test_rounds_that_are_late_or_stopped_are_said(
    patient: Patient, state: RoundState, opens: timedelta, closes: timedelta, expected: State
) -> None:
    round_id = RoundRunner(patient.database, patient.settings.data, patient.now).open()
    values = {
        "state": state,
        "opens_at": patient.now + opens,
        "closes_at": patient.now + closes,
    }
    do(patient, lambda s: s.execute(update(Round).where(Round.id == round_id).values(values)))
    assert check_rounds(patient).state is expected


# --- jobs


def test_the_checks_know_the_timetable() -> None:
    assert {entry.name: entry.every_seconds for entry in TIMETABLE} == SECONDS_BETWEEN_RUNS


def test_a_scheduler_that_has_stopped_or_was_never_started_is_said(patient: Patient) -> None:
    assert check_jobs(later(patient, minutes=9)).state is OK
    found = check_jobs(later(patient, minutes=11))
    assert (found.state, "wellbeing scheduler" in str(found)) == (BROKEN, True)
    do(patient, lambda s: s.execute(delete(JobClaim)))
    assert check_jobs(patient).state is LOOK


def test_a_job_that_is_not_run_and_one_that_fails_are_said_by_name(patient: Patient) -> None:
    do(patient, lambda s: s.execute(delete(JobClaim).where(JobClaim.job == "remind")))
    assert "remind" in str(check_jobs(patient))
    runs = list[int]()

    def run(_context: JobContext) -> str:
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError("broken")
        return "Done."

    def pass_once(minutes: int) -> Patient:
        at = later(patient, minutes=minutes)
        context = JobContext(patient.database, patient.settings, lambda: at.now)
        with suppress(RuntimeError):
            run_claimed(context, Entry("remind", run, 60))
        return at

    found = check_jobs(pass_once(1))
    assert (found.state, "remind" in str(found)) == (BROKEN, True)
    assert check_jobs(pass_once(2)).state is OK


# --- outbox


@pytest.mark.parametrize(
    ("hour", "kind", "waited", "attempts", "expected"),
    [
        (10, MailKind.RESET, timedelta(minutes=20), 0, OK),
        (10, MailKind.RESET, timedelta(minutes=40), 0, LOOK),
        (10, MailKind.RESET, timedelta(hours=13), 0, BROKEN),
        (10, MailKind.RESET, timedelta(minutes=-40), 6, LOOK),
        (22, MailKind.INVITATION, timedelta(minutes=40), 0, OK),
        (22, MailKind.RESET, timedelta(minutes=40), 0, LOOK),
    ],
)
def test_mail_that_does_not_leave_is_said(
    patient: Patient,
    hour: int,
    kind: MailKind,
    waited: timedelta,
    attempts: int,
    expected: State,
) -> None:
    now = patient.now.replace(hour=hour)
    due = now - waited

    def add(session: Session) -> None:
        somebody = session.scalars(select(Person.id)).first()
        assert somebody
        post(session, [Letter(kind, somebody, "one", due, now + timedelta(days=3))])
        session.execute(update(OutboxMessage).values(attempts=attempts, due_at=due))

    do(patient, add)
    assert check_outbox(replace(patient, now=now)).state is expected


# --- audit log and backups


def test_a_log_that_was_changed_or_is_not_anchored_is_said(patient: Patient) -> None:
    assert check_audit_log(later(patient, days=1)).state is OK
    assert check_audit_log(later(patient, days=3)).state is LOOK
    act = AuditEvent.act == "audit_log.anchored"
    do(patient, lambda s: s.execute(update(AuditEvent).where(act).values(details={"whole": False})))
    assert "breaks at number 2" in str(check_audit_log(patient))
    do(patient, lambda s: s.execute(delete(AuditEvent).where(act)))
    assert "not anchored yet" in str(check_audit_log(patient))


def test_an_anchor_that_did_not_fit_is_said(patient: Patient) -> None:
    do(
        patient,
        lambda s: record(
            s, "audit_log.anchored", "audit_log", by=BY, now=patient.now, whole=False, number=2
        ),
    )
    assert "did not fit" in str(check_audit_log(patient))


def test_a_backup_that_is_old_or_unknown_is_said(patient: Patient) -> None:
    assert check_backups(later(patient, days=7)).state is OK
    assert check_backups(later(patient, days=9)).state is LOOK
    do(patient, lambda s: s.execute(delete(AuditEvent)))
    assert "No backup is known" in str(check_backups(patient))


def test_a_check_that_breaks_stops_no_other(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> Finding:
        raise RuntimeError("Eva")

    monkeypatch.setattr("wellbeing.actions.health.mail.greet", fail)
    found = dict(examine(patient))
    assert found["mail"].state is BROKEN
    assert "RuntimeError" in str(found["mail"])
    assert "Eva" not in str(found["mail"])
    assert found["security_log"].state is OK
