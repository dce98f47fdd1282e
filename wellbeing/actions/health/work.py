"""Is what should happen by itself happening: jobs, mail, rounds, anchors, backups?"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select

from wellbeing.actions.audit_check import check_log
from wellbeing.actions.audit_log import ANCHORED, LOG_SUBJECT
from wellbeing.actions.health.findings import N_, Finding, Patient, broken, look, ok
from wellbeing.actions.outbox import CAN_WAIT
from wellbeing.domain.quiet_hours import QuietHours
from wellbeing.monitoring.job_runs import JobRuns
from wellbeing.store.audit import AuditEvent, JobClaim, MailState, OutboxMessage
from wellbeing.store.org import Round, RoundState

# As the timetable has them (a test compares): it lies above us, and pages have to know them.
SECONDS_BETWEEN_RUNS: Mapping[str, int] = {
    "open-rounds": 60,
    "invite": 60,
    "remind": 60,
    "close-and-publish": 60,
    "ask-key-holders": 600,
    "announce": 60,
    "ask-useful": 600,
    "remind-support": 600,
    "read-replies": 60,
    "deliver-mail": 20,
    "deliver-webhooks": 60,
    "retention": 3600,
    "anchor-log": 3600,
    "shorten-log": 86_400,
}
_GRACE = timedelta(minutes=10)
_LATE_ROUND = timedelta(minutes=15)
_LATE_PUBLICATION = timedelta(hours=6)
_LATE_MAIL = timedelta(minutes=30)
_VERY_LATE_MAIL = timedelta(hours=12)
_OFTEN_TRIED = 5
_ANCHOR_IS_LATE = timedelta(days=2)
_BACKUP_IS_OLD = timedelta(days=8)
_MOST_CHECKED = 50_000


def check_jobs(patient: Patient) -> Finding:
    """That the scheduler runs, and each job ends well."""
    begun = find_last_runs(patient)
    if not begun:
        return look(N_("No job has run yet: start wellbeing scheduler."))
    newest = max(begun.values())
    if patient.now - newest > _GRACE:
        return broken(
            N_("Nothing has run by itself since {moment}: start wellbeing scheduler."),
            moment=_moment(newest),
        )
    late = [job for job in SECONDS_BETWEEN_RUNS if _is_late(patient, job, begun.get(job))]
    runs = JobRuns(patient.settings.data / "jobs")
    failing = [job for job in SECONDS_BETWEEN_RUNS if runs.read(job).is_failing]
    if failing:
        return broken(
            N_("These jobs fail: {names}. The scheduler's log says why."), names=", ".join(failing)
        )
    if late:
        return look(
            N_("These jobs have not run when they should: {names}. See the scheduler's log."),
            names=", ".join(late),
        )
    return ok(N_("Every job of the timetable has run when it should."))


def check_outbox(patient: Patient) -> Finding:
    """That mail leaves."""
    oldest, tried = find_oldest_mail(patient), _count_often_tried(patient)
    if oldest > _VERY_LATE_MAIL:
        return broken(
            N_("Mail has waited for {hours} hours: see the mail server and the scheduler's log."),
            hours=int(oldest.total_seconds() // 3600),
        )
    if oldest > _LATE_MAIL or tried:
        return look(N_("Mail is waiting longer than it should: see the mail server."))
    return ok(N_("No mail waits longer than it should."))


def check_rounds(patient: Patient) -> Finding:
    """That rounds open, close and are published in time."""
    stopped = _count_rounds(patient, RoundState.STOPPED)
    if stopped:
        return broken(
            N_("Rounds that are stopped: {count}. HR sees why; then run wellbeing resume-round."),
            count=stopped,
        )
    opening, closing, publishing = find_late_rounds(patient).values()
    if closing:
        return broken(
            N_("Rounds that should have closed: {count}. See the scheduler's log."), count=closing
        )
    if opening:
        return look(
            N_("Rounds that should have opened: {count}. Maybe changed units wait for approval."),
            count=opening,
        )
    if publishing:
        return look(
            N_("Closed rounds that are not published: {count}. Maybe two keys are waited for."),
            count=publishing,
        )
    return ok(N_("Rounds open, close and are published in time."))


def check_audit_log(patient: Patient) -> Finding:
    """That the newest part of the log is whole, and that it is anchored each day."""
    with patient.reading() as session:
        last = session.scalar(select(func.max(AuditEvent.number))) or 0
        state = check_log(session, after=last - _MOST_CHECKED if last > _MOST_CHECKED else None)
    if not state.is_whole:
        return broken(
            N_("The audit log breaks at number {number}: run wellbeing audit-log verify."),
            number=state.faults[0].number,
        )
    anchored = find_last_anchor(patient)
    if anchored is None:
        return look(N_("The audit log is not anchored yet: that happens once a day."))
    if not anchored[1]:
        return broken(
            N_("The audit log did not fit when it was anchored: run wellbeing audit-log verify.")
        )
    if patient.now - anchored[0] > _ANCHOR_IS_LATE:
        return look(
            N_("The audit log was last anchored {moment}: see whether its file can be written."),
            moment=_moment(anchored[0]),
        )
    return ok(N_("The audit log is whole and anchored."))


def check_backups(patient: Patient) -> Finding:
    """That one was made lately; only those of `wellbeing backup` are known."""
    query = select(func.max(AuditEvent.at)).where(AuditEvent.act == "backup.made")
    with patient.reading() as session:
        newest = session.scalar(query)
    if newest is None:
        return look(N_("No backup is known: run wellbeing backup, and keep it elsewhere."))
    if patient.now - newest > _BACKUP_IS_OLD:
        return look(
            N_("The newest backup is of {moment}: run wellbeing backup."), moment=_moment(newest)
        )
    return ok(N_("The newest backup is of {moment}."), moment=_moment(newest))


def find_last_runs(patient: Patient) -> dict[str, datetime]:
    """When each job was last begun, as far as the database still knows."""
    query = select(JobClaim.job, func.max(JobClaim.slot)).group_by(JobClaim.job)
    with patient.reading() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def find_oldest_mail(patient: Patient) -> timedelta:
    """How long the mail that waits longest has been due; quiet hours are not waiting."""
    settings, now = patient.settings, patient.now
    query = select(func.min(OutboxMessage.due_at)).where(
        OutboxMessage.state == MailState.WAITING,
        OutboxMessage.due_at <= now,
        OutboxMessage.expires_at > now,
    )
    quiet = QuietHours(settings.quiet_until, settings.quiet_from, settings.zone)
    # When a quiet time has just ended, what waited through it was not late.
    if quiet.is_quiet(now) or quiet.is_quiet(now - _LATE_MAIL):
        query = query.where(OutboxMessage.kind.not_in([kind.value for kind in CAN_WAIT]))
    with patient.reading() as session:
        oldest = session.scalar(query)
    return now - oldest if oldest else timedelta()


def find_late_rounds(patient: Patient) -> dict[str, int]:
    """How many rounds should have been opened, closed or published by now and are not."""
    now = patient.now
    late = {
        "open": (RoundState.PLANNED,),
        "close": (RoundState.OPEN,),
        "publish": (RoundState.CLOSED, RoundState.TALLIED),
    }
    since = {"open": Round.opens_at, "close": Round.closes_at, "publish": Round.closes_at}
    grace = {"open": _LATE_ROUND, "close": _LATE_ROUND, "publish": _LATE_PUBLICATION}
    with patient.reading() as session:
        return {
            step: session.scalar(
                select(func.count())
                .select_from(Round)
                .where(Round.state.in_(states), since[step] < now - grace[step])
            )
            or 0
            for step, states in late.items()
        }


def find_last_anchor(patient: Patient) -> tuple[datetime, bool] | None:
    """When the log was last anchored, and whether it fitted then."""
    query = (
        select(AuditEvent.at, AuditEvent.details)
        .where(AuditEvent.subject == LOG_SUBJECT, AuditEvent.act == ANCHORED)
        .order_by(AuditEvent.number.desc())
        .limit(1)
    )
    with patient.reading() as session:
        found = session.execute(query).first()
    return (found.at, bool(found.details["whole"])) if found else None


def _is_late(patient: Patient, job: str, begun: datetime | None) -> bool:
    between = timedelta(seconds=SECONDS_BETWEEN_RUNS[job])
    return begun is None or patient.now - begun > 3 * between + _GRACE


def _count_often_tried(patient: Patient) -> int:
    query = (
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.state == MailState.WAITING,
            OutboxMessage.attempts >= _OFTEN_TRIED,
            OutboxMessage.expires_at > patient.now,
        )
    )
    with patient.reading() as session:
        return session.scalar(query) or 0


def _count_rounds(patient: Patient, state: RoundState) -> int:
    query = select(func.count()).select_from(Round).where(Round.state == state)
    with patient.reading() as session:
        return session.scalar(query) or 0


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
