"""Servers in processes of their own, and what they use: processor time and memory, from /proc."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databases import PostgreSQLServer
from tests.load.house import House
from tests.served import free_port

_TICKS = os.sysconf("SC_CLK_TCK")
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Running:
    """A gunicorn: its port, and its first process."""

    port: int
    pid: int

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return children_of(self.pid)

    def cpu_seconds(self) -> float:
        """What its processes have used until now."""
        ended = cpu_seconds_of(self.pid, with_ended=True)  # a worker makes room for a new one
        return ended + sum(map(cpu_seconds_of, self.workers))

    def worker_megabytes(self) -> list[float]:
        """Each worker's share of memory: what is shared is divided by those who share it (PSS)."""
        return [_pss_of(worker) for worker in self.workers]


@contextmanager
def wellbeing_server(house: House, *, workers: int, threads: int) -> Iterator[Running]:
    """`wellbeing serve` on a house."""
    port = free_port()
    given = {"DATA": house.data, "DATABASE_URL": house.url, "BASE_URL": f"http://127.0.0.1:{port}"}
    environment = {**os.environ, **{f"WELLBEING_{n}": str(v) for n, v in given.items()}}
    command = ["-c", "from wellbeing.cli import main; main()", "serve"]
    size = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
    with _started([*command, *size], port, workers, house.data, environment) as running:
        yield running


@contextmanager
def bare_server(url: str, data: Path, *, workers: int, threads: int) -> Iterator[Running]:
    """The floor, with as many processes and threads."""
    port = free_port()
    command = ["-m", "tests.load.bare", url, str(port), str(workers), str(threads)]
    with _started(command, port, workers, data, dict(os.environ)) as running:
        yield running


@contextmanager
def _started(
    arguments: Sequence[str], port: int, workers: int, data: Path, environment: dict[str, str]
) -> Iterator[Running]:
    log = data / f"server-{port}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=said, stderr=said, env=environment
        )
        running = Running(port, process.pid)
        try:
            for _ in range(_SECONDS_TO_START * 5):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                if len(running.workers) == workers:
                    break
                time.sleep(0.2)
            else:
                raise AssertionError(log.read_text(encoding="utf-8"))
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def database_cpu_seconds(server: PostgreSQLServer | None) -> float:
    """What PostgreSQL has used until now, connections that have ended included; 0 without."""
    if server is None:
        return 0.0
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    used = cpu_seconds_of(postmaster, with_ended=True)
    return used + sum(map(cpu_seconds_of, children_of(postmaster)))


def cpu_seconds_of(pid: int, *, with_ended: bool = False) -> float:
    """Processor time of a process; with that of its children which have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11 : 15 if with_ended else 13]) / _TICKS


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(int(child) for task in tasks for child in task.read_text().split())


def _pss_of(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024
