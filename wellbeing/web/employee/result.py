"""Says three scores in words: beside the published bands, and beside people who do like work."""

from dataclasses import dataclass
from enum import StrEnum

from wellbeing.domain.advice import Occasion
from wellbeing.domain.instrument import (
    NOT_SCORED,
    Band,
    Instrument,
    Reference,
    Scale,
    band_of,
)
from wellbeing.web.shared.i18n import LazyText, _


class Standing(StrEnum):
    """Where a score lies beside a reference mean."""

    CLEARLY_BELOW = "clearly_below"
    BELOW = "below"
    NEAR = "near"
    ABOVE = "above"
    CLEARLY_ABOVE = "clearly_above"


class Change(StrEnum):
    """A person's score beside the one before: changed only beyond the form's own imprecision."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"


class Direction(StrEnum):
    """What a change means to its owner; heavier is said first."""

    HEAVIER = "heavier"
    LIGHTER = "lighter"


@dataclass(frozen=True, slots=True)
class ScaleResult:
    """One scale as its owner reads it; a scale not scored has no standing and no band."""

    scale: Scale
    score: int
    standing: Standing | None
    band: Band | None
    band_low: int
    band_high: int
    mean: float
    spread: float
    reliable_change: int
    before: int = NOT_SCORED
    change: Change | None = None

    @property
    def name(self) -> LazyText:
        """What the scale is called."""
        return SCALE_NAMES[self.scale]

    @property
    def about(self) -> LazyText:
        """What the scale asks about."""
        return SCALE_ABOUT[self.scale]

    @property
    def sentence(self) -> LazyText | None:
        """The standing as a sentence to its owner."""
        return SENTENCES[self.scale, self.standing] if self.standing else None

    @property
    def short(self) -> LazyText | None:
        """The standing in a few words."""
        return SHORT[self.standing] if self.standing else None

    @property
    def change_words(self) -> LazyText | None:
        """The change in a few words."""
        return CHANGES[self.change] if self.change else None

    @property
    def band_name(self) -> LazyText | None:
        """What the published form calls the score."""
        return BAND_NAMES[self.band] if self.band else None

    @property
    def direction(self) -> Direction | None:
        """Whether a clear change makes things heavier or lighter; None without one."""
        if self.change in (None, Change.UNCLEAR):
            return None
        is_more = self.change is Change.UP
        return Direction.LIGHTER if is_more == (self.scale is Scale.CS) else Direction.HEAVIER


Scores = tuple[int, int, int]


def describe(
    instrument: Instrument, scores: Scores, before: Scores | None = None
) -> list[ScaleResult]:
    """The three scales in their order, with the change since `before` where both are scored."""
    pairs = zip(Scale, scores, before or (NOT_SCORED,) * 3, strict=True)
    return [_describe(instrument, scale, score, earlier) for scale, score, earlier in pairs]


def occasions_of(results: list[ScaleResult]) -> frozenset[Occasion]:
    """Which advice is meant for somebody with this result: by the reference, never by a band."""
    return frozenset(
        _OCCASIONS[result.scale, result.standing]
        for result in results
        if result.standing and (result.scale, result.standing) in _OCCASIONS
    )


def reference_of(instrument: Instrument) -> Reference:
    """The sample that a person's result is shown beside: the largest, with its spread known."""
    return max((r for r in instrument.references if len(r.sd) == len(Scale)), key=lambda r: r.n)


def standing_of(instrument: Instrument, scale: Scale, score: int) -> Standing:
    """Near: within the form's own error; clearly: further away than one SD of the sample."""
    reference = reference_of(instrument)
    distance = score - reference.mean[scale]
    if abs(distance) <= instrument.standard_error[scale]:
        return Standing.NEAR
    if abs(distance) <= reference.sd[scale]:
        return Standing.ABOVE if distance > 0 else Standing.BELOW
    return Standing.CLEARLY_ABOVE if distance > 0 else Standing.CLEARLY_BELOW


def change_of(instrument: Instrument, scale: Scale, before: int, after: int) -> Change:
    """Whether a person's score has moved further than the form's imprecision explains (95 %)."""
    if abs(after - before) < instrument.reliable_change[scale]:
        return Change.UNCLEAR
    return Change.UP if after > before else Change.DOWN


