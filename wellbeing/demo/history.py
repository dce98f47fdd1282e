"""The demo's past: six published rounds and one open, made through the real actions and jobs.

An invented clock runs from the first round to now. Staff come in through the import, rounds open,
invite, remind, close and publish through the jobs, answers go through the ballot box, mail goes
through the outbox to the demo's own SMTP server, and HR schedules support from a flag.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.context import JobContext
from jobs.timetable import JOBS
from wellbeing.actions.checkin import Answers, send
from wellbeing.actions.diary import start
from wellbeing.actions.open_checkin import find_open_checkin
from wellbeing.actions.programmes import ProgrammeValues, create_programme
from wellbeing.actions.scheduling import schedule_from_flag
from wellbeing.actions.session_times import SessionValues
from wellbeing.actions.sign_in import issue_link, set_password
from wellbeing.actions.staff import import_staff
from wellbeing.demo.desk import give_hours, start_series
from wellbeing.demo.incident import hold_demo_defusing, register_demo_incident
from wellbeing.demo.model import AnswerModel
from wellbeing.demo.organisation import (
    BURNOUT_TEAM,
    HELPED_TEAM,
    SHARED_LEADER_TEAM,
    DemoPerson,
    make_people,
    path_of,
    staff_csv,
)
from wellbeing.demo.support import (
    answer_demo_question,
    ask_in_demo,
    wish_in_demo,
    write_demo_record,
)
from wellbeing.domain.actor import Actor
from wellbeing.domain.cycles import add_months, day_outside_pauses
from wellbeing.domain.instrument import load_instrument
from wellbeing.domain.staff import check_rows
from wellbeing.domain.support_forms import SupportForm
from wellbeing.settings import Settings
from wellbeing.staff_files import read_staff_file
from wellbeing.store.accounts import LinkPurpose, Person
from wellbeing.store.org import Round, RoundState, RoundUnit
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

ROUNDS = 7
EVERY_MONTHS = 3
WINDOW_DAYS = 14
OPEN_SINCE_DAYS = (3, 10)
WISHED_DAYS_AGO = 20
WITH_DIARY, DIARY_CODE = "employee", "måneskin over Anholt"
BY = Actor.command("demo")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody to sign in as."""

    role: str
    name: str
    email: str
    password: str


