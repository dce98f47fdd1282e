"""The pages of whoever leads sessions: their own sessions and hours, and nothing else."""

from uuid import UUID

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.session_letters import form_label
from wellbeing.actions.session_list import SessionShown, find_sessions
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.accounts import Person
from wellbeing.store.support import Booking, BookingState, SessionState, SupportSession
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.services import reading, services, signed_in
from wellbeing.web.supervisor import record_routes
from wellbeing.web.supervisor.blueprint import blueprint
from wellbeing.web.support_pages.supervisor_desk import Page, desk_page

__all__ = ["blueprint", "record_routes"]


@blueprint.get("/supervisor")
def sessions() -> str:
    """Own sessions, those to come first; the past latest first."""
    now, texts = services().now(), current_texts()
    with reading() as db:
        own = find_sessions(
            db,
            SupportSession.supervisor_id == signed_in().person_id,
            SupportSession.state != SessionState.CANCELLED,
            with_private=True,
        )
        names = _find_names(db, own)
    ahead = [s for s in own if s.ends_at > now and s.state is SessionState.SCHEDULED]
    return render_template(
        "supervisor/sessions.html",
        ahead=ahead,
        past=[s for s in reversed(own) if s not in ahead],
        form_words={form: form_label(form, texts) for form in SupportForm},
        names=names,
    )


@blueprint.route("/supervisor/availability", methods=["GET", "POST"])
def availability() -> Page:
    """What they offer, their weekly hours, and days that are different."""
    return desk_page(signed_in().person_id, "supervisor/availability.html", may_set_external=False)


def _find_names(db: Session, sessions: list[SessionShown]) -> dict[UUID, str]:
    """Whom to expect at a talk for one; of a unit nobody is named."""
    private = [shown.id for shown in sessions if shown.unit_id is None]
    query = (
        select(Booking.session_id, Person.name)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.session_id.in_(private), Booking.state == BookingState.BOOKED)
    )
    return {row.session_id: row.name for row in db.execute(query)}
