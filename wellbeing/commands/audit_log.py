"""`wellbeing audit-log`: proves that the log of acts is whole, anchors it, prints it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wellbeing.commands.context import open_database, read_settings
from wellbeing.domain.errors import BadInput

if TYPE_CHECKING:
    from wellbeing.actions.audit_check import LogState
    from wellbeing.domain.log_anchors import LogAnchor


@click.group()
def audit_log() -> None:
    """The hash chain of consequential acts."""


@audit_log.command()
@click.option(
    "--anchors",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A file of anchors; again for several. Without it the one of the setting anchor_file.",
)
@click.option(
    "--expect",
    "given",
    metavar="NUMBER:HASH",
    multiple=True,
    help="An anchor out of a mail; again for several.",
)
def verify(files: Sequence[Path], given: Sequence[str]) -> None:
    """Exit 0 when the chain is whole and fits its anchors; 1 with all that does not fit."""
    from wellbeing.actions.anchor_file import AnchorFile
    from wellbeing.actions.audit_check import check_log
    from wellbeing.domain.log_anchors import read_given
    from wellbeing.store.reach import Reach

    settings = read_settings()
    paths = files or [settings.anchor_path]
    lines = [AnchorFile(path).read() for path in paths]
    try:
        anchors = [*(a for one in lines for a in one.anchors), *read_given(given)]
    except ValueError as fault:
        raise BadInput(f"{str(fault)[:100]!r} is no anchor. Write NUMBER:HASH.") from None
    with open_database(settings) as database, database.reading(Reach.EVERYTHING) as session:
        state = check_log(session, anchors)
    _tell(state, anchors, [fault for one in lines for fault in one.faults])


def _tell(state: "LogState", anchors: "Sequence[LogAnchor]", edited: Sequence[str]) -> None:
    if state.faults:
        click.echo(f"The chain breaks at event {state.faults[0].number}.", err=True)
    for said in (*(fault.said for fault in state.faults), *edited):
        click.echo(said, err=True)
    if state.faults or edited:
        raise SystemExit(1)
    click.echo("The chain is whole.")
    if state.last >= state.first:
        click.echo(f"It goes from event {state.first} to event {state.last}.")
    if state.newest is not None:
        older = f" {state.older} speak of events that have expired." if state.older else ""
        click.echo(
            f"{state.fitting} anchors fit, the newest at event {state.newest.number}.{older}"
        )
    elif not anchors:
        click.echo(
            "No anchor was given: whether its end was cut off cannot be told from the log alone."
        )


@audit_log.command()
def anchor() -> None:
    """Write now how far the log has come to the file of anchors, and mail it."""
    from wellbeing.actions.anchoring import LogAnchoring
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor

    settings = read_settings()
    with open_database(settings) as database:
        anchoring = LogAnchoring(database, settings, clock=utc_now)
        done = anchoring.anchor(by=Actor.command("audit-log anchor"))
        mailed, waiting = anchoring.mail_what_waits()
    if done.anchor is None:
        click.echo("There is nothing in the log yet.")
        return
    click.echo(f"{done.anchor.number}:{done.anchor.hash}")
    click.echo(f"Written to {settings.anchor_path}.")
    if mailed or waiting:
        click.echo(f"{mailed} mailed, {waiting} to be mailed when the mail server answers.")
    if done.state is not None and done.state.faults:
        click.echo("The log does not fit together. Run `wellbeing audit-log verify`.", err=True)
        raise SystemExit(1)


@audit_log.command()
def export() -> None:
    """Print the log as lines of JSON, for docs/verify_log.py or a program of one's own."""
    import json

    from wellbeing.actions.audit_chain import walk_chain
    from wellbeing.actions.audit_check import find_checkpoint
    from wellbeing.actions.audit_log import LOG_SUBJECT, record
    from wellbeing.clock import utc_now
    from wellbeing.domain.actor import Actor
    from wellbeing.store.reach import Reach

    with open_database(read_settings()) as database:
        with database.writing(Reach.EVERYTHING) as session:
            by = Actor.command("audit-log export")
            record(session, "audit_log.exported", LOG_SUBJECT, by=by, now=utc_now())
        with database.reading(Reach.EVERYTHING) as session:
            if checkpoint := find_checkpoint(session):
                said = {"checkpoint": checkpoint.number, "hash": checkpoint.hash}
                click.echo(json.dumps(said))
            for event in walk_chain(session):
                click.echo(json.dumps({**event._asdict(), "at": event.at.isoformat()}))
