"""The page after a check-in: words, a small picture, advice in three layers, and the receipt."""

from uuid import UUID

import html5lib
import pytest

from tests.rounds import STEADY, WORN
from tests.web.browser import Shown
from tests.web.conftest import ClientOf
from tests.web.employee.conftest import EITHER_LANGUAGE, Answering
from wellbeing.domain.advice import Layer, Occasion, choose_advice, load_advice
from wellbeing.domain.help_contacts import load_contacts

NEVER_SAID = ("alarm!", "danger", "farlig", "urgent", "risk", "risiko", "diagnosed")


@pytest.fixture
def worn(client_of: ClientOf, open_round: UUID) -> Shown:
    """What somebody sees who is worn out."""
    return Answering(client_of("Eva", language="en"), open_round).answer(WORN)


@EITHER_LANGUAGE
def test_each_scale_is_said_in_words_then_pictured_then_given_as_a_figure(
    client_of: ClientOf, open_round: UUID, language: str
) -> None:
    shown = Answering(client_of("Eva", language=language), open_round).answer(WORN)
    figure = {"en": "Your figure is", "da": "Dit tal er"}[language]
    cards = shown.html.split('<p class="said">')[1:]
    assert len(cards) == 3
    for card in cards:
        assert 0 < card.index("</p>") < card.index('<svg class="picture"') < card.index(figure)


def test_a_scale_that_was_not_scored_has_no_picture(client_of: ClientOf, open_round: UUID) -> None:
    nothing = Answering(client_of("Eva", language="en"), open_round).answer((0,) * 30)
    assert "<svg" not in nothing.html
    assert "In the pictures" not in nothing.text


def test_pictures_are_hidden_from_screen_readers_as_their_words_stand_beside(worn: Shown) -> None:
    root = html5lib.parse(worn.html, namespaceHTMLElements=False)
    pictures = [e for e in root.iter() if isinstance(e.tag, str) and e.tag.endswith("svg")]
    assert len(pictures) == 3
    assert all(picture.get("aria-hidden") == "true" for picture in pictures)


def test_whoever_is_worn_out_gets_advice_for_that_in_three_layers(worn: Shown) -> None:
    occasions = {Occasion.MUCH_BURNOUT, Occasion.MUCH_SECONDARY_STRESS}
    chosen = choose_advice(load_advice(), occasions)
    places = [worn.text.index(piece.text_in("en")) for layer in Layer for piece in chosen[layer]]
    assert places == sorted(places)


def test_whoever_is_steady_gets_what_is_for_everybody_only(
    client_of: ClientOf, open_round: UUID
) -> None:
    text = Answering(client_of("Eva", language="en"), open_round).answer(STEADY).text
    for pieces in load_advice().values():
        for piece in pieces:
            is_shown = piece.text_in("en") in text
            assert is_shown == (Occasion.EVERYBODY in piece.occasions)


def test_a_talk_is_one_press_away_and_carries_no_score(worn: Shown) -> None:
    assert 'href="/support"' in worn.html
    assert "your result does not go with it" in worn.text


def test_contacts_come_after_all_advice_and_the_emergency_number_last(worn: Shown) -> None:
    contacts = load_contacts()
    numbers = [c.number for c in (*contacts.workplace, *contacts.outside, contacts.emergency)]
    places = [worn.text.index(f": {number}") for number in numbers]
    assert places == sorted(places)
    assert places[0] > worn.text.index("talk to your doctor")


def test_nothing_alarms_before_the_crisis_contacts(worn: Shown) -> None:
    said = worn.text[: worn.text.index(load_contacts().outside[0].number)].lower()
    assert not [word for word in NEVER_SAID if word in said]


def test_with_a_diary_it_leads_to_the_comparison(client_of: ClientOf, open_round: UUID) -> None:
    eva = client_of("Eva", language="en")
    code = "måneskin over Anholt"
    eva.post("/diary/start", {"code": code, "code_again": code}, 200)
    shown = Answering(eva, open_round).answer()
    assert "What has changed since last time?" in shown.text
    assert '<a class="button" href="/diary">' in shown.html


def test_without_a_diary_it_offers_one(worn: Shown) -> None:
    assert "What has changed since last time?" not in worn.text
    assert "Keep a diary from the next check-in on" in worn.text
