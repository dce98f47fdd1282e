"""The ledger of support in reach: what is overdue, one offer, who sees to it, closing, undoing."""

from collections.abc import Callable
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from wellbeing.actions import ledger as acts
from wellbeing.actions.ledger_list import LedgerRow, find_ledger, find_row
from wellbeing.actions.support_people import find_owner_options
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.support_forms import WITHOUT_SESSION
from wellbeing.store.support import Offer, OfferState, SessionAction, SupportSession
from wellbeing.web.hr.ledger_forms import CloseOfferForm, HeldOnForm, OwnerForm
from wellbeing.web.hr.pages import Page, blueprint, scope_of, status_of, today
from wellbeing.web.hr.scope import get_offer
from wellbeing.web.shared.addresses import address_of
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing
from wellbeing.web.support_pages.ledger_cards import describe_ledger, describe_row


@blueprint.get("/hr/ledger")
def ledger() -> Page:
    """Every unit's support in reach: overdue first, then open, then what is over."""
    zone, now = services().settings.zone, services().now()
    with reading() as db:
        scope = scope_of(db)
        units = None if scope.is_whole else scope.units
        rows = find_ledger(db, units, zone=zone, now=now)
    return render_template(
        "hr/ledger.html",
        ledger=describe_ledger(rows),
        address_of=_address_of,
        trend_url=_trend_url,
        is_whole=scope.is_whole,
    )


@blueprint.get("/hr/offers/<uuid:offer_id>")
def offer(offer_id: UUID) -> Page:
    """One offer, step by step, and what can be done about it."""
    return _offer_page(offer_id)


@blueprint.post("/hr/offers/<uuid:offer_id>/owner")
def set_owner(offer_id: UUID) -> Page:
    """Says who sees to an offer."""
    with reading() as db:
        unit_id = _get_unit_offer(db, offer_id).unit_id
        assert unit_id is not None
        form = OwnerForm(find_owner_options(db, unit_id))
    if not form.validate():
        return _offer_page(offer_id, owner_form=form)
    return _act(
        offer_id,
        lambda db: acts.set_owner(db, offer_id, form.owner_id(), now=services().now(), by=actor()),
        gettext("Saved."),
    )


@blueprint.post("/hr/offers/<uuid:offer_id>/close")
def close_offer(offer_id: UUID) -> Page:
    """Closes an offer that came to nothing, with a reason."""
    form = CloseOfferForm()
    with reading() as db:
        _get_unit_offer(db, offer_id)
    if not form.validate():
        return _offer_page(offer_id, close_form=form)
    try:
        with writing() as db:
            _get_unit_offer(db, offer_id)
            now = services().now()
            acts.close_offer(db, offer_id, form.reason.data or "", now=now, by=actor())
    except BadInput as fault:
        form.reason.errors = [fault.in_words_of(gettext)]
        return _offer_page(offer_id, close_form=form)
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("Closed. Your reason is kept with it."), "kind")
    return redirect(url_for("hr.offer", offer_id=offer_id))


@blueprint.post("/hr/offers/<uuid:offer_id>/reopen")
def reopen_offer(offer_id: UUID) -> Page:
    """Undoes a closing."""
    return _act(
        offer_id,
        lambda db: acts.reopen_offer(db, offer_id, now=services().now(), by=actor()),
        gettext("The offer is open again."),
    )


@blueprint.post("/hr/offers/<uuid:offer_id>/held")
def hold_offer(offer_id: UUID) -> Page:
    """Writes down that support without a session took place."""
    form = HeldOnForm()
    with reading() as db:
        _get_unit_offer(db, offer_id)
    if not form.validate():
        return _offer_page(offer_id, held_form=form)
    held_on = form.held_on.data
    assert held_on is not None
    try:
        with writing() as db:
            _get_unit_offer(db, offer_id)
            acts.hold_without_session(
                db, offer_id, held_on, today=today(), now=services().now(), by=actor()
            )
    except BadInput as fault:
        form.held_on.errors = [fault.in_words_of(gettext)]
        return _offer_page(offer_id, held_form=form)
    except Refused as refusal:
        flash(refusal.in_words_of(gettext), "warning")
    else:
        flash(gettext("Written down. Thank you."), "kind")
    return redirect(url_for("hr.offer", offer_id=offer_id))


@blueprint.post("/hr/actions/<uuid:action_id>/done")
def mark_action(action_id: UUID) -> Page:
    """Marks an agreement as done, or as not done after all."""
    with writing() as db:
        offer_id = _find_offer_of(db, action_id)
        _get_unit_offer(db, offer_id)
        is_done = bool(request.form.get("done"))
        now = services().now()
        acts.mark_action(db, action_id, is_done=is_done, today=today(), now=now, by=actor())
    return redirect(url_for("hr.offer", offer_id=offer_id))


def schedule_url(offer: Offer) -> str:
    """Where a time is found for an offer, "" where there is no such page."""
    if "hr.schedule_offer" in current_app.view_functions:
        return url_for("hr.schedule_offer", offer_id=offer.id)
    return url_for("hr.schedule", flag_id=offer.flag_id) if offer.flag_id else ""


def _trend_url(unit_id: UUID) -> str:
    return address_of("leader.unit", unit_id=unit_id)


def _get_unit_offer(db: Session, offer_id: UUID) -> Offer:
    """An offer to a unit in reach; a person's own request is on a page of its own."""
    found = get_offer(db, scope_of(db), offer_id, today=today())
    if found.unit_id is None:
        raise Missing("That offer does not exist.")
    return found


def _find_offer_of(db: Session, action_id: UUID) -> UUID:
    action = db.get(SessionAction, action_id)
    if action is None:
        raise Missing("That agreement does not exist.")
    return db.get_one(SupportSession, action.session_id).offer_id


def _address_of(row: LedgerRow) -> str:
    if row.offer_id is not None:
        return url_for("hr.offer", offer_id=row.offer_id)
    return url_for("hr.flag", flag_id=row.flag_id)


def _act(offer_id: UUID, act: Callable[[Session], None], said: str) -> Page:
    try:
        with writing() as db:
            _get_unit_offer(db, offer_id)
            act(db)
    except (BadInput, Refused) as fault:
        flash(fault.in_words_of(gettext), "warning")
    else:
        flash(said, "kind")
    return redirect(url_for("hr.offer", offer_id=offer_id))


def _offer_page(offer_id: UUID, **forms: FlaskForm) -> Page:
    zone, now = services().settings.zone, services().now()
    with reading() as db:
        found = _get_unit_offer(db, offer_id)
        row = find_row(db, offer_id, zone=zone, now=now)
        assert row is not None
        assert found.unit_id is not None
        options = find_owner_options(db, found.unit_id)
    owner_form = OwnerForm(options)
    if "owner_form" not in forms:
        owner_form.owner.data = str(found.owner_id or "")
    shown = {
        "owner_form": owner_form,
        "close_form": CloseOfferForm(),
        "held_form": HeldOnForm(data={"held_on": found.held_on or today()}),
        **forms,
    }
    page = render_template(
        "hr/offer.html",
        card=describe_row(row),
        offer=found,
        schedule_url=schedule_url(found),
        needs_session=found.form not in WITHOUT_SESSION,
        finish_url=lambda action_id: url_for("hr.mark_action", action_id=action_id),
        OfferState=OfferState,
        trend_url=_trend_url,
        **shown,
    )
    faulty = next((form for form in forms.values() if form.errors), None)
    return page, status_of(faulty) if faulty else 200
