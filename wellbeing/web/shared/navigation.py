"""The main menu: what each role comes for, in the order they need it."""

from dataclasses import dataclass

from flask import request

from wellbeing.domain.roles import Role
from wellbeing.web.shared.addresses import address_of
from wellbeing.web.shared.guard import current_roles
from wellbeing.web.shared.i18n import _
from wellbeing.web.shared.policy import can_open

_MENU = (
    ("employee.home", _("Front page")),
    ("employee.diary", _("My diary")),
    ("employee.sessions", _("Talks and sessions")),
    ("employee.my_unit", _("What my leader sees")),
    ("leader.units", _("Teams")),
    ("leader.keys", _("Two keys")),
    ("hr.home", _("HR")),
    ("hr.structure", _("Units")),
    ("supervisor.sessions", _("My sessions")),
    ("admin.people", _("People")),
    ("admin.wordings", _("Questionnaire")),
    ("admin.webhooks", _("Other systems")),
    ("admin.audit", _("Audit log")),
    ("admin.status", _("Status")),
    ("employee.me", _("My page")),
)
_TASKS = (
    ("leader.units", _("Teams"), _("figures of your units, and where support is suggested")),
    ("hr.home", _("HR"), _("what waits for an answer, and sessions to come")),
    ("supervisor.sessions", _("My sessions"), _("those ahead, and what to write down")),
    ("admin.people", _("People"), _("who can sign in, and in which roles")),
    ("admin.wordings", _("Questionnaire"), _("which words are asked, and the official form")),
    ("admin.webhooks", _("Other systems"), _("which are told of flags and support")),
    ("admin.audit", _("Audit log"), _("every act of consequence, in order")),
    ("admin.status", _("Status"), _("whether the service is well, and what to do")),
)
_ENDPOINTS = tuple(endpoint for endpoint, _label in _MENU)
_ABOVE = {"admin.wording": "admin.wordings"}
_HAS_SUB_PAGES = ("leader.units", "hr.home", "supervisor.sessions", "admin.people")


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the menu; `current` is "page" here, "true" on a page below, else empty."""

    label: str
    url: str
    current: str


@dataclass(frozen=True, slots=True)
class Task:
    """A front page of another role, and what it is for."""

    label: str
    url: str
    about: str


def nav_items() -> list[NavItem]:
    """The entries that whoever is signed in can open; none for a stranger."""
    roles = current_roles()
    if Role.EMPLOYEE not in roles:
        return []
    here = "page" if request.endpoint in _ENDPOINTS else "true"
    current = _find_current()
    return [
        NavItem(str(label), address_of(endpoint), here if endpoint == current else "")
        for endpoint, label in _MENU
        if can_open(endpoint, roles)
        # HR finds the units in its own menu; others who see them have no such menu.
        and not (endpoint == "hr.structure" and can_open("hr.home", roles))
    ]


def own_tasks() -> list[Task]:
    """The front pages of the roles that whoever is signed in holds besides being an employee."""
    roles = current_roles()
    return [
        Task(str(label), address_of(endpoint), str(about))
        for endpoint, label, about in _TASKS
        if can_open(endpoint, roles)
    ]


def _find_current() -> str | None:
    """The entry of this very page, or of the workplace area that the page lies below."""
    if request.endpoint in _ENDPOINTS:
        return request.endpoint
    if request.endpoint in _ABOVE:
        return _ABOVE[request.endpoint]
    return next((e for e in _HAS_SUB_PAGES if e.split(".")[0] == request.blueprint), None)
