"""`wellbeing simulate-support` prints one row per scenario, effect, rule and kind of team."""

import json
import pty
import subprocess
import sys
from functools import cache
from os import close, environ, read

from click.testing import CliRunner, Result

from wellbeing.commands.simulate_support import simulate_support

FIELDS = (
    "scenario", "picked", "rounds_before", "rounds_after", "effect", "truth", "rule", "about",
    "judgements", "helped", "no_evidence", "cannot_tell_yet", "mean_gain", "covered",
)  # fmt: skip
RULES, EFFECTS = 5, 3


@cache
def run(*arguments: str) -> Result:
    return run_afresh(*arguments)


def run_afresh(*arguments: str) -> Result:
    return CliRunner().invoke(simulate_support, ["--runs", "2", *arguments])


def test_the_table_has_a_heading_and_a_row_for_each_outcome() -> None:
    lines = run().stdout.splitlines()
    assert lines[0].split()[:3] == ["scenario", "rule", "about"]
    assert len(lines) == 1 + len(json.loads(run("--json").stdout))


def test_json_holds_named_figures() -> None:
    rows = json.loads(run("--json").stdout)
    assert {tuple(row) for row in rows} == {FIELDS}


def test_each_scenario_is_judged_by_each_rule_for_each_effect() -> None:
    rows = json.loads(run("--json").stdout)
    together = [row for row in rows if row["about"] == "all ten"]
    assert len(together) == 8 * RULES * EFFECTS
    assert {row["effect"] for row in together} == {0, 1.5, 3}


def test_json_has_no_number_that_json_does_not_know() -> None:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    json.loads(run("--json").stdout, parse_constant=refuse)


def test_sensitivity_tells_teams_apart_in_which_support_is_in_vain() -> None:
    rows = json.loads(run("--sensitivity", "--json").stdout)
    vain = [row for row in rows if "in vain" in row["about"]]
    assert {row["scenario"] for row in vain} == {"works in half of them"}
    assert {row["truth"] for row in vain} == {0}
    assert {row["effect"] for row in vain} == {1.5, 3}


def test_nothing_but_the_table_is_printed_where_there_is_no_terminal() -> None:
    assert run().stderr == ""


def test_a_terminal_gets_a_progress_bar_beside_the_table() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from wellbeing.cli import main; main()"]
    finished = subprocess.run(
        [*command, "simulate-support", "--runs", "1"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**environ, "TERM": "xterm"},
        check=True,
    )
    close(theirs)
    shown = read(ours, 100_000).decode()
    close(ours)
    assert "Simulating" in shown
    assert "100%" in shown
    assert finished.stdout.decode().startswith("scenario")


def test_the_same_seed_prints_the_same_and_another_does_not() -> None:
    assert run_afresh().stdout == run().stdout
    assert run("--seed", "2").stdout != run().stdout


def test_the_scale_can_be_chosen() -> None:
    assert run("--scale", "STS").stdout != run("--scale", "CS").stdout


def test_an_unknown_scale_option_or_no_runs_at_all_is_refused() -> None:
    assert run("--scale", "XX").exit_code == 2
    assert run("--runs", "0").exit_code == 2
    assert "--walks" in run("--walks", "3").stderr
