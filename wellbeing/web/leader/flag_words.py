"""What leader pages say about a flag: why, what may help, and what happens next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from wellbeing.actions.session_letters import form_label
from wellbeing.domain.flag_rules import FlagKind, Suggestion
from wellbeing.domain.flags import FlagReason
from wellbeing.domain.instrument import Scale
from wellbeing.store.published import FlagState
from wellbeing.store.support import SessionState
from wellbeing.web.leader.queries import FlagShown
from wellbeing.web.leader.words import say_value
from wellbeing.web.shared.i18n import (
    LazyText,
    _,
    current_texts,
    format_day,
    format_moment,
    gettext,
)

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
class Source:
    """A source behind a suggestion; `link` is "" where none is stable enough."""

    title: str
    link: str


@dataclass(frozen=True, slots=True)
class FlagWords:
    """A flag as a page tells it; an empty text or list is left out there."""

    kind: LazyText
    reason: LazyText
    figures: str
    next_step: str
    caution: LazyText | None
    actions: tuple[LazyText, ...]
    sources: tuple[Source, ...]
    is_open: bool


def say_flag(flag: FlagShown, *, zone: tzinfo, now: datetime) -> FlagWords:
    """The flag in words; whatever its stored figures lack is left out."""
    kind = FlagKind(flag.kind) if flag.kind in set(FlagKind) else None
    chosen = _list(flag.figures, "actions")
    return FlagWords(
        kind=KINDS[kind] if kind else KIND_UNKNOWN,
        reason=_reason(flag.figures),
        figures=_say_figures(flag),
        next_step=_say_next(flag, zone=zone, now=now),
        caution=CAUTIONS[kind] if kind else None,
        actions=tuple(words for action, words in ACTIONS.items() if action in chosen),
        sources=tuple(
            Source(row["title"], row.get("link") or "")
            for row in _list(flag.figures, "guidance")
            if isinstance(row, Mapping) and row.get("title")
        ),
        is_open=flag.is_open,
    )


def _reason(figures: Mapping[str, Any]) -> LazyText:
    for (scale, reason), words in REASONS.items():
        if figures.get("scale") == scale and figures.get("reason") == reason:
            return words
    return REASON_UNKNOWN


def _say_figures(flag: FlagShown) -> str:
    """Where the figure stood when the flag was raised, beside what it was compared with."""
    point = flag.figures.get("now")
    if not isinstance(point, int):
        return ""
    day = format_day(flag.round_closed_on)
    now = say_value(point, str(flag.figures.get("now_kind", "exact")))
    before, reference = flag.figures.get("before"), flag.figures.get("reference")
    if isinstance(before, int):
        said = gettext(
            "In the round that closed on %(day)s the figure was %(now)s. Before that it was about "
            "%(before)s.",
            day=day,
            now=now,
            before=before,
        )
    elif isinstance(reference, int | float):
        said = gettext(
            "In the round that closed on %(day)s the figure was %(now)s. The average in the "
            "studies it is compared with is about %(reference)s.",
            day=day,
            now=now,
            reference=round(reference),
        )
    else:
        said = gettext(
            "In the round that closed on %(day)s the figure was %(now)s.", day=day, now=now
        )
    return str(said)


def _say_next(flag: FlagShown, *, zone: tzinfo, now: datetime) -> str:
    if flag.session is not None:
        return _say_session(flag, zone=zone, now=now)
    if flag.state is FlagState.CLOSED:
        said = gettext("Closed without a session: %(reason)s", reason=flag.closed_because or "–")
    else:
        said = gettext("Next step: HR schedules it together with the leader.")
    return str(said)


def _say_session(flag: FlagShown, *, zone: tzinfo, now: datetime) -> str:
    assert flag.session is not None
    form = form_label(flag.session.form, current_texts())
    moment = format_moment(flag.session.starts_at, zone, weekday=True)
    if flag.session.state is SessionState.HELD:
        day = format_day(flag.session.starts_at.astimezone(zone).date())
        said = gettext("Held on %(day)s: %(form)s.", day=day, form=form)
    elif flag.session.ends_at <= now:
        said = gettext(
            "%(form)s was scheduled for %(moment)s. HR has yet to write down whether it was held.",
            form=form,
            moment=moment,
        )
    else:
        said = gettext("%(form)s is scheduled for %(moment)s.", form=form, moment=moment)
    return str(said)


def _list(figures: Mapping[str, Any], key: str) -> list[Any]:
    value = figures.get(key)
    return value if isinstance(value, list) else []
