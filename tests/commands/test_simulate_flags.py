"""`wellbeing simulate-flags` prints one row per rule, team size and shift."""

import json

from click.testing import CliRunner, Result

from wellbeing.commands.simulate_flags import simulate_flags


def run(*arguments: str) -> Result:
    return CliRunner().invoke(simulate_flags, ["--runs", "20", *arguments])


def test_the_table_has_a_heading_and_a_row_for_each_rule_size_and_shift() -> None:
    lines = run().stdout.splitlines()
    assert lines[0].split()[:2] == ["rule", "team"]
    assert len(lines) == 1 + 6 * 4 * 3


def test_json_holds_the_same_rows_with_named_figures() -> None:
    rows = json.loads(run("--json").stdout)
    assert len(rows) == 6 * 4 * 3
    assert set(rows[0]) == {
        "rule",
        "team_size",
        "shift",
        "false_flags_per_team_year",
        "detected_within",
        "rounds_shown",
    }
    assert set(rows[0]["detected_within"]) == {"1", "2", "4"}


def test_the_same_seed_prints_the_same() -> None:
    assert run("--seed", "4").stdout == run("--seed", "4").stdout


def test_the_shifted_scale_can_be_chosen() -> None:
    assert run("--scale", "STS").stdout != run("--scale", "CS").stdout


def test_an_unknown_scale_or_no_runs_at_all_is_refused() -> None:
    assert run("--scale", "XX").exit_code == 2
    assert run("--runs", "0").exit_code == 2
