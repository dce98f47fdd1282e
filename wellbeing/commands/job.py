"""`wellbeing job NAME`: one pass of one job, now or as if at another time."""

from datetime import datetime

import click

from wellbeing.commands.context import Moment, open_database, read_settings


@click.command()
@click.argument("name")
@click.option("--at", type=Moment(), help="Run as if it were this moment (ISO 8601 with offset).")
def job(name: str, at: datetime | None) -> None:
    """Run one job of the timetable once; again is safe."""
    from jobs.context import JobContext
    from jobs.timetable import JOBS
    from wellbeing.clock import utc_now

    if name not in JOBS:
        raise click.UsageError(f"There is no job '{name}'. Jobs: {', '.join(JOBS)}.")
    settings = read_settings()
    with open_database(settings) as database:
        context = JobContext(database, settings, (lambda: at) if at else utc_now)
        click.echo(f"{name}: {JOBS[name].run(context)}")
