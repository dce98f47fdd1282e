"""From a publication's arrays to the record that is kept of it, with the names of its units."""

from collections.abc import Sequence
from datetime import date

from wellbeing.domain.instrument import Scale
from wellbeing.domain.publication import GroupKind, Publication, Reason, ShownValues
from wellbeing.domain.publication_record import (
    GroupRecord,
    RollupRecord,
    RoundRecord,
    ShownValue,
    Values,
    WithheldRecord,
)


def record_round(
    publication: Publication,
    unit_paths: Sequence[str],
    *,
    round_id: str,
    closed_on: date,
    instrument: str,
    wording: str,
) -> RoundRecord:
    """The record of a publication; `unit_paths` names each unit of its tree."""
    ids = [f"{round_id}:{at}" for at in range(1, publication.groups.unit.size + 1)]
    return RoundRecord(
        id=round_id,
        closed_on=closed_on,
        instrument=instrument,
        wording=wording,
        groups=_record_groups(publication, unit_paths, ids),
        rollups=_record_rollups(publication, unit_paths, ids),
        withheld=_record_withheld(publication, unit_paths, ids),
    )


def _record_groups(
    publication: Publication, unit_paths: Sequence[str], ids: Sequence[str]
) -> tuple[GroupRecord, ...]:
    groups = publication.groups
    return tuple(
        GroupRecord(
            id=ids[at],
            label=label_of(unit_paths[unit], GroupKind(groups.kind[at])),
            counts_for=tuple(unit_paths[counted] for counted in groups.counts_for[at]),
            n=int(groups.answers[at]),
            values=_record_values(groups.values, at),
        )
        for at, unit in enumerate(groups.unit)
    )


def _record_rollups(
    publication: Publication, unit_paths: Sequence[str], ids: Sequence[str]
) -> tuple[RollupRecord, ...]:
    rollups = publication.rollups
    return tuple(
        RollupRecord(
            unit=unit_paths[unit],
            of=tuple(ids[group] for group in rollups.of[at]),
            values=_record_values(rollups.values, at),
        )
        for at, unit in enumerate(rollups.unit)
    )


def _record_withheld(
    publication: Publication, unit_paths: Sequence[str], ids: Sequence[str]
) -> tuple[WithheldRecord, ...]:
    withheld = publication.withheld
    return tuple(
        WithheldRecord(
            unit=unit_paths[unit],
            reason=Reason(reason).name.lower(),
            counted_in=None if group < 0 else ids[group],
        )
        for unit, reason, group in zip(
            withheld.unit, withheld.reason, withheld.counted_in, strict=True
        )
    )


def label_of(unit_path: str, kind: GroupKind) -> str:
    """How the record names a group: its team or reporting group, or "Others in" the unit."""
    return f"Others in {unit_path}" if kind is GroupKind.OTHERS else unit_path


def _record_values(values: ShownValues, row: int) -> Values:
    return {
        scale: ShownValue(
            values.text(row, at), float(values.low[row, at]), float(values.high[row, at])
        )
        for at, scale in enumerate(Scale)
    }
