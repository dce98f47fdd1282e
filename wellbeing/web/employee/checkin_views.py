"""The check-in: a start page, three pages that carry their own answers, and the result."""

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from flask import render_template, request
from sqlalchemy.orm import Session

from wellbeing.actions import checkin as actions
from wellbeing.actions.checkin import Answers, OpenCheckin, Sent
from wellbeing.actions.diary import has_diary
from wellbeing.actions.wordings import get_wording
from wellbeing.domain.advice import choose_advice, load_advice
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.domain.instrument import Wording, load_instrument
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.flow import PAGES, Flow, read_flow
from wellbeing.web.employee.forms import ReceiptForm
from wellbeing.web.employee.keeping import keeping_of, kept_name, mark_of, seconds_now
from wellbeing.web.employee.limits import limit_guesses
from wellbeing.web.employee.queries import find_next_opening, get_min_group_size, has_closed
from wellbeing.web.employee.result import describe, occasions_of, reference_of
from wellbeing.web.shared.data_notice import current_notice
from wellbeing.web.shared.guard import round_of_code
from wellbeing.web.shared.i18n import current_texts, gettext
from wellbeing.web.shared.services import reading, services, signed_in, writing


@blueprint.route("/check-in/<uuid:round_id>", methods=["GET", "POST"])
def checkin(round_id: UUID) -> Page:
    """GET says what is asked and who sees what; POST is one page of the questions, or sends."""
    if request.method == "GET":
        return _first_page(round_id)
    flow = read_flow(request.form)
    if flow.is_complete:
        return _send(flow, round_id)
    with reading() as db:
        found = _find_checkin(db, round_id)
        if found is None:
            return closed_page(round_id)
        if flow.is_stopped:
            return _stopped_page(flow, found)
        if _may_tell(found) and not flow.receipt:
            return _already_page(found)
        wording = _current_wording(db, round_id)
    return questions_page(flow, found, wording)


@blueprint.route("/check-in/<uuid:round_id>/receipt", methods=["GET", "POST"])
@limit_guesses
def receipt(round_id: UUID) -> Page:
    """What a receipt is for: answering again, or withdrawing the answer."""
    found = find_checkin(round_id)
    if found is None:
        return closed_page(round_id)
    form = ReceiptForm()
    if not form.validate_on_submit():
        return _receipt_page(form, found)
    try:
        return _use_receipt(form.receipt.data or "", found)
    except BadInput as fault:
        form.receipt.errors = [fault.in_words_of(gettext)]
        return _receipt_page(form, found)


def _may_tell(found: OpenCheckin) -> bool:
    """Whether the page says that this person has answered.

    Not to whoever comes with a code: who printed it could type it in, and learn of everybody
    whether they have. Sending tells, and stores nothing.
    """
    return found.done and round_of_code() is None


def find_checkin(round_id: UUID) -> OpenCheckin | None:
    """The check-in of the person signed in, if it is this round and open for them now."""
    with reading() as db:
        return _find_checkin(db, round_id)


def current_wording(round_id: UUID) -> Wording:
    """The wording in the language of the page, else in that of the house, else in English."""
    with reading() as db:
        return _current_wording(db, round_id)


