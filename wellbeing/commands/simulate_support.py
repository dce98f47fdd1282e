"""`wellbeing simulate-support`: how often it is rightly said that support helped."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wellbeing.domain.support_simulation import EffectOutcome

HEADINGS = ("effect", "judged", "helped", "no evid.", "can't tell", "mean gain", "covered")


@click.command("simulate-support")
@click.option("--runs", default=200, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--scale",
    default="BO",
    show_default=True,
    type=click.Choice(["CS", "BO", "STS"]),
    help="The scale on which support has its effect.",
)
@click.option(
    "--sensitivity", is_flag=True, help="Organisations where the truth is not as modelled."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of a table.")
def simulate_support(runs: int, seed: int, scale: str, sensitivity: bool, as_json: bool) -> None:
    """Compare rules for saying that support helped: shares of each verdict where it did or did not.

    Organisations of 40 teams are invented, and published as real ones are; ten teams had support,
    most often after the fourth of eight rounds, with an effect of 0, 1.5 or 3 points for the
    better. "judged" counts organisations for all ten teams together, else helped teams of one size.
    "mean gain" is the mean estimate, "covered" the share of intervals that hold the true effect.
    """
    from wellbeing.domain import support_simulation as simulation
    from wellbeing.domain.effect_rules import load_effect_rules
    from wellbeing.domain.flag_rules import load_flag_rules
    from wellbeing.domain.instrument import Scale, load_instrument

    scenarios = simulation.SENSITIVITY_SCENARIOS if sensitivity else simulation.SCENARIOS
    with click.progressbar(
        length=simulation.count_batches(runs, scenarios),
        label="Simulating",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        outcomes = list(
            simulation.simulate_support(
                load_instrument(),
                load_flag_rules(),
                load_effect_rules(),
                runs,
                seed,
                Scale(scale),
                scenarios,
                progress=bar.update,
            )
        )
    click.echo(_as_json(outcomes) if as_json else "\n".join(_as_lines(outcomes)))


def _as_json(outcomes: Iterable["EffectOutcome"]) -> str:
    return json.dumps([asdict(outcome) for outcome in outcomes], indent=2)


def _as_lines(outcomes: Iterable["EffectOutcome"]) -> Iterable[str]:
    yield f"{'scenario':<24}{'rule':<27}{'about':<18}" + "".join(
        f"{heading:>11}" for heading in HEADINGS
    )
    for outcome in outcomes:
        shares = (outcome.helped, outcome.no_evidence, outcome.cannot_tell_yet)
        gain = "-" if outcome.mean_gain is None else f"{outcome.mean_gain:.2f}"
        covered = "-" if outcome.covered is None else f"{outcome.covered:.1%}"
        yield (
            f"{outcome.scenario:<24}{outcome.rule:<27}{outcome.about:<18}"
            f"{outcome.effect:>11.1f}{outcome.judgements:>11}"
            + "".join(f"{share:>11.1%}" for share in shares)
            + f"{gain:>11}{covered:>11}"
        )
