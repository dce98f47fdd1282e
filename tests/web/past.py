"""A past of up to eight published rounds, played once and copied; folders of tests whose pages
show published figures take its fixtures into their own conftest.

Team A rises in burnout and traumatic stress from round 7; in round 3 too few of it answer. Team C
is always too small for a figure of its own.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.canaries import sheet_with_sums
from tests.cast import Cast, make_cast
from tests.rounds import RoundRunner
from tests.web.conftest import Clock
from wellbeing.actions.figures import find_rounds
from wellbeing.store.published import Flag
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database
from wellbeing.texts import translations_for

EITHER_LANGUAGE = pytest.mark.parametrize("language", ["da", "en"])
UNITS = ("organisation", "department_1", "department_2", "team_a", "team_b", "team_c")
FIRST_ROUND = datetime(2024, 2, 5, 9, 0, tzinfo=UTC)
ALL_ROUNDS = 8
KEPT = (0, 1, 3, ALL_ROUNDS)
GAP, RISE = 3, 7
CALM, WORN = (39, 21, 17), (31, 33, 26)


@dataclass(frozen=True)
class Moment:
    """The database as it was after some rounds."""

    file: Path
    now: datetime


@dataclass(frozen=True)
class Past:
    """The cast's organisation after so many rounds."""

    cast: Cast
    after: Mapping[int, Moment]


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Past:
    """Everything played once through the real actions."""
    folder = tmp_path_factory.mktemp("past")
    database = Database(f"sqlite:///{folder / 'live.db'}", durable=False)
    shutil.copy(migrated_sqlite, folder / "live.db")
    with database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    runner = RoundRunner(database, folder, FIRST_ROUND)
    after = {}
    for number in range(ALL_ROUNDS + 1):
        if number:
            play_round(runner, cast, number)
        if number in KEPT:
            database.scrub()
            file = folder / f"after-{number}.db"
            shutil.copy(folder / "live.db", file)
            after[number] = Moment(file, runner.now)
    database.close()
    return Past(cast, after)


def play_round(runner: RoundRunner, cast: Cast, number: int) -> None:
    """Opens, answers and publishes one round, and moves on to the next quarter."""
    round_id = runner.open()
    in_team_a = cast.members_of("team_a")[: 4 if number == GAP else 7]
    means = {"team_a": WORN if number >= RISE else CALM, "team_b": CALM, "team_c": CALM}
    people = {
        "team_a": in_team_a,
        "team_b": [p for p in cast.members_of("team_b") if p != cast.people["Ida"]],
        "team_c": [*cast.members_of("team_c"), cast.people["Lis"], cast.people["Ole"]],
    }
    for team, members in people.items():
        for place, person_id in enumerate(members):
            # Spread so that no team's mean is a whole number.
            cs, bo, sts = (mean + place % 3 - 1 for mean in means[team])
            runner.answer(round_id, person_id, sheet_with_sums((cs, bo, sts), seed=place))
    runner.forward(days=15)
    assert runner.publisher(after=runner.now - runner.now).publish(round_id)
    runner.forward(days=76)


def page_of(unit: str, cast: Cast) -> str:
    """The address of a unit's page."""
    return f"/teams/{cast.units[unit]}"


def closing_days(database: Database, language: str) -> list[str]:
    """The closing day of every round, as a page writes it."""
    with database.reading(Reach.WORKPLACE) as session:
        return [translations_for(language).format_day(r.closed_on) for r in find_rounds(session)]


@pytest.fixture
def rounds_past() -> int:
    """How many rounds were published; another with `@pytest.mark.parametrize`."""
    return ALL_ROUNDS


@pytest.fixture
def sqlite_database(sqlite_database: Database, past: Past, rounds_past: int) -> Database:
    """A copy of the past."""
    assert sqlite_database.url.database
    shutil.copy(past.after[rounds_past].file, sqlite_database.url.database)
    return sqlite_database


@pytest.fixture
def cast(database: Database, past: Past) -> Cast:
    """The organisation and its people, as they were in the past that was played."""
    if database.is_sqlite:
        return past.cast
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


@pytest.fixture
def clock(past: Past, rounds_past: int) -> Clock:
    """Some weeks after the latest round."""
    return Clock(past.after[rounds_past].now)


@pytest.fixture
def flags(database: Database, cast: Cast) -> list[Flag]:
    """The flags that the rounds raised in team A, supervision before debriefing."""
    with database.reading(Reach.EVERYTHING) as session:
        found = session.query(Flag).filter_by(unit_id=cast.units["team_a"]).all()
    return sorted(found, key=lambda flag: flag.kind, reverse=True)
