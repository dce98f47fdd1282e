"""What can go wrong, said in one sentence to a person."""


class WellbeingError(Exception):
    """A fault that a person can understand and act on; its text is shown as it is."""


class BadInput(WellbeingError):
    """Something handed in is wrong; `faults` names every place, and nothing was stored."""

    def __init__(self, message: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class Refused(WellbeingError):
    """The act is not allowed now or not to this person; nothing was changed."""


class Missing(WellbeingError):
    """What was asked for does not exist, or not for this person."""


class TallyStopped(WellbeingError):
    """Ballots and participation do not agree; nothing was opened and nothing published."""
