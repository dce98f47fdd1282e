"""The organisation's own sign-in, as pages offer it."""

from dataclasses import dataclass
from typing import cast

from flask import current_app, url_for

from wellbeing.single_sign_on.provider import Provider
from wellbeing.web.shared.i18n import gettext
from wellbeing.web.shared.services import services
from wellbeing.web.shared.this_device import is_kiosk

_EXTENSION = "wellbeing_sign_in_provider"


@dataclass(frozen=True, slots=True)
class ProviderDoor:
    """What a page says of it."""

    label: str
    address: str


def has_own_ways_in() -> bool:
    """Whether passwords and passkeys of this service let anybody in."""
    return not services().settings.oidc_only


def find_door(wanted: str | None = None) -> ProviderDoor | None:
    """The way in through the provider, and on to a page of ours; None where there is no such way.

    A shared screen has none: the provider would stay signed in for whoever comes next.
    """
    settings = services().settings
    if not settings.oidc_issuer or is_kiosk():
        return None
    label = settings.oidc_label or gettext("your work account")
    return ProviderDoor(label, url_for("shared.provider", next=wanted or None))


def find_provider() -> Provider | None:
    """The provider as this process knows it."""
    settings, now = services().settings, services().now
    if not settings.oidc_issuer:
        return None
    known = current_app.extensions.setdefault(_EXTENSION, Provider(settings.oidc_issuer, now))
    return cast(Provider, known)