def _describe(instrument: Instrument, scale: Scale, score: int, before: int) -> ScaleResult:
    is_scored = score != NOT_SCORED
    band = band_of(instrument, scale, score) if is_scored else None
    low, high = instrument.bands[scale][band] if band else (0, 0)
    has_change = is_scored and before != NOT_SCORED
    return ScaleResult(
        scale=scale,
        score=score,
        standing=standing_of(instrument, scale, score) if is_scored else None,
        band=band,
        band_low=low,
        band_high=high,
        mean=reference_of(instrument).mean[scale],
        spread=reference_of(instrument).sd[scale],
        reliable_change=instrument.reliable_change[scale],
        before=before,
        change=change_of(instrument, scale, before, score) if has_change else None,
    )


_OCCASIONS = {
    (Scale.CS, Standing.CLEARLY_BELOW): Occasion.LITTLE_SATISFACTION,
    (Scale.BO, Standing.CLEARLY_ABOVE): Occasion.MUCH_BURNOUT,
    (Scale.STS, Standing.CLEARLY_ABOVE): Occasion.MUCH_SECONDARY_STRESS,
}
SCALE_NAMES = {
    Scale.CS: _("Compassion satisfaction"),
    Scale.BO: _("Burnout"),
    Scale.STS: _("Secondary traumatic stress"),
}
SCALE_ABOUT = {
    Scale.CS: _("What you get back from helping others and from doing it well."),
    Scale.BO: _("How much the work wears on you, and what you have to hold on to."),
    Scale.STS: _("How much of what others have been through stays with you."),
}
SHORT = {
    Standing.CLEARLY_BELOW: _("clearly below the average"),
    Standing.BELOW: _("a little below the average"),
    Standing.NEAR: _("about the average"),
    Standing.ABOVE: _("a little above the average"),
    Standing.CLEARLY_ABOVE: _("clearly above the average"),
}
BAND_NAMES = {Band.LOW: _("low"), Band.MODERATE: _("moderate"), Band.HIGH: _("high")}
CHANGES = {
    Change.UP: _("higher than last time"),
    Change.DOWN: _("lower than last time"),
    Change.UNCLEAR: _("no clear change since last time"),
}
SENTENCES = {
    (Scale.CS, Standing.CLEARLY_ABOVE): _(
        "Just now you get clearly more out of helping than people do on average."
    ),
    (Scale.CS, Standing.ABOVE): _(
        "Just now you get a little more out of helping than people do on average."
    ),
    (Scale.CS, Standing.NEAR): _(
        "Just now you get about as much out of helping as people do on average."
    ),
    (Scale.CS, Standing.BELOW): _(
        "Just now you get a little less out of helping than people do on average."
    ),
    (Scale.CS, Standing.CLEARLY_BELOW): _(
        "Just now you get clearly less out of helping than people do on average. "
        "That is worth telling somebody you trust."
    ),
    (Scale.BO, Standing.CLEARLY_ABOVE): _(
        "Just now the work wears on you clearly more than on people on average. "
        "Take it seriously. You need not carry it alone."
    ),
    (Scale.BO, Standing.ABOVE): _(
        "Just now the work wears on you a little more than on people on average."
    ),
    (Scale.BO, Standing.NEAR): _(
        "Just now the work wears on you about as much as on people on average."
    ),
    (Scale.BO, Standing.BELOW): _(
        "Just now the work wears on you a little less than on people on average."
    ),
    (Scale.BO, Standing.CLEARLY_BELOW): _(
        "Just now the work wears on you clearly less than on people on average."
    ),
    (Scale.STS, Standing.CLEARLY_ABOVE): _(
        "Just now what others have been through stays with you clearly more than with people on "
        "average. It is a known reaction to work like yours, and there is help to be had."
    ),
    (Scale.STS, Standing.ABOVE): _(
        "Just now what others have been through stays with you a little more than with people on "
        "average."
    ),
    (Scale.STS, Standing.NEAR): _(
        "Just now what others have been through stays with you about as much as with people on "
        "average."
    ),
    (Scale.STS, Standing.BELOW): _(
        "Just now what others have been through stays with you a little less than with people on "
        "average."
    ),
    (Scale.STS, Standing.CLEARLY_BELOW): _(
        "Just now what others have been through stays with you clearly less than with people on "
        "average."
    ),
}
