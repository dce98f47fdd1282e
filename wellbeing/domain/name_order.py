"""The order of names in a list: without case, and æ, ø and å last as Danish has them."""

from collections.abc import Mapping
from uuid import UUID

_LAST = str.maketrans({"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c"})


def name_order(name: str) -> tuple[str, str]:
    """What to sort names by; alike but for case, they stand in the order of their letters."""
    return name.casefold().translate(_LAST), name


def in_name_order(names: Mapping[UUID, str]) -> dict[UUID, str]:
    """The same people by name; namesakes always in the same order."""
    return dict(sorted(names.items(), key=lambda found: (name_order(found[1]), found[0])))
