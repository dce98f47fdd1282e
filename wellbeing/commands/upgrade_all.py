"""`wellbeing db upgrade --all-organisations`: one after the other, and each whole or not at all.

Where it was cut, it is run again: an organisation's schema says itself how far it has come, and the
transaction of the one that was cut is undone. What goes wrong in one is told at the end, and the
others are brought up nevertheless.
"""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from wellbeing.commands.context import prepare_field_keys, reach_database, read_settings_of
from wellbeing.commands.progress import shown_progress
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.organisations import (
    Organisation,
    check_apart,
    find_organisations,
    folder_of_organisations,
)


def upgrade_all() -> None:
    """Says for each what was done; ends with exit code 1 when one failed."""
    organisations = find_organisations()
    if not organisations:
        raise BadInput(f"There are no organisations in {folder_of_organisations()}.")
    check_apart(organisations)
    faults: dict[str, str] = {}
    changed = 0
    with _alone(folder_of_organisations()), shown_progress("Organisations") as progress:
        for done, organisation in enumerate(organisations, start=1):
            try:
                said, is_changed = _upgrade(organisation)
            except Exception as fault:  # whatever it is, the others have nothing to do with it
                faults[organisation.name] = said = f"failed: {_in_one_line(fault)}"
                is_changed = False
            changed += is_changed
            progress(done, len(organisations))
            if not sys.stderr.isatty():
                click.echo(f"{organisation.name}: {said}")
    same = len(organisations) - changed - len(faults)
    click.echo(f"{changed} brought up, {same} were there already, {len(faults)} failed.")
    for name, said in faults.items():
        click.echo(f"  {name} {said}", err=True)
    if faults:
        raise SystemExit(1)


def _upgrade(organisation: Organisation) -> tuple[str, bool]:
    from wellbeing.store.schema import find_current, upgrade

    settings = read_settings_of(organisation)
    with reach_database(settings, made=True) as database:
        prepare_field_keys(database, settings)
        before = find_current(database)
        upgrade(database)
        after = find_current(database)
    return f"{before or 'empty'} → {after}" if before != after else str(after), before != after


def _in_one_line(fault: Exception) -> str:
    reason = str(getattr(fault, "orig", None) or fault).strip() or type(fault).__name__
    return " ".join([reason.splitlines()[0], *getattr(fault, "faults", ())])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two at once would wait for each other at every organisation, and report halves."""
    with (folder / "upgrade.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another upgrade of all organisations is at work here.") from None
        yield
