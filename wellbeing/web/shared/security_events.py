"""What the security log is told: who tried to sign in how, and who was refused what.

People stand in it under another name. Of whoever is an employee and no more, the hour is kept and
not the minute, and nothing at all of which of their own pages they were refused: it must not say
when somebody answered.
"""

from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

from flask import Response, g, request
from flask_login import current_user

from wellbeing.actions.sign_in import SignedIn, find_attempted, holds_office
from wellbeing.crypto.pseudonyms import pseudonym
from wellbeing.domain.roles import Role
from wellbeing.monitoring.metrics import count_failed_sign_in, count_refusal
from wellbeing.monitoring.quiet import area_of, is_quiet
from wellbeing.monitoring.security_log import SecurityLog
from wellbeing.web.shared.policy import POLICY, PUBLIC, can_open
from wellbeing.web.shared.services import reading, services

OFFICE, EMPLOYEE, UNKNOWN = "office", "employee", "unknown"


class Way(StrEnum):
    """How somebody shows who they are."""

    PASSWORD = "password"  # nosec B105  # a name, no secret
    PASSKEY = "passkey"
    SECOND_FACTOR = "second_factor"
    PROVIDER = "provider"
    CODE = "code"
    AGAIN = "again"


class Why(StrEnum):
    """Why a sign-in failed, or somebody was refused."""

    DOES_NOT_FIT = "does_not_fit"
    NOT_TRUSTED = "not_trusted"
    UNKNOWN_HERE = "unknown_here"
    CLOSED = "closed"
    OTHER_ACCOUNT = "other_account"
    ROLE = "role"
    NOT_THEIRS = "not_theirs"
    TOKEN = "token"  # nosec B105  # a name, no secret
    TOO_MANY = "too_many"


def note_signed_in(who: SignedIn, way: Way, *, second_factor: bool) -> None:
    """Somebody is signed in; by a one-time code it is not said who."""
    is_office = _is_office(who.roles)
    account = None if way is Way.CODE else _pseudonym(who.person_id)
    _note(way, "success", account, is_office=is_office, second_factor=second_factor)


def note_half_signed_in(person_id: UUID, way: Way) -> None:
    """A first factor fitted, and a second is asked for."""
    _note(way, "half", _pseudonym(person_id), is_office=_holds_office(person_id))


def note_failed(way: Way, why: Why = Why.DOES_NOT_FIT, *, person_id: UUID | None = None) -> None:
    """Something shown did not fit."""
    _note_failure(way, why, (person_id, _holds_office(person_id)) if person_id else None)


def note_failed_for(email: str, way: Way) -> None:
    """A password did not fit; whose, if there is anybody with this address."""
    with reading() as db:
        found = find_attempted(db, email)
    _note_failure(way, Why.DOES_NOT_FIT, found)


def note_refusal(response: Response) -> None:
    """Writes down that the answer to this request is a refusal, if it is one."""
    why, endpoint = _why_refused(response), request.endpoint
    if why is None or endpoint is None:
        return
    count_refusal(why)
    who, now = _who(), services().now()
    is_named = who is not None and who.round_id is None and not is_quiet(endpoint)
    is_fine = is_named and who is not None and _is_office(who.roles)
    _log().append(
        "access_refused",
        at=now if is_fine else _hour(now),
        account=_pseudonym(who.person_id) if who and is_named else None,
        area=area_of(endpoint),
        endpoint=None if is_quiet(endpoint) else endpoint,
        reason=why.value,
    )


def _note_failure(way: Way, why: Why, found: tuple[UUID, bool] | None) -> None:
    count_failed_sign_in(way)
    if found is None:
        _note(way, "failure", None, is_office=False, reason=why, area=UNKNOWN)
        return
    person_id, is_office = found
    _note(way, "failure", _pseudonym(person_id), is_office=is_office, reason=why)


def _why_refused(response: Response) -> Why | None:
    endpoint, status = request.endpoint, response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Why.TOO_MANY
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Why.TOKEN
    if status != HTTPStatus.NOT_FOUND or POLICY.get(endpoint or "", PUBLIC) is PUBLIC:
        return None
    who = _who()
    if who is not None and can_open(endpoint, who.roles):
        return Why.NOT_THEIRS
    return Why.ROLE


def _note(
    way: Way,
    outcome: str,
    account: str | None,
    *,
    is_office: bool,
    area: str = "",
    reason: Why | None = None,
    second_factor: bool | None = None,
) -> None:
    now = services().now()
    _log().append(
        "sign_in",
        at=now if is_office else _hour(now),
        account=account,
        area=area or (OFFICE if is_office else EMPLOYEE),
        way=way.value,
        outcome=outcome,
        second_factor=second_factor,
        reason=reason.value if reason else None,
    )


def _log() -> SecurityLog:
    return SecurityLog(services().settings.security_folder)


def _pseudonym(person_id: UUID) -> str:
    return pseudonym(services().app_keys[0], person_id)


def _is_office(roles: frozenset[Role]) -> bool:
    return not roles <= {Role.EMPLOYEE}


def _holds_office(person_id: UUID) -> bool:
    with reading() as db:
        return holds_office(db, person_id)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _who() -> SignedIn | None:
    # Looked up before, or this request never came so far that somebody could be asked for.
    known = hasattr(g, "_login_user") and current_user.is_authenticated
    who: SignedIn | None = current_user.who if known else None
    return who
