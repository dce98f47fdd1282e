"""What can happen at work that calls for support at once."""

from enum import StrEnum


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
