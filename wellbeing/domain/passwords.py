"""Which passwords are good enough: long rather than odd. ADR 21 has the reasons and sources."""

from unicodedata import normalize

from wellbeing.domain.errors import BadInput

MIN_LENGTH, MAX_LENGTH = 15, 128
_SHORTEST_OWN_WORD = 4


def normalise_password(typed: str) -> str:
    """One spelling for what looks the same: å typed on a Mac and on a PC is one password."""
    return normalize("NFC", typed)


def check_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Refuses short and over-long passwords, and those with a word of their owner (`about`)."""
    password = normalise_password(password)
    if len(password) < MIN_LENGTH:
        raise BadInput(
            "Use at least {length} characters. A short sentence is fine.", length=MIN_LENGTH
        )
    if len(password) > MAX_LENGTH:
        raise BadInput("Use at most {length} characters.", length=MAX_LENGTH)
    folded = password.casefold()
    if len(set(folded)) < 5:
        raise BadInput("That password repeats too few characters.")
    words = (word.casefold() for whole in about for word in whole.split())
    if any(len(word) >= _SHORTEST_OWN_WORD and word in folded for word in words):
        raise BadInput("Leave your own name and address out of the password.")
