"""What one person, round and answer takes in the database, and what an organisation takes.

    python -m tests.bench.size

People are added, asked, and answer through the real actions; after each step the database is asked
how large it is. Then organisations are made beside each other on PostgreSQL, for what an empty one
takes in time, files and memory. At the end a model on paper: 5,000,000 employees.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any
from uuid import UUID, uuid4

import nacl.pwhash.argon2id as argon2id
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from tests.bench.visit import seconds_of
from tests.cast import FIRST_DAY
from tests.databases import PostgreSQLServer, copied_postgresql, postgresql_server
from tests.rounds import STEADY, RoundRunner
from wellbeing.actions import diary
from wellbeing.actions.letters import invite
from wellbeing.crypto import diaries
from wellbeing.crypto.secrets import hash_token, make_token
from wellbeing.store.accounts import Credential, Person, PersonStatus, SignInSession
from wellbeing.store.org import Membership, Unit
from wellbeing.store.organisation_schemas import drop_schema, make_schema
from wellbeing.store.personal import Participation
from wellbeing.store.reach import Reach
from wellbeing.store.registry import CLASSIFIED
from wellbeing.store.schema import upgrade
from wellbeing.store.sealed import columns_of
from wellbeing.store.sessions import Database

PEOPLE, TEAM = 1_000, 20
DIARIES = 300
SCHEMAS = 50
EMPLOYEES, AN_ORGANISATION, ROUNDS_A_YEAR, ANSWER, WITH_DIARY = 5_000_000, 500, 4, 0.7, 0.4
RESULT = Path("build") / "size.json"
_SIZE = text("SELECT pg_database_size(current_database())")


def add_people(
    session: Session, teams: Sequence[UUID], count: int, *, password: str = ""
) -> list[str]:
    """So many people, evenly in these teams, as a staff file gives them; their addresses."""
    people = [uuid4() for _ in range(count)]
    addresses = [f"kari.nordmann{at}@oesterby-kommune.example" for at in range(count)]
    rows = [
        columns_of(
            Person,
            person,
            id=person,
            employee_number=f"b{at:06}",
            name=f"Kari Mette Nordmann {at}",
            email=address,
            language="da",
            status=PersonStatus.ACTIVE,
        )
        for at, (person, address) in enumerate(zip(people, addresses, strict=True))
    ]
    session.execute(insert(Person), rows)
    members = [
        {"person_id": person, "unit_id": teams[at % len(teams)], "from_day": FIRST_DAY}
        for at, person in enumerate(people)
    ]
    session.execute(insert(Membership), members)
    if password:
        known = [{"person_id": person, "password_hash": password} for person in people]
        session.execute(insert(Credential), known)
    return addresses


def measure_steps(database: Database, folder: Path) -> dict[str, float]:
    """Bytes that each step adds, for one person, answer or diary."""
    rounds = RoundRunner(database, folder, datetime.now(UTC))
    sizes = [_size(database)]

    def grown(by: int) -> float:
        sizes.append(_size(database))
        return (sizes[-1] - sizes[-2]) / by

    found: dict[str, float] = {}
    with database.writing(Reach.EVERYTHING) as session:
        teams = _add_teams(session)
        add_people(session, teams, PEOPLE, password=f"$argon2id${'x' * 87}")
    found["a person with unit, address and password"] = grown(PEOPLE)
    round_id = rounds.open()
    found["being asked: on the roster of a round"] = grown(PEOPLE)
    with database.writing(Reach.EVERYTHING) as session:
        invite(session, now=rounds.now)
    found["an invitation"] = grown(PEOPLE)
    people = _asked(database, round_id)
    with database.writing(Reach.EVERYTHING) as session:
        _sign_in(session, people)
    found["a sign-in, for its hours"] = grown(PEOPLE)
    for person in people[DIARIES:]:
        rounds.answer(round_id, person, STEADY)
    found["an answer: a sealed ballot"] = grown(PEOPLE - DIARIES)
    for person in people[:DIARIES]:
        with database.writing(Reach.EMPLOYEE) as session:
            diary.start(session, "en lang sti over heden", person_id=person)
    found["a diary"] = grown(DIARIES)
    for person in people[:DIARIES]:
        rounds.answer(round_id, person, STEADY)
    found["an answer and its diary entry"] = grown(DIARIES)
    if not rounds.publish(round_id):
        raise AssertionError("the round was not published")
    found["a published round and its letters, per person asked"] = _second_round(
        database,
        rounds,
        people,
        entries=found["an answer and its diary entry"] - found["an answer: a sealed ballot"],
    )
    return found


def _second_round(
    database: Database, rounds: RoundRunner, people: Sequence[UUID], *, entries: float
) -> float:
    """Bytes a person that stay of a round, without diary entries; the first round has taken what
    a table takes that has a first row.
    """
    before = _scrubbed(database)
    rounds.now += timedelta(days=91)
    round_id = rounds.open()
    with database.writing(Reach.EVERYTHING) as session:
        invite(session, now=rounds.now)
    for person in people:
        rounds.answer(round_id, person, STEADY)
    if not rounds.publish(round_id):
        raise AssertionError("the second round was not published")
    return (_scrubbed(database) - before - DIARIES * entries) / len(people)


def _scrubbed(database: Database) -> float:
    """The size without room that the next round would use again."""
    with database.writing(Reach.EVERYTHING) as session:
        session.execute(delete(SignInSession))
    database.scrub(*CLASSIFIED)
    return _size(database)


def measure_schemas(server: PostgreSQLServer) -> dict[str, float]:
    """Seconds, bytes and files of an empty organisation, and memory of a connection to it."""
    with copied_postgresql(server) as url:
        base = Database(url)
        made = [Database(url, schema=f"org_bench{at}") for at in range(SCHEMAS)]
        before, files = _size(base), _count_files(base)
        start = _processor_seconds(server)
        for database in made:
            make_schema(database)
            upgrade(database)
            database.close()
        seconds = (_processor_seconds(server) - start) / SCHEMAS
        found = {
            "processor seconds to make one": seconds,
            "bytes of an empty one": (_size(base) - before) / SCHEMAS,
            "files of an empty one": (_count_files(base) - files) / SCHEMAS,
        }
        start = _processor_seconds(server)
        for database in made:
            upgrade(database)
            database.close()
        seconds = (_processor_seconds(server) - start) / SCHEMAS
        found["processor seconds to upgrade one that is new already"] = seconds
        found |= _measure_memory(base)
        for database in made:
            drop_schema(database)
        base.close()
    return found


def _measure_memory(base: Database) -> dict[str, float]:
    """Bytes of a backend's caches after it has touched every table of 1 and of all schemas."""
    used = text("SELECT sum(used_bytes) FROM pg_backend_memory_contexts")
    taken = []
    base.close()  # a connection that has touched nothing yet
    with base.engine(Reach.EVERYTHING).connect() as connection:
        for schemas in (range(1), range(SCHEMAS)):
            for at in schemas:
                for table in CLASSIFIED:
                    connection.exec_driver_sql(f"SELECT 1 FROM org_bench{at}.{table} LIMIT 1")
            taken.append(float(connection.execute(used).scalar_one()))
    each = (taken[1] - taken[0]) / (SCHEMAS - 1)
    return {"bytes of a connection with one": taken[0], "bytes more with each other": each}


