"""`wellbeing scheduler`: runs the timetable until it is stopped."""

import signal
from threading import Event, Thread

import click

from wellbeing.commands.context import open_database, read_settings
from wellbeing.organisations import check_apart, find_organisations


@click.command()
@click.option("--all-organisations", "of_all", is_flag=True, help="Of each organisation.")
@click.option(
    "--threads",
    default=4,
    show_default=True,
    type=click.IntRange(1, 64),
    help="How many organisations at a time, with --all-organisations.",
)
@click.option(
    "--pace",
    default=60,
    show_default=True,
    type=click.IntRange(20, 900),
    help="No job of an organisation oftener than in so many seconds, with --all-organisations.",
)
def scheduler(of_all: bool, threads: int, pace: int) -> None:
    """Run the timetable; further ones on the same database stand by and take over."""
    from jobs.context import JobContext
    from jobs.scheduler import run_until
    from wellbeing.clock import utc_now
    from wellbeing.monitoring.logs import write_json_logs

    write_json_logs()
    stop = Event()
    if of_all:
        _stop_on_signals(stop)
        _run_all(threads, pace, stop)
        return
    settings = read_settings()
    _stop_on_signals(stop)
    with open_database(settings) as database:
        run_until(JobContext(database, settings, utc_now), stop)


def _run_all(threads: int, pace: int, stop: Event) -> None:
    from jobs.all_organisations import AllOrganisations, paced
    from wellbeing.clock import utc_now
    from wellbeing.commands.kept_open import KeptOpen

    def find() -> list[str]:
        return [organisation.name for organisation in find_organisations()]

    check_apart(find_organisations())
    with KeptOpen() as kept:
        AllOrganisations(find, kept.open_one, utc_now, threads, paced(pace)).run_until(stop)


def _stop_on_signals(stop: Event) -> None:
    """The event is set in a thread of its own: a handler runs in the main thread, maybe inside its
    wait for that very event, and setting it there could make both wait for ever.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=stop.set).start())
