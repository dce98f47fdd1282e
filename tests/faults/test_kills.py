"""The fault suite in a few seconds: web processes are killed while people answer."""

import json
from pathlib import Path

import pytest

from tests.databases import PostgreSQLServer
from tests.faults import report, web_kills
from tests.faults.kit import Finding, Kit
from tests.faults.worlds import Plan, Worlds

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.mark.parametrize("kind", KINDS)
def test_web_processes_that_are_killed_lose_and_double_no_answer(
    tmp_path: Path, postgresql: PostgreSQLServer | None, kind: str
) -> None:
    worlds = Worlds(tmp_path, postgresql)
    if kind not in worlds.kinds:
        pytest.skip("PostgreSQL is not installed.")
    finding = Finding("kills", kind, "")
    with worlds.open(kind, Plan(crowd=6)) as world:
        web_kills.answer_through(world, Kit(worlds, 60), kind, finding, most=4)
        assert len(world.told.acknowledged()) == len(world.crowd)
        finding.check(world, "afterwards")
    assert 1 <= finding.injections <= 4
    assert finding.violations == []


def test_a_violation_is_in_the_report_and_ends_the_run_with_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULT", tmp_path / "build" / "faults.json")
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "reliability.md")
    report.DOCUMENT.write_text(f"Before\n{report.BEGIN}\nold\n{report.END}\nAfter\n", "utf-8")
    finding = Finding("kills", "sqlite", "A page.", injections=3)
    finding.expect(False, "an answer is lost")
    report.write_json([Finding("disk", "sqlite", "", injections=2)])
    report.write_document(report.write_json([finding]), {"kills": "A page.", "disk": "Another."})
    kept, row = json.loads(report.RESULT.read_text("utf-8"))
    assert (kept["injections"], kept["violations"]) == (2, 0)
    assert (row["injections"], row["violations"]) == (3, 1)
    said = report.DOCUMENT.read_text("utf-8")
    assert said.startswith("Before\n")
    assert said.endswith("After\n")
    assert "old" not in said
    assert said.index("| kills | sqlite | 3 | 1 | ") < said.index("| disk | sqlite | 2 | 0 | ")
    assert "5 injections, 1 violations" in said
