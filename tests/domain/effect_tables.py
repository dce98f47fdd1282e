"""The tables of docs/support-effects.md.

`python -m tests.domain.effect_tables` prints the settings; with JSON files that
`wellbeing simulate-support --json` printed, their results.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from wellbeing.domain.effect_rivals import RIVALS
from wellbeing.domain.effect_rules import load_effect_rules
from wellbeing.domain.simulated_rules import OURS

Row = dict[str, Any]
ALL_TEAMS = "all ten"


def make_settings_table() -> str:
    """Every number of config/effects.toml."""
    rules = vars(load_effect_rules())
    return _as_table(("Setting", "Value"), ((f"`{name}`", str(x)) for name, x in rules.items()))


def make_pooled_table(rows: Sequence[Row]) -> str:
    """Shares called helped, all ten teams together: ours for each effect, rivals for none."""
    together = [row for row in rows if row["about"] == ALL_TEAMS]
    effects = sorted({row["effect"] for row in together})
    headings = ("Organisation", *(f"{effect:g} points" for effect in effects), *RIVALS)

    def lines() -> Iterator[list[str]]:
        for name in dict.fromkeys(row["scenario"] for row in together):
            own = [row for row in together if row["scenario"] == name]
            found = {(row["rule"], row["effect"]): _percent(row["helped"]) for row in own}
            ours = [found[OURS, effect] for effect in effects]
            yield [name, *ours, *(found[rule, 0] for rule in RIVALS)]

    return _as_table(headings, lines())


def make_team_table(rows: Sequence[Row]) -> str:
    """Verdicts of this service on one helped team, and shares that rivals call helped."""
    single = [row for row in rows if row["about"] != ALL_TEAMS and row["rule"] == OURS]
    single.sort(key=lambda row: (row["effect"], _size(row)))
    named = ("Organisation", "Team", "Effect", "helped", "no evidence", "cannot tell yet")

    def lines() -> Iterator[list[str]]:
        for row in single:
            shares = (row["helped"], row["no_evidence"], row["cannot_tell_yet"])
            same = {
                other["rule"]: _percent(other["helped"])
                for other in rows
                if all(other[key] == row[key] for key in ("scenario", "about", "effect"))
            }
            told = [row["scenario"], row["about"], f"{row['effect']:g}", *map(_percent, shares)]
            yield [*told, *(same[rule] for rule in RIVALS)]

    return _as_table((*named, *RIVALS), lines())


def _size(row: Row) -> tuple[bool, int]:
    return "vain" in row["about"], int(re.findall(r"\d+", row["about"])[0])


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _as_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.stdout.write(make_settings_table())
    for file in sys.argv[1:]:
        results = json.loads(Path(file).read_text(encoding="utf-8"))
        sys.stdout.write(make_pooled_table(results) + "\n")
        for scenario in dict.fromkeys(row["scenario"] for row in results):
            of_one = [row for row in results if row["scenario"] == scenario]
            sys.stdout.write(make_team_table(of_one) + "\n")
