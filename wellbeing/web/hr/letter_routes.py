"""Letters and cards with one-time codes: made, shown once in a PDF, and kept nowhere."""

from collections import Counter
from http import HTTPStatus
from uuid import UUID

from flask import abort, render_template
from sqlalchemy.orm import Session

from wellbeing.actions import printed_codes as actions
from wellbeing.actions.codes import make_codes
from wellbeing.actions.printed_codes import PrintKind, Receiver, ToWhom
from wellbeing.actions.units import find_parents, find_paths
from wellbeing.crypto.secrets import get_or_make_app_key
from wellbeing.domain.errors import BadInput, Missing
from wellbeing.domain.reporting import units_below
from wellbeing.pdf import can_render_pdf
from wellbeing.settings import SmsGateway
from wellbeing.store.org import Round, Unit
from wellbeing.web.hr.letter_document import render_letters
from wellbeing.web.hr.letter_forms import LettersForm
from wellbeing.web.hr.pages import Page, blueprint, scope_of, status_of
from wellbeing.web.shared.documents import send_private_pdf
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing


@blueprint.route("/hr/rounds/<uuid:round_id>/letters", methods=["GET", "POST"])
def letters(round_id: UUID) -> Page:
    """GET says what printing means; POST makes the file, whose codes replace earlier ones."""
    with reading() as db:
        round_ = _get_round(db, round_id)
        receivers = _find_receivers(db, round_)
        units = _find_units(db, receivers)
    form = LettersForm()
    form.offer(units, sends_sms=_sends_sms())
    if form.validate_on_submit():
        if not can_render_pdf():
            abort(HTTPStatus.NOT_FOUND)
        try:
            return _print(form, round_, receivers)
        except BadInput as fault:
            form.form_errors.append(fault.in_words_of(gettext))
    page = render_template(
        "hr/letters.html",
        form=form,
        round=round_,
        has_people=bool(units),
        can_print=can_render_pdf(),
        kiosk_address=f"{services().settings.base_url}/kiosk",
    )
    return page, status_of(form)


def _print(form: LettersForm, round_: Round, receivers: list[Receiver]) -> Page:
    unit_id, kind = UUID(form.unit.data), PrintKind(form.kind.data)
    with reading() as db:
        below = units_below({unit_id}, find_parents(db))
    here = [one for one in receivers if one.unit_id in below]
    to_whom = ToWhom(form.to_whom.data)
    chosen = actions.choose_receivers(here, to_whom, form.numbers_given())
    codes = make_codes(one.person_id for one in chosen)
    # Drawn before anything is stored: a file that could not be made leaves earlier codes as they
    # are. And outside of the transaction: it takes seconds.
    html, css, pictures = render_letters(round_, chosen, codes, kind)
    response = send_private_pdf(html, f"{kind.value}.pdf", css=css, pictures=pictures)
    key = get_or_make_app_key(services().settings.key_folder)
    with writing() as db:
        actions.note_printed(
            db,
            round_.id,
            codes,
            app_key=key,
            unit_id=unit_id,
            kind=kind,
            now=services().now(),
            by=actor(),
        )
    return response


def _get_round(db: Session, round_id: UUID) -> Round:
    round_ = actions.get_printable_round(db, round_id, now=services().now())
    # Of extra rounds those of units in reach only: there, something has happened.
    if round_.unit_id is not None and round_.unit_id not in scope_of(db):
        raise Missing("There is no such round to print letters for.")
    return round_


def _find_receivers(db: Session, round_: Round) -> list[Receiver]:
    scope = scope_of(db)
    units = {unit_id for unit_id in find_paths(db) if unit_id in scope}
    zone = services().settings.zone
    return actions.find_receivers(db, round_, units, zone=zone, sends_sms=_sends_sms())


def _find_units(db: Session, receivers: list[Receiver]) -> list[tuple[str, str]]:
    """The units in reach where somebody is asked, with how many need a letter."""
    scope, parents, paths = scope_of(db), find_parents(db), find_paths(db)
    everybody = Counter(one.unit_id for one in receivers)
    unreached = Counter(one.unit_id for one in receivers if not one.is_reached)
    shown = []
    for unit_id, path in paths.items():
        below = units_below({unit_id}, parents)
        people = sum(everybody[unit] for unit in below)
        if unit_id not in scope or not people or db.get(Unit, unit_id) is None:
            continue
        few = sum(unreached[unit] for unit in below)
        words = gettext("%(unit)s (%(few)s of %(people)s)", unit=path, few=few, people=people)
        shown.append((str(unit_id), words))
    return shown


def _sends_sms() -> bool:
    return services().settings.sms_gateway != SmsGateway.NONE
