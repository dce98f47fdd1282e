"""A small house whose rounds jobs run, with an invented clock and a real mail server."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from jobs.context import JobContext
from jobs.timetable import TIMETABLE
from tests.clock import InventedClock
from tests.mail_server import MailServer
from wellbeing.settings import Settings
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.org import Membership, Unit
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

PEOPLE = 6


@dataclass(frozen=True)
class House:
    """One team of six people and everything jobs need."""

    context: JobContext
    clock: InventedClock
    people: tuple[UUID, ...]

    @property
    def database(self) -> Database:
        """The database of the house."""
        return self.context.database

    def run_all(self) -> None:
        """One pass of every job, in the order of the timetable."""
        for entry in TIMETABLE:
            entry.run(self.context)


@pytest.fixture
def house(database: Database, tmp_path: Path, mail_server: MailServer, now: datetime) -> House:
    """The house, with nothing planned yet."""
    settings = Settings(
        data=tmp_path,
        database_url=database.url.render_as_string(hide_password=False),
        base_url="https://wellbeing.example",
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
    )
    clock = InventedClock(now)
    people = tuple(uuid4() for _ in range(PEOPLE))
    with database.writing(Reach.EVERYTHING) as session:
        unit = Unit(id=uuid4(), name="House")
        session.add(unit)
        session.add_all(_person(number, person) for number, person in enumerate(people))
        session.flush()
        session.add_all(
            Membership(person_id=person, unit_id=unit.id, from_day=date(2025, 1, 1))
            for person in people
        )
    return House(JobContext(database, settings, clock.now), clock, people)


def _person(number: int, person_id: UUID) -> Person:
    return Person(
        id=person_id,
        employee_number=str(number),
        name=f"Person {number}",
        email=f"person{number}@house.example",
        language="en",
        status=PersonStatus.ACTIVE,
    )
