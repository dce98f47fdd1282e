"""`wellbeing audit`: proves the promise again, from the published record and nothing else."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wellbeing.domain.audit import Worst
    from wellbeing.domain.publication_record import RoundRecord

# What a reader is shown to learn who assumes that everyone else moved by at most so many points.
ASSUMED_MOVES = (0, 2, 4)
_STDIN = "-"


@dataclass(frozen=True)
class StepReport:
    """The narrowest interval of a joiner or leaver under one assumption; reported, not promised."""

    moved: int
    people: int
    narrowest: int


@dataclass(frozen=True)
class Report:
    """What the record proves: `narrowest` stands beside the promise, `worst` with 0, 1 … pooled.

    `promised_pooled` is how many colleagues may pool and the promise for the strained half holds.
    """

    kept: bool
    rounds: tuple[str, ...]
    groups: int
    narrowest: int | None
    promised: int
    promised_pooled: int
    worst: tuple["Worst", ...]
    steps: tuple[StepReport, ...]
    breaches: tuple[str, ...]


@click.command()
@click.option("--round", "round_id", metavar="ID", help="This round only.")
@click.option(
    "--coalition",
    type=click.IntRange(0, 100),
    metavar="C",
    help="How many colleagues pool their answers; by default as many as the promise names.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of a table.")
@click.option(
    "--record",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help='Read what `wellbeing published` printed ("-": standard input), not the database.',
)
def audit(round_id: str | None, coalition: int | None, *, as_json: bool, file: Path | None) -> None:
    """Prove from the published record what a reader cannot learn; exit 1 below the promise."""
    records = _read_database() if file is None else _read_file(file)
    report = _make_report(records, _choose(records, round_id), coalition)
    click.echo(json.dumps(asdict(report), indent=2) if as_json else "\n".join(_as_lines(report)))
    if not report.kept:
        sys.exit(1)


def _read_database() -> list["RoundRecord"]:
    from wellbeing.actions.record import read_records
    from wellbeing.commands.context import open_database, read_settings
    from wellbeing.store.reach import Reach

    with (
        open_database(read_settings()) as database,
        database.reading(Reach.WORKPLACE) as session,
    ):
        return list(read_records(session))


def _read_file(file: Path) -> list["RoundRecord"]:
    from wellbeing.domain.errors import BadInput
    from wellbeing.domain.publication_record import from_json

    try:
        raw = sys.stdin.buffer.read() if str(file) == _STDIN else file.read_bytes()
        return list(from_json(raw.decode("utf-8-sig")))
    except OSError as fault:
        raise BadInput(f"{file} cannot be read: {fault.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8 text.") from None


def _choose(records: Sequence["RoundRecord"], round_id: str | None) -> list["RoundRecord"]:
    from wellbeing.domain.errors import BadInput

    chosen = [record for record in records if round_id in (None, record.id)]
    if round_id is not None and not chosen:
        raise BadInput(f"There is no published round '{round_id}'.")
    return chosen


def _make_report(
    records: Sequence["RoundRecord"], chosen: Sequence["RoundRecord"], coalition: int | None
) -> Report:
    from wellbeing.domain.audit import find_breaches
    from wellbeing.domain.disclosure_rules import load_rules

    rules = load_rules()
    breaches = find_breaches(chosen, rules)
    most = rules.pooled_answers if coalition is None else coalition
    found = (_find_worst(chosen, pooled) for pooled in range(most + 1))
    worst = tuple(one for one in found if one is not None)
    return Report(
        kept=not breaches,
        rounds=tuple(record.id for record in chosen),
        groups=sum(len(record.groups) for record in chosen),
        narrowest=worst[0].narrowest if worst else None,
        promised=rules.promised_points,
        promised_pooled=rules.pooled_answers,
        worst=worst,
        steps=tuple(_find_steps(records, {record.id for record in chosen})),
        breaches=breaches,
    )


def _find_worst(records: Sequence["RoundRecord"], pooled: int) -> "Worst | None":
    from wellbeing.domain.audit import Worst, find_worst_of_round

    rounds = [one for record in records if (one := find_worst_of_round(record, pooled))]
    if not rounds:
        return None
    return Worst(
        pooled,
        narrowest=min(one.narrowest for one in rounds),
        lowest_strain=max(one.lowest_strain for one in rounds),
        highest_satisfaction=min(one.highest_satisfaction for one in rounds),
    )


def _find_steps(records: Sequence["RoundRecord"], chosen: set[str]) -> Iterable[StepReport]:
    from wellbeing.domain.audit import find_steps

    for moved in ASSUMED_MOVES:
        steps = [step for step in find_steps(records, moved) if step.after in chosen]
        widths = [step.highest - step.lowest for step in steps if step.lowest <= step.highest]
        if widths:
            yield StepReport(moved, len(steps) // 3, min(widths))


def _as_lines(report: Report) -> Iterable[str]:
    yield f"{len(report.rounds)} rounds, {report.groups} groups."
    if report.worst:
        yield f"{'pooled':>8}{'narrowest':>11}{'strain from':>13}{'satisfaction to':>17}"
    for one in report.worst:
        yield (
            f"{one.pooled:>8}{one.narrowest:>11}{one.lowest_strain:>13}"
            f"{one.highest_satisfaction:>17}"
        )
    for step in report.steps:
        yield (
            f"If all others moved by at most {step.moved} points, a joiner or leaver is known to "
            f"within {step.narrowest} points ({step.people} people; not promised)."
        )
    yield from report.breaches
    yield "The promise holds." if report.kept else f"Broken in {len(report.breaches)} places."
