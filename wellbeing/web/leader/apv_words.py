"""What the APV pack calls things."""

from wellbeing.actions.apv_figures import FlagRaised
from wellbeing.actions.apv_support import OfferMade
from wellbeing.actions.session_letters import form_label
from wellbeing.domain.instrument import Scale
from wellbeing.domain.trends import Verdict
from wellbeing.store.published import FlagState
from wellbeing.store.support import OfferState
from wellbeing.web.shared.i18n import LazyText, _, current_texts, format_day, gettext, ngettext
from wellbeing.web.team_page import words

VERDICTS = {
    Verdict.WORSE: _("worse"),
    Verdict.PROBABLY_WORSE: _("probably worse"),
    Verdict.NO_EVIDENCE: _("no certain change"),
    Verdict.PROBABLY_BETTER: _("probably better"),
    Verdict.BETTER: _("better"),
    Verdict.TOO_FEW: _("too few figures to tell"),
}
LAW = _(
    "The Danish Working Environment Act (arbejdsmiljøloven) § 15 a and executive order no. 1838 of "
    "14 December 2023 (bekendtgørelse om systematisk arbejdsmiljøarbejde) ask for a written "
    "workplace assessment: what the working environment is like, how great the risks are, whether "
    "it plays a part in sickness absence, and a plan of action. Everything, physical and "
    "psychosocial, is gone through at least every three years. The employer chooses the method."
)
LAW_LINK = "https://at.dk/regler/at-vejledninger/systematisk-arbejdsmiljoearbejde-1-3-1/"
# What the pack is and is not, as pairs of a heading and a text.
ABOUT = (
    (
        _("What this is"),
        _(
            "What the service knows of strain in the unit and of the support it has had, put "
            "together for your workplace assessment (APV): figures, suggestions, incidents, "
            "offers, sessions and agreements."
        ),
    ),
    (
        _("What it is not"),
        _(
            "It is not the assessment itself. You assess and decide. It shows strain, and little "
            "of where it comes from; it knows nothing of the physical surroundings or of sickness "
            "absence. There is room for all that."
        ),
    ),
    (
        _("Whom it speaks of"),
        _(
            "Of groups, never of one person. Who answered, who asked for support and who came is "
            "not in here. Of incidents there are only kind and day."
        ),
    ),
    (_("The law"), LAW),
    (_("Guidance of the Danish Working Environment Authority"), f"AT-vejledning 1.3.1, {LAW_LINK}"),
)


def say_verdict(scale: Scale, verdict: Verdict) -> LazyText:
    """A verdict as the sentence that the unit's page has for it."""
    return words.VERDICTS.get((scale, verdict)) or words.VERDICTS_OF_ANY_SCALE[verdict]


def say_end(flag: FlagRaised) -> str:
    """What came of a flag."""
    if flag.state is FlagState.CLOSED:
        return str(gettext("Closed: %(reason)s", reason=_said(flag.closed_because)))
    if flag.answered_by is not None:
        form = form_label(flag.answered_by, current_texts())
        return str(gettext("Answered with: %(form)s", form=form))
    if flag.snoozed_until is not None:
        return str(
            gettext(
                "Put off until %(day)s: %(reason)s",
                day=format_day(flag.snoozed_until),
                reason=_said(flag.snoozed_because),
            )
        )
    return str(gettext("Not answered yet"))


def say_state(offer: OfferMade, next_on: str) -> str:
    """How far an offer has come; `next_on` is the day of its next session, or ""."""
    if offer.state is OfferState.CLOSED:
        return str(gettext("Closed: %(reason)s", reason=_said(offer.closed_because)))
    said = []
    if offer.held:
        said.append(ngettext("Held %(num)s time", "Held %(num)s times", offer.held))
    elif offer.held_on is not None:
        said.append(gettext("Held on %(day)s", day=format_day(offer.held_on)))
    if next_on:
        said.append(gettext("Scheduled for %(day)s", day=next_on))
    if not said and offer.due_on is not None:
        said.append(gettext("Not held yet, due by %(day)s", day=format_day(offer.due_on)))
    return ". ".join(said) or str(gettext("Not held yet"))


def _said(reason: str) -> str:
    """A reason as it was written; where it is one of a closed list, in the reader's language."""
    return str(gettext(reason)) if reason else "–"
