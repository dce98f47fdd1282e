"""What can go wrong, said in one sentence to a person."""

from collections.abc import Callable


class WellbeingError(Exception):
    """A fault that a person can understand and act on.

    The message is a fixed English sentence with named places, so that a page can show it in the
    reader's language: `Refused("At least {days} days apart.", days=30)`.
    """

    def __init__(self, message: str, faults: tuple[str, ...] = (), **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.faults = faults
        self.values = values

    def __str__(self) -> str:
        return self.message.format(**self.values) if self.values else self.message

    def in_words_of(self, gettext: Callable[[str], str]) -> str:
        """The sentence in another language."""
        message = gettext(self.message)
        return message.format(**self.values) if self.values else message


class BadInput(WellbeingError):
    """Something handed in is wrong; `faults` names every place, and nothing was stored."""


class Refused(WellbeingError):
    """The act is not allowed now or not to this person; nothing was changed."""


class Missing(WellbeingError):
    """What was asked for does not exist, or not for this person."""


class TallyStopped(WellbeingError):
    """Ballots and participation do not agree; nothing was opened and nothing published."""


class UnfitKeys(WellbeingError):
    """A key file is missing, open to others, or not the one that is needed; nothing was read."""
