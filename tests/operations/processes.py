"""Schedulers and web servers as processes on one PostgreSQL, all by one clock of the test's."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

from tests.operations.shared_clock import SharedClock
from tests.served import Server, free_port, wait_until_it_answers
from tests.waiting import wait_until

AT_WORK = "This scheduler is at work."


@dataclass(eq=False)
class Scheduler:
    """A running scheduler and what it has said."""

    process: subprocess.Popen[bytes]
    log: Path

    def read_log(self) -> str:
        """Everything until now."""
        return self.log.read_text(encoding="utf-8")

    @property
    def times_at_work(self) -> int:
        """How often it became the one at work."""
        return self.read_log().count(AT_WORK)

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None


@dataclass
class House:
    """The processes of one organisation; `settings` are those of all of them."""

    folder: Path
    clock: SharedClock
    settings: dict[str, object]
    schedulers: list[Scheduler] = field(default_factory=list)
    web: list[Server] = field(default_factory=list)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_scheduler(self) -> Scheduler:
        """One more; it stands by while another is at work."""
        log = self.folder / f"scheduler-{len(self.schedulers)}.log"
        process = self._start(log, "tests.operations.scheduler", str(self.clock.path))
        self.schedulers.append(Scheduler(process, log))
        return self.schedulers[-1]

    def start_web(self, *, workers: int) -> Server:
        """One more server, once it answers."""
        port = free_port()
        server = Server(f"http://127.0.0.1:{port}", self.folder / f"web-{port}.log")
        arguments = (str(self.clock.path), str(port), str(workers))
        process = self._start(server.log, "tests.operations.web", *arguments)
        wait_until_it_answers(server, process)
        self.web.append(server)
        return server

    def end(self, scheduler: Scheduler, how: signal.Signals) -> float:
        """Ends the one at work; the seconds until another one is."""
        others = [one for one in self.schedulers if one is not scheduler and one.lives]
        before = sum(one.times_at_work for one in others)
        start = monotonic()
        scheduler.process.send_signal(how)
        wait_until(lambda: sum(one.times_at_work for one in others) > before, "a takeover")
        return monotonic() - start

    def close(self) -> None:
        """Stops everything that was started here."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self._processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, log: Path, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        given = {f"WELLBEING_{name.upper()}": str(value) for name, value in self.settings.items()}
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdout=file,
                stderr=file,
                env={**os.environ, **given},
            )
        self._processes.append(process)
        return process


@contextmanager
def house(folder: Path, start: datetime, **settings: object) -> Iterator[House]:
    """A house whose clock shows `start`, without processes yet."""
    clock = SharedClock(folder / "clock")
    clock.show(start)
    made = House(folder, clock, settings)
    try:
        yield made
    finally:
        made.close()
