"""An organisation's own published record as the sample its teams are compared with.

Arithmetic on shown values, so it can tell no more than they do. It answers another question than a
published sample: whether a team lies above the rest of its organisation. Where everyone is
strained, nobody lies above.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from wellbeing.domain.instrument import Instrument, Reference, Scale, load_instrument
from wellbeing.domain.publication_record import GroupRecord, RoundRecord

OWN_REFERENCE_ID = "own-record"
MIN_ANSWERS = 200


def find_own_reference(
    records: Sequence[RoundRecord], instrument: Instrument | None = None
) -> Reference | None:
    """The reference made of all groups ever shown, or None below 200 published answers.

    Means are the groups' shown points weighted by their answers; a class counts as its X. How much
    people differ within a group is never published, so the SDs are those of the instrument's first
    sample that has them all. Only rounds of the latest round's instrument and wording count: other
    words may give other levels.
    """
    groups = _comparable_groups(records)
    answers = count_answers(records)
    if answers < MIN_ANSWERS:
        return None
    means = {scale: _mean(groups, scale) for scale in Scale}
    return make_own_reference(means, answers, instrument)


def count_answers(records: Sequence[RoundRecord]) -> int:
    """How many published answers the own reference would be made of."""
    return sum(group.n for group in _comparable_groups(records))


def make_own_reference(
    means: Mapping[Scale, float], answers: int, instrument: Instrument | None = None
) -> Reference:
    """The reference of means that were worked out before."""
    spread = _find_spread(instrument or load_instrument())
    return Reference(
        id=OWN_REFERENCE_ID,
        label=f"This organisation's own figures (spread: {spread.label})",
        source=(
            f"{answers} answers in published group figures, as shown; standard deviations of "
            f"{spread.label} ({spread.source}), as spread is not published"
        ),
        n=answers,
        mean=MappingProxyType(dict(means)),
        sd=spread.sd,
    )


def _comparable_groups(records: Sequence[RoundRecord]) -> list[GroupRecord]:
    if not records:
        return []
    latest = max(records, key=lambda record: record.closed_on)
    return [
        group
        for record in records
        if (record.instrument, record.wording) == (latest.instrument, latest.wording)
        for group in record.groups
    ]


def _find_spread(instrument: Instrument) -> Reference:
    return next(ref for ref in instrument.references if set(ref.sd) == set(Scale))


def _mean(groups: Sequence[GroupRecord], scale: Scale) -> float:
    total = sum(group.n * group.values[scale].point for group in groups)
    return total / sum(group.n for group in groups)
