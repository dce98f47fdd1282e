"""`make load`: ten thousand people answer in ten minutes, and how that compares with the floor.

Everything runs on this machine, against `wellbeing serve` as it is installed, and stops by itself.
`--quick` takes a minute and proves that the measuring works; its figures mean little.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time
from typing import Any

from tests.databases import PostgreSQLServer, copied_postgresql, postgresql_server
from tests.load.house import PASSWORD, House, make_house
from tests.load.servers import Running, bare_server, wellbeing_server
from tests.load.visitors import (
    STEPS,
    Measured,
    run_arrivals,
    run_submits,
    run_visits,
    submits,
    visits,
)
from wellbeing.crypto.ballot_batches import count_cores
from wellbeing.crypto.secrets import hash_password, is_password

RESULT = Path("build") / "load.json"
CLIENTS = (1, 8, 32, 128)
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
BARE = "/send"

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is done: requests a slice and client count, slices, seconds of whole visits, and
    how many people come in how many seconds.
    """

    submits: int
    slices: int
    seconds: float
    people: int
    minutes: float

    @property
    def signed_in(self) -> int:
        """How many people are needed who are signed in already."""
        return self.submits * self.slices * len(CLIENTS) + self.submits

    @property
    def visitors(self) -> int:
        """How many people are needed for whole visits: more than anybody could serve."""
        return self.people + int(self.seconds * 40 * len(CLIENTS))


FULL = Size(submits=600, slices=3, seconds=15, people=10_000, minutes=10)
QUICK = Size(submits=60, slices=1, seconds=1, people=60, minutes=0.05)


def main(arguments: list[str]) -> None:
    """Measures, prints the table, and writes build/load.json."""
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--database", choices=("postgresql", "sqlite"))
    parser.add_argument("--everyone-on", choices=("postgresql", "sqlite"), default="postgresql")
    given = parser.parse_args(arguments)
    size, began = QUICK if given.quick else FULL, perf_counter()
    rows: list[Row] = []
    with postgresql_server(durable=True) as server:
        for kind in ("postgresql", "sqlite"):
            if given.database in (None, kind) and (server or kind == "sqlite"):
                found = server if kind == "postgresql" else None
                rows += _load(size, found, given, everyone=kind == given.everyone_on)
    about = {
        "cores": count_cores(),
        "processor": _processor(),
        "python": platform.python_version(),
        "workers": given.workers,
        "threads": given.threads,
        "quick": given.quick,
        "minutes": round((perf_counter() - began) / 60, 1),
    }
    RESULT.parent.mkdir(exist_ok=True)
    text = json.dumps({"about": about, "rows": rows}, indent=2, ensure_ascii=False)
    RESULT.write_text(text + "\n", encoding="utf-8")
    from tests.load.report import make_text

    sys.stdout.write(make_text(about, rows))


def _load(
    size: Size, server: PostgreSQLServer | None, given: argparse.Namespace, *, everyone: bool
) -> list[Row]:
    name = "PostgreSQL" if server else "SQLite"
    sizes = {"workers": given.workers, "threads": given.threads}
    with tempfile.TemporaryDirectory() as folder, _urls(server, Path(folder)) as (url, bare_url):
        _say(f"{name}: {size.visitors + size.signed_in:,} people")
        house = make_house(
            url,
            Path(folder),
            visitors=size.visitors if everyone else size.visitors - size.people,
            signed_in=size.signed_in,
        )
        with (
            wellbeing_server(house, **sizes) as ours,
            bare_server(bare_url, Path(folder), **sizes) as bare,
        ):
            rows = [*_memory(name, "after starting", ours, bare)]
            rows += _compare(name, size, house, ours, bare, server)
            rows += _whole_visits(name, size, house, ours, server, everyone=everyone)
            return [*rows, *_memory(name, "after the load", ours, bare)]


@contextmanager
def _urls(server: PostgreSQLServer | None, folder: Path) -> Iterator[tuple[str, str]]:
    if server is None:
        yield f"sqlite:///{folder / 'wellbeing.db'}", f"sqlite:///{folder / 'bare.db'}"
        return
    with copied_postgresql(server) as url, copied_postgresql(server) as bare_url:
        yield url, bare_url


