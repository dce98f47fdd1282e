"""Addresses of our own: of pages that another process may serve, and told from those of others."""

import re

from flask import request

# One slash and then a name: browsers read // and /\ as another host, and skip tabs and newlines.
_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
# Every area's pages lie below one path (the employee's below /), so that a proxy can tell them
# apart; a test compares this with where the pages are.
PREFIX_OF_AREA = {
    "leader": "/teams",
    "hr": "/hr",
    "supervisor": "/supervisor",
    "admin": "/admin",
}
PATHS = {
    "employee.home": "/",
    "employee.diary": "/diary",
    "employee.sessions": "/support/sessions",
    "employee.my_unit": "/my-unit",
    "employee.me": "/me",
    "employee.register_incident": "/incidents/new?unit={unit}",
    "leader.units": "/teams",
    "leader.unit": "/teams/{unit_id}",
    "leader.keys": "/teams/keys",
    "hr.home": "/hr",
    "hr.structure": "/hr/units",
    "supervisor.sessions": "/supervisor",
    "admin.people": "/admin",
    "admin.wordings": "/admin/questionnaire",
    "admin.webhooks": "/admin/webhooks",
    "admin.audit": "/admin/audit",
    "admin.status": "/admin/status",
}


def address_of(endpoint: str, **ids: object) -> str:
    """Where a page of any area is, whichever process serves it."""
    return f"{request.script_root}{PATHS[endpoint].format(**ids)}"


def local_address(wanted: str | None) -> str:
    """The address if it is one of ours, else the front page."""
    return wanted if wanted and _OURS.fullmatch(wanted) else f"{request.script_root}/"
