"""`make faults`: breaks things on purpose, writes build/faults.json and docs/reliability.md."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from subprocess import CalledProcessError

from tests.databases import PostgreSQLServer, postgresql_server
from tests.faults.kit import ENDINGS, TOLD_TO_END, Finding, Kit
from tests.faults.report import make_table, write_document, write_json
from tests.faults.worlds import Worlds

# How long each may take, in seconds.
FAULTS = {
    "web_kills": 40,
    "scheduler_kills": 260,
    "two_schedulers": 40,
    "database_restarts": 40,
    "mail_faults": 60,
    "full_disk": 40,
    "clock_jumps": 40,
    "slow_clients": 25,
    "migrations": 30,
}


def main() -> int:
    """0 when nothing was violated."""
    wanted = _read_arguments()
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="wbfaults"))
    findings: list[Finding] = []
    try:
        with postgresql_server(durable=True) as postgresql:
            _end_when_told(postgresql, folder)
            worlds = Worlds(folder, postgresql)
            for name in wanted.only or FAULTS:
                sys.stderr.write(f"{name} …\n")
                kit = Kit(worlds, wanted.seconds or FAULTS[name])
                findings += import_module(f"tests.faults.{name}").run(kit)
                sys.stderr.write(make_table(findings[-len(worlds.kinds) :]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - started
    sys.stdout.write(make_table(findings) + f"{seconds:.0f} seconds\n")
    rows = write_json(findings)
    if not wanted.seconds:
        modules = [import_module(f"tests.faults.{name}") for name in FAULTS]
        write_document(rows, {module.NAME: module.SEES for module in modules})
    return int(any(finding.violations for finding in findings))


def _end_when_told(postgresql: PostgreSQLServer | None, folder: Path) -> None:
    """Told to end, it ends at once and leaves nothing behind; its processes end with it."""

    if postgresql:
        ENDINGS.append(postgresql.stop)

    def end(*_: object) -> None:
        TOLD_TO_END.set()
        for ending in reversed(ENDINGS):
            with suppress(CalledProcessError):
                ending()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(FAULTS), metavar="NAME")
    parser.add_argument("--seconds", type=float, help="about how long each fault may take")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