def _compare(
    name: str,
    size: Size,
    house: House,
    ours: Running,
    bare: Running,
    server: PostgreSQLServer | None,
) -> list[Row]:
    """Submits beside the floor, in turn, so that both meet the same machine."""
    waiting = iter(house.signed_in)

    def requests(path: str, running: Running) -> list[bytes]:
        return list(submits(path, running, [next(waiting) for _ in range(size.submits)]))

    floor_requests = list(submits(BARE, bare, house.signed_in[: size.submits]))
    # Whatever is done once, by whoever is first, is done now.
    run_submits(ours, requests(house.path, ours), clients=8, database=server)
    run_submits(bare, floor_requests, clients=8, database=server)
    rows: list[Row] = []
    for clients in CLIENTS:
        whole, floor = Measured(), Measured()
        for _ in range(size.slices):
            own = requests(house.path, ours)
            whole.add(run_submits(ours, own, clients=clients, database=server))
            floor.add(run_submits(bare, floor_requests, clients=clients, database=server))
        _say(
            f"{name}, {clients} clients: {whole.per_second:.0f} of {floor.per_second:.0f} a second"
        )
        rows += _submit_rows(f"submit, {name}, {clients} clients", whole, floor)
    return rows


def _submit_rows(what: str, whole: Measured, floor: Measured) -> list[Row]:
    return [
        _row(f"{what}: throughput", whole.per_second, "/s", floor.per_second),
        _row(
            f"{what}: processor time of the web server",
            whole.server_milliseconds,
            "ms",
            floor.server_milliseconds,
        ),
        _row(
            f"{what}: processor time of the database",
            1000 * whole.database / whole.finished,
            "ms",
            1000 * floor.database / floor.finished,
        ),
        _row(
            f"{what}: processor time of the measuring",
            1000 * whole.visitors / whole.finished,
            "ms",
            1000 * floor.visitors / floor.finished,
        ),
        *(
            _row(
                f"{what}: {quantile}",
                whole.milliseconds(share, "submit"),
                "ms",
                floor.milliseconds(share, "submit"),
            )
            for quantile, share in QUANTILES.items()
        ),
    ]


def _whole_visits(
    name: str,
    size: Size,
    house: House,
    ours: Running,
    server: PostgreSQLServer | None,
    *,
    everyone: bool,
) -> list[Row]:
    coming = visits(house, ours.port, house.emails)
    rows: list[Row] = []
    if everyone:
        some = [next(coming) for _ in range(size.people)]
        found = run_arrivals(ours, some, seconds=60 * size.minutes, database=server)
        what = f"{size.people:,} people in {size.minutes:g} minutes, {name}"
        rows += _visit_rows(what, found)
        rows.append(_row(f"{what}: gave up", found.gave_up, "people"))
        _say(f"{rows[0]['name']}: {rows[0]['value']:.0f}")
    for clients in CLIENTS:
        found = run_visits(ours, coming, clients=clients, seconds=size.seconds, database=server)
        rows += _visit_rows(f"whole visits, {name}, {clients} clients", found)
        _say(f"{name}, {clients} clients: {60 * found.per_second:.0f} people a minute")
    return rows


def _visit_rows(what: str, found: Measured) -> list[Row]:
    cores = found.wall * count_cores()
    return [
        _row(f"{what}: people", 600 * found.per_second, "/10 min", 10_000),
        _row(f"{what}: processor time a person, web server", found.server_milliseconds, "ms"),
        _row(
            f"{what}: of it checking the password",
            _password_milliseconds(),
            "ms",
            found.server_milliseconds,
        ),
        _row(
            f"{what}: processor time a person, database",
            1000 * found.database / found.finished,
            "ms",
        ),
        _row(f"{what}: share of all cores, web server", 100 * found.server / cores, "%"),
        _row(f"{what}: share of all cores, measuring", 100 * found.visitors / cores, "%"),
        *(
            _row(f"{what}: {quantile} of {step}", found.milliseconds(share, step), "ms")
            for step in (STEPS[1], STEPS[3], STEPS[-1])
            for quantile, share in QUANTILES.items()
        ),
    ]


@cache
def _password_milliseconds() -> float:
    """What checking one password takes, measured in this process."""
    password_hash, taken = hash_password(PASSWORD), []
    for _ in range(20):
        start = process_time()
        is_password(PASSWORD, password_hash)
        taken.append(process_time() - start)
    return 1000 * median(taken)


def _memory(name: str, when: str, ours: Running, bare: Running) -> list[Row]:
    mine, floor = mean(ours.worker_megabytes()), mean(bare.worker_megabytes())
    return [_row(f"memory of a web worker (PSS) {when}, {name}", mine, "MB", floor)]


def _row(name: str, value: float, unit: str, floor: float | None = None) -> Row:
    ratio = value / floor if floor else None
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": ratio}


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _say(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path.cwd()))
    main(sys.argv[1:])
