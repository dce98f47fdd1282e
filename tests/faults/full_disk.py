"""The disk of the database is full while people answer, and has space again a little later.

A small file system in memory is mounted for it, which takes root; without, this is left out and the
table says so. The key folder and the logs lie elsewhere.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from subprocess import CalledProcessError

import psycopg

from tests.databases import TEMPLATE, PostgreSQLServer, find_postgresql
from tests.faults.clients import Crowd
from tests.faults.invariants import acknowledged_is_stored, ballots_fit_marks
from tests.faults.kit import ENDINGS, TOLD_TO_END, Finding, Kit
from tests.faults.web_kills import publish_and_compare
from tests.faults.worlds import POSTGRESQL, Plan, World, Worlds, migrate, open_now
from tests.waiting import holds_in_time
from wellbeing.store.sessions import Database

NAME = "the disk of the database is full during submissions and jobs"
SEES = (
    "»Something went wrong on our side. Nothing was lost that had been confirmed to you.«; what "
    "was answered stays on the page. With space again, Send works."
)
_MEGABYTES = {"sqlite": 8, "postgresql": 130}
_PEOPLE_A_SECOND = 5
_FULL_SECONDS = 8
_BLOCK = b"\0" * 65_536


def run(kit: Kit) -> list[Finding]:
    """As many times full as fit."""
    return kit.on_each(NAME, SEES, lambda kind, finding: _run(kit, kind, finding))


def _run(kit: Kit, kind: str, finding: Finding) -> None:
    if os.geteuid() != 0:
        finding.notes["left out"] = "mounting a small file system takes root"
        return
    with small_disk(_MEGABYTES[kind]) as disk, _worlds(kit.worlds, kind, disk) as worlds:
        plan = Plan(crowd=int(_PEOPLE_A_SECOND * kit.seconds))
        with worlds.open(kind, plan, place=disk) as world:
            _answer(world, worlds.postgresql if kind == POSTGRESQL else None, disk, kit, finding)


def _answer(
    world: World, server: PostgreSQLServer | None, disk: Path, kit: Kit, finding: Finding
) -> None:
    round_id = open_now(world)
    running = [world.processes.serve(world.port), world.processes.start("scheduler")]
    crowd = Crowd(world.told)
    crowd.send(world.address, world.crowd, round_id, patience=60)
    until = time.monotonic() + kit.seconds
    while time.monotonic() < until and not crowd.is_done:
        seen = sum(world.told.shown.values())
        filler = _fill(disk)
        finding.inject()
        holds_in_time(lambda: sum(world.told.shown.values()) > seen + 5, _FULL_SECONDS)  # noqa: B023
        filler.unlink()
        if server:
            _start_again(server)
        faults = ballots_fit_marks(world) + acknowledged_is_stored(world)
        finding.violate([f"full {finding.injections} times: {fault}" for fault in faults])
        time.sleep(2)
    finding.violate(crowd.finish(now=True))
    finding.keep(world)
    finding.expect(bool(world.told.shown), "nobody noticed that the disk was full")
    finding.expect(all(one.is_alive for one in running), "a process ended with the space")
    for one in running:
        one.end()
    finding.check(world, "afterwards")
    publish_and_compare(world, finding)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of that size, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="wbdisk"))
    made = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)]
    subprocess.run(made, check=True, capture_output=True)

    def unmount() -> None:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)

    ENDINGS.append(unmount)
    try:
        yield folder
    finally:
        ENDINGS.remove(unmount)
        unmount()


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(_BLOCK):
            pass
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while file.write(b"\0" * 512):
            pass
    return filler


@contextmanager
def _worlds(worlds: Worlds, kind: str, disk: Path) -> Iterator[Worlds]:
    """PostgreSQL gets a server of its own on the small disk."""
    binaries = find_postgresql()
    if kind != POSTGRESQL or binaries is None:
        yield worlds
        return
    server = PostgreSQLServer(binaries, disk, durable=True, small=True)
    server.start()
    ENDINGS.append(server.stop)
    try:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        template = Database(server.url(TEMPLATE))
        migrate(template)
        template.close()
        yield replace(worlds, postgresql=server)
    finally:
        ENDINGS.remove(server.stop)
        with suppress(CalledProcessError):
            server.stop()


def _start_again(server: PostgreSQLServer) -> None:
    """What an administrator or systemd does where it has given up for want of space."""

    def is_up() -> bool:
        if TOLD_TO_END.is_set():
            return True
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            with suppress(CalledProcessError):
                server.start_again()
            return False
        return True

    assert holds_in_time(is_up, 30)
