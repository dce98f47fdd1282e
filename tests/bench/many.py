"""What each further organisation costs the processes that serve many.

    python -m tests.bench.many

Organisations are made on PostgreSQL by the command. Each is then visited through one process, and
its timetable is run while there is nothing to do.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from click.testing import CliRunner
from werkzeug.test import Client

from jobs.scheduler import run_claimed
from jobs.timetable import TIMETABLE
from tests.databases import copied_postgresql, postgresql_server
from tests.organisations.houses import Houses
from wellbeing.app import AREAS
from wellbeing.commands.kept_open import KeptOpen
from wellbeing.commands.serve_all import make_by_host
from wellbeing.store.organisation_schemas import drop_schema

COUNT = 12
_PAGE_BYTES = 4096


def measure(houses: Houses, names: list[str]) -> dict[str, float]:
    """Processor seconds and bytes for each organisation after the first two."""
    with CliRunner().isolation(env=houses.environment):
        by_host = make_by_host(AREAS, alone=True, ready=COUNT)

    def visit(name: str) -> float:
        with CliRunner().isolation(env=houses.environment):
            start = process_time()
            answer = Client(by_host).get("/sign-in", base_url=f"http://{name}.example")
            assert answer.status_code == 200, answer.text
            return process_time() - start

    first = _mean(visit, names[:2])
    before = _resident()
    made = _mean(visit, names[2:])
    memory = (_resident() - before) / (COUNT - 2)
    again = _mean(visit, names[2:])
    with KeptOpen() as kept:
        turn = _Turn(houses, kept)
        first_turn = _mean(turn, names)
        next_turn = _mean(turn, names)
    return {
        "first visit to one of the first two, ms": 1000 * first,
        "first visit to a further one, ms": 1000 * made,
        "the same page again, ms": 1000 * again,
        "memory of a further one that is ready, MB": memory / 1e6,
        "its timetable for the first time, nothing to do, ms": 1000 * first_turn,
        "its timetable once more, nothing to do, ms": 1000 * next_turn,
    }


class _Turn:
    """The timetable of one, an hour later each time."""

    def __init__(self, houses: Houses, kept: KeptOpen) -> None:
        self._houses = houses
        self._kept = kept
        self._now = datetime.now(UTC)

    def __call__(self, name: str) -> float:
        self._now += timedelta(hours=1)
        with CliRunner().isolation(env=self._houses.environment):
            start = process_time()
            with self._kept.open_one(name) as context:
                context = replace(context, clock=lambda: self._now)
                for entry in TIMETABLE:
                    run_claimed(context, entry)
            return process_time() - start


def _mean(act: Callable[[str], float], names: list[str]) -> float:
    return sum(act(name) for name in names) / len(names)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES


def main() -> None:
    """Prints the measures."""
    with postgresql_server() as server, tempfile.TemporaryDirectory() as folder:
        if server is None:
            raise SystemExit("PostgreSQL is not installed.")
        with copied_postgresql(server) as url:
            houses, names = Houses(Path(folder), url), [f"bench{at}" for at in range(COUNT)]
            for name in names:
                houses.add(name)
            found = measure(houses, names)
            for name in names:
                with houses.opened(name) as database:
                    drop_schema(database)
    for what, value in found.items():
        sys.stdout.write(f"{what:<52}{value:>10.1f}\n")


if __name__ == "__main__":
    main()
