"""A diary as a file holds what its owner answered, and other programs read it."""

import csv
import io
import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.canaries import sheet_with_sums
from wellbeing.domain.diary_export import ExportEntry, diary_as_csv, diary_as_json
from wellbeing.domain.instrument import ITEM_COUNT, load_instrument, load_wording
from wellbeing.domain.score_file import score_csv

INSTRUMENT = load_instrument()
AT = datetime(2026, 11, 2, 0, 30, tzinfo=ZoneInfo("Europe/Copenhagen"))
DANISH = load_wording("da")
FIRST, SECOND = sheet_with_sums((33, 31, 24)), sheet_with_sums((40, 20, 15), seed=1)
# Two of the ten items of secondary traumatic stress.
OPEN = tuple(0 if item in (2, 5) else a for item, a in enumerate(SECOND, start=1))
ENTRIES = [
    ExportEntry(AT, (33, 31, 24), FIRST, "da", DANISH),
    ExportEntry(AT.replace(month=8), (40, 20, 15), SECOND),
    ExportEntry(AT.replace(month=5), (40, 20, 0), OPEN, "da", DANISH),
]


def read_entry(entry: dict[str, Any]) -> ExportEntry:
    """An entry of the file as it was exported."""
    cs, bo, sts = (entry["scores"][scale] or 0 for scale in ("CS", "BO", "STS"))
    return ExportEntry(
        datetime.fromisoformat(entry["answered_at"]).astimezone(AT.tzinfo),
        (cs, bo, sts),
        tuple(answer["answer"] or 0 for answer in entry["answers"]),
        entry["language"],
        DANISH if entry["answers"][0]["sentence"] else None,
    )


def test_the_json_gives_every_entry_back_as_it_was() -> None:
    document = json.loads(diary_as_json(ENTRIES, INSTRUMENT, made_on=AT.date()))
    assert [read_entry(entry) for entry in document["entries"]] == ENTRIES


def test_the_json_says_what_it_is_and_how_to_read_a_score() -> None:
    document = json.loads(diary_as_json([], INSTRUMENT, made_on=date(2026, 11, 2)))
    assert (document["format"], document["version"]) == ("wellbeing-diary", 1)
    assert document["made_on"] == "2026-11-02"
    assert document["scales"]["BO"] == {
        "name": "burnout",
        "lowest": 10,
        "highest": 50,
        "bands": {"low": [10, 22], "moderate": [23, 41], "high": [42, 50]},
        "reliable_change": 8,
    }
    assert document["entries"] == []


def test_every_answer_stands_beside_the_sentence_that_was_asked() -> None:
    document = json.loads(diary_as_json(ENTRIES, INSTRUMENT, made_on=AT.date()))
    asked, unknown, left_open = document["entries"]
    assert [answer["sentence"] for answer in asked["answers"]] == list(DANISH.items)
    assert asked["answers"][0]["words"] == DANISH.anchors[FIRST[0] - 1]
    assert asked["credits"] == list(DANISH.credits)
    assert unknown["answers"][0]["sentence"] is None
    assert left_open["answers"][1]["words"] is None
    assert left_open["scores"]["STS"] is left_open["bands"]["STS"] is None


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_spreadsheet_scores_to_what_it_says(delimiter: str) -> None:
    text, sink = diary_as_csv(ENTRIES, INSTRUMENT, delimiter=delimiter), io.StringIO()
    score_csv(io.StringIO(text, newline=""), sink, INSTRUMENT)
    rows = list(csv.DictReader(io.StringIO(sink.getvalue()), delimiter=delimiter))
    names = ("compassion_satisfaction", "burnout", "secondary_traumatic_stress")
    for row, entry in zip(rows, ENTRIES, strict=True):
        assert row["date"] == entry.at.date().isoformat()
        assert tuple(int(row[name] or 0) for name in names) == entry.scores
        assert [row[name] for name in names] == [row[scale] for scale in ("CS", "BO", "STS")]
        assert row["burnout_band"] == row["BO_band"]


def test_no_cell_of_the_spreadsheet_is_a_formula() -> None:
    rows = csv.reader(io.StringIO(diary_as_csv(ENTRIES, INSTRUMENT).removeprefix("\ufeff")))
    cells = [cell for row in rows for cell in row]
    assert len(cells) == (1 + len(ENTRIES)) * (1 + ITEM_COUNT + 6)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
