"""A small workplace of one's own for each injection: database, keys, mail server, clock, processes.

A world is made once and copied, since making one costs more than breaking it.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Lock
from uuid import UUID, uuid4

from sqlalchemy import select

from tests.cast import FIRST_DAY, PASSWORD, Cast, make_cast
from tests.databases import TEMPLATE, PostgreSQLServer
from tests.faults.invented_time import PLACE, InventedTime
from tests.faults.processes import Processes, free_port, processes
from tests.faults.told import Told
from tests.mail_server import MailServer, running_mail_server
from tests.rounds import BY, ZONE, RoundRunner
from wellbeing.actions.programmes import ProgrammeValues, create_programme
from wellbeing.crypto.field_keys import FieldKeys, make_field_keys
from wellbeing.crypto.secrets import get_or_make_app_key, hash_password
from wellbeing.store.accounts import Credential, Person, PersonStatus
from wellbeing.store.org import Membership, Round, RoundState
from wellbeing.store.reach import Reach
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# A Monday morning, an hour before the round opens.
BEFORE_OPENING = datetime(2026, 2, 2, 7, 0, tzinfo=UTC)
WINDOW_DAYS = 14
_migrating = Lock()


@dataclass(frozen=True, slots=True)
class Plan:
    """How many people beside the cast, and when and for how long the round is open."""

    crowd: int = 0
    first_day: datetime = BEFORE_OPENING
    opening_time: time = time(9)
    window_days: int = WINDOW_DAYS


@dataclass
class World:
    """Everything of one workplace; `told` is what people and the mail server know."""

    folder: Path
    database: Database
    time: InventedTime
    mail: MailServer
    processes: Processes
    port: int
    cast: Cast
    crowd: tuple[str, ...]
    told: Told = field(default_factory=Told)

    @property
    def keys(self) -> Path:
        """The key folder."""
        return self.folder / "keys"

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def round_id(self) -> UUID:
        """The newest round that has been opened, or the one that is planned first."""
        has_begun = Round.state != RoundState.PLANNED
        newest_first = select(Round.id).order_by(has_begun.desc(), Round.number.desc())
        with self.database.reading(Reach.EVERYTHING) as session:
            return session.scalars(newest_first).first() or uuid4()

    def rounds(self) -> RoundRunner:
        """Runs rounds from this very process, at the world's time."""
        return RoundRunner(self.database, self.folder, self.time.now())


def email_of(number: int) -> str:
    """The address of one of the crowd."""
    return f"crowd{number}@osterhus.example"


@dataclass
class Worlds:
    """Makes worlds on both databases; `postgresql` is None where it is not installed."""

    folder: Path
    postgresql: PostgreSQLServer | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The databases there are."""
        return (SQLITE, POSTGRESQL) if self.postgresql else (SQLITE,)

    @contextmanager
    def open(
        self, kind: str, plan: Plan | None = None, *, place: Path | None = None
    ) -> Iterator[World]:
        """A world before its first round opens; `place`: where SQLite keeps its file."""
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(dir=self.folder))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            url = self._url(kind, place or folder)
            world = stack.enter_context(_running(folder, url, None, ()))
            _settle(world, plan or Plan())
            yield world

    @contextmanager
    def copy(self, world: World) -> Iterator[World]:
        """The same workplace once more; nothing of the original may be running."""
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(dir=self.folder))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            shutil.copytree(world.keys, folder / "keys")
            if world.database.is_sqlite:
                source = sqlite3.connect(str(world.database.url.database))
                target = sqlite3.connect(folder / "wellbeing.db")
                source.backup(target)
                source.close()
                target.close()
                url = f"sqlite:///{folder / 'wellbeing.db'}"
            else:
                assert self.postgresql is not None
                world.database.close()
                name = str(world.database.url.database)
                url = copy_database(self.postgresql, name)
            copied = stack.enter_context(_running(folder, url, world.cast, world.crowd))
            copied.time.set(world.time.now())
            yield copied

    def _url(self, kind: str, folder: Path) -> str:
        if kind == SQLITE:
            return f"sqlite:///{folder / 'wellbeing.db'}"
        assert self.postgresql is not None
        return copy_database(self.postgresql, TEMPLATE)


def copy_database(server: PostgreSQLServer, template: str) -> str:
    """The address of a copy that stays as long as the server: dropping it would take seconds."""
    name = f"w_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY WAL_LOG")
    return server.url(name)


@contextmanager
def _running(folder: Path, url: str, cast: Cast | None, crowd: tuple[str, ...]) -> Iterator[World]:
    time_, port = InventedTime(folder / "clock"), free_port()
    time_.set(BEFORE_OPENING)
    with running_mail_server() as mail, ExitStack() as stack:
        settings = {
            "DATA": folder,
            "DATABASE_URL": url,
            "BASE_URL": f"http://127.0.0.1:{port}",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": mail.port,
            "DEFAULT_LANGUAGE": "en",
        }
        environment = {f"WELLBEING_{name}": str(value) for name, value in settings.items()}
        environment |= {PLACE: str(time_.path), "PATH": os.environ["PATH"]}
        own = stack.enter_context(processes(folder, environment))
        database = Database(url, FieldKeys(folder / "keys"))
        stack.callback(database.close)
        world = World(folder, database, time_, mail, own, port, cast or Cast({}, {}), crowd)
        stack.callback(lambda: world.told.over.set())
        yield world


def _settle(world: World, plan: Plan) -> None:
    """The cast, a crowd in one of its teams, and a programme whose first round is planned."""
    make_field_keys(world.keys)
    get_or_make_app_key(world.keys)
    migrate(world.database)
    with world.database.writing(Reach.EVERYTHING) as session:
        world.cast = make_cast(session)
        known = hash_password(PASSWORD)
        people = [uuid4() for _ in range(plan.crowd)]
        for number, person_id in enumerate(people):
            session.add(
                Person(
                    id=person_id,
                    employee_number=f"c{number}",
                    name=f"Crowd {number}",
                    email=email_of(number),
                    language="en",
                    status=PersonStatus.ACTIVE,
                )
            )
        session.flush()
        # All in one team: as soon as a figure can be shown at all, each of them counts in it.
        unit = world.cast.units["team_a"]
        for person_id in people:
            session.add(Membership(person_id=person_id, unit_id=unit, from_day=FIRST_DAY))
            session.add(Credential(person_id=person_id, password_hash=known))
    world.crowd = tuple(email_of(number) for number in range(plan.crowd))
    world.time.set(plan.first_day)
    with world.database.writing(Reach.EVERYTHING) as session:
        values = ProgrammeValues(
            name="Trivsel",
            every_months=3,
            window_days=plan.window_days,
            opening_time=plan.opening_time,
            reminder_days=(5,),
            first_day=plan.first_day.astimezone(ZONE).date(),
            min_group_size=5,
        )
        create_programme(session, values, zone=ZONE, now=plan.first_day, by=BY)


def migrate(database: Database) -> None:
    """To the newest version; one at a time, since Alembic keeps what it is at in one place."""
    with _migrating:
        upgrade(database)


def members(world: World, teams: Sequence[str] = ("team_a", "team_b")) -> list[UUID]:
    """The cast's people of these teams."""
    return [person for team in teams for person in world.cast.members_of(team)]


def open_now(world: World) -> UUID:
    """The planned round, opened from here a minute after its time."""
    with world.database.reading(Reach.EVERYTHING) as session:
        opens_at = session.scalars(select(Round.opens_at)).first()
    assert opens_at is not None
    world.time.set(opens_at + timedelta(minutes=1))
    return world.rounds().open(window_days=WINDOW_DAYS)
