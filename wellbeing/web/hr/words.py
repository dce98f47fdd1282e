"""What HR pages say about flags, rounds and sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wellbeing.domain.flag_rules import FlagKind, Guidance
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.org import Round, RoundState
from wellbeing.web.shared import flag_words
from wellbeing.web.shared.i18n import _, gettext
from wellbeing.web.shared.reference_words import say_sample

SUGGESTED_FORM = {
    FlagKind.OFFER_SUPERVISION: SupportForm.TEAM_SUPERVISION,
    FlagKind.OFFER_DEBRIEFING: SupportForm.DEBRIEFING,
}
ROUND_WORDS = {
    RoundState.PLANNED: _("Planned"),
    RoundState.OPEN: _("Open for answers"),
    RoundState.CLOSED: _("Closed, the figures are on their way"),
    RoundState.TALLIED: _("Closed, the figures are on their way"),
    RoundState.PUBLISHED: _("Published"),
    RoundState.STOPPED: _("Stopped"),
    RoundState.CANCELLED: _("Cancelled"),
    RoundState.LOST: _("Closed without figures"),
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
    said = flag_words.say_flag(kind, figures)
    return FlagWords(
        kind=str(said.kind),
        caution=str(said.caution),
        reason=str(said.reason),
        facts=tuple(_facts(figures)),
        actions=tuple(str(words) for words in said.actions),
        guidance=said.guidance,
    )


def say_state(round_: Round) -> str:
    """How far a round has come; one with two keys says that it waits for them."""
    if round_.two_keys and round_.state is RoundState.CLOSED:
        return str(gettext("Closed, waits for both key holders"))
    return str(ROUND_WORDS[round_.state])


def say_stopped(reason: str | None) -> str:
    """Why a round stopped. A reason with numbers in it could tell how many of a unit answered,
    more exactly than is ever published, so it is kept for the audit log."""
    if not reason or any(character.isdigit() for character in reason):
        return str(STOPPED_UNSAID)
    return str(gettext(reason))


def _facts(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = []
    if isinstance(before := figures.get("before"), int):
        facts.append((gettext("Level before"), gettext("about %(points)s", points=before)))
    if isinstance(now := figures.get("now"), int):
        facts.append((gettext("Latest round"), flag_words.say_value(now, figures.get("now_kind"))))
    if isinstance(rounds := figures.get("rounds"), int):
        compared = (
            gettext("the latest round with the rounds before it")
            if rounds == 1
            else gettext("the latest %(num)s rounds with the rounds before them", num=rounds)
        )
        facts.append((gettext("Compared"), compared))
    if isinstance(reference := figures.get("reference"), int | float):
        found = _say_reference(round(reference), figures.get("sample"))
        facts.append((gettext("For comparison"), found))
    return facts


def _say_reference(points: int, sample: object) -> str:
    if isinstance(sample, str):
        return str(
            gettext("about %(points)s (%(sample)s)", points=points, sample=say_sample(sample))
        )
    return str(gettext("about %(points)s in studies of staff who help others", points=points))
