"""A text message is short enough, in the alphabet of telephones."""

import pytest

from wellbeing.domain.sms_text import count_places, first_that_fits


@pytest.mark.parametrize(
    ("text", "places"),
    [("Check-in", 8), ("æøåÆØÅ", 6), ("[€]", 6), ("”", None), ("–", None), ("", 0)],
)
def test_places_are_counted_as_telephones_do(text: str, places: int | None) -> None:
    assert count_places(text) == places


def test_the_first_text_that_fits_is_taken() -> None:
    assert first_that_fits(["x" * 161, "–", "y" * 160, "z"]) == "y" * 160


def test_where_none_fits_the_shortest_goes_in_two() -> None:
    assert first_that_fits(["x" * 400, "x" * 200]) == "x" * 200
