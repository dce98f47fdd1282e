"""Everything ever published, as data: what `wellbeing published` prints and the audit reads."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import SHOWN_ENDINGS, Kind, Reason
from wellbeing.domain.record_reader import Place

_SHOWN = re.compile(r"([1-4][0-9]|50)( or more| or less)?")
REASONS = tuple(reason.name.lower() for reason in Reason)
CSV_COLUMNS = (
    "round", "closed_on", "instrument", "wording", "row", "id", "label", "n",
    "scale", "shown", "low", "high", "counts_for", "of", "reason", "counted_in",
)  # fmt: skip


@dataclass(frozen=True)
class ShownValue:
    """A figure as shown, such as "24" or "38 or more", and the closed range of means it covers."""

    shown: str
    low: float
    high: float

    @property
    def point(self) -> int:
        """The whole point, or the X of "X or more" and "X or less"."""
        return int(self.shown.split()[0])

    @property
    def kind(self) -> Kind:
        """Whether the point stands for itself or for an end of the scale."""
        ending = self.shown.removeprefix(str(self.point))
        return next(kind for kind, text in SHOWN_ENDINGS.items() if text == ending)


Values = Mapping[Scale, ShownValue]


@dataclass(frozen=True)
class GroupRecord:
    """A group: the units whose people count there, its complete answers and its values."""

    id: str
    label: str
    counts_for: tuple[str, ...]
    n: int
    values: Values


@dataclass(frozen=True)
class RollupRecord:
    """A unit's figure made of the shown values of the groups `of`."""

    unit: str
    of: tuple[str, ...]
    values: Values


@dataclass(frozen=True)
class WithheldRecord:
    """A unit without a figure, why, and the group its people count in."""

    unit: str
    reason: str
    counted_in: str | None


@dataclass(frozen=True)
class RoundRecord:
    """All that was published of one round."""

    id: str
    closed_on: date
    instrument: str
    wording: str
    groups: tuple[GroupRecord, ...]
    rollups: tuple[RollupRecord, ...]
    withheld: tuple[WithheldRecord, ...]


def to_json(rounds: Sequence[RoundRecord]) -> str:
    """The rounds as `wellbeing published --format json` prints them."""
    data = {"rounds": [_round_data(record) for record in rounds]}
    return json.dumps(data, ensure_ascii=False, indent=2)


def _round_data(record: RoundRecord) -> dict[str, Any]:
    return {
        **vars(record),
        "closed_on": record.closed_on.isoformat(),
        "groups": [{**vars(group), "values": _data(group.values)} for group in record.groups],
        "rollups": [{**vars(rollup), "values": _data(rollup.values)} for rollup in record.rollups],
        "withheld": [vars(mark) for mark in record.withheld],
    }


def _data(values: Values) -> dict[str, Any]:
    return {scale.value: vars(values[scale]) for scale in Scale}


def to_csv(rounds: Sequence[RoundRecord]) -> Iterator[tuple[str, ...]]:
    """The rounds as rows of `CSV_COLUMNS`, heading first; lists are joined by "; "."""
    yield CSV_COLUMNS
    for record in rounds:
        heading = {
            "round": record.id,
            "closed_on": record.closed_on.isoformat(),
            "instrument": record.instrument,
            "wording": record.wording,
        }
        for row in _rows(record):
            yield tuple(_cell({**heading, **row}.get(column)) for column in CSV_COLUMNS)


def _rows(record: RoundRecord) -> Iterator[dict[str, object]]:
    for group in record.groups:
        row = {"row": "group", "id": group.id, "label": group.label, "n": group.n}
        yield from _value_rows(row | {"counts_for": "; ".join(group.counts_for)}, group.values)
    for rollup in record.rollups:
        row = {"row": "rollup", "label": rollup.unit, "of": "; ".join(rollup.of)}
        yield from _value_rows(row, rollup.values)
    for mark in record.withheld:
        row = {"row": "withheld", "label": mark.unit, "reason": mark.reason}
        yield row | {"counted_in": mark.counted_in}


def _value_rows(row: dict[str, object], values: Values) -> Iterator[dict[str, object]]:
    for scale in Scale:
        yield row | {"scale": scale.value} | vars(values[scale])


def _cell(value: object) -> str:
    """Text as it is, but never something that a spreadsheet would run as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def from_json(text: str) -> tuple[RoundRecord, ...]:
    """The rounds that `to_json` wrote; BadInput says where a record is not as it must be."""
    data = Place.parse(text).members("rounds")
    rounds = tuple(_read_round(place) for place in data["rounds"].items())
    data["rounds"].check_unique([record.id for record in rounds])
    return rounds


def _read_round(place: Place) -> RoundRecord:
    data = place.members(*RoundRecord.__dataclass_fields__)
    groups = tuple(_read_group(group) for group in data["groups"].items())
    ids = {group.id for group in groups}
    data["groups"].check_unique([group.id for group in groups])
    return RoundRecord(
        id=data["id"].text(),
        closed_on=data["closed_on"].date(),
        instrument=data["instrument"].text(),
        wording=data["wording"].text(),
        groups=groups,
        rollups=tuple(_read_rollup(rollup, ids) for rollup in data["rollups"].items()),
        withheld=tuple(_read_withheld(mark, ids) for mark in data["withheld"].items()),
    )


def _read_group(place: Place) -> GroupRecord:
    data = place.members(*GroupRecord.__dataclass_fields__)
    counts_for = tuple(unit.text() for unit in data["counts_for"].items())
    data["counts_for"].check_unique(counts_for)
    if not counts_for:
        raise data["counts_for"].fault("must name a unit")
    values = _read_values(data["values"])
    for scale, value in values.items():
        if not _covers(value):
            raise data["values"].fault(f"{scale}: '{value.shown}' and its range do not agree")
    return GroupRecord(
        data["id"].text(), data["label"].text(), counts_for, data["n"].whole(1, 10**9), values
    )


def _read_rollup(place: Place, ids: Collection[str]) -> RollupRecord:
    data = place.members(*RollupRecord.__dataclass_fields__)
    of = tuple(group.one_of(ids) for group in data["of"].items())
    data["of"].check_unique(of)
    if not of:
        raise data["of"].fault("must name a group")
    return RollupRecord(data["unit"].text(), of, _read_values(data["values"]))


def _read_withheld(place: Place, ids: Collection[str]) -> WithheldRecord:
    data = place.members(*WithheldRecord.__dataclass_fields__)
    group = data["counted_in"]
    return WithheldRecord(
        unit=data["unit"].text(),
        reason=data["reason"].one_of(REASONS),
        counted_in=None if group.value is None else group.one_of(ids),
    )


def _read_values(place: Place) -> Values:
    members = place.members(*Scale)
    return {scale: _read_value(members[scale]) for scale in Scale}


def _read_value(place: Place) -> ShownValue:
    data = place.members(*ShownValue.__dataclass_fields__)
    low, high = (data[end].number(10, 50) for end in ("low", "high"))
    if low > high:
        raise place.fault("'low' is above 'high'")
    return ShownValue(data["shown"].matching(_SHOWN), low, high)


def _covers(value: ShownValue) -> bool:
    """Whether a group's text and range say the same (a roll-up's point may round out of it)."""
    ends = {Kind.OR_MORE: value.high == 50, Kind.OR_LESS: value.low == 10, Kind.EXACT: True}
    return ends[value.kind] and value.low <= value.point <= value.high