def questions_page(flow: Flow, found: OpenCheckin, wording: Wording) -> Page:
    """One page of questions; 422 when something on it has to be looked at again."""
    page = render_template(
        "employee/questions.html",
        flow=flow,
        pages=PAGES,
        checkin=found,
        wording=wording,
        mark=mark_of(found.round_id),
        keeping=None if flow.receipt else keeping_of(found),
        now=seconds_now(),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if flow.faults else HTTPStatus.OK


def closed_page(round_id: UUID) -> Page:
    """Says that this round takes no answers; Missing unless it has closed."""
    now = services().now()
    with reading() as db:
        if not has_closed(db, round_id, now=now):
            raise Missing("There is no check-in open for you right now.")
        today = now.astimezone(services().settings.zone).date()
        next_opens_at = find_next_opening(db, signed_in().person_id, today=today)
    page = render_template(
        "employee/closed.html",
        next_opens_at=next_opens_at,
        was_sent=request.method == "POST",
        contacts=load_contacts(),
        over=kept_name(round_id),
        now=seconds_now(),
    )
    return page, HTTPStatus.CONFLICT


def _find_checkin(db: Session, round_id: UUID) -> OpenCheckin | None:
    found = actions.find_open_checkin(db, signed_in().person_id, now=services().now())
    return found if found and found.round_id == round_id else None


def _current_wording(db: Session, round_id: UUID) -> Wording:
    locales = (current_texts().locale, services().settings.default_language, "en")
    return get_wording(db, round_id, locales)


def _first_page(round_id: UUID) -> Page:
    with reading() as db:
        found = _find_checkin(db, round_id)
        if found is None:
            return closed_page(round_id)
        if _may_tell(found):
            return _already_page(found)
        wording = _current_wording(db, round_id)
        keeps_diary = has_diary(db, signed_in().person_id)
        min_group_size = get_min_group_size(db, round_id)
    return render_template(
        "employee/start.html",
        checkin=found,
        wording=wording,
        form_id=uuid4().hex,
        keeps_diary=keeps_diary,
        min_group_size=min_group_size,
        data_notice=current_notice(),
        keeping=keeping_of(found),
        now=seconds_now(),
    )


def _already_page(found: OpenCheckin) -> Page:
    return render_template(
        "employee/already.html",
        checkin=found,
        was_sent=request.method == "POST",
        over=kept_name(found.round_id),
        now=seconds_now(),
    )


def _stopped_page(flow: Flow, found: OpenCheckin) -> Page:
    return render_template(
        "employee/stopped.html",
        flow=flow,
        mark=mark_of(found.round_id),
        checkin=found,
        contacts=load_contacts(),
        over=kept_name(found.round_id),
        now=seconds_now(),
    )


def _send(flow: Flow, round_id: UUID) -> Page:
    try:
        stored = _store(flow, round_id)
    except BadInput as fault:
        form = ReceiptForm(formdata=None)
        form.receipt.errors = [fault.in_words_of(gettext)]
        found = find_checkin(round_id)
        return _receipt_page(form, found) if found else closed_page(round_id)
    except Refused:
        if find_checkin(round_id) is None:
            return closed_page(round_id)
        raise
    if stored is None:
        return closed_page(round_id)
    return _result_page(*stored, corrected=bool(flow.receipt))


def _store(flow: Flow, round_id: UUID) -> tuple[Sent, OpenCheckin, Wording] | None:
    """What was stored of which check-in, all in one transaction; None where none is open."""
    with writing() as db:
        found = _find_checkin(db, round_id)
        if found is None:
            return None
        wording = _current_wording(db, round_id)
        answers = Answers(flow.values, wording.locale, asked=wording)
        about: Any = {
            "person_id": signed_in().person_id,
            "round_id": round_id,
            "keys": services().keys,
            "now": services().now(),
        }
        if flow.receipt:
            return actions.correct(db, answers, flow.receipt, **about), found, wording
        return actions.send(db, answers, form_id=flow.form_id, **about), found, wording


def _result_page(sent: Sent, found: OpenCheckin, wording: Wording, *, corrected: bool) -> Page:
    instrument = load_instrument()
    results = describe(instrument, sent.scores)
    return render_template(
        "employee/result.html",
        sent=sent,
        checkin=found,
        corrected=corrected,
        wording=wording,
        results=results,
        advice=choose_advice(load_advice(), occasions_of(results)),
        reference=reference_of(instrument),
        instrument=instrument,
        contacts=load_contacts(),
        over=kept_name(found.round_id),
        now=seconds_now(),
    )


def _receipt_page(form: ReceiptForm, found: OpenCheckin) -> Page:
    page = render_template("employee/receipt.html", form=form, checkin=found)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _use_receipt(receipt: str, found: OpenCheckin) -> Page:
    person_id, keys, now = signed_in().person_id, services().keys, services().now()
    wish = request.form.get("go")
    if wish == "withdraw_now":
        with writing() as db:
            actions.withdraw(
                db, receipt, person_id=person_id, round_id=found.round_id, keys=keys, now=now
            )
        return render_template("employee/withdrawn.html", checkin=found)
    with reading() as db:
        actions.check_receipt(
            db, receipt, person_id=person_id, round_id=found.round_id, keys=keys, now=now
        )
    if wish == "withdraw":
        return render_template("employee/withdraw.html", checkin=found, receipt=receipt)
    flow = Flow(1, uuid4(), receipt)
    return questions_page(flow, found, current_wording(found.round_id))
