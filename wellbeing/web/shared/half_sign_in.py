"""The browser of somebody whose password fitted and whose second factor is still missing.

Its secret lies under a name of its own in the cookie: for every page but those of signing in, such
a browser is a stranger's.
"""

from flask import g, request, session

from wellbeing.actions.sign_in import SignedIn, find_signed_in
from wellbeing.actions.sign_in_steps import (
    Begun,
    HalfSignIn,
    SignInRules,
    find_half_sign_in,
    finish_sign_in,
)
from wellbeing.domain.device_names import name_device
from wellbeing.web.shared.guard import begin_session, forget_browser
from wellbeing.web.shared.security_events import Way, note_half_signed_in, note_signed_in
from wellbeing.web.shared.services import reading, services, writing

_HALF = "half"


def sign_in_rules() -> SignInRules:
    """How long a sign-in lasts here, and for which roles a password is not enough."""
    settings = services().settings
    return SignInRules(settings.session_hours, settings.required_second_factor)


def this_device() -> str:
    """What this browser is called in the list of sign-ins."""
    return name_device(request.user_agent.string)


def go_on_with(begun: Begun, way: Way, *, second_factor: bool = False) -> SignedIn | None:
    """Signs this browser in; None where the second factor is still to come.

    `second_factor`: it was shown, here or to whoever vouches for this person.
    """
    if begun.awaits_second_factor:
        forget_browser()
        session[_HALF] = begun.secret
        g.pop("half_sign_in", None)
        if half := find_half():
            note_half_signed_in(half.person_id, way)
        return None
    with reading() as db:
        who = find_signed_in(db, begun.secret, now=services().now())
    assert who is not None
    begin_session(begun.secret, who)
    note_signed_in(who, way, second_factor=second_factor)
    return who


def find_half() -> HalfSignIn | None:
    """The half-finished sign-in of this browser; None once it is over."""
    if "half_sign_in" not in g:
        g.half_sign_in = _look_up()
    found: HalfSignIn | None = g.half_sign_in
    return found


def finish_half() -> SignedIn:
    """The second factor was shown: this browser is signed in, under a new secret."""
    with writing() as db:
        secret = finish_sign_in(db, session[_HALF], rules=sign_in_rules(), now=services().now())
    g.half_sign_in = None
    who = go_on_with(
        Begun(secret, awaits_second_factor=False), Way.SECOND_FACTOR, second_factor=True
    )
    assert who is not None
    return who


def _look_up() -> HalfSignIn | None:
    secret = session.get(_HALF)
    if not isinstance(secret, str):
        return None
    with reading() as db:
        return find_half_sign_in(db, secret, now=services().now())
