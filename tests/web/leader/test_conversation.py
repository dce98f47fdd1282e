"""The page of a small team's conversation: the guide, the cards, and the day it was held."""

import pytest

from tests.cast import Cast
from tests.web.conftest import ClientOf, Clock
from wellbeing.domain.conversation import load_conversation
from wellbeing.pdf import can_render_pdf


def address(cast: Cast, unit: str) -> str:
    return f"/teams/{cast.units[unit]}/conversation"


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_guide_and_every_card_are_on_the_page(
    client_of: ClientOf, cast: Cast, language: str
) -> None:
    guide = load_conversation(language)
    for path, name in ((address(cast, "team_a"), "Lis"), ("/conversation", "Eva")):
        page = client_of(name, language=language).get(path)
        for group in guide.groups:
            for card in group.cards:
                assert card.question in page.text


def test_a_leader_writes_the_day_down_and_takes_it_back(
    client_of: ClientOf, cast: Cast, clock: Clock
) -> None:
    browser, day = client_of("Lis", language="en"), clock.now().date().isoformat()
    page = browser.get(address(cast, "team_a"))
    assert "None is written down yet." in page.text
    page = browser.get(browser.post(address(cast, "team_a"), {"held_on": day}).location)
    assert "Good that you took the time." in page.text
    assert "None is written down yet." not in page.text
    taken_back = browser.post(f"{address(cast, 'team_a')}/take-back", {"held_on": day})
    page = browser.get(taken_back.location)
    assert "is taken back" in page.text
    assert "None is written down yet." in page.text


@pytest.mark.parametrize("held_on", ["", "2026-13-40", "1999-01-01", "2999-01-01", "i går"])
def test_a_day_that_cannot_be_is_said_and_nothing_is_kept(
    client_of: ClientOf, cast: Cast, held_on: str
) -> None:
    browser = client_of("Lis", language="en")
    page = browser.post(address(cast, "team_a"), {"held_on": held_on}, status=422)
    assert 'role="alert"' in page.html
    assert "None is written down yet." in page.text


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Lis", "team_b"),
        ("Ole", "team_a"),
        ("Hugo", "team_a"),
        ("Sara", "team_a"),
        ("Eva", "team_a"),
    ],
)
def test_nobody_writes_for_a_unit_they_do_not_lead(
    client_of: ClientOf, cast: Cast, name: str, unit: str
) -> None:
    client_of(name).get(address(cast, unit), status=404)


@pytest.mark.skipif(not can_render_pdf(), reason="no PDFs on this machine")
def test_the_cards_come_as_a_pdf(client_of: ClientOf) -> None:
    found = client_of("Eva").get("/conversation.pdf").response
    assert found.data.startswith(b"%PDF-")
    assert found.mimetype == "application/pdf"
