"""The sample that levels are compared with: what there is to choose from, and who chose when."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for

from wellbeing.actions import references
from wellbeing.domain.errors import BadInput, Refused
from wellbeing.domain.instrument import Reference, Scale, load_instrument
from wellbeing.domain.own_reference import MIN_ANSWERS, OWN_REFERENCE_ID
from wellbeing.web.hr.pages import Page, blueprint, scope_of
from wellbeing.web.hr.reference_words import MEANINGS
from wellbeing.web.hr.scope import check_whole
from wellbeing.web.shared.i18n import LazyText, format_number, gettext
from wellbeing.web.shared.reference_words import say_reference, say_sample, say_source
from wellbeing.web.shared.services import actor, reading, services, writing

_STEP = 10


@dataclass(frozen=True, slots=True)
class SampleShown:
    """A sample in words; `averages` by scale, "" for a spread that is not known."""

    id: str
    name: str
    source: str
    meaning: LazyText | None
    averages: dict[Scale, tuple[str, str]]
    is_current: bool


@blueprint.get("/hr/reference")
def reference() -> Page:
    """Every sample with its averages and source, the one in use, and earlier choices."""
    with reading() as db:
        check_whole(scope_of(db))
        current = references.find_level_reference(db)
        own = references.find_own_record(db)
        choices = references.find_choices(db)
    return render_template(
        "hr/reference.html",
        current=_show(current, current),
        samples=[_show(sample, current) for sample in references.find_shipped()],
        incomplete=[_show(ref, current) for ref in _find_incomplete()],
        own=_show(own.reference, current) if own.reference else None,
        own_is_current=current.id == OWN_REFERENCE_ID,
        own_id=OWN_REFERENCE_ID,
        least=MIN_ANSWERS,
        # Exact numbers of answers stand in the record, not on pages.
        missing=-(-own.missing // _STEP) * _STEP,
        choices=choices,
        say_sample=say_sample,
    )


@blueprint.post("/hr/reference/choose")
def choose_reference() -> Page:
    """Compares levels with another sample from the next round's suggestions on."""
    sample = request.form.get("sample", "")
    try:
        with writing() as db:
            check_whole(scope_of(db))
            references.choose_reference(db, sample, now=services().now(), by=actor())
    except (BadInput, Refused) as fault:
        flash(fault.in_words_of(gettext), "warning")
    else:
        words = gettext(
            "Chosen: %(sample)s. It counts from the next round's suggestions on.",
            sample=say_sample(sample),
        )
        flash(words, "kind")
    return redirect(url_for("hr.reference"))


def _find_incomplete() -> list[Reference]:
    complete = {sample.id for sample in references.find_shipped()}
    return [sample for sample in load_instrument().references if sample.id not in complete]


def _show(sample: Reference, current: Reference) -> SampleShown:
    return SampleShown(
        id=sample.id,
        name=say_reference(sample),
        source=say_source(sample),
        meaning=MEANINGS.get(sample.id),
        averages={scale: _say_average(sample, scale) for scale in Scale},
        is_current=(sample.id, dict(sample.mean)) == (current.id, dict(current.mean)),
    )


def _say_average(sample: Reference, scale: Scale) -> tuple[str, str]:
    spread = sample.sd.get(scale)
    whole = sample.id == OWN_REFERENCE_ID
    mean = format_number(round(sample.mean[scale]) if whole else sample.mean[scale])
    return mean, format_number(spread) if spread is not None else ""
