"""How long closing and publishing takes for ten thousand answers up to a million, part by part.

Each size is published by a process of its own, so that its memory is its own. The floor is opening
the same ballots one after the other, without anything else, in one process.

`python -m tests.bench.bench_publish 1000000` does one size; `--sqlite` on SQLite.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.bench.full_ballot_box import PEOPLE_PER_TEAM, fill_ballot_box
from tests.databases import copied_postgresql, postgresql_server
from tests.field_keys import use_test_keys
from tests.rounds import RoundRunner
from wellbeing.actions import publishing, tally
from wellbeing.actions.publishing import Step
from wellbeing.crypto.ballot_batches import count_cores
from wellbeing.crypto.ballots import BallotOpener
from wellbeing.store.org import RoundState
from wellbeing.store.personal import Ballot
from wellbeing.store.reach import Reach
from wellbeing.store.schema import upgrade
from wellbeing.store.sessions import Database

SIZES = (10_000, 100_000, 1_000_000)
_OPENED_FOR_THE_FLOOR = 5_000
# What each part is made of: functions of the program, timed from outside.
_PARTS = {
    "opening": (publishing, "count_round"),
    "rules": (publishing, "decide"),
    "writing": (publishing, "write_publication"),
    "reading back": (publishing, "read_record"),
    "proving": (publishing, "check_promise"),
    "flags": (publishing, "raise_flags"),
}
_STEPS = {Step.SCATTER: "shuffling", Step.SHRED: "shredding"}

Row = dict[str, Any]


def run(sizes: tuple[int, ...] = SIZES, *, on_sqlite: bool = False) -> list[Row]:
    """Seconds of the whole and of each part, and the memory of it, for each size."""
    rows: list[Row] = []
    with _databases(on_sqlite=on_sqlite) as make:
        for answers in sizes:
            with make() as (url, folder):
                rows += _measure(url, folder, answers, on_sqlite=on_sqlite)
    return rows


@contextmanager
def _databases(*, on_sqlite: bool) -> Iterator[Callable[[], Any]]:
    @contextmanager
    def make(server: Any = None) -> Iterator[tuple[str, Path]]:
        with tempfile.TemporaryDirectory() as name:
            if server is None:
                yield f"sqlite:///{Path(name) / 'wellbeing.db'}", Path(name)
                return
            with copied_postgresql(server) as url:
                yield url, Path(name)

    if on_sqlite:
        yield make
        return
    with postgresql_server() as server:
        yield partial(make, server)


def _measure(url: str, folder: Path, answers: int, *, on_sqlite: bool) -> list[Row]:
    database = Database(url)
    if on_sqlite:
        upgrade(database)
    rounds = RoundRunner(database, folder, datetime.now(UTC))
    began = perf_counter()
    round_id = fill_ballot_box(database, rounds, answers)
    _say(f"{answers:,} ballots made in {perf_counter() - began:.0f} s")
    floor = answers * _seconds_a_ballot(database, rounds, round_id)
    database.close()
    command = [sys.executable, "-m", __spec__.name, "--publish", url, str(folder), str(round_id)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(printed)
    kind = "SQLite" if on_sqlite else "PostgreSQL"
    name = f"publish {answers:,} answers of {answers // PEOPLE_PER_TEAM:,} teams, {kind}"
    before, most, whole = found["before"], found["most"], found["whole"]
    _say(f"{name}: {whole:.1f} s, {most:.0f} MB")
    return [
        _row(f"{name} ({count_cores()} cores)", whole, floor),
        *(_row(f"  of it {part}", seconds, floor) for part, seconds in found["parts"].items()),
        _row("  most memory, beside that before it began", most, before, "MB"),
    ]


def _seconds_a_ballot(database: Database, rounds: RoundRunner, round_id: UUID) -> float:
    with database.reading(Reach.EVERYTHING) as session:
        some = select(Ballot.id, Ballot.sealed).limit(_OPENED_FOR_THE_FLOOR)
        ballots = session.execute(some).all()
    opener = BallotOpener(rounds.keys.get_private(round_id))
    began = perf_counter()
    for ballot_id, sealed in ballots:
        opener.open(sealed, ballot_id=ballot_id)
    return (perf_counter() - began) / len(ballots)


def _publish(url: str, folder: Path, round_id: UUID) -> dict[str, Any]:
    """Publishes, and says how long which part took and how much memory this process had."""
    rounds = RoundRunner(Database(url), folder, datetime.now(UTC))
    publisher, parts = rounds.publisher(), _watch_parts()
    began: list[tuple[Step | None, float]] = []
    publisher._on_step = lambda step: began.append((step, perf_counter()))
    before, start = _most_memory(), perf_counter()
    publisher.publish(round_id)
    end = perf_counter()
    if rounds.state(round_id) is not RoundState.PUBLISHED:
        raise AssertionError("the round was not published")
    rounds.database.close()
    for (step, at), (_, after) in pairwise([*began, (None, end)]):
        if step in _STEPS:
            parts[_STEPS[step]] = after - at
    parts["the rest"] = (end - start) - sum(parts.values())
    return {"whole": end - start, "parts": parts, "before": before, "most": _most_memory()}


def _watch_parts() -> dict[str, float]:
    taken: dict[str, float] = {}

    def watch(part: str, module: ModuleType, name: str) -> None:
        real = getattr(module, name)

        def timed(*args: Any, **more: Any) -> Any:
            start = perf_counter()
            try:
                return real(*args, **more)
            finally:
                taken[part] = taken.get(part, 0) + perf_counter() - start

        setattr(module, name, timed)

    for part, (module, name) in _PARTS.items():
        watch(part, module, name)
    _watch_reading(taken)
    return taken


def _watch_reading(taken: dict[str, float]) -> None:
    """What waiting for the database takes; the rest of counting is opening."""
    real, count = tally._read_ballots, vars(publishing)["count_round"]

    def read(session: Session, round_id: UUID) -> Generator[Any, None, None]:
        batches = real(session, round_id)
        while True:
            start = perf_counter()
            batch = next(batches, None)
            taken["reading"] = taken.get("reading", 0) + perf_counter() - start
            if batch is None:
                return
            yield batch

    def timed(*args: Any) -> Any:
        counted = count(*args)
        taken["opening"] -= taken["reading"]
        return counted

    vars(tally)["_read_ballots"], vars(publishing)["count_round"] = read, timed


def _most_memory() -> float:
    """The most resident memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _say(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


def _row(name: str, value: float, floor: float, unit: str = "s") -> Row:
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": value / floor}


def main(arguments: list[str]) -> None:
    """One or more sizes, or, for a process of its own, one publication."""
    use_test_keys()
    if arguments[:1] == ["--publish"]:
        url, folder, round_id = arguments[1:]
        sys.stdout.write(json.dumps(_publish(url, Path(folder), UUID(round_id))))
        return
    sizes = tuple(int(size) for size in arguments if size != "--sqlite") or SIZES
    for row in run(sizes, on_sqlite="--sqlite" in arguments):
        sys.stdout.write(
            f"{row['name']:<70}{row['value']:>9.2f} {row['unit']}{row['ratio']:>9.2f}\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
