"""The record is exactly the documented JSON, and nothing else is read."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.domain.organisations import Answers, record_organisation
from wellbeing.domain.errors import BadInput
from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import Kind
from wellbeing.domain.publication_record import (
    CSV_COLUMNS,
    GroupRecord,
    RoundRecord,
    ShownValue,
    from_json,
    to_csv,
    to_json,
)

ANSWERS: Answers = {
    "Home / A": [(50, 50, 10)] * 5,
    "Home / B": [(30, 24, 18)] * 6,
    "Home / C": [(30, 24, 18)] * 3,
}
RECORD = record_organisation(ANSWERS)


def document() -> dict[str, Any]:
    """The record as parsed JSON, for a test to damage."""
    parsed: dict[str, Any] = json.loads(to_json([RECORD]))
    return parsed


class TestWriting:
    def test_the_json_has_the_documented_names_in_their_order(self) -> None:
        (round_,) = document()["rounds"]
        assert list(round_) == [
            "id", "closed_on", "instrument", "wording", "groups", "rollups", "withheld",
        ]  # fmt: skip
        assert list(round_["groups"][0]) == ["id", "label", "counts_for", "n", "values"]
        assert list(round_["rollups"][0]) == ["unit", "of", "values"]
        assert list(round_["withheld"][0]) == ["unit", "reason", "counted_in"]

    def test_a_group_is_written_with_what_its_readers_saw(self) -> None:
        assert document()["rounds"][0]["groups"][0] == {
            "id": "1:1",
            "label": "Home / A",
            "counts_for": ["Home / A"],
            "n": 5,
            "values": {
                "CS": {"shown": "46 or more", "low": 45.5, "high": 50},
                "BO": {"shown": "30 or more", "low": 29.5, "high": 50},
                "STS": {"shown": "14 or less", "low": 10, "high": 14.49},
            },
        }

    def test_a_rollup_names_its_groups_and_has_no_finer_value(self) -> None:
        rollup = document()["rounds"][0]["rollups"][0]
        assert (rollup["unit"], rollup["of"]) == ("Home", ["1:1", "1:2"])
        assert rollup["values"]["BO"]["shown"] == "27"

    def test_a_withheld_unit_says_why_and_where_it_counts(self) -> None:
        together = record_organisation({**ANSWERS, "Home": [30, 30]})
        marks = json.loads(to_json([together]))["rounds"][0]["withheld"]
        assert marks == [{"unit": "Home / C", "reason": "too_few", "counted_in": "1:1"}]
        assert document()["rounds"][0]["withheld"] == [
            {"unit": "Home / C", "reason": "not_used", "counted_in": None}
        ]

    def test_others_are_named_after_their_unit(self) -> None:
        together = record_organisation({**ANSWERS, "Home": [30, 30]})
        assert together.groups[0].label == "Others in Home"
        assert together.groups[0].counts_for == ("Home", "Home / C")

    def test_danish_letters_are_kept(self) -> None:
        assert "Bostedet Åen / Øst" in to_json(
            [record_organisation({"Bostedet Åen / Øst": [30] * 5})]
        )


class TestReading:
    def test_what_was_written_is_read_back_the_same(self) -> None:
        rounds = (RECORD, record_organisation(ANSWERS, round_id="2", closed_on=date(2026, 6, 30)))
        assert from_json(to_json(rounds)) == rounds

    def test_an_empty_history_is_read(self) -> None:
        assert from_json(to_json([])) == ()

    @pytest.mark.parametrize(
        ("shown", "point", "kind"),
        [
            ("24", 24, Kind.EXACT),
            ("38 or more", 38, Kind.OR_MORE),
            ("14 or less", 14, Kind.OR_LESS),
        ],
    )
    def test_a_shown_text_gives_its_point_and_kind(
        self, shown: str, point: int, kind: Kind
    ) -> None:
        value = ShownValue(shown, 10, 50)
        assert (value.point, value.kind) == (point, kind)

    def test_every_kind_has_a_text_of_its_own(self) -> None:
        assert {value.kind for value in RECORD.groups[0].values.values()} == set(Kind) - {
            Kind.EXACT
        }
        assert {value.kind for value in RECORD.groups[1].values.values()} == {Kind.EXACT}


Damage = Callable[[dict[str, Any]], object]
FAULTS: dict[str, Damage] = {
    "rounds[0]": lambda d: d["rounds"][0].pop("wording"),
    "rounds": lambda d: d["rounds"].append(d["rounds"][0]),
    "rounds[0].id": lambda d: d["rounds"][0].update(id=""),
    "rounds[0].closed_on": lambda d: d["rounds"][0].update(closed_on="31-03-2026"),
    "rounds[0].wording": lambda d: d["rounds"][0].update(wording=None),
    "rounds[0].groups": lambda d: d["rounds"][0].update(groups={}),
    "rounds[0].groups[0]": lambda d: d["rounds"][0]["groups"][0].update(mean=24.2),
    "rounds[0].groups[1]": lambda d: d["rounds"][0]["groups"].insert(1, "A"),
    "rounds[0].groups[0].n": lambda d: d["rounds"][0]["groups"][0].update(n=True),
    "rounds[0].groups[1].n": lambda d: d["rounds"][0]["groups"][1].update(n=0),
    "rounds[0].groups[0].counts_for": lambda d: d["rounds"][0]["groups"][0].update(counts_for=[]),
    "rounds[0].groups[0].counts_for[0]": lambda d: d["rounds"][0]["groups"][0].update(
        counts_for=[3]
    ),
    "rounds[0].groups[0].values": lambda d: d["rounds"][0]["groups"][0]["values"].pop("STS"),
    "rounds[0].groups[1].values": lambda d: d["rounds"][0]["groups"][1]["values"]["BO"].update(
        low=24.2
    ),
    "rounds[0].groups[1].values.BO": lambda d: d["rounds"][0]["groups"][1]["values"]["BO"].update(
        low=24.6
    ),
    "rounds[0].groups[1].values.BO.shown": lambda d: d["rounds"][0]["groups"][1]["values"][
        "BO"
    ].update(shown="24.2"),
    "rounds[0].groups[1].values.CS.low": lambda d: d["rounds"][0]["groups"][1]["values"][
        "CS"
    ].update(low="23.5"),
    "rounds[0].groups[1].values.STS.high": lambda d: d["rounds"][0]["groups"][1]["values"][
        "STS"
    ].update(high=51),
    "rounds[0].rollups[0].of": lambda d: d["rounds"][0]["rollups"][0].update(of=[]),
    "rounds[0].rollups[0].of[1]": lambda d: d["rounds"][0]["rollups"][0].update(of=["1:1", "9"]),
    "rounds[0].withheld[0].reason": lambda d: d["rounds"][0]["withheld"][0].update(reason="alike"),
    "rounds[0].withheld[0].counted_in": lambda d: d["rounds"][0]["withheld"][0].update(
        counted_in="2:1"
    ),
}


class TestFaults:
    @pytest.mark.parametrize("path", FAULTS)
    def test_a_damaged_record_is_refused_with_the_place_of_the_fault(self, path: str) -> None:
        data = document()
        FAULTS[path](data)
        with pytest.raises(BadInput) as refusal:
            from_json(json.dumps(data))
        assert (refusal.value.faults, str(refusal.value).startswith(path)) == ((path,), True)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            '{"rounds": NaN}',
            '{"rounds": [], "rounds": []}',
            "[" * 100_000,
            '{"rounds": [' + "9" * 5000 + "]}",
        ],
    )
    def test_what_is_no_plain_json_is_refused(self, text: str) -> None:
        with pytest.raises(BadInput, match="not readable JSON"):
            from_json(text)

    @pytest.mark.parametrize("text", ["[]", "3", '{"round": []}', "null"])
    def test_a_document_of_another_form_is_refused(self, text: str) -> None:
        with pytest.raises(BadInput, match=r"^The record"):
            from_json(text)

    @pytest.mark.parametrize("day", ["20260331", "2026-W14-2", "2026-02-30"])
    def test_a_day_has_one_way_of_writing(self, day: str) -> None:
        data = document()
        data["rounds"][0]["closed_on"] = day
        with pytest.raises(BadInput, match="closed_on"):
            from_json(json.dumps(data))

    def test_a_group_named_twice_is_refused(self) -> None:
        data = document()
        data["rounds"][0]["groups"][1]["id"] = "1:1"
        with pytest.raises(BadInput, match=r"groups: '1:1' stands here 2 times"):
            from_json(json.dumps(data))


class TestCsv:
    def test_there_is_a_row_for_each_value_and_each_withheld_unit(self) -> None:
        heading, *rows = to_csv([RECORD])
        assert heading == CSV_COLUMNS
        assert [row[4] for row in rows] == ["group"] * 6 + ["rollup"] * 3 + ["withheld"]

    def test_a_row_holds_what_the_json_holds(self) -> None:
        row = dict(zip(CSV_COLUMNS, list(to_csv([RECORD]))[2], strict=True))
        assert row == {
            "round": "1", "closed_on": "2026-03-31", "instrument": "proqol5",
            "wording": "proqol5-adapted-da-1", "row": "group", "id": "1:1", "label": "Home / A",
            "n": "5", "scale": "BO", "shown": "30 or more", "low": "29.5", "high": "50.0",
            "counts_for": "Home / A", "of": "", "reason": "", "counted_in": "",
        }  # fmt: skip

    @pytest.mark.parametrize("name", ["=1+1", "+45", "-x", "@cmd", "\tx"])
    def test_a_name_that_a_spreadsheet_would_run_is_quoted(self, name: str) -> None:
        values = dict.fromkeys(Scale, ShownValue("24", 23.5, 24.49))
        group = GroupRecord("1", name, (name,), 5, values)
        record = RoundRecord("1", date(2026, 3, 31), "proqol5", "w", (group,), (), ())
        assert all(row[6] == f"'{name}" for row in list(to_csv([record]))[1:])
