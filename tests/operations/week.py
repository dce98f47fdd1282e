"""`python -m tests.operations.week`: two schedulers and three web servers on one PostgreSQL through
a week, with a round, answers, requests for links, and schedulers that end in every way.

What must hold: each job is claimed once a slot and run once, each mail goes once and to whom it
should, and the round is published once with every answer.
"""

import json
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from time import perf_counter, sleep
from uuid import UUID

from sqlalchemy import func, select

from jobs.timetable import TIMETABLE, slot_of
from tests.cast import PASSWORD, Cast, email_of, make_cast
from tests.databases import PostgreSQLServer, copied_postgresql, postgresql_server
from tests.mail_server import MailServer, running_mail_server
from tests.operations.processes import House, Scheduler, house
from tests.rounds import STEADY, ZONE
from tests.waiting import wait_until
from wellbeing.actions.programmes import ProgrammeValues, create_programme
from wellbeing.crypto.field_keys import make_field_keys
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.domain.actor import Actor
from wellbeing.store.accounts import Person
from wellbeing.store.audit import OutboxMessage
from wellbeing.store.org import Round, RoundState
from wellbeing.store.personal import Ballot, Participation
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

RESULT = Path("build") / "week.json"
# With the change to summer time on its Sunday.
START = datetime(2026, 3, 23, 8, tzinfo=ZONE)
ANSWER_EARLY = ("Eva", "Tom", "Sara", "Anne", "Bent", "Carl")
ANSWER_LATE = ("Karl", "Mia", "Nils", "Pia", "Rasmus", "Signe")


@dataclass(frozen=True)
class Plan:
    """How long, in which steps, and after how many hours what happens."""

    days: float
    step: timedelta
    window_days: int
    ends: dict[float, signal.Signals]
    web: tuple[int, ...] = (1, 1, 1)
    ask_every_hours: float = 24


WEEK = Plan(
    days=7.1,
    step=timedelta(minutes=30),
    window_days=5,
    ends={30: signal.SIGTERM, 60: signal.SIGKILL, 90: signal.SIGSTOP, 130: signal.SIGKILL},
)


@dataclass
class Figures:
    """What happened, and every sentence that says what should not have."""

    slots: int = 0
    runs: int = 0
    steps: int = 0
    mails: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    takeovers: list[tuple[str, float]] = field(default_factory=list)
    seconds: float = 0
    violations: list[str] = field(default_factory=list)

    def check(self, holds: bool, sentence: str) -> None:
        """Notes what does not hold."""
        if not holds:
            self.violations.append(sentence)


