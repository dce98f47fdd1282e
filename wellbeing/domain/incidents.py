"""What can happen at work that calls for support at once, and how a step after it may end."""

from enum import StrEnum

MAX_AFFECTED = 500
MAX_DETAILS_LENGTH = 1000
MAX_DAYS_BACK = 365


class IncidentKind(StrEnum):
    """What kind of thing happened; never to which citizen."""

    VIOLENCE = "violence"
    THREAT = "threat"
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    DEATH = "death"
    OVERDOSE = "overdose"
    CHILD_HARMED = "child_harmed"
    ACCIDENT = "accident"
    LONG_STRAIN = "long_strain"
    OTHER = "other"


class ClosingReason(StrEnum):
    """Why a step is not taken: a closed list, so that nobody can be named.

    The value is the sentence itself, as an error's is, and pages show it in the reader's language.
    """

    NOT_WANTED = "It was offered, and nobody wanted it."
    GIVEN_ELSEWHERE = "It was given in another way."
    NOT_NEEDED = "It was not needed this time."
    MISTAKE = "The incident was registered by mistake."
