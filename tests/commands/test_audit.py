"""`wellbeing audit` proves the promise from the record alone, and exits 1 where it is broken."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.cast import make_cast
from tests.domain.organisations import Answers, record_organisation
from tests.rounds import STEADY, WORN, RoundRunner
from wellbeing.commands.audit import audit
from wellbeing.domain.disclosure_rules import load_rules
from wellbeing.domain.errors import BadInput
from wellbeing.domain.publication_record import RoundRecord, ShownValue, to_json
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

HOUSE: Answers = {"Home / A": [30] * 5, "Home / B": [50] * 6}
FIRST = record_organisation(HOUSE, round_id="first", closed_on=date(2026, 1, 31))
SECOND = record_organisation(
    {"Home / A": [30] * 6, "Home / B": [20] * 9}, round_id="second", closed_on=date(2026, 4, 30)
)


def _broken() -> RoundRecord:
    group = FIRST.groups[0]
    values = {scale: ShownValue("30", 29.9, 30.0) for scale in group.values}
    return replace(FIRST, groups=(replace(group, n=4, values=values),), rollups=(), withheld=())


def _run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(audit, list(arguments), input=stdin)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "record.json"
    path.write_text(to_json([FIRST, SECOND]), encoding="utf-8")
    return path


def _report(*arguments: str) -> dict[str, Any]:
    report = json.loads(_run("--json", *arguments).stdout)
    assert isinstance(report, dict)
    return report


def test_a_record_of_ours_holds_and_exits_0(record: Path) -> None:
    result = _run("--record", str(record))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "2 rounds, 4 groups."
    assert lines[-1] == "The promise holds."


def test_it_tells_the_narrowest_interval_alone_and_with_as_many_pooled_as_promised(
    record: Path,
) -> None:
    report = _report("--record", str(record))
    alone, *pooled = report["worst"]
    assert report["narrowest"] == alone["narrowest"] >= report["promised"] == 20
    assert report["promised_pooled"] == load_rules().pooled_answers == len(pooled)
    assert pooled[0]["narrowest"] < alone["narrowest"]
    for one in report["worst"]:
        assert one["lowest_strain"] <= 30 <= one["highest_satisfaction"]


@pytest.mark.parametrize(("coalition", "pooled"), [(0, [0]), (3, [0, 1, 2, 3])])
def test_a_coalition_of_any_size_is_reported(
    record: Path, coalition: int, pooled: list[int]
) -> None:
    report = _report("--record", str(record), "--coalition", str(coalition))
    assert [one["pooled"] for one in report["worst"]] == pooled


def test_a_coalition_of_everybody_has_nobody_left_to_learn_about(record: Path) -> None:
    report = _report("--record", str(record), "--coalition", "20")
    assert max(one["pooled"] for one in report["worst"]) == 8


def test_one_round_can_be_asked_about(record: Path) -> None:
    report = _report("--record", str(record), "--round", "first")
    assert (report["rounds"], report["groups"]) == (["first"], 2)


def test_what_a_reader_may_assume_about_a_joiner_is_reported(record: Path) -> None:
    steps = _report("--record", str(record))["steps"]
    assert [step["moved"] for step in steps] == [0, 2, 4]
    assert {step["people"] for step in steps} == {1}
    assert steps[0]["narrowest"] <= steps[1]["narrowest"] <= steps[2]["narrowest"]


def test_a_broken_record_exits_1_and_names_every_breach(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(to_json([_broken()]), encoding="utf-8")
    result = _run("--record", str(path))
    assert result.exit_code == 1
    assert "Round first, Home / A: the group has 4 answers." in result.stdout
    assert result.stdout.splitlines()[-1].startswith("Broken in ")
    report = _report("--record", str(path))
    assert not report["kept"]
    assert report["breaches"]


def test_a_record_is_read_from_standard_input() -> None:
    result = _run("--record", "-", stdin=to_json([FIRST]))
    assert result.exit_code == 0
    assert result.stdout.startswith("1 rounds, 2 groups.")


def test_nothing_published_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"rounds": []}')
    assert _run("--record", str(path)).stdout == "0 rounds, 0 groups.\nThe promise holds.\n"
    assert _report("--record", str(path))["narrowest"] is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not readable JSON"),
        (b'{"rounds": [{}]}', r"rounds\[0\]: 'id' is missing"),
        (b"\xff\xfe", "not UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_record_is_told_in_words(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "record.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        CliRunner().invoke(audit, ["--record", str(path)], catch_exceptions=False)


def test_an_unknown_round_is_told_in_words(record: Path) -> None:
    with pytest.raises(BadInput, match="no published round 'third'"):
        CliRunner().invoke(
            audit, ["--record", str(record), "--round", "third"], catch_exceptions=False
        )


def test_rounds_published_by_the_service_hold(
    sqlite_database: Database, tmp_path: Path, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_database.writing(Reach.EVERYTHING) as session:
        cast = make_cast(session)
    rounds = RoundRunner(sqlite_database, tmp_path, now)
    round_id = rounds.open()
    rounds.answer_all(round_id, cast.members_of("team_a"), STEADY)
    rounds.answer_all(round_id, cast.members_of("team_b"), WORN)
    assert rounds.publish(round_id)
    monkeypatch.setenv("WELLBEING_DATABASE_URL", str(sqlite_database.url))
    report = _report()
    assert (report["kept"], report["rounds"]) == (True, [str(round_id)])
