"""Addresses in another area, for pages that point there only where it runs and opens."""

from flask import current_app, url_for

from wellbeing.web.shared.guard import current_roles
from wellbeing.web.shared.policy import can_open


def find_address(endpoint: str, **values: object) -> str:
    """The address; "" where that area does not run here or whoever asks cannot open it."""
    runs = endpoint in current_app.view_functions
    return url_for(endpoint, **values) if runs and can_open(endpoint, current_roles()) else ""  # type: ignore[arg-type]
