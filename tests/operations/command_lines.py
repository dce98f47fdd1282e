"""Whether our own command line would take a command as it stands in a file."""

import shlex
from collections.abc import Sequence

import click

from wellbeing.cli import wellbeing


def check_taken(words: Sequence[str], *, whole: bool = True) -> None:
    """Parses `wellbeing …` without running it; click.UsageError names what it does not take.

    Files and folders need not exist. `whole` False: arguments that are missing are no fault, as in
    a sentence that only mentions the command.
    """
    _program, *rest = words
    command: click.Command = wellbeing
    try:  # --org, and --help which ends it
        context = wellbeing.make_context("wellbeing", list(rest), resilient_parsing=not whole)
    except click.exceptions.Exit:
        return
    rest = [*context._protected_args, *context.args]
    while isinstance(command, click.Group):
        if not rest and not whole:
            return
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command = found
        if not isinstance(command, click.Group):
            break
        context = click.Context(command, info_name=name, parent=context)
    try:
        command.make_context(command.name, list(rest), parent=context)
    except click.MissingParameter:
        if whole:
            raise
    except (click.BadParameter, click.exceptions.Exit):
        pass  # its value, an example of a name or a file that is not here; or --help


def words_of(line: str) -> list[str]:
    """A line of a shell as words: without its comment, what it sets before, and where it writes."""
    words = shlex.split(line, comments=True)
    while words and "=" in words[0] and not words[0].startswith("-"):
        words.pop(0)
    ends = [number for number, word in enumerate(words) if word in {"&", "&&", "|", ">", ">>", ";"}]
    return words[: ends[0]] if ends else words
