"""`wellbeing recovery-key FILE`: a key that backups are sealed to."""

from pathlib import Path

import click

from wellbeing.domain.errors import BadInput


@click.command("recovery-key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def recovery_key(file: Path) -> None:
    """Write a new private recovery key to FILE and print the public key for `backup --to`.

    Make it on another machine, print it or lock it away: the server needs the public key only.
    """
    from wellbeing.crypto.sealed_files import make_recovery_key

    try:
        public = make_recovery_key(file)
    except FileExistsError:
        raise BadInput(f"{file} is there already, and no key is ever replaced.") from None
    except OSError as fault:
        raise BadInput(f"{file} cannot be written: {fault.strerror or fault}.") from None
    click.echo(public)
