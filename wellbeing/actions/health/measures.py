"""The numbers of a service for its metrics: nothing of people, and nothing that answering moves."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from wellbeing.actions.health.checks import examine
from wellbeing.actions.health.findings import Patient, State
from wellbeing.actions.health.work import (
    SECONDS_BETWEEN_RUNS,
    find_last_anchor,
    find_last_runs,
    find_late_rounds,
    find_oldest_mail,
)
from wellbeing.monitoring.job_runs import JobRuns
from wellbeing.store.audit import MailState, OutboxMessage

# What goes at once is not seen: one message more says that somebody has just done something.
OVERDUE = timedelta(minutes=5)
_STATES = {State.OK: 0.0, State.LOOK: 1.0, State.BROKEN: 2.0}


@dataclass(frozen=True, slots=True)
class Measure:
    """A gauge: by the values of its one label, or by "" where it has none."""

    name: str
    help: str
    label: str
    values: dict[str, float]


def measure(patient: Patient) -> Iterator[Measure]:
    """All of them; without a database, only what the checks say."""
    found = {name: finding.state for name, finding in examine(patient, outside=False)}
    yield Measure(
        "wellbeing_check_state",
        "What each check of wellbeing doctor says: 0 ok, 1 look, 2 broken.",
        "check",
        {name: _STATES[state] for name, state in found.items()},
    )
    with suppress(SQLAlchemyError):  # the checks have said so
        yield from _of_database(patient)


def _of_database(patient: Patient) -> Iterator[Measure]:
    yield from _jobs(patient)
    yield from _mail(patient)
    yield Measure(
        "wellbeing_rounds_late",
        "Rounds that should have been opened, closed or published by now.",
        "step",
        {step: float(count) for step, count in find_late_rounds(patient).items()},
    )
    if anchored := find_last_anchor(patient):
        yield Measure(
            "wellbeing_audit_log_anchored_timestamp_seconds",
            "When the audit log was last anchored outside the database.",
            "",
            {"": anchored[0].timestamp()},
        )


def _jobs(patient: Patient) -> Iterator[Measure]:
    begun = find_last_runs(patient)
    yield Measure(
        "wellbeing_job_begun_timestamp_seconds",
        "When each job of the timetable was last begun.",
        "job",
        {job: moment.timestamp() for job, moment in begun.items()},
    )
    runs = JobRuns(patient.settings.data / "jobs")
    done = {job: runs.read(job).done_at for job in SECONDS_BETWEEN_RUNS}
    yield Measure(
        "wellbeing_job_done_timestamp_seconds",
        "When each job last ended well, where the scheduler shares this data folder.",
        "job",
        {job: moment.timestamp() for job, moment in done.items() if moment},
    )


def _mail(patient: Patient) -> Iterator[Measure]:
    query = (
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.state == MailState.WAITING,
            OutboxMessage.due_at < patient.now - OVERDUE,
            OutboxMessage.expires_at > patient.now,
        )
    )
    with patient.reading() as session:
        waiting = session.scalar(query) or 0
    yield Measure(
        "wellbeing_outbox_overdue_messages",
        "Messages that should have gone five minutes ago.",
        "",
        {"": float(waiting)},
    )
    yield Measure(
        "wellbeing_outbox_oldest_seconds",
        "How long the message that waits longest has been due.",
        "",
        {"": find_oldest_mail(patient).total_seconds()},
    )
