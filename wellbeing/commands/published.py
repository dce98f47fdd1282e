"""`wellbeing published`: everything ever published, as its readers saw it."""

import csv
import sys

import click

from wellbeing.commands.context import open_database, read_settings


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True
)
def published(form: str) -> None:
    """Print the published record; no personal data is in it."""
    from wellbeing.actions.record import read_records
    from wellbeing.domain.publication_record import to_csv, to_json
    from wellbeing.store.reach import Reach

    with (
        open_database(read_settings()) as database,
        database.reading(Reach.WORKPLACE) as session,
    ):
        records = read_records(session)
    if form == "json":
        click.echo(to_json(records))
    else:
        csv.writer(sys.stdout).writerows(to_csv(records))
