"""`wellbeing serve` in a process of its own, by a shared clock: `… CLOCK-FILE PORT WORKERS`."""

import sys
from pathlib import Path

from tests.operations.shared_clock import SharedClock
from wellbeing.app import create_app
from wellbeing.commands.context import read_settings
from wellbeing.commands.serve import server_options
from wellbeing.gunicorn import GunicornServer


def main(clock_file: str, port: str, workers: str) -> None:
    """Serves until it is told to stop."""
    settings, clock = read_settings(), SharedClock(Path(clock_file))
    options = server_options(f"127.0.0.1:{port}", int(workers), 4)
    GunicornServer(lambda: create_app(settings, now=clock.now), options).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
