"""HR's own menu, on every page of the area: what to do, and where the rest is."""

from flask import current_app, request, url_for

from wellbeing.web.hr.pages import blueprint
from wellbeing.web.shared.guard import current_roles
from wellbeing.web.shared.i18n import _
from wellbeing.web.shared.navigation import NavItem
from wellbeing.web.shared.policy import can_open

_MENU = (
    ("hr.home", _("What to do next"), ("/hr/flags", "/hr/sessions")),
    ("hr.rounds", _("Rounds"), ("/hr/rounds", "/hr/programmes", "/hr/reference", "/hr/keys")),
    ("hr.ledger", _("Support, step by step"), ("/hr/offers", "/hr/themes", "/hr/effects")),
    ("hr.requests", _("Own requests"), ()),
    ("hr.incidents", _("Incidents"), ()),
    ("hr.supervision", _("Supervision"), ()),
    ("hr.structure", _("Units"), ()),
)


@blueprint.context_processor
def section_menu() -> dict[str, list[NavItem]]:
    """`section_items`: the entries that whoever is signed in can open; none for a single one."""
    roles = current_roles()
    items = [
        NavItem(str(label), url_for(endpoint), _mark(endpoint, below))
        for endpoint, label, below in _MENU
        if endpoint in current_app.view_functions and can_open(endpoint, roles)
    ]
    return {"section_items": items if len(items) > 1 else []}


def _mark(endpoint: str, below: tuple[str, ...]) -> str:
    """As NavItem.current: "page" here, "true" on a page below."""
    if request.endpoint == endpoint:
        return "page"
    places = below if endpoint == "hr.home" else (*below, url_for(endpoint))
    return "true" if any(f"{request.path}/".startswith(f"{place}/") for place in places) else ""
