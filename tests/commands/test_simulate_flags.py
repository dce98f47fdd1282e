"""`wellbeing simulate-flags` prints one row per rule, team size and shift."""

import json
from functools import cache

from click.testing import CliRunner, Result

from wellbeing.commands.simulate_flags import simulate_flags


@cache
def run(*arguments: str) -> Result:
    return run_afresh(*arguments)


def run_afresh(*arguments: str) -> Result:
    return CliRunner().invoke(simulate_flags, ["--runs", "10", *arguments])


ROWS = (7 + 6) * 4 * 3


def test_the_table_has_a_heading_and_a_row_for_each_comparison_rule_size_and_shift() -> None:
    lines = run().stdout.splitlines()
    assert lines[0].split()[:4] == ["scenario", "rule", "comparison", "team"]
    assert len(lines) == 1 + ROWS


def test_json_holds_the_same_rows_with_named_figures() -> None:
    rows = json.loads(run("--json").stdout)
    assert len(rows) == ROWS
    assert {tuple(row) for row in rows} == {
        (
            "scenario",
            "rule",
            "comparison",
            "team_size",
            "shift",
            "false_flags_per_team_year",
            "flags_per_unshifted_team_year",
            "detected_1",
            "detected_2",
            "detected_4",
            "already_flagged",
            "rounds_shown",
            "limit",
            "stricter_limit",
            "stricter_share",
        )
    }
    assert {row["comparison"] for row in rows} == {"as used", "equal false alarms"}


def test_json_has_no_number_that_json_does_not_know() -> None:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    json.loads(run("--json").stdout, parse_constant=refuse)


def test_sensitivity_prints_two_rules_for_each_scenario_and_size() -> None:
    rows = json.loads(run("--sensitivity", "--json").stdout)
    assert len(rows) == 8 * 2 * 2
    assert {row["team_size"] for row in rows} == {8, 12}


def test_the_flags_of_strained_teams_can_be_counted_when_tuning() -> None:
    assert run("--count-strained").stdout != run().stdout


def test_nothing_but_the_table_is_printed_where_there_is_no_terminal() -> None:
    assert run().stderr == ""


def test_an_unknown_option_is_refused_by_name() -> None:
    result = run("--walks", "3")
    assert result.exit_code == 2
    assert "--walks" in result.stderr


def test_the_same_seed_prints_the_same() -> None:
    assert run_afresh().stdout == run().stdout


def test_the_shifted_scale_can_be_chosen() -> None:
    assert run("--scale", "STS").stdout != run("--scale", "CS").stdout


def test_an_unknown_scale_or_no_runs_at_all_is_refused() -> None:
    assert run("--scale", "XX").exit_code == 2
    assert run("--runs", "0").exit_code == 2
