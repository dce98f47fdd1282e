"""The check-in: a start page, three pages that carry their own answers, and the result."""

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from flask import render_template, request

from wellbeing.actions import checkin as actions
from wellbeing.actions.checkin import Answers, Sent
from wellbeing.actions.open_checkin import AskedCheckin, OpenCheckin, find_asked, find_open_checkin
from wellbeing.domain.advice import choose_advice, load_advice
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.help_contacts import load_contacts
from wellbeing.domain.instrument import load_instrument
from wellbeing.web.employee.blueprint import Page, blueprint
from wellbeing.web.employee.flow import PAGES, Flow, read_flow
from wellbeing.web.employee.forms import ReceiptForm
from wellbeing.web.employee.keeping import keeping_of, kept_name, mark_of, seconds_now
from wellbeing.web.employee.limits import limit_guesses
from wellbeing.web.employee.queries import find_next_opening, has_closed
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
    found = find_checkin(round_id)
    if found is None:
        return closed_page(round_id)
    if flow.is_stopped:
        return _stopped_page(flow, found)
    if _may_tell(found) and not flow.receipt:
        return _already_page(found)
    return questions_page(flow, round_id)


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
    """The check-in of the person signed in, if it is this round and open for them now.

    Stopping and withdrawing need no more: both work whatever became of the words it asks with.
    """
    with reading() as db:
        found = find_open_checkin(db, signed_in().person_id, now=services().now())
    return found if found and found.round_id == round_id else None


def find_asked_here(round_id: UUID) -> AskedCheckin | None:
    """The same with its words; Refused where they are not those that the round opened with."""
    with reading() as db:
        return find_asked(
            db,
            _locales(),
            person_id=signed_in().person_id,
            round_id=round_id,
            now=services().now(),
        )


def questions_page(flow: Flow, round_id: UUID) -> Page:
    """One page of questions; 422 when something on it has to be looked at again."""
    asked = find_asked_here(round_id)
    if asked is None:
        return closed_page(round_id)
    page = render_template(
        "employee/questions.html",
        flow=flow,
        pages=PAGES,
        checkin=asked.checkin,
        wording=asked.wording,
        mark=mark_of(asked.checkin.round_id),
        keeping=None if flow.receipt else keeping_of(asked.checkin),
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


def _locales() -> tuple[str, ...]:
    """The language of the page, else that of the house, else English."""
    return current_texts().locale, services().settings.default_language, "en"


def _first_page(round_id: UUID) -> Page:
    found = find_checkin(round_id)
    if found and _may_tell(found):
        return _already_page(found)
    asked = find_asked_here(round_id)
    if asked is None:
        return closed_page(round_id)
    return render_template(
        "employee/start.html",
        checkin=asked.checkin,
        wording=asked.wording,
        form_id=uuid4().hex,
        keeps_diary=asked.diary_key is not None,
        min_group_size=asked.min_group_size,
        data_notice=current_notice(),
        keeping=keeping_of(asked.checkin),
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
        sent = _store(flow, round_id)
    except BadInput as fault:
        form = ReceiptForm(formdata=None)
        form.receipt.errors = [fault.in_words_of(gettext)]
        found = find_checkin(round_id)
        return _receipt_page(form, found) if found else closed_page(round_id)
    except Refused:
        if find_checkin(round_id) is None:
            return closed_page(round_id)
        raise
    return _result_page(sent, corrected=bool(flow.receipt))


def _store(flow: Flow, round_id: UUID) -> Sent:
    answers = Answers(flow.values, _locales())
    about: Any = {
        "person_id": signed_in().person_id,
        "round_id": round_id,
        "keys": services().keys,
        "now": services().now(),
    }
    with writing() as db:
        if flow.receipt:
            return actions.correct(db, answers, flow.receipt, **about)
        return actions.send(db, answers, form_id=flow.form_id, **about)


def _result_page(sent: Sent, *, corrected: bool) -> Page:
    instrument = load_instrument()
    results = describe(instrument, sent.scores)
    return render_template(
        "employee/result.html",
        sent=sent,
        checkin=sent.checkin,
        corrected=corrected,
        wording=sent.wording,
        results=results,
        advice=choose_advice(load_advice(), occasions_of(results)),
        reference=reference_of(instrument),
        instrument=instrument,
        contacts=load_contacts(),
        over=kept_name(sent.checkin.round_id),
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
    return questions_page(Flow(1, uuid4(), receipt), found.round_id)
