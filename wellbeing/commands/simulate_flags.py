"""`wellbeing simulate-flags`: rules for raising flags, judged on invented teams."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wellbeing.domain.flag_simulation import Outcome

HEADINGS = ("team", "shift", "false/year", "all/year", "in 1", "in 2", "in 4", "shown")


@click.command("simulate-flags")
@click.option("--runs", default=2000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--scale",
    default="BO",
    show_default=True,
    type=click.Choice(["CS", "BO", "STS"]),
    help="The scale on which the teams shift.",
)
@click.option(
    "--sensitivity",
    is_flag=True,
    help="Our rules and the best other rule where the truth is not as modelled.",
)
@click.option(
    "--count-strained",
    is_flag=True,
    help="Tune to equal flags in all teams, those truly strained too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of a table.")
def simulate_flags(
    runs: int, seed: int, scale: str, sensitivity: bool, count_strained: bool, as_json: bool
) -> None:
    """Compare rules for raising flags: false flags a team-year, shifts detected in 1, 2, 4 rounds.

    Teams are invented, and published as real ones are; every rule judges the same figures, once as
    it is used and once tuned to raise as many false flags as the rules of this service. A flag is
    false ("false/year") if the team has neither shifted nor is truly strained; "all/year" counts
    the flags of truly strained teams too. "shown" is the share of rounds with enough answers to be
    published.
    """
    from wellbeing.domain import flag_simulation
    from wellbeing.domain.flag_rules import load_flag_rules
    from wellbeing.domain.instrument import Scale, load_instrument

    simulate: Callable[..., Iterator[Outcome]] = flag_simulation.simulate_flags
    steps = flag_simulation.SIMULATIONS
    if sensitivity:
        simulate = flag_simulation.simulate_sensitivity
        steps = flag_simulation.SENSITIVITY_SIMULATIONS
    with click.progressbar(
        length=steps, label="Simulating", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        outcomes = list(
            simulate(
                load_instrument(),
                load_flag_rules(),
                runs,
                seed,
                Scale(scale),
                progress=bar.update,
                count_strained=count_strained,
            )
        )
    click.echo(_as_json(outcomes) if as_json else "\n".join(_as_lines(outcomes)))


def _as_json(outcomes: Iterable["Outcome"]) -> str:
    return json.dumps([asdict(outcome) for outcome in outcomes], indent=2)


def _as_lines(outcomes: Iterable["Outcome"]) -> Iterable[str]:
    yield f"{'scenario':<23}{'rule':<24}{'comparison':<19}" + "".join(
        f"{heading:>11}" for heading in HEADINGS
    )
    for outcome in outcomes:
        rates = (outcome.false_flags_per_team_year, outcome.flags_per_unshifted_team_year)
        shares = (
            outcome.detected_1,
            outcome.detected_2,
            outcome.detected_4,
            outcome.rounds_shown,
        )
        yield (
            f"{outcome.scenario:<23}{outcome.rule:<24}{outcome.comparison:<19}"
            f"{outcome.team_size:>11}{outcome.shift:>11}"
            + "".join(f"{rate:>11.3f}" for rate in rates)
            + "".join(f"{share:>11.1%}" for share in shares)
        )