def _processor_seconds(server: PostgreSQLServer) -> float:
    return process_time() + seconds_of(server)


def _size(database: Database) -> float:
    engine = database.engine(Reach.EVERYTHING)
    if database.is_sqlite:
        with engine.connect() as connection:
            pages, free, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("page_count", "freelist_count", "page_size")
            )
        return float((pages - free) * size)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")
        return float(connection.execute(_SIZE).scalar_one())


def _count_files(database: Database) -> float:
    with database.engine(Reach.EVERYTHING).connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM pg_class WHERE relfilenode <> 0")
        return float(found.scalar_one())


def _add_teams(session: Session) -> list[UUID]:
    top, teams = uuid4(), [uuid4() for _ in range(PEOPLE // TEAM)]
    session.add(Unit(id=top, name="Østerby Kommune"))
    session.flush()
    rows = [{"id": t, "parent_id": top, "name": f"Team {at}"} for at, t in enumerate(teams)]
    session.execute(insert(Unit), rows)
    return teams


def _asked(database: Database, round_id: UUID) -> list[UUID]:
    query = select(Participation.person_id).where(Participation.round_id == round_id)
    with database.reading(Reach.EVERYTHING) as session:
        return list(session.scalars(query.order_by(Participation.person_id)))


def _sign_in(session: Session, people: Sequence[UUID]) -> None:
    now = datetime.now(UTC)
    rows = [
        {
            "id": uuid4(),
            "secret_hash": hash_token(make_token()),
            "person_id": person,
            "started_at": now,
            "expires_at": now,
        }
        for person in people
    ]
    for row in rows:
        session.add(SignInSession(**row))


def model(steps: dict[str, float], schema_bytes: float) -> dict[str, float]:
    """Gigabytes of 5,000,000 employees: what stays, what an open round adds, what a year adds."""
    people = float(EMPLOYEES)
    answers = people * ANSWER
    diarists = answers * WITH_DIARY
    entry = steps["an answer and its diary entry"] - steps["an answer: a sealed ballot"]
    # Letters go sixty days after they could last be sent.
    stays = steps["a published round and its letters, per person asked"] - steps["an invitation"]
    asked = steps["being asked: on the roster of a round"] + steps["an invitation"]
    answered = steps["an answer: a sealed ballot"] + steps["a sign-in, for its hours"]
    known = steps["a person with unit, address and password"]
    sizes = {
        "people and diaries, GB": people * known + diarists * steps["a diary"],
        "empty schemas, GB": people / AN_ORGANISATION * schema_bytes,
        "more while a round is open, GB": people * asked + answers * answered,
        "what a year of rounds leaves, GB": ROUNDS_A_YEAR * people * max(stays, 0),
        "diary entries of a year, GB": ROUNDS_A_YEAR * diarists * entry,
    }
    return {
        "organisations": people / AN_ORGANISATION,
        **{name: size / 1e9 for name, size in sizes.items()},
    }


@contextmanager
def _sqlite(folder: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{folder / 'wellbeing.db'}", durable=False)
    upgrade(database)
    yield database
    database.close()


def main() -> None:
    """Measures both databases, prints tables, and writes build/size.json."""
    from tests.field_keys import use_test_keys

    use_test_keys()
    # What a guess of a code costs changes no byte of what is stored.
    diaries._OPS, diaries._MEMORY = argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, _sqlite(Path(name)) as database:
        found["sqlite"] = measure_steps(database, Path(name))
    with postgresql_server() as server, tempfile.TemporaryDirectory() as name:
        if server is None:
            raise SystemExit("PostgreSQL is not installed.")
        with copied_postgresql(server) as url:
            database = Database(url)
            found["postgresql"] = measure_steps(database, Path(name))
            database.close()
        found["organisation"] = measure_schemas(server)
    schema_bytes = found["organisation"]["bytes of an empty one"]
    found["model"] = model(found["postgresql"], schema_bytes)
    _print(found)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=2), encoding="utf-8")


def _print(found: dict[str, Any]) -> None:
    out = sys.stdout.write
    out(f"{'bytes':<56}{'PostgreSQL':>12}{'SQLite':>12}\n")
    for name, size in found["postgresql"].items():
        out(f"{name:<56}{size:>12,.0f}{found['sqlite'][name]:>12,.0f}\n")
    for part, head in (("organisation", "an organisation, of 50"), ("model", "on paper")):
        out(f"\n{head}\n")
        for name, value in found[part].items():
            out(f"{name:<56}{value:>16,.2f}\n")


if __name__ == "__main__":
    main()
