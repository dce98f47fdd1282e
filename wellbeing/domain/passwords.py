"""Which passwords are good enough: long rather than odd."""

from wellbeing.domain.errors import BadInput

MIN_LENGTH, MAX_LENGTH = 12, 128


def check_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Refuses short, over-long and guessable passwords; `about` are words of its owner."""
    if len(password) < MIN_LENGTH:
        raise BadInput(
            "Use at least {length} characters. A short sentence is fine.", length=MIN_LENGTH
        )
    if len(password) > MAX_LENGTH:
        raise BadInput("Use at most {length} characters.", length=MAX_LENGTH)
    folded = password.casefold()
    if len(set(folded)) < 5:
        raise BadInput("That password repeats too few characters.")
    if any(word and len(word) > 3 and word.casefold() in folded for word in about):
        raise BadInput("Leave your own name and address out of the password.")
