"""What stands behind the pages of the second factor: keys, addresses, and the words around them."""

from io import BytesIO
from uuid import UUID

import segno
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from wellbeing.actions.authenticator import app_address, begin_app, use_app_code
from wellbeing.actions.sign_in_recovery import use_recovery_code
from wellbeing.crypto.key_folder import INDEX
from wellbeing.crypto.secrets import get_or_make_key
from wellbeing.crypto.sign_in_passkeys import Place
from wellbeing.domain.errors import Refused
from wellbeing.store.accounts import Person
from wellbeing.web.shared.attempts import count_attempt, forget_attempts
from wellbeing.web.shared.forms import SecondFactorForm
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import services, writing


def recovery_key() -> bytes:
    """The key for the hashes of recovery codes: one that is never rotated, as they must not be."""
    return get_or_make_key(services().settings.key_folder, INDEX)


def passkey_place() -> Place:
    """Where passkeys belong to; Refused where people come by a number, which has no passkeys."""
    settings = services().settings
    if not settings.passkey_domain:
        raise Refused("Passkeys do not work at this address.")
    return Place(settings.passkey_domain, settings.base_url.rstrip("/"))


def account_name(db: Session, person_id: UUID) -> str:
    """What an app or a device shows beside the name of the service."""
    person = db.get_one(Person, person_id)
    return person.email or person.employee_number


def is_second_factor(person_id: UUID, form: SecondFactorForm) -> bool:
    """Whether a code of the app or a recovery code was typed that fits; says in the form if not.

    Tried often enough, it ends the request.
    """
    count_attempt(person_id)
    code, recovery = form.code.data or "", form.recovery.data or ""
    now = services().now()
    with writing() as db:
        if recovery:
            fits = use_recovery_code(db, person_id, recovery, key=recovery_key(), now=now)
        else:
            fits = use_app_code(db, person_id, code, now=now)
    if fits:
        forget_attempts(person_id)
    else:
        field = form.recovery if recovery else form.code
        field.errors = [gettext("That code does not fit. Each code works once.")]
    return fits


def new_app_secret(person_id: UUID) -> str:
    """The secret of the app being set up, for those who cannot point a camera at it."""
    with writing() as db:
        return begin_app(db, person_id)


def new_app_picture(person_id: UUID) -> Response:
    """The same secret as a QR code."""
    with writing() as db:
        secret = begin_app(db, person_id)
        account = account_name(db, person_id)
    address = app_address(secret, account=account, service="Wellbeing")
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=5, border=4, light="white"
    )
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def in_groups(secret: str) -> str:
    """A secret as people type it: four letters at a time."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
