"""`wellbeing score FILE.csv`: the file with scores and bands appended, on standard output."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from wellbeing.domain.errors import BadInput

_STDIN = "-"


@click.command("score")
@click.argument("file", metavar="FILE.csv")
def score(file: str) -> None:
    """Score a CSV file of answers (columns item1 to item30) and print it with the scores added.

    Other columns are kept. A blank is an item not answered. "-" reads standard input. When a
    value is wrong, nothing is printed but what is wrong and where.
    """
    try:
        source = _open(file)
    except OSError as error:
        click.echo(f"{file} cannot be opened: {error.strerror}.", err=True)
        sys.exit(2)
    with source:
        rows = _score(source)
    click.echo(f"{rows:,} rows scored.", err=True)


def _open(file: str) -> TextIO:
    if file == _STDIN:
        return TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
    return Path(file).open(encoding="utf-8-sig", newline="")


def _score(source: TextIO) -> int:
    from wellbeing.domain.errors import BadInput
    from wellbeing.domain.instrument import load_instrument
    from wellbeing.domain.score_file import PASSES, score_csv

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    length = PASSES * _size(source)
    hidden = not (length and sys.stderr.isatty())
    try:
        with click.progressbar(
            length=length, label="Scoring", file=sys.stderr, hidden=hidden
        ) as bar:
            rows = score_csv(source, sys.stdout, load_instrument(), bar.update)
            bar.update(length - bar.pos)  # a letter may be several bytes
            return rows
    except BadInput as error:
        _print_faults(error)
        sys.exit(2)


def _size(source: TextIO) -> int:
    """The bytes of a file, 0 where that cannot be known beforehand."""
    try:
        return os.fstat(source.fileno()).st_size
    except OSError:
        return 0


def _print_faults(error: "BadInput") -> None:
    for fault in error.faults or (str(error),):
        click.echo(fault, err=True)
