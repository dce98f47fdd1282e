"""`wellbeing init`: data folder, keys, database, and the first administrator."""

import click

from wellbeing.commands.context import prepare_field_keys, reach_database, read_settings
from wellbeing.domain.errors import BadInput
from wellbeing.settings import Settings


@click.command()
@click.option("--administrator", metavar="E-MAIL", help="Mail an activation link to this person.")
@click.option("--name", default="Administrator", help="The administrator's name.")
def init(administrator: str | None, name: str) -> None:
    """Prepare everything; again is fine."""
    set_up(read_settings(), administrator, name)


def set_up(settings: Settings, administrator: str | None, name: str) -> None:
    """Makes what is missing of folders, keys and database; again is fine."""
    from wellbeing.actions.accounts import invite_administrator
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.store.reach import Reach
    from wellbeing.store.schema import upgrade

    _prepare_folders(settings)
    with reach_database(settings, made=True) as database:
        prepare_field_keys(database, settings)
        upgrade(database)
        click.echo(f"Database ready: {database.url.render_as_string(hide_password=True)}")
        click.echo(f"Keys: {settings.key_folder}. Keep this folder out of every backup.")
        if administrator:
            with database.writing(Reach.EVERYTHING) as session:
                invite_administrator(
                    session, administrator, name, by=Actor.command("init"), now=utc_now()
                )
            click.echo(f"An activation link goes to {administrator} when mail is next delivered.")


def _prepare_folders(settings: Settings) -> None:
    from wellbeing.crypto.secrets import get_or_make_app_key

    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        get_or_make_app_key(settings.key_folder)
    except OSError as fault:
        raise BadInput(f"The folders for data and keys cannot be made: {fault}.") from None
