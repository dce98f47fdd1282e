"""`wellbeing restore FILE`: a backup in the database's place."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wellbeing.commands.context import reach_database, read_settings
from wellbeing.commands.progress import shown_progress

if TYPE_CHECKING:
    from wellbeing.actions.backup_files import Manifest
    from wellbeing.actions.restore import Restored


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--key", type=click.Path(path_type=Path), help="The file of the recovery key.")
@click.option("--replace", is_flag=True, help="Also onto a database that holds something: it goes.")
@click.option("--check", is_flag=True, help="Only read the file and check that it is whole.")
def restore(file: Path, key: Path | None, *, replace: bool, check: bool) -> None:
    """Restore a backup; stop the service first.

    Rounds whose key is gone close without figures: nobody can read what was sent in them. Figures
    published after the backup are not in it and are not made again.
    """
    from wellbeing.actions.backup_files import read_backup
    from wellbeing.actions.restore import restore_backup
    from wellbeing.clock import utc_now
    from wellbeing.crypto.round_keys import RoundKeys
    from wellbeing.crypto.sealed_files import read_private_key
    from wellbeing.domain.actor import Actor

    settings = read_settings()
    private = read_private_key(key) if key else None
    with shown_progress("Restore") as progress:
        if check:
            manifest = read_backup(file, None, key=private, progress=progress)
            click.echo(f"The backup of {manifest.made_at} is whole (version {manifest.schema}).")
            click.echo(_fits_here(manifest, settings.key_folder))
            return
        settings.data.mkdir(parents=True, exist_ok=True)
        with reach_database(settings) as database:
            restored = restore_backup(
                database,
                file,
                keys=RoundKeys(settings.key_folder, settings.mac_keys),
                deletion_log=settings.deletion_log_file,
                zone=settings.zone,
                scratch_folder=settings.data,
                key=private,
                replace=replace,
                progress=progress,
                now=utc_now(),
                by=Actor.command("restore"),
            )
    click.echo("\n".join(_describe(restored)))


def _fits_here(manifest: "Manifest", key_folder: Path) -> str:
    """It may be checked elsewhere than on the server, where there are no keys."""
    from wellbeing.actions.backup_files import check_keys
    from wellbeing.crypto.field_keys import FieldKeys
    from wellbeing.domain.errors import UnfitKeys

    if not manifest.witness:
        return "It was made before backups said which keys they need: restoring it will tell."
    try:
        check_keys(manifest, FieldKeys(key_folder))
    except UnfitKeys:
        return f"The keys in {key_folder} do not open its names: restoring it needs those it had."
    return f"The keys in {key_folder} open its names."


def _describe(restored: "Restored") -> list[str]:
    said = [f"Restored: the backup of {restored.manifest.made_at}. Everybody must sign in again."]
    said += [f"Closed without figures, because its key is gone: {name}." for name in restored.lost]
    said += [
        f"Planned in the backup, and may have been held since: {name}. Unless HR changes it, it "
        "opens now, if its days are not over."
        for name in restored.may_have_been
    ]
    if restored.deleted_again:
        said.append(f"Deleted again, as it was after the backup: {restored.deleted_again}.")
    said.append("Figures published after the backup are lost here; keep the export of them.")
    return said
