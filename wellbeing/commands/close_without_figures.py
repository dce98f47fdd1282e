"""`wellbeing close-without-figures ID`: gives up a round that can never be opened."""

from uuid import UUID

import click

from wellbeing.commands.context import open_database, read_settings


@click.command("close-without-figures")
@click.argument("round_id", type=click.UUID)
@click.option("--because", required=True, help="Why, for the log of acts.")
@click.option("--yes", is_flag=True, required=True, help="What was sent is deleted for good.")
def close_without_figures(round_id: UUID, because: str, *, yes: bool) -> None:
    """Delete what was sent in a round whose key holders are gone, and destroy its key."""
    from wellbeing.actions.lost_rounds import lose_round
    from wellbeing.actions.programmes import get_round
    from wellbeing.clock import utc_now
    from wellbeing.crypto.round_keys import RoundKeys
    from wellbeing.domain.actor import Actor
    from wellbeing.store.reach import Reach

    assert yes
    settings, by = read_settings(), Actor.command("close-without-figures")
    with open_database(settings) as database:
        with database.writing(Reach.EVERYTHING) as session:
            get_round(session, round_id)
            lose_round(session, round_id, because=because[:200], now=utc_now(), by=by)
        RoundKeys(settings.key_folder, settings.mac_keys).destroy(round_id)
        database.scrub("ballot", "participation", "check_in_code")
    click.echo("The round is closed without figures, and its key is destroyed.")
