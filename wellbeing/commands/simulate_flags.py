"""`wellbeing simulate-flags`: six rules for raising flags, judged on invented teams."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wellbeing.domain.flag_simulation import Outcome

HEADINGS = ("rule", "team", "shift", "false/year", "in 1", "in 2", "in 4", "shown")


@click.command("simulate-flags")
@click.option("--runs", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--scale",
    default="BO",
    show_default=True,
    type=click.Choice(["CS", "BO", "STS"]),
    help="The scale on which the teams shift.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of a table.")
def simulate_flags(runs: int, seed: int, scale: str, as_json: bool) -> None:
    """Compare rules for raising flags: false flags a team-year, shifts detected in 1, 2, 4 rounds.

    Teams are invented, and published as real ones are; every rule judges the same figures. A flag
    is false if the team has neither shifted nor is truly strained. "shown" is the share of rounds
    with enough answers to be published.
    """
    from wellbeing.domain import flag_simulation
    from wellbeing.domain.flag_rules import load_flag_rules
    from wellbeing.domain.instrument import Scale, load_instrument

    with click.progressbar(
        length=flag_simulation.SIMULATIONS,
        label="Simulating",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        outcomes = list(
            flag_simulation.simulate_flags(
                load_instrument(), load_flag_rules(), runs, seed, Scale(scale), progress=bar.update
            )
        )
    click.echo(_as_json(outcomes) if as_json else "\n".join(_as_lines(outcomes)))


def _as_json(outcomes: Iterable["Outcome"]) -> str:
    return json.dumps([asdict(outcome) for outcome in outcomes], indent=2)


def _as_lines(outcomes: Iterable["Outcome"]) -> Iterable[str]:
    yield f"{HEADINGS[0]:<24}" + "".join(f"{heading:>11}" for heading in HEADINGS[1:])
    for outcome in outcomes:
        shares = "".join(f"{share:>11.0%}" for share in outcome.detected_within.values())
        yield (
            f"{outcome.rule:<24}{outcome.team_size:>11}{outcome.shift:>11}"
            f"{outcome.false_flags_per_team_year:>11.3f}{shares}{outcome.rounds_shown:>11.0%}"
        )
