"""What HR pages say about flags, rounds and sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wellbeing.domain.flag_rules import FlagKind, Guidance, Suggestion, load_flag_rules
from wellbeing.domain.flags import FlagReason
from wellbeing.domain.instrument import Scale
from wellbeing.store.org import RoundState
from wellbeing.store.support import SupportForm
from wellbeing.web.shared.i18n import LazyText, _, gettext

KIND_WORDS = {
    FlagKind.OFFER_SUPERVISION: _("Offer supervision"),
    FlagKind.OFFER_DEBRIEFING: _("Offer a debriefing or a defusing talk"),
}
KIND_UNKNOWN = _("Offer support")
KIND_CAUTION = {
    FlagKind.OFFER_SUPERVISION: _(
        "Supervision works on the reaction, not on the number: never ask anybody what they "
        "answered."
    ),
    FlagKind.OFFER_DEBRIEFING: _(
        "A debriefing is an offer. It is voluntary, led by somebody trained for it, and followed "
        "up after two to four weeks. Nobody has to retell what happened."
    ),
}
SUGGESTED_FORM = {
    FlagKind.OFFER_SUPERVISION: SupportForm.TEAM_SUPERVISION,
    FlagKind.OFFER_DEBRIEFING: SupportForm.DEBRIEFING,
}
REASON_WORDS = {
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
REASON_UNKNOWN = _("The published figures call for support.")
ACTION_WORDS = {
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
ROUND_WORDS = {
    RoundState.PLANNED: _("Planned"),
    RoundState.OPEN: _("Open for answers"),
    RoundState.CLOSED: _("Closed, the figures are on their way"),
    RoundState.TALLIED: _("Closed, the figures are on their way"),
    RoundState.PUBLISHED: _("Published"),
    RoundState.STOPPED: _("Stopped"),
    RoundState.CANCELLED: _("Cancelled"),
}
STOPPED_UNSAID = _(
    "The count did not add up, or the figures could not be published safely. The audit log has "
    "the details."
)


@dataclass(frozen=True, slots=True)
class FlagWords:
    """A flag as a page tells it; `facts` are pairs of a label and a value."""

    kind: str
    caution: str
    reason: str
    facts: tuple[tuple[str, str], ...]
    actions: tuple[str, ...]
    guidance: tuple[Guidance, ...]


def say_flag(kind: str, figures: Mapping[str, Any]) -> FlagWords:
    """The flag in words; whatever is absent or unknown in `figures` is left out."""
    known = FlagKind(kind) if kind in set(FlagKind) else None
    return FlagWords(
        kind=str(KIND_WORDS[known] if known else KIND_UNKNOWN),
        caution=str(KIND_CAUTION[known]) if known else "",
        reason=str(_reason(figures)),
        facts=tuple(_facts(figures)),
        actions=tuple(
            str(words)
            for action, words in ACTION_WORDS.items()
            if action in _list(figures, "actions")
        ),
        guidance=tuple(_guidance(_list(figures, "guidance"))),
    )


def say_stopped(reason: str | None) -> str:
    """Why a round stopped. A reason with numbers in it could tell how many of a unit answered,
    more exactly than is ever published, so it is kept for the audit log."""
    if not reason or any(character.isdigit() for character in reason):
        return str(STOPPED_UNSAID)
    return str(gettext(reason))


def _reason(figures: Mapping[str, Any]) -> LazyText:
    for (scale, reason), words in REASON_WORDS.items():
        if figures.get("scale") == scale and figures.get("reason") == reason:
            return words
    return REASON_UNKNOWN


def _facts(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = []
    if isinstance(before := figures.get("before"), int):
        facts.append((gettext("Level before"), gettext("about %(points)s", points=before)))
    if isinstance(now := figures.get("now"), int):
        facts.append((gettext("Latest round"), _latest(now, figures.get("now_kind"))))
    if isinstance(rounds := figures.get("rounds"), int):
        compared = (
            gettext("the latest round with the rounds before it")
            if rounds == 1
            else gettext("the latest %(num)s rounds with the rounds before them", num=rounds)
        )
        facts.append((gettext("Compared"), compared))
    if isinstance(reference := figures.get("reference"), int | float):
        found = gettext(
            "about %(points)s in studies of staff who help others", points=round(reference)
        )
        facts.append((gettext("For comparison"), found))
    return facts


def _latest(now: int, kind: object) -> str:
    if kind == "or_more":
        return str(gettext("%(points)s or more", points=now))
    if kind == "or_less":
        return str(gettext("%(points)s or less", points=now))
    return str(now)


def _guidance(rows: list[Any]) -> list[Guidance]:
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