class History:
    """Writes the past of one invented organisation into an empty database."""

    def __init__(
        self, database: Database, settings: Settings, now: datetime, say: Callable[[str], None]
    ) -> None:
        self._database = database
        self._settings = settings
        self._end = now
        self._now = now
        self._say = say
        self._context = JobContext(database, settings, lambda: self._now)
        self._model = AnswerModel(load_instrument())
        self._people = {person.number: person for person in make_people()}
        self._tried: frozenset[str] = frozenset()
        self._incident_id: UUID | None = None

    def write(self, accounts: dict[str, str], password: str) -> list[DemoAccount]:
        """Everything, in order of time; `accounts` maps a role's words to an employee number."""
        self._tried = frozenset(accounts.values())
        first_day = find_first_day(self._end.astimezone(self._settings.zone).date())
        self._now = self._wall(first_day, time(8)) - timedelta(days=7)
        self._import_staff()
        opened = self._activate(accounts, password)
        self._start_diary(accounts[WITH_DIARY])
        self._start_programme(first_day)
        for number in range(1, ROUNDS + 1):
            self._say(f"Round {number} of {ROUNDS}")
            self._hold_round(number)
            if number == 3:
                self._support(HELPED_TEAM)
            if number == ROUNDS - 1:
                self._wish(BURNOUT_TEAM)
        self._now = self._end - timedelta(days=1)
        self._ask(people_of(SHARED_LEADER_TEAM)[2].number)
        self._now = self._end
        self._open_desk(HELPED_TEAM)
        self._run("remind-support", "deliver-mail")
        return opened

    def _import_staff(self) -> None:
        path = self._settings.data / "staff.csv"
        path.write_text(staff_csv(tuple(self._people.values())), encoding="utf-8")
        directory = check_rows(read_staff_file(path, self._settings.default_language))
        with self._database.writing(Reach.EVERYTHING) as session:
            import_staff(session, directory, now=self._now, by=BY, zone=self._settings.zone)

    def _activate(self, accounts: dict[str, str], password: str) -> list[DemoAccount]:
        made = []
        for role, number in accounts.items():
            person = self._people[number]
            with self._database.writing(Reach.EVERYTHING) as session:
                person_id = self._person_ids()[number]
                secret = issue_link(
                    session, person_id, LinkPurpose.ACTIVATION, hours=72, now=self._now
                )
                set_password(session, secret, password, now=self._now)
            made.append(DemoAccount(role, person.name, person.email, password))
        return made

    def _start_diary(self, number: str) -> None:
        """Somebody keeps a diary from the beginning, so that there is a history to look at."""
        person_id = self._person_ids()[number]
        with self._database.writing(Reach.EMPLOYEE) as session:
            start(session, DIARY_CODE, person_id=person_id)

    def _start_programme(self, first_day: date) -> None:
        values = ProgrammeValues(
            name="Trivsel hvert kvartal",
            every_months=EVERY_MONTHS,
            window_days=WINDOW_DAYS,
            opening_time=time(9),
            reminder_days=(5, 10),
            first_day=first_day,
        )
        with self._database.writing(Reach.EVERYTHING) as session:
            create_programme(session, values, zone=self._settings.zone, now=self._now, by=BY)

    def _hold_round(self, number: int) -> None:
        with self._database.reading(Reach.EVERYTHING) as session:
            planned = session.scalars(select(Round).where(Round.state == RoundState.PLANNED)).one()
        self._now = planned.opens_at
        self._run("open-rounds", "invite", "deliver-mail")
        answering = self._draw_answers(number)
        for day in range(1, WINDOW_DAYS):
            self._now = planned.opens_at + timedelta(days=day, hours=4)
            if self._now >= self._end:
                return
            self._answer_some(planned.id, answering, WINDOW_DAYS - day)
            if number == ROUNDS:
                self._live_through_incident(day)
            self._run("remind", "deliver-mail")
        self._now = planned.closes_at
        self._run("close-and-publish", "announce", "deliver-mail", "retention")

    def _draw_answers(self, number: int) -> list[tuple[UUID, Answers]]:
        drawn = []
        for code, person_id in sorted(self._person_ids().items()):
            person = self._people[code]
            with self._database.reading(Reach.EMPLOYEE) as session:
                is_asked = find_open_checkin(session, person_id, now=self._now) is not None
            values = self._model.draw(code, person.unit, number)
            # Whoever tries the demo finds the open round still to be answered.
            is_left = number == ROUNDS and code in self._tried
            if self._model.takes_part() and is_asked and not is_left:
                drawn.append((person_id, Answers(values, (person.language,))))
        return drawn

    def _answer_some(
        self, round_id: UUID, waiting: list[tuple[UUID, Answers]], days_left: int
    ) -> None:
        """A share of those who will answer, most in the first days; all on the last."""
        count = len(waiting) if days_left == 1 else -(-len(waiting) // 4)
        for _ in range(count):
            person_id, answers = waiting.pop()
            with self._database.writing(Reach.EMPLOYEE) as session:
                send(
                    session,
                    answers,
                    person_id=person_id,
                    round_id=round_id,
                    form_id=uuid4(),
                    keys=self._context.keys,
                    now=self._now,
                )

    def _support(self, team: str) -> None:
        """HR schedules supervision from the team's flag, and it takes place."""
        with self._database.writing(Reach.EVERYTHING) as session:
            unit_id = self._unit_id(session, team)
            flag_id = session.scalars(
                select(Flag.id).where(Flag.unit_id == unit_id, Flag.state == FlagState.RAISED)
            ).first()
            if flag_id is None:
                return
            supervisor = session.scalars(select(Person.id).where(Person.employee_number == "104"))
            day = day_outside_pauses(self._now.date() + timedelta(days=12), ())
            values = SessionValues(
                SupportForm.TEAM_SUPERVISION, supervisor.one(), day, time(13), 90, "Mødelokale 2"
            )
            held = schedule_from_flag(
                session, flag_id, values, zone=self._settings.zone, now=self._now, by=BY
            )
        self._run("deliver-mail")
        self._now = held.ends_at + timedelta(hours=1)
        with self._database.writing(Reach.EVERYTHING) as session:
            zone = self._settings.zone
            write_demo_record(session, held.id, zone=zone, now=self._now, by=BY)
        self._now += timedelta(hours=20)
        self._run("ask-useful", "deliver-mail")
        with self._database.writing(Reach.EVERYTHING) as session:
            answer_demo_question(session, held.id, zone=zone, now=self._now)

    def _wish(self, team: str) -> None:
        """Before the last round a leader wishes for supervision, and nothing comes of it yet."""
        self._now = self._end - timedelta(days=WISHED_DAYS_AGO)
        with self._database.writing(Reach.EVERYTHING) as session:
            zone = self._settings.zone
            wish_in_demo(session, self._unit_id(session, team), zone=zone, now=self._now, by=BY)

    def _ask(self, number: str) -> None:
        """The day before, somebody asks for a talk."""
        person_id = self._person_ids()[number]
        with self._database.writing(Reach.EMPLOYEE) as session:
            ask_in_demo(session, person_id, zone=self._settings.zone, now=self._now)

    def _unit_id(self, session: Session, team: str) -> UUID:
        path = select(RoundUnit.unit_id).where(RoundUnit.path == path_of(team)).limit(1)
        return session.scalars(path).one()

    def _live_through_incident(self, day: int) -> None:
        """In the last round, which is open: an incident on the first day, a talk on the second."""
        now, today = self._now, self._now.astimezone(self._settings.zone).date()
        with self._database.writing(Reach.EVERYTHING) as session:
            if day == 1:
                self._incident_id = register_demo_incident(session, today=today, now=now, by=BY)
            elif day == 2 and self._incident_id:
                hold_demo_defusing(session, self._incident_id, today=today, now=now, by=BY)

    def _open_desk(self, team: str) -> None:
        """Supervisors give their hours, and the team meets one of them every six weeks."""
        people, zone = self._person_ids(), self._settings.zone
        with self._database.writing(Reach.EVERYTHING) as session:
            unit_id = self._unit_id(session, team)
            give_hours(session, people["104"], people["105"], now=self._now, by=BY)
            start_series(session, unit_id, people["104"], zone=zone, now=self._now, by=BY)
        self._run("deliver-mail")

    def _run(self, *names: str) -> None:
        for name in names:
            JOBS[name].run(self._context)

    def _person_ids(self) -> dict[str, UUID]:
        with self._database.reading(Reach.EVERYTHING) as session:
            rows = session.execute(select(Person.employee_number, Person.id))
            return {row.employee_number: row.id for row in rows}

    def _wall(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self._settings.zone)


def find_first_day(today: date) -> date:
    """A first day from which the seventh round opened between three and ten days ago."""
    newest, oldest = (today - timedelta(days=days) for days in OPEN_SINCE_DAYS)
    candidate = add_months(newest, -EVERY_MONTHS * (ROUNDS - 1))
    while True:
        day = first = day_outside_pauses(candidate, ())
        for _ in range(ROUNDS - 1):
            day = day_outside_pauses(add_months(day, EVERY_MONTHS), ())
        if oldest <= day <= newest:
            return first
        candidate -= timedelta(days=1)


def people_of(unit: str) -> list[DemoPerson]:
    """The invented people of a unit, first to last."""
    return [person for person in make_people() if person.unit == unit]
