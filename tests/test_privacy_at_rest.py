"""No copy of the database holds a readable answer, at any stage of a round, on either database.

A copy is everything that a thief or a backup would get: the files of SQLite with its log, and of
PostgreSQL every row of every table, the files of the database, its write-ahead log and its log.
The key folder is no part of a database's copy; the keys themselves must not be in one either.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import inspect, select, text

from tests.canaries import Canary, find, find_unpacked, of_bytes, of_numbers, of_text
from tests.canaries import sheet_with_sums as sheet
from tests.cast import FIRST_DAY, Cast, make_cast
from tests.databases import PostgreSQLServer
from tests.rounds import STEADY, RoundRunner
from wellbeing.actions.audit_log import record
from wellbeing.actions.checkin import Answers, correct, withdraw
from wellbeing.actions.diary import start
from wellbeing.actions.publishing import Publisher, Step
from wellbeing.actions.retention import delete_expired
from wellbeing.domain.actor import Actor
from wellbeing.domain.instrument import Scale
from wellbeing.store.accounts import Person, PersonStatus
from wellbeing.store.base import Base, Moment
from wellbeing.store.org import Membership, RoundState, Unit
from wellbeing.store.personal import Ballot, DiaryEntry, DiaryKey, Participation
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

PERSONAL = (Participation, Ballot, DiaryKey, DiaryEntry)
SUMS = ((11, 37, 43), (13, 41, 29), (17, 31, 47), (19, 39, 21), (49, 15, 33), (25, 45, 35))
CORRECTED, WITHDRAWN = (14, 46, 38), (12, 34, 44)
STAGES = (
    *("before", "open", "answered", "corrected", "withdrawn", "closed", "scattered", "tallied"),
    *("key destroyed", "published", "after retention"),
)
FORMS = ("list", "json", "packed", "in hex", "as digits", "as a name")
KILLED_AT = {
    "closed": Step.SCATTER,
    "scattered": Step.PUBLISH,
    "tallied": Step.DESTROY_KEYS,
    "key destroyed": Step.SHRED,
}
DIARY_CODE = "en rolig kop te på Ærø"
BY = Actor.command("test")
Copy = Mapping[str, bytes]
_OVERLAP = 8192


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Story:
    """A round lived through in one database, with a copy of everything at each stage."""

    database: Database
    rounds: RoundRunner
    cast: Cast
    take: Callable[[Database], Copy]
    copies: dict[str, Copy] = field(default_factory=dict)
    secrets: list[Canary] = field(default_factory=list)
    sealed: list[Canary] = field(default_factory=list)

    def copy(self, stage: str) -> None:
        """Keeps a copy of everything as it is now."""
        self.copies[stage] = self.take(self.database)

    def live(self) -> None:
        """From before the round until after retention."""
        self.copy("before")
        round_id = self.rounds.open()
        self._remember_keys(round_id)
        self.copy("open")
        receipts = self._answer(round_id)
        self._remember_sealed()
        self.copy("answered")
        self._correct(round_id, "Eva", receipts["Eva"])
        self._remember_sealed()
        self.copy("corrected")
        self._withdraw(round_id, "Gry")
        self.copy("withdrawn")
        for stage, step in KILLED_AT.items():
            with pytest.raises(Killed):
                self._publisher(step).publish(round_id)
            self.copy(stage)
        assert self._publisher(None).publish(round_id)
        self.copy("published")
        with self.database.writing(Reach.EVERYTHING) as session:
            delete_expired(session, now=self.rounds.now + timedelta(days=400))
        self.copy("after retention")

    def _answer(self, round_id: UUID) -> dict[str, str]:
        receipts = {}
        self.secrets.append(of_text("code of a diary", DIARY_CODE))
        for name, sums in zip(("Eva", "Tom", "Sara", "Anne", "Bent", "Carl"), SUMS, strict=True):
            with self.database.writing(Reach.EMPLOYEE) as session:
                start(session, DIARY_CODE, person_id=self.cast.people[name])
            answers = sheet(sums, seed=sum(sums))
            self._remember_answers(name, answers, sums)
            sent = self.rounds.answer(round_id, self.cast.people[name], answers)
            assert sent.receipt
            receipts[name] = sent.receipt
        self.rounds.answer_all(round_id, self.cast.members_of("team_b"), STEADY)
        return receipts

    def _correct(self, round_id: UUID, name: str, receipt: str) -> None:
        answers = sheet(CORRECTED, seed=7)
        self._remember_answers(f"{name}, corrected", answers, CORRECTED)
        with self.database.writing(Reach.EMPLOYEE) as session:
            correct(session, Answers(answers, ("da",)), receipt, **self._of(round_id, name))

    def _withdraw(self, round_id: UUID, name: str) -> None:
        answers = sheet(WITHDRAWN, seed=8)
        self._remember_answers(f"{name}, withdrawn", answers, WITHDRAWN)
        receipt = self.rounds.answer(round_id, self.cast.people[name], answers).receipt
        assert receipt
        self._remember_sealed()
        with self.database.writing(Reach.EMPLOYEE) as session:
            withdraw(session, receipt, **self._of(round_id, name))

    def _of(self, round_id: UUID, name: str) -> dict[str, Any]:
        person_id, keys, now = self.cast.people[name], self.rounds.keys, self.rounds.now
        return {"person_id": person_id, "round_id": round_id, "keys": keys, "now": now}

    def _publisher(self, until: Step | None) -> Publisher:
        publisher = self.rounds.publisher()

        def end(step: Step) -> None:
            if step is until:
                raise Killed

        publisher._on_step = end
        return publisher

    def _remember_answers(
        self, name: str, answers: tuple[int, ...], sums: tuple[int, int, int]
    ) -> None:
        unit = self.cast.units["team_a"].bytes
        self.secrets += [
            of_numbers(f"answers of {name}", answers),
            of_numbers(f"scores of {name}", sums, keys=tuple(Scale)),
            of_bytes(f"opened ballot of {name}", bytes((1, *sums)) + unit),
        ]

    def _remember_keys(self, round_id: UUID) -> None:
        private, mac = self.rounds.keys.get_private(round_id), self.rounds.keys.get_mac(round_id)
        self.secrets += [of_bytes("private key", private), of_bytes("MAC key", mac)]

    def _remember_sealed(self) -> None:
        with self.database.reading(Reach.EVERYTHING) as session:
            for ballot in session.scalars(select(Ballot)):
                self.sealed.append(of_bytes("sealed ballot", ballot.sealed))
                self.sealed.append(of_bytes("MAC of a ballot", ballot.mac))
                self.sealed.append(of_bytes("id of a ballot", ballot.id.bytes))


def copy_sqlite(database: Database) -> Copy:
    """Every file of the database while a connection is open, and every row as text."""
    assert database.url.database
    with database.reading(Reach.EVERYTHING) as session:
        session.execute(text("SELECT count(*) FROM unit")).all()
        path = Path(database.url.database)
        files = {f.name: f.read_bytes() for f in path.parent.glob(f"{path.name}*")}
    assert f"{path.name}-wal" in files
    return {**files, **dump(database)}


@dataclass
class PostgreSQLCopier:
    """Every row as text, the files of the database, and both logs from its making on: the server
    is other tests', too. The write-ahead log is given from one copy to the next.
    """

    server: PostgreSQLServer
    seen: dict[str, int] = field(default_factory=dict)
    said: int = 0

    def __post_init__(self) -> None:
        self.server.execute("SELECT pg_switch_wal()")
        self.said = (self.server.folder / "log").stat().st_size
        # At the border between two files the name is that of the one before.
        self.seen[self.server.read("SELECT pg_walfile_name(pg_current_wal_lsn() + 1)")] = 0

    def __call__(self, database: Database) -> Copy:
        """A copy as of now."""
        with database.engine(Reach.EVERYTHING).connect() as connection:
            connection.execute(text("CHECKPOINT"))
            oid, log = connection.execute(
                text(
                    "SELECT oid, pg_walfile_name(pg_current_wal_lsn()) FROM pg_database"
                    " WHERE datname = current_database()"
                )
            ).one()
        data = self.server.folder / "data"
        files = (data / "base" / str(oid)).iterdir()
        whole = {file.name: file.read_bytes() for file in files if file.is_file()}
        whole["log"] = (self.server.folder / "log").read_bytes()[self.said :]
        return {**whole, **dict(self._new_log(data / "pg_wal", log)), **dump(database)}

    def _new_log(self, folder: Path, last: str) -> Iterator[tuple[str, bytes]]:
        first = max(self.seen, default=last)
        for file in sorted(folder.glob("0*")):
            if first <= file.name <= last and file.is_file():
                written = file.read_bytes().rstrip(b"\0")
                yield file.name, written[self.seen.get(file.name, 0) :]
                self.seen[file.name] = max(len(written) - _OVERLAP, 0)


def dump(database: Database) -> Copy:
    """Every row of every table as a backup would write it: plainly, and as JSON."""
    with database.engine(Reach.EVERYTHING).connect() as connection:
        tables = inspect(connection).get_table_names()
        return {
            f"rows of {table}": b"\n".join(
                _written(tuple(row)) for row in connection.execute(text(f"SELECT * FROM {table}"))
            )
            for table in tables
        }


def _written(row: tuple[object, ...]) -> bytes:
    plain = b"\t".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    return plain + b"\n" + json.dumps(row, default=str).encode()


@pytest.fixture
def take(database: Database, request: pytest.FixtureRequest) -> Callable[[Database], Copy]:
    """Takes a copy of this kind of database."""
    if database.is_sqlite:
        return copy_sqlite
    server = request.getfixturevalue("postgresql")
    assert isinstance(server, PostgreSQLServer)
    return PostgreSQLCopier(server)


@pytest.fixture
def rounds(database: Database, tmp_path: Path, now: datetime) -> RoundRunner:
    """Opens and publishes rounds, with keys in a folder of their own."""
    return RoundRunner(database, tmp_path / "elsewhere", now)


@pytest.fixture
def cast(database: Database) -> Cast:
    """The organisation and its people."""
    with database.writing(Reach.EVERYTHING) as session:
        return make_cast(session)


@pytest.fixture
def story(
    database: Database, rounds: RoundRunner, cast: Cast, take: Callable[[Database], Copy]
) -> Story:
    """A round that has been lived through."""
    told = Story(database, rounds, cast, take)
    told.live()
    return told


@pytest.mark.asvs("14.2.4")
def test_no_copy_at_any_stage_holds_an_answer_a_score_or_a_key(story: Story) -> None:
    assert tuple(story.copies) == STAGES
    assert len(story.secrets) == 2 + 3 * (len(SUMS) + 2) + 1
    # Most files are the same from stage to stage: each different content is searched once.
    contents = {
        content: (stage, name)
        for stage, copy in story.copies.items()
        for name, content in copy.items()
    }
    faults = [
        (*place, find_unpacked(content, story.secrets)) for content, place in contents.items()
    ]
    assert [fault for fault in faults if fault[-1]] == []


def test_a_copy_taken_while_the_round_is_open_does_hold_the_sealed_ballots(story: Story) -> None:
    whole = b"\n".join(story.copies["answered"].values())
    assert "sealed ballot" in find(whole, story.sealed)


@pytest.mark.asvs("14.2.4")
def test_after_publishing_the_tables_hold_nothing_of_a_ballot(story: Story) -> None:
    for stage in ("published", "after retention"):
        rows = [v for k, v in story.copies[stage].items() if k.startswith("rows of ")]
        assert find(b"\n".join(rows), story.sealed) == []


def test_after_publishing_no_file_of_sqlite_holds_even_a_sealed_ballot(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    rounds = RoundRunner(sqlite_database, tmp_path / "elsewhere", now)
    told = Story(sqlite_database, rounds, cast, copy_sqlite)
    told.live()
    for stage in ("published", "after retention"):
        assert find(b"\n".join(told.copies[stage].values()), told.sealed) == []


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_planted_in_the_database_is_found(
    database: Database, cast: Cast, take: Callable[[Database], Copy], now: datetime, form: str
) -> None:
    # Other answers each time: the write-ahead log of the server remembers earlier tests.
    answers = sheet((11, 37, 43), seed=100 + FORMS.index(form))
    canary = of_numbers("planted", answers)
    assert not any(find(content, [canary]) for content in take(database).values())
    details: dict[str, object] = {
        "as digits": "".join(map(str, answers)),
        "list": ",".join(map(str, answers)),
        "json": list(answers),
        "in hex": bytes(answers).hex(),
    }
    with database.writing(Reach.EVERYTHING) as session:
        if form == "packed":
            key = DiaryKey(
                person_id=cast.people["Eva"],
                public_key=b"x" * 32,
                locked_by_code=bytes(answers),
                locked_by_recovery=b"y",
            )
            session.add(key)
        elif form == "as a name":
            # Of a unit: those of people are sealed, so that nothing planted there would be found.
            session.get_one(Unit, cast.units["team_a"]).name = "".join(map(str, answers))
        else:
            record(session, "test", "x", by=BY, now=now, planted=details[form])
    copy = take(database)
    places = {name for name, content in copy.items() if find(content, [canary])}
    assert any(place.startswith("rows of ") for place in places)
    assert any(not place.startswith("rows of ") for place in places)


def test_a_planted_key_and_planted_sums_are_found(sqlite_database: Database, now: datetime) -> None:
    key = bytes(range(32))
    sums = of_numbers("sums", (11, 37, 43), keys=tuple(Scale))
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        record(session, "test", "x", by=BY, now=now, key=key.hex(), CS=11, BO=37, STS=43)
        record(session, "test", "y", by=BY, now=now, sums=[11, 37, 43])
    whole = b"\n".join(copy_sqlite(sqlite_database).values())
    assert find(whole, [of_bytes("key", key), sums]) == ["key", "sums"]


@pytest.mark.parametrize("table", PERSONAL)
def test_a_personal_table_has_no_time_no_number_and_no_sequence(table: type[Base]) -> None:
    for column in table.__table__.columns:
        kind = column.type
        assert not isinstance(kind, Moment), column
        assert kind.python_type in {UUID, bool, bytes}, column
        assert column.server_default is None, column
        assert column.identity is None, column


@pytest.mark.parametrize("table", PERSONAL)
def test_a_personal_table_has_no_row_numbers_on_sqlite(
    sqlite_database: Database, table: type[Base]
) -> None:
    query = text("SELECT wr FROM pragma_table_list WHERE name = :name")
    with sqlite_database.reading(Reach.EVERYTHING) as session:
        found = session.execute(query, {"name": table.__tablename__}).scalar_one()
    assert found == 1


def test_no_sequence_exists_on_postgresql(postgresql_database: Database) -> None:
    with postgresql_database.reading(Reach.EVERYTHING) as session:
        assert session.execute(text("SELECT count(*) FROM pg_sequences")).scalar_one() == 0


@pytest.fixture
def crowd(database: Database, cast: Cast) -> list[UUID]:
    """Two hundred more people in one team."""
    people = [uuid4() for _ in range(200)]
    with database.writing(Reach.EVERYTHING) as session:
        for number, person_id in enumerate(people, start=5000):
            values = {"employee_number": str(number), "name": f"Nr. {number}", "language": "da"}
            session.add(Person(id=person_id, status=PersonStatus.ACTIVE, **values))
            session.flush()
            unit = cast.units["team_b"]
            session.add(Membership(person_id=person_id, unit_id=unit, from_day=FIRST_DAY))
    return people


def test_where_ballots_lie_tells_nothing_of_when_they_came(
    database: Database, rounds: RoundRunner, crowd: list[UUID]
) -> None:
    round_id = rounds.open()
    sent = [rounds.answer(round_id, person).receipt for person in crowd]
    came = {UUID(hex=receipt[:32]): at for at, receipt in enumerate(sent) if receipt}
    with pytest.raises(Killed):
        _until(rounds, Step.PUBLISH).publish(round_id)
    assert rounds.state(round_id) is RoundState.CLOSED
    lie = _stored(database, "ballot", "id")
    assert abs(_rank_correlation([came[ballot] for ballot in lie])) < 0.3
    people = {person: at for at, person in enumerate(crowd)}
    rows = [people[p] for p in _stored(database, "participation", "person_id") if p in people]
    assert abs(_rank_correlation(rows)) < 0.3
    both = [came[ballot] - row for ballot, row in zip(lie, rows, strict=True)]
    assert sum(distance == 0 for distance in both) < 10


def test_where_ballots_lie_on_sqlite_tells_nothing_while_the_round_is_open(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        crowd_of = make_cast(session)
    rounds = RoundRunner(sqlite_database, tmp_path, now)
    round_id, eva = rounds.open(), crowd_of.people["Eva"]
    came = {}
    for at in range(200):
        receipt = rounds.answer(round_id, eva).receipt
        assert receipt
        came[UUID(hex=receipt[:32])] = at
        with sqlite_database.writing(Reach.EVERYTHING) as session:
            session.execute(text("UPDATE participation SET done = 0"))
    lie = _stored(sqlite_database, "ballot", "id")
    assert len(lie) == 200
    assert abs(_rank_correlation([came[ballot] for ballot in lie])) < 0.3


def test_after_closing_no_transaction_joins_a_ballot_to_a_person_on_postgresql(
    postgresql_database: Database, now: datetime, tmp_path: Path
) -> None:
    with postgresql_database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    rounds = RoundRunner(postgresql_database, tmp_path, now)
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"))
    queries = [text(f"SELECT DISTINCT xmin::text FROM {t}") for t in ("ballot", "participation")]
    with postgresql_database.reading(Reach.EVERYTHING) as session:
        assert all(len(session.execute(query).all()) > 2 for query in queries)
    with pytest.raises(Killed):
        _until(rounds, Step.PUBLISH).publish(round_id)
    with postgresql_database.reading(Reach.EVERYTHING) as session:
        assert [len(session.execute(query).all()) for query in queries] == [1, 1]


def test_every_sealed_value_has_the_same_length(
    database: Database, rounds: RoundRunner, cast: Cast
) -> None:
    round_id = rounds.open()
    for at, name in enumerate(("Eva", "Tom", "Sara", "Anne", "Lis", "Hanne")):
        with database.writing(Reach.EMPLOYEE) as session:
            start(session, "en rolig kop te" * (at + 1), person_id=cast.people[name])
        answers = (0,) * 30 if name == "Anne" else sheet((10 + 8 * at, 50 - at, 20), seed=at)
        rounds.answer(round_id, cast.people[name], answers)
    with database.reading(Reach.EVERYTHING) as session:
        for column in (Ballot.sealed, Ballot.mac, DiaryEntry.sealed, DiaryKey.locked_by_code):
            assert len({len(value) for value in session.scalars(select(column))}) == 1, column


def _until(rounds: RoundRunner, until: Step) -> Publisher:
    publisher = rounds.publisher()

    def end(step: Step) -> None:
        if step is until:
            raise Killed

    publisher._on_step = end
    return publisher


def _stored(database: Database, table: str, column: str) -> list[UUID]:
    """A column in the order in which rows lie in the files."""
    order = "" if database.is_sqlite else " ORDER BY ctid"
    with database.reading(Reach.EVERYTHING) as session:
        found = session.execute(text(f"SELECT {column} FROM {table}{order}")).scalars()
        return [value if isinstance(value, UUID) else UUID(hex=value) for value in found]


def _rank_correlation(came: list[int]) -> float:
    """Spearman's, between where a row lies and when it came."""
    return float(np.corrcoef(np.arange(len(came)), np.argsort(np.argsort(came)))[0, 1])
