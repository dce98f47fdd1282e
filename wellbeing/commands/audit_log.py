"""`wellbeing audit-log`: proves that the log of acts is whole."""

import click

from wellbeing.commands.context import open_database, read_settings


@click.group()
def audit_log() -> None:
    """The hash chain of consequential acts."""


@audit_log.command()
def verify() -> None:
    """Exit 0 when the chain is whole, 1 with the first event that does not fit."""
    from wellbeing.actions.audit_log import find_break
    from wellbeing.store.reach import Reach

    with (
        open_database(read_settings()) as database,
        database.reading(Reach.EVERYTHING) as session,
    ):
        broken = find_break(session)
    if broken is not None:
        click.echo(f"The chain breaks at event {broken}.", err=True)
        raise SystemExit(1)
    click.echo("The chain is whole.")
