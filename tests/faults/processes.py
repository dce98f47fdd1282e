"""Real processes that run the real command, can be killed and stopped, and never outlive the suite.

They are forked from one that has everything imported, so that hundreds can be killed in minutes.
"""

import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from multiprocessing import get_context
from multiprocessing.forkserver import _forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock

_forks = get_context("forkserver")
_forks.set_forkserver_preload(["tests.faults.warm"])
_SECONDS_TO_START = 30
# Two threads that ask for one exit code at once would each get half of the answer.
_asking = Lock()


def run_command(arguments: list[str], environment: dict[str, str], log: str) -> None:
    """In the child: the command, with its own environment, process group and log."""
    os.setsid()
    _end_with_parent()
    os.environ.clear()
    os.environ.update(environment)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    from tests.faults import moments, shorter
    from wellbeing.cli import main

    shorter.install()
    moments.install()
    sys.argv = ["wellbeing", *arguments]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.stdout.flush()
        # Also in the workers of a server, which come back here: nothing else of the parent's ends.
        os._exit(code)


def _end_with_parent() -> None:
    """Should the suite itself be killed, nothing of it is left behind."""
    # The process that forks ends when nobody holds this any more, and the suite alone is to.
    alive = vars(_forkserver).get("_forkserver_alive_fd")
    if isinstance(alive, int):
        os.close(alive)
    end_with_parent = 1  # PR_SET_PDEATHSIG of prctl(2)
    ctypes.CDLL(None).prctl(end_with_parent, signal.SIGKILL)


@dataclass
class Running:
    """One command at work."""

    process: BaseProcess
    log: Path

    @property
    def pid(self) -> int:
        """Its process, which is the leader of a group of its own."""
        assert self.process.pid is not None
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs, also where it is stopped."""
        with _asking:
            return self.process.is_alive()

    def children(self) -> list[int]:
        """The processes it has forked."""
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        with suppress(OSError):
            return [int(pid) for pid in path.read_text(encoding="ascii").split()]
        return []

    def kill(self, number: int = signal.SIGKILL) -> None:
        """kill −9 of it alone, or another signal; fine when it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
        if number == signal.SIGKILL:
            self.wait(30)

    def kill_all(self) -> None:
        """kill −9 of it and of everything it has forked."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait(30)

    def end(self) -> None:
        """Asks it to end, and after a while ends it and all of its group."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
            os.kill(self.pid, signal.SIGTERM)
        self.wait(10)
        self.kill_all()

    def wait(self, seconds: float) -> int | None:
        """Its exit code (−9: killed), or None when it still runs."""
        until = time.monotonic() + seconds
        while self.is_alive and time.monotonic() < until:
            time.sleep(0.01)
        with _asking:
            return self.process.exitcode

    def said(self) -> str:
        """What it wrote until now."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


@dataclass
class Processes:
    """Those of one world: started with its environment, ended with it."""

    folder: Path
    environment: Mapping[str, str]
    running: list[Running] = field(default_factory=list)

    def start(self, *arguments: str, **more: str) -> Running:
        """`wellbeing` with these arguments; `more` is added to its environment."""
        log = self.folder / f"{arguments[0]}-{len(self.running)}.log"
        given = (list(arguments), {**self.environment, **more}, str(log))
        process = _forks.Process(target=run_command, args=given)
        with _asking:
            process.start()
        started = Running(process, log)
        self.running.append(started)
        return started

    def serve(self, port: int, *, workers: int = 2, threads: int = 8) -> Running:
        """The web server; returns once it answers."""
        sizes = ("--workers", str(workers), "--threads", str(threads))
        server = self.start("serve", "--bind", f"127.0.0.1:{port}", *sizes)
        until = time.monotonic() + _SECONDS_TO_START
        while not _answers(port):
            assert time.monotonic() < until, f"the server did not start: {server.said()}"
            assert server.is_alive, server.said()
            time.sleep(0.05)
        return server

    def end_all(self) -> None:
        """None is left."""
        for one in self.running:
            one.end()


def _answers(port: int) -> bool:
    with (
        suppress(OSError, HTTPException),
        closing(HTTPConnection("127.0.0.1", port, timeout=5)) as asked,
    ):
        asked.request("GET", "/healthz")
        return asked.getresponse().status == 200
    return False


@contextmanager
def processes(folder: Path, environment: Mapping[str, str]) -> Iterator[Processes]:
    """Ended at the end, whatever happens."""
    own = Processes(folder, environment)
    try:
        yield own
    finally:
        own.end_all()


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
