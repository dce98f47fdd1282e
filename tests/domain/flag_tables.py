"""The tables of docs/flags.md: `python -m tests.domain.flag_tables [results.json …]` prints them.

Without files: the rules, from config/flags.toml. A file is what `wellbeing simulate-flags --json`
printed; its rows become a table of results for each shift.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from math import isinf
from pathlib import Path
from typing import Any

from wellbeing.domain.flag_rules import FlagRule, LooksAt, load_flag_rules

RULE_HEADINGS = ("Rule", "Scale", "Looks at", "Raised when", "Offers")
RESULT_HEADINGS = (
    "Truth",
    "Compared",
    "Rule",
    "Team",
    "Shift",
    "False a year",
    "All a year",
    "Found in 1",
    "in 2",
    "in 4",
)
LOOKS_AT = {LooksAt.CHANGE: "change", LooksAt.LEVEL: "level"}


def make_rule_table() -> str:
    """One line per rule of config/flags.toml, in its order."""
    rows = (
        (
            f"`{rule.id}`",
            rule.scale.value,
            LOOKS_AT[rule.looks_at],
            _say_condition(rule),
            rule.kind.value.removeprefix("offer_"),
        )
        for rule in load_flag_rules().rows
    )
    return _as_table(RULE_HEADINGS, rows)


def make_trend_table() -> str:
    """One line per number of the table [trend]."""
    trend = vars(load_flag_rules().trend)
    return _as_table(("Setting", "Value"), ((f"`{name}`", str(v)) for name, v in trend.items()))


def _say_condition(rule: FlagRule) -> str:
    if rule.looks_at is LooksAt.LEVEL:
        return (
            f"from {rule.rounds} shown rounds on, more than {rule.threshold:g} SD beyond the "
            f"reference mean by {rule.sure_z:g} standard errors"
        )
    lasting = f"{rule.threshold:g} standard errors over {rule.rounds} rounds"
    return lasting if isinf(rule.at_once) else f"{lasting}, or {rule.at_once:g} in one round"


def make_result_table(rows: Iterable[dict[str, Any]], shift: int | None = None) -> str:
    """One line per row of results, of one shift or of all; what is the same in all is left out."""
    chosen = [_as_cells(row) for row in rows if shift in (None, row["shift"])]
    told = [at for at in range(len(RESULT_HEADINGS)) if len({row[at] for row in chosen}) > 1]
    return _as_table(
        [RESULT_HEADINGS[at] for at in told], ([row[at] for at in told] for row in chosen)
    )


def _as_cells(row: dict[str, Any]) -> Sequence[str]:
    rates = (row["false_flags_per_team_year"], row["flags_per_unshifted_team_year"])
    shares = (row["detected_1"], row["detected_2"], row["detected_4"])
    return (
        row["scenario"],
        row["comparison"],
        row["rule"],
        str(row["team_size"]),
        str(row["shift"]),
        *(f"{rate:.2f}" for rate in rates),
        *(f"{100 * share:.0f} %" for share in shares),
    )


def _as_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines(headings, rows)) + "\n"


def _lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(headings) + " |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.stdout.write(f"{make_rule_table()}\n{make_trend_table()}")
    for name in sys.argv[1:]:
        results = json.loads(Path(name).read_text(encoding="utf-8"))
        for points in sorted({row["shift"] for row in results}):
            sys.stdout.write(f"{points} points\n\n{make_result_table(results, points)}\n")
