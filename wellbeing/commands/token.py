"""`wellbeing token`: what other systems sign in with."""

from uuid import UUID

import click

from wellbeing.commands.context import open_database, read_settings


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of other systems."""


@token.command()
@click.option("--name", required=True, help="Which system it is for.")
@click.option(
    "--scope", type=click.Choice(["scim", "figures", "ledger"]), required=True, help="What for."
)
@click.option("--days", type=int, default=90, show_default=True, help="How long it lasts.")
@click.option("--unit", type=click.UUID, help="For this unit and all below it only.")
def make(name: str, scope: str, days: int, unit: UUID | None) -> None:
    """Make a token and print it, once: only its hash is kept."""
    from wellbeing.actions.api_tokens import Scope, issue
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.store.reach import Reach

    with open_database(read_settings()) as database, database.writing(Reach.ADMIN) as session:
        secret = issue(
            session,
            name,
            Scope(scope),
            days=days,
            unit_id=unit,
            by=Actor.command("token"),
            now=utc_now(),
        )
    click.echo(secret)
    click.echo("Keep it where the other system finds it; it is not shown again.", err=True)


@token.command("list")
def list_() -> None:
    """List every token, without its secret."""
    from wellbeing.actions.api_tokens import list_tokens
    from wellbeing.clock import utc_now
    from wellbeing.store.reach import Reach

    now = utc_now()
    with open_database(read_settings()) as database, database.reading(Reach.ADMIN) as session:
        for known in list_tokens(session):
            state = "revoked" if known.revoked_at else "expired" if known.expires_at <= now else ""
            until = f"until {known.expires_at:%Y-%m-%d}"
            used = f"last used {known.used_on}" if known.used_on else "never used"
            reach = f"unit {known.unit_id}" if known.unit_id else "whole organisation"
            row = (str(known.id), known.name, known.scope, state or until, used, reach)
            click.echo("\t".join(row))


@token.command()
@click.argument("token_id", type=click.UUID, metavar="ID")
def revoke(token_id: UUID) -> None:
    """Revoke a token at once, by the id that `list` shows."""
    from wellbeing.actions.api_tokens import revoke as revoke_token
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.store.reach import Reach

    with open_database(read_settings()) as database, database.writing(Reach.ADMIN) as session:
        by = Actor.command("token")
        revoked = revoke_token(session, token_id, by=by, now=utc_now())
    click.echo(f"{revoked.name} can no longer sign in.")
