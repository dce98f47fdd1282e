"""`wellbeing scheduler`: runs the timetable until it is stopped."""

import signal
from threading import Event, Thread

import click

from wellbeing.commands.context import open_database, read_settings


@click.command()
def scheduler() -> None:
    """Run the timetable; further ones on the same database stand by and take over."""
    from jobs.context import JobContext
    from jobs.scheduler import run_until
    from wellbeing.clock import utc_now
    from wellbeing.monitoring.logs import write_json_logs

    write_json_logs()
    settings = read_settings()
    stop = Event()
    _stop_on_signals(stop)
    with open_database(settings) as database:
        run_until(JobContext(database, settings, utc_now), stop)


def _stop_on_signals(stop: Event) -> None:
    """The event is set in a thread of its own: a handler runs in the main thread, maybe inside its
    wait for that very event, and setting it there could make both wait for ever.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=stop.set).start())
