"""The page of whoever leads sessions: their own, and nothing else."""

from flask import render_template

from wellbeing.actions.session_letters import form_label
from wellbeing.actions.session_list import find_sessions
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.support import SessionState, SupportSession
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.services import reading, services, signed_in
from wellbeing.web.supervisor import record_routes
from wellbeing.web.supervisor.blueprint import blueprint

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
        )
    ahead = [s for s in own if s.ends_at > now and s.state is SessionState.SCHEDULED]
    return render_template(
        "supervisor/sessions.html",
        ahead=ahead,
        past=[s for s in reversed(own) if s not in ahead],
        form_words={form: form_label(form, texts) for form in SupportForm},
    )
