"""`wellbeing resume-round ID`: lets a stopped round be tried again."""

from uuid import UUID

import click

from wellbeing.commands.context import open_database, read_settings


@click.command()
@click.argument("round_id", type=click.UUID)
def resume_round(round_id: UUID) -> None:
    """Mend the cause first; the next run of close-and-publish tries again."""
    from wellbeing.actions.programmes import get_round
    from wellbeing.actions.publishing import resume_stopped
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.store.reach import Reach

    with (
        open_database(read_settings()) as database,
        database.writing(Reach.EVERYTHING) as session,
    ):
        get_round(session, round_id)
        resume_stopped(session, round_id, by=Actor.command("resume-round"), now=utc_now())
    click.echo("The round will be tried again.")
