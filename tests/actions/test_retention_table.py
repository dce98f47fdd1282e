"""Each row of the retention table: what is old goes with its job, and what is young stays."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jobs.context import JobContext
from jobs.timetable import JOBS
from tests.actions.support_helpers import ZONE, add_session
from tests.cast import Cast
from tests.rounds import BY, RoundRunner
from tests.web.seed import a_webhook
from wellbeing.actions import accounts, diary, requests
from wellbeing.actions.calendar_feeds import make_address
from wellbeing.actions.outbox import Letter, MailKind, post
from wellbeing.actions.session_record import RecordValues, write_record
from wellbeing.actions.sign_in import issue_link
from wellbeing.crypto.deletion_log import DeletionLog
from wellbeing.domain.cycles import add_months
from wellbeing.domain.incidents import IncidentKind
from wellbeing.domain.retention_periods import load_retention_table
from wellbeing.monitoring.security_log import SecurityLog
from wellbeing.settings import Settings
from wellbeing.store.accounts import (
    ApiToken,
    CheckInCode,
    LinkPurpose,
    Person,
    RateCount,
    SignInLink,
    SignInSession,
)
from wellbeing.store.audit import JobClaim, MailState, OutboxMessage
from wellbeing.store.base import Base
from wellbeing.store.incidents import Incident, IncidentAffected, RequestWish, SupportRequest
from wellbeing.store.org import Round
from wellbeing.store.personal import Ballot, DiaryKey
from wellbeing.store.reach import Reach
from wellbeing.store.registry import CLASSIFIED
from wellbeing.store.sessions import Database
from wellbeing.store.supervision import Availability, CalendarFeed, Supervisor
from wellbeing.store.support import Booking, Offer, SupportSession
from wellbeing.store.webhooks import WebhookDelivery

TABLE = load_retention_table()
MOMENT = timedelta(seconds=1)


class Past:
    """The house in which something has just been stored, at `now`."""

    def __init__(
        self, database: Database, cast: Cast, rounds: RoundRunner, folder: Path, now: datetime
    ) -> None:
        self.database, self.cast, self.rounds, self.now = database, cast, rounds, now
        self.eva = cast.people["Eva"]
        self.settings = Settings(
            data=folder, database_url=database.url.render_as_string(hide_password=False)
        )
        self.log = DeletionLog(self.settings.deletion_log_file, lambda: now)

    def do(self, act: Callable[[Session], object]) -> None:
        """One transaction."""
        with self.database.writing(Reach.EVERYTHING) as session:
            act(session)

    def count(self, table: type[Base], *where: object) -> int:
        """How many rows there are."""
        with self.database.reading(Reach.EVERYTHING) as session:
            query = select(func.count()).select_from(table).where(*where)  # type: ignore[arg-type]
            return session.scalar(query) or 0

    def run(self, job: str, at: datetime) -> None:
        """One pass of the job at this moment."""
        JOBS[job].run(JobContext(self.database, self.settings, lambda: at))


@pytest.fixture
def past(
    database: Database, cast: Cast, rounds: RoundRunner, tmp_path: Path, now: datetime
) -> Past:
    """The cast's organisation."""
    return Past(database, cast, rounds, tmp_path, now)


# For each row: stores something now, and says when its time is over and how many are left of it.
Stored = tuple[datetime, Callable[[], int]]


def _answers(past: Past) -> Stored:
    round_id = past.rounds.open()
    past.rounds.answer_all(round_id, past.cast.members_of("team_a"))
    return past.now + timedelta(days=14), lambda: past.count(Ballot)


def _codes(past: Past) -> Stored:
    round_id = past.rounds.open()
    past.do(lambda s: s.add(CheckInCode(round_id=round_id, person_id=past.eva, code_hash="0" * 64)))
    # The code goes with the round: once that is over, whatever a crash left goes too.
    over = past.now + timedelta(days=1)

    def left() -> int:
        return past.count(CheckInCode)

    def end(s: Session) -> None:
        s.execute(update(Round).values(state="cancelled"))

    past.run("retention", over - MOMENT)
    assert left() == 1
    past.do(end)
    return over, left


def _leave(past: Past) -> datetime:
    past.do(lambda s: accounts.disable(s, past.eva, by=BY, now=past.now))
    return _day(add_months(past.now.date(), past.settings.leaving_months))


def _diary(past: Past) -> Stored:
    past.do(lambda s: diary.start(s, "havregrød og blåbær", person_id=past.eva))
    return _leave(past), lambda: past.count(DiaryKey)


