"""Passkeys at the door and on the page of one's own: the questions a browser answers with them.

The question is asked when a button is pressed. It lies in the signed cookie of this browser, is
good for one purpose, once, for five minutes.
"""

import secrets
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response as Answer
from flask import abort, redirect, request, session
from werkzeug.wrappers import Response

from wellbeing.actions.sign_in_passkeys import (
    Challenge,
    SpentChallenge,
    add_passkey,
    find_credential_ids,
    spend_challenge,
    use_passkey,
)
from wellbeing.actions.sign_in_steps import begin_sign_in
from wellbeing.crypto.sign_in_passkeys import ask_to_make, ask_to_show
from wellbeing.domain.errors import Refused
from wellbeing.domain.roles import Role
from wellbeing.web.shared.addresses import local_address
from wellbeing.web.shared.blueprint import blueprint
from wellbeing.web.shared.carried import find_carried, going_on_page, sign_in_page
from wellbeing.web.shared.forms import SignInForm
from wellbeing.web.shared.guard import current_roles
from wellbeing.web.shared.half_sign_in import find_half, go_on_with, sign_in_rules, this_device
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.own_factors import account_name, passkey_place
from wellbeing.web.shared.provider_door import has_own_ways_in
from wellbeing.web.shared.rate_limits import FAILURES_PER_ADDRESS, limiter, was_refused
from wellbeing.web.shared.security_events import Way, note_failed
from wellbeing.web.shared.services import reading, services, signed_in, writing

SIGN_IN, SHOW, MAKE = "sign-in", "show", "make"
_CHALLENGE = "challenge"
_BYTES = 32
Page = str | tuple[str, int] | Response


@blueprint.post("/passkey/question/<purpose>")
def passkey_question(purpose: str) -> Answer:
    """What the browser asks the passkey: any that it knows, one of the person's, or a new one."""
    if purpose not in (SIGN_IN, SHOW, MAKE):
        abort(HTTPStatus.NOT_FOUND)
    place, challenge = passkey_place(), secrets.token_bytes(_BYTES)
    if purpose == SIGN_IN:
        asked = ask_to_show(place, challenge=challenge)
    else:
        person_id = _who_asks(purpose)
        with reading() as db:
            known = find_credential_ids(db, person_id)
            account = account_name(db, person_id)
        if purpose == SHOW:
            asked = ask_to_show(place, challenge=challenge, known=known)
        else:
            asked = ask_to_make(
                place, person_id=person_id, account=account, challenge=challenge, known=known
            )
    session[_CHALLENGE] = [purpose, challenge.hex(), services().now().isoformat()]
    return Answer(asked, mimetype="application/json")


@blueprint.post("/sign-in/passkey")
@limiter.limit(FAILURES_PER_ADDRESS, deduct_when=was_refused)
def sign_in_by_passkey() -> Page:
    """Signs in with a passkey alone, which is both factors."""
    now, carried = services().now(), find_carried()
    if not has_own_ways_in():
        return sign_in_page(SignInForm(formdata=None), carried)
    try:
        challenge = take_challenge(SIGN_IN)
        with writing() as db:
            person_id = use_passkey(db, _answer(), place=passkey_place(), challenge=challenge)
            begun = begin_sign_in(
                db, person_id, rules=sign_in_rules(), now=now, device=this_device(), is_strong=True
            )
    except Refused as refusal:
        note_failed(Way.PASSKEY)
        form = SignInForm(formdata=None)
        form.email.errors = [refusal.in_words_of(gettext)]
        return sign_in_page(form, carried), HTTPStatus.UNPROCESSABLE_ENTITY
    go_on_with(begun, Way.PASSKEY, second_factor=True)
    if carried:
        return going_on_page(carried, person_id, why=gettext("You are signed in again"))
    return redirect(local_address(request.args.get("next")))


def is_own_passkey(person_id: UUID) -> bool:
    """Whether the passkey that this form brings is one of the person's."""
    try:
        challenge = take_challenge(SHOW)
        with writing() as db:
            use_passkey(
                db, _answer(), place=passkey_place(), challenge=challenge, person_id=person_id
            )
    except Refused:
        return False
    return True


def keep_new_passkey(person_id: UUID, name: str) -> None:
    """Keeps the passkey that this form brings; Refused where something about it is not right."""
    challenge, now = take_challenge(MAKE), services().now()
    with writing() as db:
        add_passkey(
            db,
            person_id,
            _answer(),
            name=name or gettext("Passkey"),
            place=passkey_place(),
            challenge=challenge,
            now=now,
        )


def take_challenge(purpose: str) -> SpentChallenge:
    """The question this browser was asked, used up from now on; Refused without one."""
    asked_for, value, made_at = session.pop(_CHALLENGE, ("", "", ""))
    if asked_for != purpose:
        raise Refused("That took too long. Try once more.")
    challenge = Challenge(bytes.fromhex(value), datetime.fromisoformat(made_at))
    with writing() as db:
        return spend_challenge(db, challenge, now=services().now())


def _who_asks(purpose: str) -> UUID:
    half = find_half()
    if Role.EMPLOYEE in current_roles():
        return signed_in().person_id
    # Half signed in, somebody may make a first passkey, or show one there is.
    if half is None or (purpose == MAKE and half.factors.any):
        abort(HTTPStatus.FORBIDDEN)
    return half.person_id


def _answer() -> str:
    return request.form.get("answer", "")
