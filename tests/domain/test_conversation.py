"""The guide to a small team's conversation: complete in every language, and clear about faults."""

from pathlib import Path

import pytest

from wellbeing.domain.conversation import load_conversation
from wellbeing.domain.errors import BadInput
from wellbeing.resources import folder
from wellbeing.texts import available_locales

INSTALLED = folder("config") / "conversation.toml"


@pytest.mark.parametrize("locale", available_locales())
def test_every_language_of_the_pages_has_the_whole_guide(locale: str) -> None:
    guide = load_conversation(locale)
    assert guide.locale == locale
    assert guide.minutes == 45
    assert len(guide.groups) == 4
    assert all(len(group.cards) >= 3 for group in guide.groups)


def test_languages_have_the_same_number_of_cards() -> None:
    counts = {
        tuple(len(group.cards) for group in load_conversation(locale).groups)
        for locale in available_locales()
    }
    assert len(counts) == 1


def test_an_unknown_language_gets_the_first_one() -> None:
    assert load_conversation("fo").locale == "da"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("minutes = 5", 'minutes = "5"', "steps 1: 'minutes' must be a whole number"),
        ('en = "Knowing: what we carry"', "", "groups 1: 'en' must be a text"),
        ('"Fuel", ', "", "cards 2: 'en' must be a heading, a question and a thought"),
        ("[[steps]]", "[[stages]]", "missing: steps"),
        ("source =", "sauce =", "missing: source"),
    ],
)
def test_a_fault_says_where_it_is(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = tmp_path / "conversation.toml"
    path.write_text(INSTALLED.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(BadInput, match=said):
        load_conversation("en", path)
