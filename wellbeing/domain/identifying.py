"""Recognises what would point at one person in a text about the work."""

import re

# Six digits of a date, then four, however they are set apart: a Danish person number.
_PERSON_NUMBER = re.compile(r"(?<!\d)\d{6}[\s\-–./]?\d{4}(?!\d)")


def has_person_number(text: str) -> bool:
    """Whether digits in the text look like a Danish person number."""
    return _PERSON_NUMBER.search(text) is not None
