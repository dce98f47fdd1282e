"""Addresses of pages that another process may serve: plain paths below the prefix of this one."""

from flask import request

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
    "hr.home": "/hr",
    "hr.structure": "/hr/units",
    "supervisor.sessions": "/supervisor",
    "admin.people": "/admin",
    "admin.wordings": "/admin/questionnaire",
    "admin.audit": "/admin/audit",
}


def address_of(endpoint: str, **ids: object) -> str:
    """Where a page of any area is, whichever process serves it."""
    return f"{request.script_root}{PATHS[endpoint].format(**ids)}"
