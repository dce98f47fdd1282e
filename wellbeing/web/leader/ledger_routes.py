"""The ledger of a unit and those below it; whoever leads the unit can wish, take on and undo."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from wellbeing.actions import ledger as acts
from wellbeing.actions.ledger_list import LedgerRow, Origin, find_ledger, find_ledger_units
from wellbeing.actions.session_letters import form_label
from wellbeing.actions.units import find_parents, find_paths, find_scope
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.reporting import units_below
from wellbeing.domain.roles import Role
from wellbeing.domain.support_forms import SupportForm
from wellbeing.store.support import Offer, OfferState, SessionAction, SupportSession
from wellbeing.web.leader.pages import blueprint
from wellbeing.web.leader.queries import find_reader_scope
from wellbeing.web.shared.i18n import _, current_texts, gettext
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing
from wellbeing.web.support_pages.ledger_cards import describe_ledger

Page = str | tuple[str, int] | Response
LEADER = frozenset({Role.LEADER})


class WishForm(FlaskForm):  # type: ignore[misc]
    """A form of support that a leader wishes for."""

    form = SelectField(_("Form of support"), [InputRequired()])

    def __init__(self) -> None:
        super().__init__()
        texts = current_texts()
        self.form.choices = [(form.value, form_label(form, texts)) for form in acts.WISHED_FORMS]


class CloseWishForm(FlaskForm):  # type: ignore[misc]
    """Why a wish comes to nothing."""

    reason = TextAreaField(_("Reason"), [InputRequired(), Length(max=acts.MAX_REASON_LENGTH)])


@blueprint.get("/teams/<uuid:unit_id>/support")
def ledger(unit_id: UUID) -> Page:
    """What support a unit and those below it are offered, and how far it has come."""
    return _page(unit_id)


@blueprint.post("/teams/<uuid:unit_id>/support/wish")
def wish(unit_id: UUID) -> Page:
    """Puts the leader's wish for support of the unit into the ledger."""
    form = WishForm()
    with reading() as db:
        _check_leads(db, unit_id)
    if not form.validate():
        return _page(unit_id, form)
    now = services().now()
    with writing() as db:
        _check_leads(db, unit_id)
        wished = SupportForm(form.form.data)
        acts.wish_for_support(db, unit_id, wished, today=_today(), now=now, by=actor())
    flash(gettext("The wish is in the ledger, and HR sees it."), "kind")
    return redirect(url_for("leader.ledger", unit_id=unit_id))


@blueprint.post("/teams/<uuid:unit_id>/support/<uuid:offer_id>/owner")
def take_on(unit_id: UUID, offer_id: UUID) -> Page:
    """The leader sees to an offer, or hands it back to HR."""
    owner_id = signed_in().person_id if request.form.get("take") else None
    return _act(
        unit_id,
        offer_id,
        lambda db: acts.set_owner(db, offer_id, owner_id, now=services().now(), by=actor()),
    )


@blueprint.post("/teams/<uuid:unit_id>/support/<uuid:offer_id>/close")
def close_wish(unit_id: UUID, offer_id: UUID) -> Page:
    """Closes a wish of a leader that came to nothing."""
    form = CloseWishForm()
    with reading() as db:
        if not _is_wish(_get_offer(db, unit_id, offer_id)):
            raise Missing("That offer does not exist.")
    if not form.validate():
        flash(gettext("Write in a few words why it is closed."), "warning")
        return redirect(url_for("leader.ledger", unit_id=unit_id))
    reason = form.reason.data or ""
    return _act(
        unit_id,
        offer_id,
        lambda db: acts.close_offer(db, offer_id, reason, now=services().now(), by=actor()),
    )


@blueprint.post("/teams/<uuid:unit_id>/support/<uuid:offer_id>/reopen")
def reopen_wish(unit_id: UUID, offer_id: UUID) -> Page:
    """Undoes the closing of a leader's wish."""
    with reading() as db:
        if not _is_wish(_get_offer(db, unit_id, offer_id)):
            raise Missing("That offer does not exist.")
    return _act(
        unit_id,
        offer_id,
        lambda db: acts.reopen_offer(db, offer_id, now=services().now(), by=actor()),
    )


@blueprint.post("/teams/<uuid:unit_id>/support/actions/<uuid:action_id>/done")
def finish_action(unit_id: UUID, action_id: UUID) -> Page:
    """Marks an agreement as done, or as not done after all."""
    now, is_done = services().now(), bool(request.form.get("done"))
    with writing() as db:
        action = db.get(SessionAction, action_id)
        if action is None:
            raise Missing("That agreement does not exist.")
        offer_id = db.get_one(SupportSession, action.session_id).offer_id
        offer = _get_offer(db, unit_id, offer_id)
        assert offer.unit_id is not None
        rows = find_ledger(db, [offer.unit_id], zone=services().settings.zone, now=now)
        if not any(row.offer_id == offer_id and row.tells_record for row in rows):
            raise Missing("That agreement does not exist.")
        acts.mark_action(db, action_id, is_done=is_done, today=_today(), now=now, by=actor())
    return redirect(url_for("leader.ledger", unit_id=unit_id))


def _page(unit_id: UUID, form: WishForm | None = None) -> Page:
    zone, now, who = services().settings.zone, services().now(), signed_in()
    with reading() as db:
        scope = find_reader_scope(db, who.person_id)
        if unit_id not in scope:
            abort(HTTPStatus.NOT_FOUND)
        led = find_scope(db, who.person_id, LEADER)
        below = units_below({unit_id}, find_parents(db))
        units = find_ledger_units(db, unit_id) | (below & scope)
        rows = find_ledger(db, units, zone=zone, now=now)
        path = find_paths(db)[unit_id]
    page = render_template(
        "leader/ledger.html",
        ledger=describe_ledger(rows),
        unit_id=unit_id,
        path=path,
        leads=unit_id in led,
        led=led,
        scope=scope,
        form=form or WishForm(),
        close_form=CloseWishForm(),
        is_wish=_is_waiting_wish,
        is_closed_wish=_is_closed_wish,
        me=who.person_id,
        finish_url=lambda action_id: url_for(
            "leader.finish_action", unit_id=unit_id, action_id=action_id
        ),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else HTTPStatus.OK


def _act(unit_id: UUID, offer_id: UUID, act: Callable[[Session], None]) -> Page:
    try:
        with writing() as db:
            _get_offer(db, unit_id, offer_id)
            act(db)
    except (BadInput, Refused) as fault:
        flash(fault.in_words_of(gettext), "warning")
    return redirect(url_for("leader.ledger", unit_id=unit_id))


def _get_offer(db: Session, unit_id: UUID, offer_id: UUID) -> Offer:
    """An offer on the page of a unit that whoever asks leads, of a unit they lead; else Missing."""
    led = _check_leads(db, unit_id)
    found = db.get(Offer, offer_id)
    if found is None or found.unit_id not in led:
        raise Missing("That offer does not exist.")
    return found


def _check_leads(db: Session, unit_id: UUID) -> set[UUID]:
    led = find_scope(db, signed_in().person_id, LEADER)
    if unit_id not in led:
        abort(HTTPStatus.NOT_FOUND)
    return led


def _is_wish(offer: Offer) -> bool:
    return offer.flag_id is None and offer.incident_id is None


def _is_waiting_wish(row: LedgerRow) -> bool:
    return row.origin is Origin.WISH and row.state is OfferState.OFFERED


def _is_closed_wish(row: LedgerRow) -> bool:
    return row.origin is Origin.WISH and row.state is OfferState.CLOSED


def _today() -> date:
    return services().now().astimezone(services().settings.zone).date()
