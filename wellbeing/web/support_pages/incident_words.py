"""What pages say about incidents and the steps after them: calm, short, and what happens now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from uuid import UUID

from wellbeing.actions.incident_reads import IncidentShown, StepShown
from wellbeing.actions.off_cycle import ExtraRoundOption
from wellbeing.actions.session_letters import form_label
from wellbeing.domain.incidents import ClosingReason, IncidentKind
from wellbeing.domain.off_cycle import NoRoundReason
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.org import Round, RoundState
from wellbeing.store.support import OfferState
from wellbeing.web.shared.i18n import LazyText, _, current_texts, format_day, format_moment, gettext

KINDS: dict[IncidentKind, LazyText] = {
    IncidentKind.VIOLENCE: _("Violence"),
    IncidentKind.THREAT: _("Threats"),
    IncidentKind.SUICIDE: _("Suicide or an attempt"),
    IncidentKind.SELF_HARM: _("Self-harm"),
    IncidentKind.DEATH: _("A death"),
    IncidentKind.OVERDOSE: _("An overdose"),
    IncidentKind.CHILD_HARMED: _("A child who was harmed"),
    IncidentKind.ACCIDENT: _("An accident"),
    IncidentKind.LONG_STRAIN: _("Strain that has lasted long"),
    IncidentKind.OTHER: _("Something else"),
}
REASONS: dict[ClosingReason, LazyText] = {
    ClosingReason.NOT_WANTED: _("It was offered, and nobody wanted it."),
    ClosingReason.GIVEN_ELSEWHERE: _("It was given in another way."),
    ClosingReason.NOT_NEEDED: _("It was not needed this time."),
    ClosingReason.MISTAKE: _("The incident was registered by mistake."),
}
STEP_REASONS = tuple(reason for reason in ClosingReason if reason is not ClosingReason.MISTAKE)
ABOUT: dict[SupportForm, LazyText] = {
    SupportForm.FIRST_AID: _(
        "Somebody stays close, makes it safe and calm, listens without asking for the story, and "
        "helps with what is needed now."
    ),
    SupportForm.DEFUSING: _(
        "A short talk for those who were there, the same or the next day. It is voluntary, and "
        "nobody has to tell what happened."
    ),
    SupportForm.DEBRIEFING: _(
        "A talk led by a psychologist after some days, for those who want it. It is an offer, "
        "never a duty."
    ),
    SupportForm.FOLLOW_UP: _(
        "After about a month: how is everybody now, and does anybody need more?"
    ),
}
NO_ROUND: dict[NoRoundReason, LazyText] = {
    NoRoundReason.TOO_SMALL: _(
        "The unit is too small for figures, so an extra check-in would tell nothing. Take the talk "
        "in the follow-up instead."
    ),
    NoRoundReason.COUNTED_WITH_OTHERS: _(
        "The unit is counted together with other teams, so it has no check-in of its own. Take the "
        "talk in the follow-up instead."
    ),
    NoRoundReason.NEXT_COMES_FIRST: _(
        "Nobody is asked twice within thirty days, and the next check-in for everybody comes "
        "before an extra one could be held. It serves as the follow-up."
    ),
    NoRoundReason.TOO_LATE: _(
        "No day within three months of the incident keeps thirty days to the other check-ins."
    ),
    NoRoundReason.NO_PROGRAMME: _("There are no check-ins yet, so there is no extra one either."),
    NoRoundReason.UNIT_CLOSED: _("The unit is closed, so there is nobody to ask."),
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step in words; `is_done` also where it was closed with a reason."""

    offer_id: UUID
    form: SupportForm
    name: str
    about: LazyText
    status: str
    is_done: bool
    is_overdue: bool
    is_waiting: bool
    session_id: UUID | None


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident in words, without what was written of it."""

    id: UUID
    unit: str
    kind: LazyText
    happened_on: date
    registered_on: date
    affected_count: int
    is_closed: bool
    is_withdrawn: bool
    steps: list[StepLine]
    extra_round: str

    @property
    def overdue(self) -> list[StepLine]:
        """The steps that should have been taken by now."""
        return [step for step in self.steps if step.is_overdue and not self.is_closed]


def describe_incidents(
    incidents: Iterable[IncidentShown], *, today: date, zone: tzinfo
) -> list[IncidentLine]:
    """Incidents in the reader's language, in the order given."""
    return [describe_incident(incident, today=today, zone=zone) for incident in incidents]


