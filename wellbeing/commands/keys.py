"""`wellbeing keys`: lists, checks, rotates and retires keys. No key is ever printed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from wellbeing.commands.context import open_database, reach_database, read_settings
from wellbeing.domain.errors import BadInput

if TYPE_CHECKING:
    from wellbeing.crypto.field_keys import FieldKeys
    from wellbeing.store.sessions import Database


@click.group()
def keys() -> None:
    """The key folder: what each key does, and how to change it."""


@keys.command("list")
def list_them() -> None:
    """Say which keys there are, when they were made, and how many values need them."""
    from wellbeing.actions.key_check import list_keys
    from wellbeing.store.reach import Reach

    with _opened() as (database, field_keys), database.reading(Reach.EVERYTHING) as session:
        found = list_keys(session, field_keys)
    width = max(len(key.name) for key in found)
    click.echo(f"{'key':<{width}}  {'what it does':<28}{'made on':<12}{'needed by':>10}")
    for key in found:
        uses = "" if key.uses is None else str(key.uses)
        line = f"{key.name:<{width}}  {key.kind:<28}{key.made_at:%Y-%m-%d}  {uses:>10}"
        click.echo(line.rstrip())


@keys.command()
def check() -> None:
    """Exit 0 when every key that rows need is there, fits, and is closed to others; else 1."""
    from wellbeing.actions.key_check import find_faults
    from wellbeing.crypto.field_keys import FieldKeys
    from wellbeing.crypto.round_keys import RoundKeys
    from wellbeing.store.reach import Reach

    settings = read_settings()
    with reach_database(settings) as database, database.reading(Reach.EVERYTHING) as session:
        rounds = RoundKeys(settings.key_folder, settings.mac_keys)
        faults = find_faults(session, FieldKeys(settings.key_folder), rounds)
    for fault in dict.fromkeys(faults):
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("Every key is there, fits, and can be read by nobody else.")


@keys.group()
def rotate() -> None:
    """Change a key; safe to run again after whatever happened."""


@rotate.command()
def fields() -> None:
    """Seal names, addresses and what people wrote with a new key; the pages go on meanwhile."""
    from wellbeing.actions.key_rotation import rotate_fields
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor

    with _opened() as (database, field_keys), _progress() as begin:
        done = rotate_fields(
            database, field_keys, now=utc_now, by=Actor.command("keys"), begin=begin
        )
    if done.is_resumed:
        click.echo("A rotation that was cut short is finished; run it again for a new key.")
    click.echo(f"{done.values} values sealed anew with key {done.number}.")
    click.echo("In an hour `wellbeing keys retire` can destroy the key before.")


@rotate.command()
@click.option("--now", "at_once", is_flag=True, help="Sign everybody out, believe no older key.")
def app(*, at_once: bool) -> None:
    """Sign cookies and links with a new key; the one before is believed for 90 days more.

    With --now everybody is signed out, printed codes and links to stop reminders that are under
    way no longer work, and unfinished check-ins on people's devices stay shut.
    """
    from wellbeing.actions.key_rotation import rotate_app_key
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor

    with _opened() as (database, field_keys):
        ended = rotate_app_key(
            database, field_keys.folder, now=utc_now(), by=Actor.command("keys"), at_once=at_once
        )
    if at_once:
        click.echo(f"{ended} sign-ins ended. Print letters and cards with codes anew.")
    click.echo("Restart the web servers: from then on they sign with the new key.")


@keys.command()
def retire() -> None:
    """Destroy the keys that nothing needs any more."""
    from wellbeing.actions.key_rotation import retire_keys
    from wellbeing.clock import utc_now
    from wellbeing.crypto.round_keys import RoundKeys
    from wellbeing.domain.actor import Actor

    settings = read_settings()
    rounds = RoundKeys(settings.key_folder, settings.mac_keys)
    with _opened() as (database, field_keys):
        destroyed, waiting = retire_keys(
            database, field_keys, rounds, now=utc_now(), by=Actor.command("keys")
        )
    for name in destroyed:
        click.echo(f"{name} is destroyed.")
    for name in waiting:
        click.echo(f"{name} is kept: it may still be needed.")
    if not destroyed and not waiting:
        click.echo("Every key is in use.")


@contextmanager
def _opened() -> "Iterator[tuple[Database, FieldKeys]]":
    """The database and its keys; a disk that is full or a lost connection in one sentence."""
    from sqlalchemy.exc import DBAPIError

    from wellbeing.crypto.field_keys import FieldKeys

    settings = read_settings()
    try:
        with open_database(settings) as database:
            field_keys = database.sealer
            assert isinstance(field_keys, FieldKeys)
            yield database, field_keys
    except OSError as fault:
        raise BadInput(f"The key folder cannot be used: {fault.strerror}. Run it again.") from None
    except DBAPIError as fault:
        reason = str(fault.orig).strip().splitlines()[0]
        raise BadInput(f"The database stopped: {reason}. Nothing is lost; run it again.") from None


@contextmanager
def _progress() -> Iterator[Callable[[int], Callable[[int], object]]]:
    """A bar on a terminal, a line for each ten thousand values elsewhere."""
    with ExitStack() as stack:

        def begin(total: int) -> Callable[[int], object]:
            if not sys.stderr.isatty():
                return _lines(total)
            bar = click.progressbar(length=total, label="Sealing", file=sys.stderr)
            return stack.enter_context(bar).update

        yield begin


def _lines(total: int) -> Callable[[int], object]:
    done = 0

    def say(more: int) -> None:
        nonlocal done
        if (done + more) // 10_000 > done // 10_000:
            click.echo(f"{done + more} of {total} values", err=True)
        done += more

    return say
