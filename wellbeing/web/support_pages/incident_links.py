"""Addresses in another area, for pages that point there only where whoever asks may open it."""

from wellbeing.web.shared.addresses import address_of
from wellbeing.web.shared.guard import current_roles
from wellbeing.web.shared.policy import can_open


def find_address(endpoint: str, **values: object) -> str:
    """The address, whichever process serves it; "" where whoever asks cannot open it."""
    return address_of(endpoint, **values) if can_open(endpoint, current_roles()) else ""
