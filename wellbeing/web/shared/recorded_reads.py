"""Writes down who opened a page that shows something of others, before the page leaves.

No page can forget it: this stands behind every view, and goes by the table in `reads`. Where it
cannot be written down, nobody sees the page.
"""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from flask import Flask, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from wellbeing.actions.figures import find_rounds, find_rounds_of
from wellbeing.actions.reads import Opened, find_unwritten, record_opened
from wellbeing.actions.units import find_groups, find_parents
from wellbeing.domain.actor import Actor
from wellbeing.domain.reporting import path_up
from wellbeing.domain.roles import WORKPLACE_READERS, Role
from wellbeing.store.accounts import ApiToken, RoleGrant
from wellbeing.store.incidents import Incident
from wellbeing.store.published import Flag
from wellbeing.store.supervision import SessionSeries
from wellbeing.store.support import Offer, SupportSession
from wellbeing.web.shared.bearer import find_current_token
from wellbeing.web.shared.guard import current_roles
from wellbeing.web.shared.policy import can_open
from wellbeing.web.shared.reads import READS, Of, Read, Shows
from wellbeing.web.shared.services import actor, reading, services, signed_in, writing

WHOLE, LOG = "organisation", "audit_log"
_IN_OFFICE = {
    "leader": WORKPLACE_READERS,
    "hr": frozenset({Role.HR}),
    "supervisor": frozenset({Role.SUPERVISOR}),
    "admin": frozenset({Role.ADMINISTRATOR, Role.DPO}),
}
# Of which unit something is; None where it is for a single person.
_UNIT_OF: dict[Of, Callable[[Session, UUID], UUID | None]] = {
    Of.UNIT: lambda db, unit_id: unit_id,  # noqa: ARG005
    Of.FLAG: lambda db, flag_id: db.get_one(Flag, flag_id).unit_id,
    Of.OFFER: lambda db, offer_id: db.get_one(Offer, offer_id).unit_id,
    Of.SESSION: lambda db, session_id: (
        db.get_one(Offer, db.get_one(SupportSession, session_id).offer_id).unit_id
    ),
    Of.SERIES: lambda db, series_id: db.get_one(SessionSeries, series_id).unit_id,
    Of.INCIDENT: lambda db, incident_id: db.get_one(Incident, incident_id).unit_id,
}
_WITH_ROUND = (Shows.FIGURES, Shows.FILE)
Grants = dict[Role, set[UUID | None]]


def install_recorded_reads(app: Flask) -> None:
    """After every page, and before anybody gets it."""
    app.after_request(_record)


def _record(response: Response) -> Response:
    read = READS.get(request.endpoint or "")
    if not isinstance(read, Read) or not _is_shown(response):
        return response
    now, token = services().now(), find_current_token()
    by = Actor.system(token.name) if token else actor()
    with reading() as db:
        opened = _find_opened_by_system(db, read, token) if token else _find_opened(db, read)
        unwritten = find_unwritten(db, opened, now=now, by=by)
    # A page opened before today takes no writer's turn.
    if unwritten:
        with writing() as db:
            record_opened(db, unwritten, now=now, by=by)
    return response


def _is_shown(response: Response) -> bool:
    status = response.status_code
    if request.method == "OPTIONS" or not can_open(request.endpoint, current_roles()):
        return False
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        # What was handed in is shown again on the page it was typed on; what was only asked for
        # wrongly shows nothing but the fault.
        return request.method == "POST"
    # Not modified: the browser has it from before and shows it now.
    return status < HTTPStatus.MULTIPLE_CHOICES or status == HTTPStatus.NOT_MODIFIED


def _find_opened(db: Session, read: Read) -> list[Opened]:
    who = signed_in()
    held = who.roles & _IN_OFFICE[request.blueprint or ""]
    today = services().now().astimezone(services().settings.zone).date()
    if read.of is Of.LOG:
        return [Opened(shows.value, LOG, held, today) for shows in read.shows]
    if read.of is Of.OWN_SESSIONS:
        return [Opened(shows.value, str(who.person_id), held, today) for shows in read.shows]
    grants = _find_grants(db, who.person_id, held)
    kinds, unit_id, of_what = read.shows, None, None
    if read.of in _UNIT_OF:
        of_what = (request.view_args or {})[read.of.value]
        unit_id = _UNIT_OF[read.of](db, of_what)
        if unit_id is None:
            kinds = (Shows.PRIVATE_TALKS,)
    if unit_id is not None:
        subjects = {str(unit_id): _roles_for(db, unit_id, grants)}
    elif read.of is Of.EVERYTHING:
        subjects = {WHOLE: held}
    else:
        subjects = _roles_by_reach(grants)
    incident = str(of_what) if read.of is Of.INCIDENT else None
    return [
        Opened(kind.value, subject, roles, today, _more(db, kind, unit_id, incident))
        for kind in kinds
        for subject, roles in subjects.items()
    ]


def _find_opened_by_system(db: Session, read: Read, token: ApiToken) -> list[Opened]:
    """Another system has no office: its token, and the unit of that, are named instead."""
    today = services().now().astimezone(services().settings.zone).date()
    unit_id = (request.view_args or {})["unit_id"] if read.of is Of.UNIT else token.unit_id
    subject = str(unit_id) if unit_id else WHOLE
    by_token = ("token", str(token.id))
    return [
        Opened(kind.value, subject, frozenset(), today, (*_more(db, kind, unit_id, None), by_token))
        for kind in read.shows
    ]


def _more(
    db: Session, kind: Shows, unit_id: UUID | None, incident: str | None
) -> tuple[tuple[str, str | None], ...]:
    if kind in _WITH_ROUND:
        latest = _find_latest_round(db, unit_id)
        return (("round", str(latest) if latest else None),)
    return (("incident", incident),) if incident else ()


def _find_latest_round(db: Session, unit_id: UUID | None) -> UUID | None:
    if unit_id is not None:
        rounds = find_rounds_of(db, [unit_id])[unit_id]
    else:
        rounds = [shown for shown in find_rounds(db) if not shown.is_extra]
    return rounds[-1].round_id if rounds else None


def _find_grants(db: Session, person_id: UUID, held: frozenset[Role]) -> Grants:
    query = select(RoleGrant.role, RoleGrant.unit_id).where(
        RoleGrant.person_id == person_id, RoleGrant.role.in_(held)
    )
    grants: Grants = {}
    for role, unit_id in db.execute(query):
        grants.setdefault(role, set()).add(unit_id)
    return grants


def _roles_for(db: Session, unit_id: UUID, grants: Grants) -> frozenset[Role]:
    """Those roles under which the unit, or a team that is counted in it, is in reach."""
    parents = find_parents(db)
    teams = find_groups(db).get(unit_id, set())
    above = {
        step for unit in {unit_id, *teams} if unit in parents for step in path_up(unit, parents)
    }
    return frozenset(
        role for role, tops in grants.items() if None in tops or tops & (above | {unit_id})
    )


def _roles_by_reach(grants: Grants) -> dict[str, frozenset[Role]]:
    """The topmost units of each role's reach, or the whole organisation."""
    found: dict[str, set[Role]] = {}
    for role, tops in grants.items():
        for top in {None} if None in tops else tops:
            found.setdefault(str(top) if top else WHOLE, set()).add(role)
    return {subject: frozenset(roles) for subject, roles in found.items()}
