"""Which pages are watched in the large only: who is there, and when, is nobody's business.

A line of a log, a span or a counter that moves tells when somebody was there. Beside what a
colleague sees over a shoulder that would say whose answer it was.
"""

AREAS = frozenset({"employee", "shared", "static"})
LOT = 50


def area_of(endpoint: str | None) -> str:
    """The area of an endpoint; "none" for an address that is none of ours."""
    return endpoint.partition(".")[0] if endpoint else "none"


def is_quiet(endpoint: str | None) -> bool:
    """Whether nothing may be said of one single request to this page."""
    return area_of(endpoint) in AREAS
