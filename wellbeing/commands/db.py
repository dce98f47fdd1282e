"""`wellbeing db`: the version of the schema, and who may sign in to the database."""

import click

from wellbeing.commands.context import prepare_field_keys, reach_database, read_settings
from wellbeing.commands.logins import logins


@click.group()
def db() -> None:
    """Bring the database up, down, or say where it is."""


@db.command()
@click.option("--all-organisations", "of_all", is_flag=True, help="Of each organisation in turn.")
def upgrade(of_all: bool) -> None:
    """Run the migrations that are missing."""
    from wellbeing.commands.upgrade_all import upgrade_all
    from wellbeing.store import schema

    if of_all:
        upgrade_all()
        return
    settings = read_settings()
    with reach_database(settings, made=True) as database:
        prepare_field_keys(database, settings)
        schema.upgrade(database)
        click.echo(schema.find_current(database))


@db.command()
@click.argument("version")
def downgrade(version: str) -> None:
    """Run migrations backwards to VERSION (or "base")."""
    from wellbeing.store import schema

    with reach_database(read_settings()) as database:
        schema.downgrade(database, version)
        click.echo(schema.find_current(database) or "empty")


@db.command()
def current() -> None:
    """Say which version the database is at."""
    from wellbeing.store import schema

    with reach_database(read_settings()) as database:
        click.echo(f"{schema.find_current(database) or 'empty'} (newest: {schema.get_head()})")


db.add_command(logins)