@dataclass
class Week:
    """One organisation that lives through a plan."""

    plan: Plan
    house: House
    database: Database
    mail: MailServer
    cast: Cast
    figures: Figures = field(default_factory=Figures)
    roster: dict[UUID, str] = field(default_factory=dict)
    answered: list[str] = field(default_factory=list)
    visited: dict[str, set[datetime]] = field(default_factory=dict)
    asked: int = 0

    def live(self) -> Figures:
        """All of it."""
        start = perf_counter()
        for workers in self.plan.web:
            self.house.start_web(workers=workers)
        for _ in range(2):
            self.house.start_scheduler()
        for hours in self._steps():
            self._step(START + timedelta(hours=hours))
            self._visit(hours)
            self._end_schedulers(hours)
        self.figures.seconds = perf_counter() - start
        self._judge()
        return self.figures

    def _steps(self) -> Iterator[float]:
        for number in range(int(timedelta(days=self.plan.days) / self.plan.step)):
            yield number * self.plan.step / timedelta(hours=1)

    def _step(self, moment: datetime) -> None:
        self.figures.steps += 1
        for entry in TIMETABLE:
            self.visited.setdefault(entry.name, set()).add(slot_of(entry, moment))
        self.house.clock.show(moment)
        self._let_jobs_end(f"the jobs of {moment}")

    def _visit(self, hours: float) -> None:
        day = timedelta(days=1) / timedelta(hours=1)
        if hours == 6:  # opened in one slot, invited in the next, delivered in the third
            self._answer(ANSWER_EARLY)
        if hours == (self.plan.window_days - 1) * day:
            self._answer(ANSWER_LATE)
        if hours and hours % self.plan.ask_every_hours == 0:
            server = self.house.web[self.asked % len(self.house.web)]
            server.visit("/forgot-password", CookieJar(), {"email": email_of("Eva")})
            self.asked += 1

    def _answer(self, names: Sequence[str]) -> None:
        with self.database.reading(Reach.EVERYTHING) as session:
            round_id = session.scalars(select(Round.id).where(Round.state == RoundState.OPEN)).one()
            people = session.scalars(select(Participation.person_id)).all()
            self.roster = {who: session.get_one(Person, who).email or "" for who in people}
        for number, name in enumerate(names):
            server = self.house.web[number % len(self.house.web)]
            server.answer(email_of(name), PASSWORD, round_id, STEADY)
            self.answered.append(name)

    def _end_schedulers(self, hours: float) -> None:
        how = self.plan.ends.get(hours)
        if how is None:
            return
        leader = self._leader()
        seconds = self.house.end(leader, how)
        self.figures.takeovers.append((how.name, seconds))
        if how is signal.SIGSTOP:
            sleep(0.2)
            leader.process.send_signal(signal.SIGCONT)  # the old one wakes, and must do nothing
        else:
            self.house.start_scheduler()

    def _leader(self) -> Scheduler:
        (leader,) = (
            one
            for one in self.house.schedulers
            if one.lives and one.read_log().rpartition("This scheduler")[2].startswith(" is at")
        )
        return leader

    def _judge(self) -> None:
        self._judge_jobs()
        self._judge_mail()
        with self.database.reading(Reach.EVERYTHING) as session:
            published = len(session.scalars(select(PublishedRound.round_id)).all())
            ballots = session.scalar(select(func.count()).select_from(Ballot)) or 0
            done = session.scalar(
                select(func.count()).select_from(Participation).where(Participation.done)
            )
        self.figures.answers = len(self.answered)
        is_over = self.plan.days > self.plan.window_days + 1
        self.figures.check(published == int(is_over), f"{published} rounds are published")
        if not is_over:
            self.figures.check(ballots == done == len(self.answered), f"{ballots} ballots, {done}")

    def _let_jobs_end(self, what: str) -> None:
        """A clock that went on in the middle of a job would show it an hour gone by."""
        self.figures.slots = sum(map(len, self.visited.values()))
        wait_until(lambda: self._runs() >= self.figures.slots, what)

    def _runs(self) -> int:
        self.figures.runs = sum(self._runs_by_job().values())
        return self.figures.runs

    def _runs_by_job(self) -> Counter[str]:
        lines = [line for one in self.house.schedulers for line in one.read_log().splitlines()]
        names = {entry.name for entry in TIMETABLE}
        return Counter(
            name for name in (line.partition(": ")[0] for line in lines) if name in names
        )

    def _judge_jobs(self) -> None:
        runs = self._runs_by_job()
        for name, slots in self.visited.items():
            self.figures.check(
                runs[name] == len(slots), f"{name}: {runs[name]} runs in {len(slots)} slots"
            )
        for one in self.house.schedulers:
            self.figures.check("Traceback" not in one.read_log(), f"{one.log.name} has a fault")

    def _judge_mail(self) -> None:
        with self.database.reading(Reach.EVERYTHING) as session:
            rows = {row.id: row for row in session.scalars(select(OutboxMessage))}
            emails = {row.id: row.email or "" for row in session.scalars(select(Person))}
        got = Counter(_outbox_id(mail.message["Message-ID"]) for mail in self.mail.received)
        self.figures.mails = Counter(rows[which].kind for which in got.elements())
        for which, times in got.items():
            self.figures.check(times == 1, f"a {rows[which].kind} came {times} times")
        to = {
            kind: Counter(
                emails[rows[which].person_id] for which in got if rows[which].kind == kind
            )
            for kind in self.figures.mails
        }
        everyone = Counter(filter(None, self.roster.values()))
        early = Counter(email_of(name) for name in ANSWER_EARLY)
        invited = to.get("invitation", Counter())
        wrong = (invited - everyone) | (everyone - invited)
        self.figures.check(not wrong, f"not invited once: {sorted(wrong)}")
        if self.plan.days > 3:
            silent = everyone - early
            self.figures.check(to.get("reminder") == silent, "not just the silent were reminded")
        if self.plan.days > 7:
            told = to.get("round_published", Counter())
            self.figures.check(everyone <= told and set(told.values()) == {1}, "not all were told")
        asked = to.get("reset", Counter()).total()
        self.figures.check(asked == self.asked, f"{asked} links for {self.asked} requests")


def _outbox_id(message_id: str) -> UUID:
    return UUID(message_id.strip("<>").partition("@")[0])


def live_through(plan: Plan, server: PostgreSQLServer, folder: Path) -> Figures:
    """The figures of one plan on a database of its own; everything is stopped afterwards."""
    with copied_postgresql(server) as url, running_mail_server() as mail:
        keys = make_field_keys(folder / "keys")
        get_or_make_app_key(folder / "keys")
        database = Database(url, keys)
        with database.writing(Reach.EVERYTHING) as session:
            cast = make_cast(session)
            values = ProgrammeValues(
                name="Trivsel",
                every_months=3,
                window_days=plan.window_days,
                opening_time=time(9),
                reminder_days=(2,),
                first_day=START.date(),
            )
            by = Actor.command("test")
            create_programme(session, values, zone=ZONE, now=START, by=by)
        settings = {
            "data": folder,
            "database_url": url,
            "smtp_port": mail.port,
            "base_url": "http://127.0.0.1:8000",
            "mail_connections": 2,
        }
        with house(folder, START, **settings) as made:
            try:
                return Week(plan, made, database, mail, cast).live()
            finally:
                database.close()


def main() -> int:
    """Prints the figures and writes build/week.json; 1 where something does not hold."""
    with postgresql_server() as server, tempfile.TemporaryDirectory() as folder:
        if server is None:
            sys.stderr.write("PostgreSQL is not installed.\n")
            return 2
        figures = live_through(WEEK, server, Path(folder))
    rows = [
        ("simulated days", WEEK.days),
        ("steps of the clock", figures.steps),
        ("slots of jobs", figures.slots),
        ("runs of jobs", figures.runs),
        *((f"mails: {kind}", number) for kind, number in sorted(figures.mails.items())),
        ("answers by three web servers", figures.answers),
        *((f"takeover after {how}, seconds", round(s, 2)) for how, s in figures.takeovers),
        ("seconds", round(figures.seconds)),
        ("violations", len(figures.violations)),
    ]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(dict(rows), indent=2) + "\n", encoding="utf-8")
    sys.stdout.write("".join(f"{name:<44}{value:>10}\n" for name, value in rows))
    sys.stdout.write("".join(f"! {sentence}\n" for sentence in figures.violations))
    return int(bool(figures.violations))


if __name__ == "__main__":
    sys.exit(main())
