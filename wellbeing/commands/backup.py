"""`wellbeing backup FILE`: the database as one file, taken while the service runs."""

from pathlib import Path

import click

from wellbeing.commands.context import open_database, read_settings
from wellbeing.commands.progress import shown_progress


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "public_key", metavar="PUBLICKEY", help="Seal it to this recovery key.")
def backup(file: Path, public_key: str | None) -> None:
    """Write a backup, whole or not at all; an older file of that name is replaced.

    No key is in it: keep the key folder out of every backup, except the keys named in
    docs/backup.md. Without --to whoever reads the file reads names and e-mail addresses.
    """
    from importlib.metadata import version

    from wellbeing.actions.backup import make_backup
    from wellbeing.clock import utc_now
    from wellbeing.crypto.sealed_files import read_public_key
    from wellbeing.domain.actor import Actor

    settings = read_settings()
    to = read_public_key(public_key) if public_key else None
    with open_database(settings) as database, shown_progress("Backup") as progress:
        settings.data.mkdir(parents=True, exist_ok=True)
        manifest = make_backup(
            database,
            file,
            scratch_folder=settings.data,
            program=version("wellbeing"),
            to=to,
            progress=progress,
            now=utc_now(),
            by=Actor.command("backup"),
        )
    click.echo(f"Backup ready: {file} (version {manifest.schema}, {manifest.size} bytes).")
    click.echo(f"Log of acts: event {manifest.audit_number}, {manifest.audit_hash}")
    if to is None:
        click.echo("It is not sealed. `wellbeing recovery-key` makes a key for --to.")
