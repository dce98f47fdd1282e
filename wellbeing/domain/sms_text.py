"""How long a text message is: one holds 160 places of the telephone network's own alphabet."""

from collections.abc import Iterable

PLACES = 160
_ONE_PLACE = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_PLACES = frozenset("\f^{}\\[~]|€")


def count_places(text: str) -> int | None:
    """The places a text takes; None where a letter is not in the alphabet (GSM 03.38)."""
    if not set(text) <= _ONE_PLACE | _TWO_PLACES:
        return None
    return len(text) + sum(letter in _TWO_PLACES for letter in text)


def first_that_fits(texts: Iterable[str]) -> str:
    """The first text that one message holds, or else the last: it then takes two."""
    last = ""
    for last in texts:
        places = count_places(last)
        if places is not None and places <= PLACES:
            return last
    return last
