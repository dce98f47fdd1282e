"""The script for a works council says of every record what the audit says, and shares no code."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.domain.organisations import Answers, record_organisation
from wellbeing.domain.audit import find_worst_of_round, keeps_promise
from wellbeing.domain.disclosure import Rules
from wellbeing.domain.publication_record import RoundRecord, from_json, to_json

SCRIPT = Path(__file__).parents[2] / "docs" / "audit_record.py"
HOME: Answers = {
    "Home": [30, 31],
    "Home / A": [48, 49, 50, 50, 50],
    "Home / B": [10, 11, 10, 10, 10, 12],
    "Home / C": [20, 30, 40],
    "Home / D": [(40, 25, 18)] * 11,
}
Document = dict[str, Any]


def run(text: str, *options: str) -> tuple[int, str, str]:
    """Exit code, what was printed, and what was printed as an error."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *options],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


def random_record(seed: int, rules: Rules) -> RoundRecord:
    random = Random(seed)
    answers: dict[str, list[tuple[int, int, int]]] = {}
    for unit in range(12):
        low, high = random.choice([(10, 50), (10, 14), (44, 50), (20, 30)])
        path = f"Home / {unit % 3} / {unit}" if unit % 4 else f"Home / {unit}"
        answers[path] = [
            (random.randint(low, high), random.randint(low, high), random.randint(low, high))
            for _ in range(random.choice([2, 5, 6, 9, 30]))
        ]
    return record_organisation(answers, round_id=str(seed), rules=rules)


def table(text: str) -> list[list[str]]:
    rows = [line.split() for line in text.splitlines()[1:] if not line.startswith("  ")]
    return rows[:-1]


@pytest.mark.parametrize("known", [1, 2])
@pytest.mark.parametrize("point", [1, 2])
def test_the_script_prints_the_bounds_that_the_audit_finds(known: int, point: int) -> None:
    rules = Rules(pooled_answers=known, point=point)
    records = [random_record(seed, rules) for seed in range(5)]
    code, printed, _ = run(to_json(records), "--known", str(known), "--point", str(point))
    expected = [
        [record.id, *(str(number) for number in vars(worst).values())]
        for record in records
        for pooled in range(known + 1)
        for worst in [find_worst_of_round(record, pooled)]
        if worst
    ]
    assert (code, printed.splitlines()[-1]) == (0, "PASS")
    assert table(printed) == expected


def widen_the_class(document: Document) -> None:
    _value(document, 0, "BO").update(shown="46 or more", low=45.5)


def show_an_exact_end(document: Document) -> None:
    _value(document, 0, "STS").update(shown="50", low=49.5, high=50)


def claim_a_wider_range(document: Document) -> None:
    _value(document, 3, "CS").update(low=30)


def make_a_group_small(document: Document) -> None:
    document["rounds"][0]["groups"][1]["n"] = 4


def count_a_unit_twice(document: Document) -> None:
    document["rounds"][0]["groups"][0]["counts_for"].append("Home / A")


def sharpen_a_rollup(document: Document) -> None:
    value = document["rounds"][0]["rollups"][0]["values"]["BO"]
    value["low"] = value["high"] - 0.01


def change_a_rollup(document: Document) -> None:
    document["rounds"][0]["rollups"][0]["values"]["CS"]["shown"] = "11"


def _value(document: Document, group: int, scale: str) -> dict[str, Any]:
    value: dict[str, Any] = document["rounds"][0]["groups"][group]["values"][scale]
    return value


@pytest.mark.parametrize(
    "tamper",
    [
        widen_the_class, show_an_exact_end, claim_a_wider_range, make_a_group_small,
        count_a_unit_twice, sharpen_a_rollup, change_a_rollup,
    ],
)  # fmt: skip
def test_a_tampered_record_fails_with_the_script_as_with_the_audit(
    tamper: Callable[[Document], None],
) -> None:
    document: Document = json.loads(to_json([record_organisation(HOME)]))
    assert run(json.dumps(document))[0] == 0
    tamper(document)
    code, printed, _ = run(json.dumps(document))
    assert (code, printed.splitlines()[-1]) == (1, "FAIL")
    assert not keeps_promise(from_json(json.dumps(document)), Rules())


def test_verdicts_agree_on_records_changed_at_random() -> None:
    verdicts = []
    for seed in range(25):
        random = Random(seed)
        document: Document = json.loads(to_json([record_organisation(HOME)]))
        value = _value(document, random.randrange(4), random.choice(["CS", "BO", "STS"]))
        point = random.randint(11, 49)
        kind = random.choice(["", " or more", " or less"])
        value["shown"] = f"{point}{kind}"
        value["low"] = 10 if kind == " or less" else point - 0.5
        value["high"] = 50 if kind == " or more" else point + 0.49
        document["rounds"][0]["rollups"] = []
        text = json.dumps(document)
        verdicts.append(run(text)[0] == 0)
        assert verdicts[-1] == keeps_promise(from_json(text), Rules()), value
    assert {True, False} == set(verdicts)


def test_a_room_for_one_pooled_answer_fails_unless_only_one_is_promised() -> None:
    text = to_json([record_organisation({"A": [50] * 5}, rules=Rules(pooled_answers=1))])
    assert run(text)[0] == 1
    assert run(text, "--known", "1")[0] == 0


def test_a_round_that_stands_twice_fails() -> None:
    record = record_organisation(HOME)
    assert "more than once" in run(to_json([record, record]))[1]


def test_a_file_is_read_as_standard_input_is(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text(to_json([record_organisation(HOME)]), encoding="utf-8")
    assert run("", str(file)) == run(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["", "[]", '{"rounds": [{}]}', '{"rounds": 5}'])
def test_what_is_no_record_is_said_in_one_line(text: str) -> None:
    code, _, said = run(text)
    assert code == 2
    assert said.startswith("The record cannot be read: ")
    assert len(said.splitlines()) == 1


def test_the_script_needs_nothing_but_an_old_python() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= {"argparse", "json", "re", "sys", "fractions", "math", "pathlib"}
    assert len(source.splitlines()) <= 180
