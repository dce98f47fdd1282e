"""What pages say about the samples that levels are compared with."""

from wellbeing.domain.instrument import Reference, Scale
from wellbeing.domain.own_reference import OWN_REFERENCE_ID
from wellbeing.web.shared.i18n import LazyText, _, format_number, gettext

SAMPLES: dict[str, LazyText] = {
    "pooled-30-studies": _("30 studies of people who help others"),
    "us-teachers": _("Teachers in the United States"),
    "norwegian-child-protection": _("Child protection workers in Norway"),
    OWN_REFERENCE_ID: _("The organisation's own figures"),
}
_STEP = 10


def is_own(sample_id: object) -> bool:
    """Whether this is the organisation's own record."""
    return sample_id == OWN_REFERENCE_ID


def say_sample(sample_id: str, otherwise: str = "") -> str:
    """What a sample is called; `otherwise`, or its id, where it has no words."""
    return str(SAMPLES.get(sample_id) or otherwise or sample_id)


def say_reference(reference: Reference) -> str:
    """What the sample is called."""
    return say_sample(reference.id, reference.label)


def say_source(reference: Reference) -> str:
    """Where the averages come from. The number of own answers is rounded down to tens."""
    if not is_own(reference.id):
        return reference.source
    return str(
        gettext(
            "about %(answers)s answers in published figures; how much people differ is taken "
            "from the 30 studies, as it is never published here",
            answers=format_number(reference.n // _STEP * _STEP),
        )
    )


def say_averages(reference: Reference) -> str:
    """The sample with its averages in whole points, and what an average is not."""
    points = {scale.value.lower(): round(reference.mean[scale]) for scale in Scale}
    if is_own(reference.id):
        return str(
            gettext(
                "The averages of the organisation's own figures were about %(bo)s for burnout, "
                "%(sts)s for secondary traumatic stress and %(cs)s for compassion satisfaction "
                "when they were chosen. They show where a unit lies among its own; where "
                "everybody is strained, nobody lies above. The average is not a target.",
                **points,
            )
        )
    return str(
        gettext(
            "Compared with: %(reference)s. The average there was about %(bo)s for burnout, "
            "%(sts)s for secondary traumatic stress and %(cs)s for compassion satisfaction. "
            "It is not Danish, and it is not a target.",
            reference=say_reference(reference),
            **points,
        )
    )
