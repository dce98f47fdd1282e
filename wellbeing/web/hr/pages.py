"""What all HR pages share: the blueprint, the reach of whoever asks, and small words."""

from datetime import date
from http import HTTPStatus

from flask import Blueprint
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from wellbeing.actions.session_letters import form_label
from wellbeing.domain.support_forms import SupportForm
from wellbeing.web.hr.scope import Scope, find_hr_scope
from wellbeing.web.shared.i18n import current_texts
from wellbeing.web.shared.services import services, signed_in

blueprint = Blueprint("hr", __name__)
Page = str | tuple[str, int] | Response


def scope_of(db: Session) -> Scope:
    """How far the person of this request reaches as HR."""
    return find_hr_scope(db, signed_in().person_id)


def today() -> date:
    """The day on the organisation's wall clock."""
    return services().now().astimezone(services().settings.zone).date()


def status_of(form: FlaskForm) -> int:
    """422 for a page that shows a form with faults."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def form_words() -> dict[SupportForm, str]:
    """The forms of support in the reader's language."""
    texts = current_texts()
    return {form: form_label(form, texts) for form in SupportForm}
