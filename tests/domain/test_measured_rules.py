"""What the page of the rules says they cost and find is what docs/flags.md measured."""

import re
import shlex
from pathlib import Path

import pytest

from tests.domain.test_flags import broken
from wellbeing.domain.errors import BadInput
from wellbeing.domain.flag_rules import load_flag_rules
from wellbeing.resources import folder

DOCS = folder("config").parent / "docs" / "flags.md"
MEASURED = load_flag_rules().measured


def test_every_team_has_the_figures_of_the_table_as_used() -> None:
    assert MEASURED
    assert f"`{MEASURED.command}`" in DOCS.read_text(encoding="utf-8")
    table = DOCS.read_text(encoding="utf-8").split("### As used")[1].split("\n### ")[0]
    assert f"a rise of {MEASURED.rise} points" in table
    rows = re.findall(
        r"\| this service \| (\d+) \| ([\d.]+) \| [\d.]+ \| (\d+) % \| (\d+) % \| (\d+) % \|", table
    )
    said = [
        (str(team.size), f"{team.false_a_year:.2f}", *(str(team.found[n]) for n in (1, 2, 4)))
        for team in MEASURED.teams
    ]
    assert said == rows


def test_the_command_named_is_one_of_ours() -> None:
    assert MEASURED
    program, command, *_ = shlex.split(MEASURED.command)
    assert (program, command) == ("wellbeing", "simulate-flags")
    assert (folder("config").parent / "wellbeing" / "commands" / "simulate_flags.py").is_file()


def test_a_file_without_measured_figures_says_none(tmp_path: Path) -> None:
    text = (folder("config") / "flags.toml").read_text(encoding="utf-8")
    path = tmp_path / "flags.toml"
    path.write_text(text.split("[measured]")[0], encoding="utf-8")
    assert load_flag_rules(path).measured is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("rise = 4", 'rise = "four"'), ("found = { 1 = 16", "found = { first = 16"), ("size = 5", "")],
)
def test_measured_figures_that_cannot_be_read_are_refused(
    tmp_path: Path, old: str, new: str
) -> None:
    with pytest.raises(BadInput):
        load_flag_rules(broken(tmp_path, old, new))
