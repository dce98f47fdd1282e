"""`wellbeing deletions`: what was deleted, and making a restored copy forget it again."""

from datetime import datetime

import click

from wellbeing.commands.context import Moment, open_database, read_settings


@click.group()
def deletions() -> None:
    """The log of deletions beside the database."""


@deletions.command("list")
def list_all() -> None:
    """Print every line: hour and kind. No line says who or what; exit 1 where one is missing."""
    from wellbeing.clock import utc_now
    from wellbeing.crypto.deletion_log import DeletionLog

    contents = DeletionLog(read_settings().deletion_log_file, utc_now).read()
    for deletion in contents.deletions:
        click.echo(f"{deletion.at:%Y-%m-%d %H}h  {deletion.kind}")
    if contents.torn:
        click.echo(f"{contents.torn} lines were cut short by a crash.", err=True)
    if contents.broken_at is not None:
        click.echo(f"Lines are missing before line {contents.broken_at}.", err=True)
        raise SystemExit(1)


@deletions.command()
@click.option("--since", type=Moment(), help="When the copy was begun; earlier lines are left out.")
def replay(since: datetime | None) -> None:
    """Make the database forget again what the log says. Stop the service first; again is safe.

    Every sign-in and mailed link of the copy ends. Exit 1 when lines of the log are missing.
    """
    from wellbeing.actions.deletions import replay_deletions
    from wellbeing.clock import utc_now
    from wellbeing.crypto.deletion_log import DeletionLog
    from wellbeing.store.reach import Reach

    settings, now = read_settings(), utc_now()
    path = settings.deletion_log_file
    with open_database(settings) as database:
        with database.writing(Reach.EVERYTHING) as session:
            done = replay_deletions(session, settings.key_folder, now=now, log=path, since=since)
        database.scrub()
    click.echo(f"{done} deletions done again.")
    if DeletionLog(path, utc_now).read().broken_at is not None:
        click.echo("Lines of the log are missing: something may have come back.", err=True)
        raise SystemExit(1)
