"""What every page says about a flag, and about a figure as shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wellbeing.domain.flag_rules import FlagKind, Guidance, Suggestion, load_flag_rules
from wellbeing.domain.flags import FlagReason
from wellbeing.domain.instrument import Scale
from wellbeing.web.shared.i18n import LazyText, _, pgettext
from wellbeing.web.shared.reference_words import is_own

KINDS = {
    FlagKind.OFFER_SUPERVISION: _("Offer supervision"),
    FlagKind.OFFER_DEBRIEFING: _("Offer a debriefing or a defusing talk"),
}
KIND_UNKNOWN = _("Offer support")
CAUTIONS = {
    FlagKind.OFFER_SUPERVISION: _(
        "Supervision works on the reaction, not on the number: never ask anybody what they "
        "answered."
    ),
    FlagKind.OFFER_DEBRIEFING: _(
        "A debriefing is an offer. It is voluntary, led by somebody trained for it, and followed "
        "up after two to four weeks. Nobody has to retell what happened."
    ),
}
REASONS = {
    (Scale.BO, FlagReason.ROSE): _("Signs of burnout have risen."),
    (Scale.STS, FlagReason.ROSE): _("Signs of secondary traumatic stress have risen."),
    (Scale.CS, FlagReason.FELL): _("The satisfaction of helping others has fallen."),
    (Scale.BO, FlagReason.ABOVE_REFERENCE): _(
        "Signs of burnout lie clearly above what is found elsewhere."
    ),
    (Scale.STS, FlagReason.ABOVE_REFERENCE): _(
        "Signs of secondary traumatic stress lie clearly above what is found elsewhere."
    ),
    (Scale.CS, FlagReason.BELOW_REFERENCE): _(
        "The satisfaction of helping others lies clearly below what is found elsewhere."
    ),
}
REASONS_AMONG_ITS_OWN = {
    Scale.BO: _("Signs of burnout lie clearly above the organisation's own average."),
    Scale.STS: _(
        "Signs of secondary traumatic stress lie clearly above the organisation's own average."
    ),
    Scale.CS: _(
        "The satisfaction of helping others lies clearly below the organisation's own average."
    ),
}
OF_LEVELS = (FlagReason.ABOVE_REFERENCE, FlagReason.BELOW_REFERENCE)
REASON_UNKNOWN = _("The published figures call for support.")
ACTIONS = {
    Suggestion.WORKLOAD: _(
        "Go through the workload together: what can wait, be shared or be dropped?"
    ),
    Suggestion.ROLES: _("Make clear who does what, and what is good enough."),
    Suggestion.MEETING_STRUCTURE: _("Make reflection a fixed point of the staff meetings."),
    Suggestion.SUPERVISION_FORM: _(
        "Look at the supervision: is it regular, and does its form fit the work?"
    ),
    Suggestion.EXPOSURE_REVIEW: _(
        "Go through what the staff are exposed to, and how the load can be shared or lessened."
    ),
    Suggestion.COLLEGIAL_SUPPORT: _("Strengthen the support between colleagues in everyday work."),
    Suggestion.RECOGNITION: _("Talk about what gives the work meaning, and show that it is seen."),
}


@dataclass(frozen=True, slots=True)
class FlagWords:
    """What a flag says on its own; an empty text or list is left out on the page."""

    kind: LazyText
    reason: LazyText
    caution: LazyText | str
    actions: tuple[LazyText, ...]
    guidance: tuple[Guidance, ...]


def say_flag(kind: str, figures: Mapping[str, Any]) -> FlagWords:
    """The flag in words; whatever is absent or unknown in `figures` is left out."""
    known = FlagKind(kind) if kind in set(FlagKind) else None
    chosen = _list(figures, "actions")
    return FlagWords(
        kind=KINDS[known] if known else KIND_UNKNOWN,
        reason=_reason(figures),
        caution=CAUTIONS[known] if known else "",
        actions=tuple(words for action, words in ACTIONS.items() if action in chosen),
        guidance=tuple(_guidance(_list(figures, "guidance"))),
    )


def say_value(point: int, kind: object) -> str:
    """A figure as shown: "24", "38 or more" or "14 or less"."""
    if kind == "or_more":
        return str(pgettext("figure", "%(points)s or more", points=point))
    if kind == "or_less":
        return str(pgettext("figure", "%(points)s or less", points=point))
    return str(point)


def _reason(figures: Mapping[str, Any]) -> LazyText:
    for (scale, reason), words in REASONS.items():
        if figures.get("scale") == scale and figures.get("reason") == reason:
            among_own = reason in OF_LEVELS and is_own(figures.get("sample"))
            return REASONS_AMONG_ITS_OWN[scale] if among_own else words
    return REASON_UNKNOWN


def _guidance(rows: list[Any]) -> list[Guidance]:
    """The sources named with the flag; `link` is "" where none is stable enough."""
    known = {source.id: source for rule in load_flag_rules().rows for source in rule.guidance}
    found = []
    for row in rows:
        if isinstance(row, Mapping) and row.get("title"):
            found.append(Guidance(str(row.get("id", "")), row["title"], row.get("link") or ""))
        elif isinstance(row, str) and row in known:
            found.append(known[row])
    return found


def _list(figures: Mapping[str, Any], key: str) -> list[Any]:
    value = figures.get(key)
    return value if isinstance(value, list) else []
