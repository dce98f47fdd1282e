"""What pages say about whether support helped: a verdict, one sentence with figures, a caution."""

from collections.abc import Mapping
from dataclasses import dataclass

from wellbeing.domain.effect_rules import EffectRules, load_effect_rules
from wellbeing.domain.effects import Effect, EffectVerdict, ShownEffect, Unjudged
from wellbeing.domain.instrument import Scale
from wellbeing.web.shared.i18n import LazyText, _, format_number, gettext, ngettext
from wellbeing.web.shared.scale_words import PAGE_ORDER, SCALE_NAMES

VERDICTS = {
    EffectVerdict.HELPED: _("has helped, as far as the figures can tell"),
    EffectVerdict.NO_EVIDENCE: _("no evidence that it helped"),
    EffectVerdict.CANNOT_TELL_YET: _("cannot tell yet"),
}
CAUTIONS: dict[EffectVerdict, LazyText | str] = {
    EffectVerdict.HELPED: _(
        "A hard time that passes by itself looks the same in the figures. What else happened in "
        "those months? Those who were there know best."
    ),
    EffectVerdict.NO_EVIDENCE: _(
        "That does not mean that it was in vain: the figures often miss a smaller effect."
    ),
    EffectVerdict.CANNOT_TELL_YET: "",
}
# From how many units on; the last has no end.
UNIT_RANGE_STARTS = (3, 6, 11, 21)


@dataclass(frozen=True, slots=True)
class EffectShown:
    """An effect on one scale in words; `compared` and `caution` are "" where nothing is to say."""

    name: LazyText
    verdict: LazyText
    text: str
    compared: str
    caution: str


def say_effects(effects: Mapping[Scale, Effect], lead: Scale | None = None) -> list[EffectShown]:
    """The effects on each scale in page order, the one that the support answers first."""
    order = sorted(PAGE_ORDER, key=lambda scale: scale is not lead)
    return [say_effect(effects[scale]) for scale in order if scale in effects]


def say_effect(effect: Effect) -> EffectShown:
    """An effect in words: of an offer in one unit, or of a form in all units that had it."""
    return EffectShown(
        name=SCALE_NAMES[effect.scale],
        verdict=VERDICTS[effect.verdict],
        text=_explain(effect, load_effect_rules()),
        compared=_say_compared(effect) if effect.shown else "",
        caution=str(CAUTIONS[effect.verdict]),
    )


def say_units(units: int) -> str:
    """A number of units as a range, never exactly."""
    starts = [start for start in UNIT_RANGE_STARTS if start <= units]
    if not starts:
        return str(gettext("fewer than %(num)s", num=UNIT_RANGE_STARTS[0]))
    if starts[-1] == UNIT_RANGE_STARTS[-1]:
        return str(gettext("%(num)s or more", num=UNIT_RANGE_STARTS[-1]))
    return f"{starts[-1]}–{UNIT_RANGE_STARTS[len(starts)] - 1}"


def _explain(effect: Effect, rules: EffectRules) -> str:
    if effect.why is not None and effect.why is not Unjudged.TOO_UNSURE:
        return _say_why(effect, rules)
    assert effect.shown is not None
    said = [_say_why(effect, rules)] if effect.why else []
    said.append(_say_difference(effect.shown))
    if effect.at_least:
        said.append(
            gettext(
                "Some of the figures were classes such as “38 or more”, so the difference may be "
                "larger."
            )
        )
    return " ".join(said)


def _say_why(effect: Effect, rules: EffectRules) -> str:
    """Why nothing can be said yet."""
    assert effect.why is not None
    before, after = effect.rounds_before, effect.rounds_after
    return str(
        {
            Unjudged.TOO_FEW_BEFORE: ngettext(
                "Judging it takes %(needed)s rounds with figures from before. There is %(num)s.",
                "Judging it takes %(needed)s rounds with figures from before. There are %(num)s.",
                before,
                needed=rules.min_rounds_before,
            ),
            Unjudged.TOO_FEW_AFTER: ngettext(
                "Judging it takes %(needed)s rounds with figures from after. So far there is "
                "%(num)s.",
                "Judging it takes %(needed)s rounds with figures from after. So far there are "
                "%(num)s.",
                after,
                needed=rules.min_rounds_after,
            ),
            Unjudged.BREAK: gettext(
                "The wording of the check-in changed soon after, so before and after cannot be "
                "compared."
            ),
            Unjudged.MIXED: gettext(
                "Other support began at the same time, and the figures cannot tell them apart."
            ),
            Unjudged.TOO_FEW_COMPARISONS: gettext(
                "Fewer than %(units)s other units without support had figures in the same rounds, "
                "so there is too little to compare with.",
                units=rules.min_comparisons,
            ),
            Unjudged.TOO_FEW_UNITS: gettext(
                "It can be judged in fewer than %(units)s units so far.", units=rules.min_units
            ),
            Unjudged.TOO_UNSURE: gettext(
                "The figures fit with a clear effect as well as with none."
            ),
        }[effect.why]
    )


def _say_difference(shown: ShownEffect) -> str:
    """How far the figure lay from what was expected, with its interval, in half points."""
    if shown.estimate == 0:
        lay = gettext("Afterwards the figure lay where it was to be expected")
    elif shown.estimate < 0:
        lay = gettext(
            "Afterwards the figure lay about %(points)s lower than expected",
            points=_say_points(shown.estimate),
        )
    else:
        lay = gettext(
            "Afterwards the figure lay about %(points)s higher than expected",
            points=_say_points(shown.estimate),
        )
    return f"{lay} ({_say_interval(shown.low, shown.high)})."


def _say_interval(low: float, high: float) -> str:
    if high <= 0:
        return str(
            gettext(
                "very likely between %(least)s and %(most)s lower",
                least=_say_number(high),
                most=_say_points(low),
            )
        )
    if low >= 0:
        return str(
            gettext(
                "very likely between %(least)s and %(most)s higher",
                least=_say_number(low),
                most=_say_points(high),
            )
        )
    return str(
        gettext(
            "very likely between %(lower)s lower and %(higher)s higher",
            lower=_say_points(low),
            higher=_say_points(high),
        )
    )


def _say_compared(effect: Effect) -> str:
    return str(
        gettext(
            "Compared: %(before)s rounds before and %(after)s after, and %(units)s other units "
            "without support in the same rounds.",
            before=effect.rounds_before,
            after=effect.rounds_after,
            units=say_units(effect.comparisons),
        )
    )


def _say_points(points: float) -> str:
    size = abs(points)
    number = _say_number(points)
    if size == 1:
        return str(gettext("%(number)s point", number=number))
    return str(gettext("%(number)s points", number=number))


def _say_number(points: float) -> str:
    return format_number(abs(points))