def _person(past: Past) -> Stored:
    return _leave(past), lambda: past.count(Person, Person.id == past.eva)


def _calendar(past: Past) -> Stored:
    past.do(lambda s: make_address(s, past.eva, by=BY, now=past.now))
    return _leave(past), lambda: past.count(CalendarFeed)


def _sign_ins(past: Past) -> Stored:
    until = past.now + timedelta(hours=past.settings.session_hours)
    row = SignInSession(
        secret_hash="0" * 64, person_id=past.eva, started_at=past.now, expires_at=until
    )
    past.do(lambda s: s.add(row))
    return until, lambda: past.count(SignInSession)


def _links(past: Past) -> Stored:
    hours = past.settings.link_hours
    past.do(lambda s: issue_link(s, past.eva, LinkPurpose.RESET, hours=hours, now=past.now))
    return past.now + timedelta(hours=hours), lambda: past.count(SignInLink)


def _counts(past: Past) -> Stored:
    until = past.now + timedelta(hours=1)
    past.do(lambda s: s.add(RateCount(key_hash="0" * 64, count=1, expires_at=until)))
    return until, lambda: past.count(RateCount)


def _tokens(past: Past) -> Stored:
    token = ApiToken(
        name="SCIM",
        scope="scim",
        secret_hash="0" * 64,
        made_at=past.now,
        expires_at=past.now + timedelta(days=900),
        revoked_at=past.now,
    )
    past.do(lambda s: s.add(token))
    return past.now + timedelta(days=365) + MOMENT, lambda: past.count(ApiToken)


def _webhooks(past: Past) -> Stored:
    def add(s: Session) -> None:
        webhook = a_webhook(uuid4(), now=past.now)
        webhook.url, webhook.off_at, webhook.started_at = "https://127.0.0.1/", None, past.now
        s.add(webhook)
        s.flush()
        row = {"body": "{}", "made_at": past.now, "due_at": past.now, "attempts": 9}
        s.add(WebhookDelivery(webhook_id=webhook.id, **row))

    past.do(add)
    return past.now + timedelta(days=3), lambda: past.count(WebhookDelivery)


def _mail(past: Past) -> Stored:
    letter = Letter(MailKind.ROUND_PUBLISHED, past.eva, "1", past.now, past.now)

    def add(s: Session) -> None:
        post(s, [letter])
        s.execute(update(OutboxMessage).values(state=MailState.ENDED))

    past.do(add)
    return past.now + timedelta(days=60) + MOMENT, lambda: past.count(OutboxMessage)


def _requests(past: Past) -> Stored:
    def add(s: Session) -> None:
        requests.ask(s, past.eva, RequestWish.TALK, "", zone=ZONE, now=past.now)
        request_id = s.scalars(select(SupportRequest.id)).one()
        requests.finish(s, request_id, today=past.now.date(), now=past.now, by=BY)

    past.do(add)
    return _day(past.now.date() + timedelta(days=30)), lambda: past.count(SupportRequest)


def _held(past: Past) -> UUID:
    session_id = add_session(past.database, past.cast, at=past.now - timedelta(hours=3))
    values = RecordValues(attended=6)
    past.do(lambda s: write_record(s, session_id, values, zone=ZONE, now=past.now, by=BY))
    return session_id


def _records(past: Past) -> Stored:
    _held(past)
    return _day(add_months(past.now.date(), 24)), lambda: past.count(Booking)


def _unrecorded(past: Past) -> Stored:
    add_session(past.database, past.cast, at=past.now - timedelta(minutes=90))
    return past.now + timedelta(days=365) + MOMENT, lambda: past.count(Booking)


def _usefulness(past: Past) -> Stored:
    session_id = _held(past)
    past.do(
        lambda s: s.execute(
            update(Booking).where(Booking.session_id == session_id).values(feedback_given=True)
        )
    )
    over = _day(past.now.date() + timedelta(days=15))
    return over, lambda: past.count(Booking, Booking.feedback_given)


def _taken_back(past: Past) -> Stored:
    session_id = add_session(past.database, past.cast, at=past.now + timedelta(days=3), unit=None)

    def take_back(s: Session) -> None:
        s.execute(update(SupportSession).values(state="cancelled"))
        s.execute(update(Offer).values(state="closed"))

    past.do(take_back)
    with past.database.reading(Reach.EVERYTHING) as session:
        ends_at = session.get_one(SupportSession, session_id).ends_at
    return ends_at + MOMENT, lambda: past.count(Offer)