def describe_incident(incident: IncidentShown, *, today: date, zone: tzinfo) -> IncidentLine:
    """One incident in the reader's language."""
    return IncidentLine(
        id=incident.id,
        unit=incident.unit,
        kind=KINDS[incident.kind],
        happened_on=incident.happened_on,
        registered_on=incident.registered_on,
        affected_count=incident.affected_count,
        is_closed=incident.closed_on is not None,
        is_withdrawn=incident.is_withdrawn,
        steps=[_describe_step(step, today, zone) for step in incident.steps],
        extra_round=say_extra_round(incident.extra_round, zone),
    )


def say_extra_round(found: Round | None, zone: tzinfo) -> str:
    """The extra check-in of an incident and how far it has come; "" for none."""
    if found is None:
        return ""
    if found.state is RoundState.PLANNED:
        return str(
            gettext(
                "An extra check-in for the unit opens on %(moment)s.",
                moment=format_moment(found.opens_at, zone, weekday=True),
            )
        )
    if found.state is RoundState.OPEN:
        return str(
            gettext(
                "An extra check-in for the unit is open until %(moment)s.",
                moment=format_moment(found.closes_at, zone, weekday=True),
            )
        )
    if found.state is RoundState.PUBLISHED:
        return str(gettext("The extra check-in has been held, and its figures are on the page."))
    return str(gettext("The extra check-in has closed, and its figures are on their way."))


def say_option(option: ExtraRoundOption, zone: tzinfo) -> str:
    """When an extra check-in could be held, or why none can."""
    if option.window is not None:
        return str(
            gettext(
                "The earliest day is %(opens)s. It is open until %(closes)s.",
                opens=format_day(option.window.opens_at.astimezone(zone).date(), weekday=True),
                closes=format_day(option.window.closes_at.astimezone(zone).date()),
            )
        )
    assert option.reason is not None
    said = str(NO_ROUND[option.reason])
    if option.reason is NoRoundReason.NEXT_COMES_FIRST and option.next_round_at is not None:
        day = format_day(option.next_round_at.astimezone(zone).date())
        return f"{said} {gettext('The next one opens on %(day)s.', day=day)}"
    return said


def say_reason(text: str | None) -> str:
    """Why something was closed, in the reader's language where it is one of ours."""
    for reason, words in REASONS.items():
        if text == reason.value:
            return str(words)
    return text or ""


def _describe_step(step: StepShown, today: date, zone: tzinfo) -> StepLine:
    return StepLine(
        offer_id=step.offer_id,
        form=step.form,
        name=form_label(step.form, current_texts()),
        about=ABOUT[step.form],
        status=_say_status(step, today, zone),
        is_done=not step.is_waiting,
        is_overdue=step.is_overdue(today),
        is_waiting=step.is_waiting,
        session_id=step.session_id,
    )


def _say_status(step: StepShown, today: date, zone: tzinfo) -> str:
    starts_on = step.starts_at.astimezone(zone).date() if step.starts_at else None
    if step.state is OfferState.HELD:
        day = format_day(step.held_on or starts_on or step.due_on)
        if step.form is SupportForm.FIRST_AID:
            return str(gettext("Given on %(day)s", day=day))
        return str(gettext("Held on %(day)s", day=day))
    if step.state is OfferState.CLOSED:
        return say_reason(step.closed_because)
    if step.state is OfferState.SCHEDULED and starts_on is not None:
        return str(gettext("Planned for %(day)s", day=format_day(starts_on, weekday=True)))
    return _say_due(step, today)


def _say_due(step: StepShown, today: date) -> str:
    due = format_day(step.due_on, weekday=True)
    if step.is_overdue(today):
        return str(gettext("Should have been there by %(day)s. It is not too late.", day=due))
    if step.form is SupportForm.FIRST_AID:
        return str(gettext("Now, and at the latest %(day)s", day=due))
    if step.form is SupportForm.DEBRIEFING and step.from_day < step.due_on:
        start = format_day(step.from_day, weekday=True)
        return str(
            gettext("Where it is wanted, between %(start)s and %(end)s", start=start, end=due)
        )
    if step.form is SupportForm.FOLLOW_UP:
        return str(gettext("On about %(day)s", day=due))
    return str(gettext("Offered by %(day)s", day=due))
