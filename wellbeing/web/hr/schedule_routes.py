"""A time for support: in answer to a suggestion or an offer, and another time for a session."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from wellbeing.actions import scheduling
from wellbeing.actions.places import find_places
from wellbeing.actions.session_letters import unit_label
from wellbeing.actions.session_people import find_supervisors
from wellbeing.actions.session_rows import find_session_of_offer, get_asker
from wellbeing.actions.session_times import SessionValues
from wellbeing.domain.errors import BadInput, Missing, Refused
from wellbeing.domain.flag_rules import FlagKind
from wellbeing.domain.support_forms import SupportForm
from wellbeing.domain.support_rules import Booker, load_support_rules
from wellbeing.store.accounts import Person
from wellbeing.store.published import Flag, FlagState
from wellbeing.store.support import Offer, OfferState, SessionState, SupportSession
from wellbeing.web.hr import queries
from wellbeing.web.hr.free_time_pages import FreeTimes, fill_in_slot, find_free_times, is_looking
from wellbeing.web.hr.pages import Page, blueprint, form_words, scope_of, status_of, today
from wellbeing.web.hr.scope import check_session, get_flag, get_offer
from wellbeing.web.hr.session_forms import MoveForm, SessionForm, usual_minutes
from wellbeing.web.hr.words import SUGGESTED_FORM, FlagWords, say_flag
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import actor, reading, services, writing


@dataclass(frozen=True, slots=True)
class _Asked:
    """For whom a session is scheduled, in words, and which forms fit."""

    title: str
    booker: Booker
    suggested: SupportForm
    words: FlagWords | None = None
    flag_id: UUID | None = None


@blueprint.route("/hr/flags/<uuid:flag_id>/schedule", methods=["GET", "POST"])
def schedule(flag_id: UUID) -> Page:
    """A session in answer to a suggestion."""
    with reading() as db:
        found = get_flag(db, scope_of(db), flag_id)
        already = queries.find_session_id(db, flag_id)
        asked = _ask_for_flag(db, found)
    if request.method == "GET" and (already or found.state is not FlagState.RAISED):
        return redirect(_address_of(already, flag_id))
    return _schedule_page(asked, lambda db, values: _schedule_flag(db, flag_id, values))


@blueprint.route("/hr/offers/<uuid:offer_id>/schedule", methods=["GET", "POST"])
def schedule_offer(offer_id: UUID) -> Page:
    """A session that gives what was offered to a unit, or to whoever asked."""
    with reading() as db:
        offer = get_offer(db, scope_of(db), offer_id, today=today())
        already = find_session_of_offer(db, offer_id)
        asked = None if already else _ask_for_offer(db, offer)
    if asked is None:
        assert already is not None
        return redirect(url_for("hr.session", session_id=already.id))
    if offer.state is not OfferState.OFFERED:
        flash(gettext("This offer has been closed."), "info")
        return redirect(url_for("hr.home"))
    return _schedule_page(asked, lambda db, values: _schedule_offer(db, offer_id, values))


@blueprint.route("/hr/sessions/<uuid:session_id>/move", methods=["GET", "POST"])
def move_session(session_id: UUID) -> Page:
    """Another time or place; everyone who has a part gets the new one."""
    with reading() as db:
        check_session(db, scope_of(db), session_id, today=today())
        found, places = db.get_one(SupportSession, session_id), find_places(db)
    back = url_for("hr.session", session_id=session_id)
    if found.state is not SessionState.SCHEDULED or found.starts_at <= services().now():
        flash(gettext("Only a session that is still to come can be moved."), "warning")
        return redirect(back)
    form = MoveForm(places)
    if not form.is_submitted():
        _fill_in(form, found)
    elif form.validate():
        try:
            with writing() as db:
                check_session(db, scope_of(db), session_id, today=today())
                now, zone = services().now(), services().settings.zone
                scheduling.move_session(
                    db, session_id, form.values(), zone=zone, now=now, by=actor()
                )
        except (BadInput, Refused) as fault:
            form.form_errors.append(fault.in_words_of(gettext))
        else:
            flash(gettext("The session is moved, and everyone who has a part is told."), "kind")
            return redirect(back)
    page = render_template("hr/move_session.html", form=form, back=back, found=found)
    return page, status_of(form)


def _schedule_page(asked: _Asked, make: Callable[[Session, SessionValues], SupportSession]) -> Page:
    with reading() as db:
        supervisors, places = find_supervisors(db), find_places(db)
    forms = load_support_rules().forms_for(asked.booker)
    form = SessionForm(supervisors, places, forms)
    free_times: FreeTimes | None = None
    chosen_clock = ""
    if not form.is_submitted():
        form.form.data = asked.suggested.value
        form.length.data = usual_minutes(asked.suggested) if asked.suggested in forms else None
    elif is_looking():
        chosen_clock = fill_in_slot(form)
        with reading() as db:
            free_times = find_free_times(db, form)
        if free_times is None:
            form.supervisor.errors = [gettext("Choose who leads the session.")]
    elif form.validate():
        try:
            return _scheduled(form, make)
        except (BadInput, Refused) as fault:
            form.form_errors.append(fault.in_words_of(gettext))
    page = render_template(
        "hr/schedule.html",
        form=form,
        asked=asked,
        free_times=free_times,
        rules=load_support_rules().forms,
        form_words=form_words(),
        has_supervisors=bool(supervisors),
        for_unit=asked.booker is Booker.UNIT,
        chosen_clock=chosen_clock,
    )
    return page, HTTPStatus.OK if is_looking() and free_times else status_of(form)


def _scheduled(form: SessionForm, make: Callable[[Session, SessionValues], SupportSession]) -> Page:
    values = form.values()
    with writing() as db:
        made = make(db, values)
        session_id, is_as_asked = made.id, _is_as_asked(made, values)
    if is_as_asked:
        flash(gettext("The session is scheduled, and the invitations are on their way."), "kind")
    else:
        flash(gettext("Support had already been scheduled here. This is the session."), "info")
    return redirect(url_for("hr.session", session_id=session_id))


def _schedule_flag(db: Session, flag_id: UUID, values: SessionValues) -> SupportSession:
    get_flag(db, scope_of(db), flag_id)
    now, zone = services().now(), services().settings.zone
    return scheduling.schedule_from_flag(db, flag_id, values, zone=zone, now=now, by=actor())


def _schedule_offer(db: Session, offer_id: UUID, values: SessionValues) -> SupportSession:
    get_offer(db, scope_of(db), offer_id, today=today())
    now, zone = services().now(), services().settings.zone
    return scheduling.schedule(db, offer_id, values, zone=zone, now=now, by=actor())


def _ask_for_flag(db: Session, found: Flag) -> _Asked:
    known = FlagKind(found.kind) if found.kind in set(FlagKind) else FlagKind.OFFER_SUPERVISION
    return _Asked(
        title=unit_label(db, found.unit_id),
        booker=Booker.UNIT,
        suggested=SUGGESTED_FORM[known],
        words=say_flag(found.kind, found.figures),
        flag_id=found.id,
    )


def _ask_for_offer(db: Session, offer: Offer) -> _Asked:
    if offer.unit_id is not None:
        flag = db.get(Flag, offer.flag_id) if offer.flag_id else None
        words = say_flag(flag.kind, flag.figures) if flag else None
        return _Asked(unit_label(db, offer.unit_id), Booker.UNIT, offer.form, words)
    try:
        asker = db.get_one(Person, get_asker(db, offer.id))
    except BadInput:
        raise Missing("That offer does not exist.") from None
    return _Asked(asker.name, Booker.PERSON, offer.form)


def _address_of(session_id: UUID | None, flag_id: UUID) -> str:
    if session_id:
        return url_for("hr.session", session_id=session_id)
    return url_for("hr.flag", flag_id=flag_id)


def _is_as_asked(made: SupportSession, values: SessionValues) -> bool:
    local = made.starts_at.astimezone(services().settings.zone)
    asked = (values.supervisor_id, values.day, values.start)
    return (made.supervisor_id, local.date(), local.time()) == asked


def _fill_in(form: MoveForm, found: SupportSession) -> None:
    local = found.starts_at.astimezone(services().settings.zone)
    form.day.data, form.start.data = local.date(), local.time()
    form.length.data = (found.ends_at - found.starts_at) // timedelta(minutes=1)
    form.video_link.data = found.video_link
    form.place.data = found.place
    if str(found.place_id) in form.rooms:
        form.room.data = str(found.place_id)
        # The name of the room comes first in what is kept, and words about it after a comma.
        form.place.data = found.place.partition(", ")[2]