def _incidents(past: Past) -> Stored:
    incident = Incident(
        id=uuid4(),
        unit_id=past.cast.units["team_a"],
        kind=IncidentKind.THREAT,
        happened_on=past.now.date(),
        registered_on=past.now.date(),
        registered_by=past.eva,
        affected_count=1,
        details="Der skete noget.",
    )

    def add(s: Session) -> None:
        s.add(incident)
        s.flush()
        s.add(IncidentAffected(incident_id=incident.id, person_id=past.eva))

    past.do(add)

    def left() -> int:
        written = past.count(Incident, Incident.sealed_details.is_not(None))
        assert past.count(Incident) == 1
        assert written == past.count(Incident, Incident.registered_by.is_not(None))
        return written + past.count(IncidentAffected)

    return _day(past.now.date() + timedelta(days=366)), left


def _hours(past: Past) -> Stored:
    susan = past.cast.people["Susan"]

    def add(s: Session) -> None:
        s.add(Supervisor(person_id=susan, qualifications="", forms=[], sessions_a_week=1))
        s.flush()
        s.add(
            Availability(
                supervisor_id=susan,
                weekday=0,
                from_time="09:00",
                until_time="10:00",
                from_day=past.now.date(),
                until_day=past.now.date(),
            )
        )

    past.do(add)
    return _day(past.now.date() + timedelta(days=91)), lambda: past.count(Availability)


def _claims(past: Past) -> Stored:
    past.do(lambda s: s.add(JobClaim(job="invite", slot=past.now)))
    return past.now + timedelta(days=2) + MOMENT, lambda: past.count(JobClaim)


def _deletions(past: Past) -> Stored:
    past.log.append([("diary", ("x",))])
    over = past.now + timedelta(days=past.settings.deletion_log_days) + MOMENT
    return over, lambda: len(past.log.read().deletions)


def _security_log(past: Past) -> Stored:
    folder = past.settings.security_folder
    SecurityLog(folder).append("sign_in", at=past.now, outcome="failure")
    gone = past.now.date() + timedelta(days=past.settings.security_log_days + 1)
    return datetime(gone.year, gone.month, gone.day, tzinfo=UTC), lambda: len([*folder.iterdir()])


STORE: Mapping[str, Callable[[Past], Stored]] = {
    "answers": _answers,
    "codes": _codes,
    "diary": _diary,
    "person": _person,
    "calendar": _calendar,
    "sign_ins": _sign_ins,
    "links": _links,
    "counts": _counts,
    "tokens": _tokens,
    "webhooks": _webhooks,
    "mail": _mail,
    "requests": _requests,
    "records": _records,
    "unrecorded": _unrecorded,
    "usefulness": _usefulness,
    "taken_back": _taken_back,
    "incidents": _incidents,
    "hours": _hours,
    "claims": _claims,
    "deletions": _deletions,
    "security_log": _security_log,
}
# The mailbox for answers has tests of its own, with a real Maildir.
ELSEWHERE = {"replies": "tests/actions/test_replies.py"}


def _day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(ZONE)


@pytest.mark.asvs("14.2.7")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("row", TABLE.rows, ids=lambda row: row.key)
def test_what_is_young_stays_and_what_is_old_goes_with_its_job(past: Past, row: object) -> None:
    (known,) = (one for one in TABLE.rows if one is row)
    if known.key in ELSEWHERE:
        assert (Path(__file__).parents[2] / ELSEWHERE[known.key]).is_file()
        return
    over, left = STORE[known.key](past)
    if known.key != "codes":
        assert left() > 0
        past.run(known.job, over - timedelta(days=1, seconds=2) if _by_day(over) else over - MOMENT)
        assert left() > 0
    past.run(known.job, over + timedelta(hours=2))
    assert left() == 0


def _by_day(over: datetime) -> bool:
    return over.tzinfo is ZONE


@pytest.mark.asvs("14.1.1", "14.1.2")
def test_every_table_has_an_end_or_a_reason_to_stay() -> None:
    assert TABLE.of_tables() == set(CLASSIFIED)


def test_every_row_is_held_here_and_names_a_job_that_runs() -> None:
    assert {row.key for row in TABLE.rows} == set(STORE) | set(ELSEWHERE)
    assert {row.job for row in TABLE.rows} <= set(JOBS)
    assert {row.data_class for row in TABLE.rows} <= {
        data_class.value for classes in CLASSIFIED.values() for data_class in classes
    }
