"""The app that shows six digits: set up, shown once each, taken away.

A code is good for its half minute and the one before and after it, for clocks that differ, and
each half minute once: `last_step` only ever rises.
"""

import hmac
from datetime import datetime
from uuid import UUID

from pyotp import TOTP, random_base32
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from wellbeing.actions.audit_log import record
from wellbeing.actions.deletion_notes import Kind, note
from wellbeing.actions.security_letters import Change, tell_of_change
from wellbeing.domain.actor import Actor
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import AuthenticatorApp

STEP_SECONDS, CLOCK_STEPS = 30, 1
_DIGITS = 6


def begin_app(session: Session, person_id: UUID) -> str:
    """The secret for a new app, the same until it is confirmed; Refused where one is set up."""
    app = session.get(AuthenticatorApp, person_id, with_for_update=True)
    if app is not None and app.is_confirmed:
        raise Refused("You have an authenticator app already. Remove it first.")
    if app is not None:
        return app.secret
    secret = random_base32()
    session.add(AuthenticatorApp(person_id=person_id, secret=secret))
    session.flush()
    return secret


def app_address(secret: str, *, account: str, service: str) -> str:
    """What the QR code says: the secret, and the words the app shows beside the digits."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=service)


def confirm_app(session: Session, person_id: UUID, code: str, *, now: datetime) -> None:
    """The new app shows the right code: from now on it counts. Refused for a wrong code."""
    if not _use_code(session, person_id, code, is_confirmed=False, now=now):
        raise Refused("That code does not fit. Take the one the app shows now.")
    session.execute(
        update(AuthenticatorApp)
        .where(AuthenticatorApp.person_id == person_id)
        .values(is_confirmed=True)
    )
    record(session, "second_factor.set", str(person_id), by=Actor.person(person_id), now=now)
    tell_of_change(session, person_id, Change.APP_ADDED, now=now)


def use_app_code(session: Session, person_id: UUID, code: str, *, now: datetime) -> bool:
    """Whether this is a code of the person's app that was not used before; now it is."""
    return _use_code(session, person_id, code, is_confirmed=True, now=now)


def remove_app(session: Session, person_id: UUID, *, now: datetime) -> bool:
    """Takes the app away; False where there was none."""
    app = session.get(AuthenticatorApp, person_id, with_for_update=True)
    removed = app is not None and app.is_confirmed
    if app is not None:
        note(session, Kind.AUTHENTICATOR, app.secret)
        session.delete(app)
        session.flush()
    if removed:
        by = Actor.person(person_id)
        record(session, "second_factor.removed", str(person_id), by=by, now=now)
        tell_of_change(session, person_id, Change.APP_REMOVED, now=now)
    return removed


def _use_code(
    session: Session,
    person_id: UUID,
    code: str,
    *,
    is_confirmed: bool,
    now: datetime,
) -> bool:
    app = session.scalars(
        select(AuthenticatorApp).where(
            AuthenticatorApp.person_id == person_id,
            AuthenticatorApp.is_confirmed.is_(is_confirmed),
        )
    ).first()
    digits = "".join(code.split())
    if app is None or len(digits) != _DIGITS or not digits.isascii():
        return False
    step = _find_step(app.secret, digits, now)
    if step is None:
        return False
    used = session.execute(
        update(AuthenticatorApp)
        .where(AuthenticatorApp.person_id == person_id, AuthenticatorApp.last_step < step)
        .values(last_step=step)
        .returning(AuthenticatorApp.person_id)
    ).first()
    return used is not None


def _find_step(secret: str, digits: str, now: datetime) -> int | None:
    at, app = int(now.timestamp()) // STEP_SECONDS, TOTP(secret)
    steps = range(at - CLOCK_STEPS, at + CLOCK_STEPS + 1)
    fitting = [s for s in steps if hmac.compare_digest(app.generate_otp(s), digits)]
    return max(fitting, default=None)
