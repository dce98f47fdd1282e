"""A flag as a team page tells it: why, what may help, and what happens next."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from wellbeing.actions.session_letters import form_label
from wellbeing.store.published import FlagState
from wellbeing.store.support import SessionState
from wellbeing.web.shared import flag_words
from wellbeing.web.shared.flag_words import FlagWords, say_value
from wellbeing.web.shared.i18n import current_texts, format_day, format_moment, gettext
from wellbeing.web.shared.reference_words import is_own, say_sample
from wellbeing.web.team_page.flag_queries import FlagShown


@dataclass(frozen=True, slots=True)
class FlagCard:
    """A flag with the figures that raised it, "" where they are not known, and its next step."""

    words: FlagWords
    figures: str
    next_step: str
    rule_id: str


def describe_flag(flag: FlagShown, *, zone: tzinfo, now: datetime) -> FlagCard:
    """The flag in words; whatever its stored figures lack is left out."""
    return FlagCard(
        words=flag_words.say_flag(flag.kind, flag.figures),
        figures=_say_figures(flag),
        next_step=_say_next(flag, zone=zone, now=now),
        rule_id=flag.rule_id,
    )


def _say_figures(flag: FlagShown) -> str:
    """Where the figure stood when the flag was raised, beside what it was compared with."""
    point = flag.figures.get("now")
    if not isinstance(point, int):
        return ""
    day = format_day(flag.round_closed_on)
    now = say_value(point, flag.figures.get("now_kind"))
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
        said = _say_beside(day, now, round(reference), flag.figures.get("sample"))
    else:
        said = gettext(
            "In the round that closed on %(day)s the figure was %(now)s.", day=day, now=now
        )
    return str(said)


def _say_beside(day: str, now: str, reference: int, sample: object) -> str:
    """The figure beside the sample it was compared with, whichever is chosen now."""
    if is_own(sample):
        said = gettext(
            "In the round that closed on %(day)s the figure was %(now)s. The average of the "
            "organisation's own figures was about %(reference)s.",
            day=day,
            now=now,
            reference=reference,
        )
    elif isinstance(sample, str):
        said = gettext(
            "In the round that closed on %(day)s the figure was %(now)s. The average it was "
            "compared with was about %(reference)s (%(sample)s).",
            day=day,
            now=now,
            reference=reference,
            sample=say_sample(sample),
        )
    else:
        said = gettext(
            "In the round that closed on %(day)s the figure was %(now)s. The average in the "
            "studies it is compared with is about %(reference)s.",
            day=day,
            now=now,
            reference=reference,
        )
    return str(said)


def _say_next(flag: FlagShown, *, zone: tzinfo, now: datetime) -> str:
    if flag.session is not None:
        return _say_session(flag, zone=zone, now=now)
    if flag.state is FlagState.CLOSED:
        said = gettext("Closed without a session: %(reason)s", reason=flag.closed_because or "–")
    elif flag.is_snoozed(now.astimezone(zone).date()) and flag.snoozed_until:
        said = gettext(
            "Snoozed until %(day)s: %(reason)s",
            day=format_day(flag.snoozed_until),
            reason=flag.snoozed_because or "–",
        )
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
