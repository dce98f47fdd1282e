"""The timetable names every job; each may run twice; and a year of them happens on its days."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

import jobs
from jobs.timetable import JOBS, TIMETABLE, slot_of
from tests.jobs.conftest import House
from tests.mail_server import MailServer
from tests.rounds import STEADY
from wellbeing.actions.checkin import Answers, send
from wellbeing.actions.programmes import ProgrammeValues, create_programme
from wellbeing.domain.actor import Actor
from wellbeing.store.org import Pause, Round, RoundState
from wellbeing.store.published import PublishedRound
from wellbeing.store.reach import Reach
from wellbeing.store.registry import all_tables

ZONE = ZoneInfo("Europe/Copenhagen")
NO_JOBS = {"__init__", "all_organisations", "context", "election", "scheduler", "timetable"}
HOUR = timedelta(hours=1)


def test_every_job_file_is_in_the_timetable_and_the_other_way_round() -> None:
    files = {path.stem for path in Path(jobs.__path__[0]).glob("*.py")} - NO_JOBS
    assert {entry.run.__module__ for entry in TIMETABLE} == {f"jobs.{file}" for file in files}
    assert len(TIMETABLE) == len(JOBS) == len(files)


@pytest.mark.parametrize("entry", TIMETABLE, ids=lambda entry: entry.name)
def test_a_job_has_a_time_and_says_what_it_promises(entry: object) -> None:
    (known,) = (one for one in TIMETABLE if one is entry)
    assert 86_400 % known.every_seconds == 0
    assert known.run.__doc__


@pytest.mark.parametrize(
    ("change", "hours"), [("2026-03-29T00:00+00:00", 3), ("2026-10-25T00:00+00:00", 3)]
)
def test_a_clock_change_neither_doubles_nor_skips_a_slot(change: str, hours: int) -> None:
    first = datetime.fromisoformat(change)
    minutes = [first + timedelta(minutes=n) for n in range(hours * 60)]
    for entry in TIMETABLE:
        slots = {slot_of(entry, minute.astimezone(ZONE)) for minute in minutes}
        expected = -(-len(minutes) * 60 // max(entry.every_seconds, 60))
        assert len(slots) == expected
        assert {slot.utcoffset() for slot in slots} == {timedelta(0)}


def test_a_slot_begins_on_its_multiple_and_holds_until_the_next() -> None:
    entry, start = JOBS["open-rounds"], datetime.fromisoformat("2026-03-29T00:59:00+00:00")
    assert slot_of(entry, start) == start
    assert slot_of(entry, start + timedelta(seconds=59.999)) == start
    assert slot_of(entry, start + timedelta(seconds=60)) == start + timedelta(seconds=60)


def _plan(house: House, **changes: object) -> None:
    values: dict[str, object] = {
        "name": "Quarter",
        "every_months": 3,
        "window_days": 14,
        "opening_time": time(9),
        "reminder_days": (4, 10),
        "first_day": house.clock.now().date(),
        **changes,
    }
    with house.database.writing(Reach.EVERYTHING) as session:
        create_programme(
            session,
            ProgrammeValues(**values),  # type: ignore[arg-type]
            zone=ZONE,
            now=house.clock.now(),
            by=Actor.command("test"),
        )


def _answer(house: House, how_many: int) -> None:
    with house.database.writing(Reach.EMPLOYEE) as session:
        round_id = session.scalars(select(Round.id).where(Round.state == RoundState.OPEN)).one()
        for person_id in house.people[:how_many]:
            send(
                session,
                Answers(STEADY, ("en",)),
                person_id=person_id,
                round_id=round_id,
                form_id=uuid4(),
                keys=house.context.keys,
                now=house.clock.now(),
            )


def _dump(house: House) -> list[str]:
    with house.database.reading(Reach.EVERYTHING) as session:
        return sorted(
            f"{table.name} {tuple(row)}"
            for table in all_tables().sorted_tables
            for row in session.execute(select(table))
        )


def test_every_job_run_again_at_any_stage_of_a_round_changes_nothing(
    house: House, mail_server: MailServer
) -> None:
    _plan(house)
    for days in (0, 4, 6, 4, 1, 2):
        house.clock.forward(days=days)
        house.run_all()
        if days == 0:
            _answer(house, 5)
        before, mails = _dump(house), len(mail_server.received)
        for entry in TIMETABLE:
            entry.run(house.context)
            assert _dump(house) == before, entry.name
        assert len(mail_server.received) == mails
    assert any("RoundState.PUBLISHED" in row for row in before)


KINDS = {
    "The check-in is open until": "invite",
    "There is still time": "remind",
    "The figures of the check-in": "announce",
}
# Pauses: 22 June to 19 July. Clocks change on 29 March and 25 October.
YEAR = [
    ("invite", "2026-03-23 09:00", 6),
    ("remind", "2026-03-27 09:00", 1),
    ("remind", "2026-04-01 09:00", 1),
    ("published", "2026-04-06 09:00", 1),
    ("announce", "2026-04-07 07:00", 6),
    ("invite", "2026-07-20 09:00", 6),
    ("remind", "2026-07-24 09:00", 1),
    ("remind", "2026-07-30 09:00", 1),
    ("published", "2026-08-03 09:00", 1),
    ("announce", "2026-08-03 09:00", 6),
    ("invite", "2026-10-20 09:00", 6),
    ("remind", "2026-10-23 09:00", 1),
    ("remind", "2026-10-30 09:00", 1),
    ("published", "2026-11-03 09:00", 1),
    ("announce", "2026-11-03 09:00", 6),
    ("invite", "2027-01-20 09:00", 6),
    ("remind", "2027-01-22 09:00", 1),
    ("remind", "2027-01-29 09:00", 1),
    ("published", "2027-02-03 09:00", 1),
    ("announce", "2027-02-03 09:00", 6),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_in_a_year_of_hourly_passes_everything_happens_on_its_day_and_in_order(
    house: House, mail_server: MailServer
) -> None:
    house.clock.moment = datetime(2026, 3, 23, 4, tzinfo=ZONE)
    _plan(house)
    with house.database.writing(Reach.EVERYTHING) as session:
        session.add(Pause(from_day=date(2026, 6, 22), until_day=date(2026, 7, 20), reason="Summer"))
    assert list(_happenings(house, mail_server)) == YEAR


def _happenings(house: House, mail_server: MailServer) -> Iterator[tuple[str, str, int]]:
    """What each pass did: the kind, the wall-clock time, and how many mails or rounds."""
    published = 0
    for moment in _hours_that_matter(house.clock.now()):
        house.clock.moment = moment
        house.run_all()
        local = f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"
        with house.database.reading(Reach.EVERYTHING) as session:
            known = len(session.scalars(select(PublishedRound.round_id)).all())
        if known > published:
            yield "published", local, known - published
            published = known
        subjects = [str(mail.message["Subject"]) for mail in mail_server.received]
        mail_server.received.clear()
        for beginning, kind in KINDS.items():
            number = sum(subject.startswith(beginning) for subject in subjects)
            if number:
                yield kind, local, number
                if kind == "invite":
                    _answer(house, 5)


def _hours_that_matter(start: datetime) -> Iterator[datetime]:
    """Every hour within three of what is expected, and one a day of the quiet rest."""
    busy = [datetime.fromisoformat(f"{text}").replace(tzinfo=ZONE) for _, text, _ in YEAR]
    for number in range(366 * 24):
        moment = start + number * HOUR
        if number % 24 == 0 or any(abs(moment - one) <= 3 * HOUR for one in busy):
            yield moment
