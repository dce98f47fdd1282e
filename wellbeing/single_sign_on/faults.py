"""What can go wrong between us and the organisation's own sign-in."""

from wellbeing.domain.errors import WellbeingError


class ProviderDown(WellbeingError):
    """The provider does not answer, or not as a provider does; says nothing about a person."""


class UntrustedToken(WellbeingError):
    """A token or an answer was not made for this sign-in, by this provider, now."""
