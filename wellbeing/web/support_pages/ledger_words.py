"""What pages say about the steps of the ledger, and about whether a session was useful."""

from wellbeing.actions.ledger_list import LedgerRow, Origin
from wellbeing.domain.ledger import Progress, Step, StepRead
from wellbeing.domain.usefulness import Asked, Usefulness
from wellbeing.store.support import SessionState
from wellbeing.web.shared.i18n import _, format_day, gettext, ngettext

ORIGINS = {
    Origin.FLAG: _("Suggested by the published figures"),
    Origin.INCIDENT: _("After something hard at work"),
    Origin.WISH: _("Agreed on for the unit"),
}
STEP_NAMES = {
    Step.OFFERED: _("Offered"),
    Step.SCHEDULED: _("Time found"),
    Step.HELD: _("Held"),
    Step.ATTENDED: _("Number who came"),
    Step.USEFUL: _("How useful"),
    Step.SCORES: _("Figures after"),
}
USEFUL = {
    1: _("not useful"),
    2: _("of little use"),
    3: _("somewhat useful"),
    4: _("useful"),
    5: _("very useful"),
}


def say_step(read: StepRead, row: LedgerRow) -> str:
    """How far a step has come; "" for one that is still to come."""
    if read.step is Step.USEFUL and read.progress in (Progress.DONE, Progress.NEXT):
        return say_useful(row) if row.tells_record else ""
    if read.progress is Progress.DONE:
        return _say_done(read, row)
    if read.progress is Progress.OVERDUE and read.day:
        return str(gettext("should have been done by %(day)s", day=format_day(read.day)))
    if read.progress is Progress.NEXT:
        return _say_next(read, row)
    return ""


def say_useful(row: LedgerRow) -> str:
    """What those who were there said, in words, once it may be told."""
    assert row.record is not None
    told: Usefulness = row.record.usefulness
    if told.asked is Asked.SHOWN and told.value is not None:
        return str(USEFUL[told.value])
    if told.asked is Asked.OPEN and row.record.feedback_until:
        until = format_day(row.record.feedback_until)
        return str(gettext("answers are still coming in, until %(day)s", day=until))
    return str(gettext("too few answered to show it")) if told.asked is Asked.TOO_FEW else ""


def _say_done(read: StepRead, row: LedgerRow) -> str:
    if read.step is Step.ATTENDED:
        came = row.record.attended if row.record and row.tells_record else None
        if came is None:
            return str(gettext("written down"))
        return str(ngettext("%(num)s person", "%(num)s people", came))
    day = format_day(read.day) if read.day else "–"
    said = {
        Step.SCHEDULED: gettext("for %(day)s", day=day),
        Step.SCORES: gettext("published on %(day)s", day=day),
    }
    return str(said.get(read.step) or gettext("on %(day)s", day=day))


def _say_next(read: StepRead, row: LedgerRow) -> str:
    if read.step is Step.SCORES:
        return str(gettext("come with the next check-in"))
    is_ahead = (
        row.record is not None
        and row.record.state is SessionState.SCHEDULED
        and not row.record.is_over
    )
    if read.step is Step.HELD and is_ahead:
        return str(gettext("not yet"))
    return str(gettext("to be done by %(day)s", day=format_day(read.day))) if read.day else ""
