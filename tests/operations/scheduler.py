"""`wellbeing scheduler` in a process of its own, by a shared clock: `… CLOCK-FILE`."""

import logging
import signal
import sys
from pathlib import Path
from threading import Event, Thread

from jobs import election, scheduler
from jobs.context import JobContext
from tests.operations.shared_clock import SharedClock
from wellbeing.commands.context import open_database, read_settings

TICK_SECONDS = 0.05
SILENT_SECONDS = 2


def main(clock_file: str) -> None:
    """Runs until it is told to stop; the clock goes fast, so it looks at it often."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    logging.getLogger("wellbeing").setLevel(logging.INFO)
    scheduler.TICK_SECONDS = TICK_SECONDS
    election.SILENT_SECONDS = SILENT_SECONDS
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=stop.set).start())
    settings = read_settings()
    with open_database(settings) as database:
        context = JobContext(database, settings, SharedClock(Path(clock_file)).now)
        scheduler.run_until(context, stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
