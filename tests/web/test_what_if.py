"""The page that says what a stolen thing gives, in plain words, to everybody."""

import pytest

from tests.web.browser import Browser
from wellbeing.web.shared.what_if import THEFTS

ALLOWED = {
    "en": "While a round is open, whoever controls the running server and its key could.",
}


@pytest.mark.parametrize("language", ["da", "en"])
def test_everything_that_may_be_stolen_is_told_with_what_is_seen_and_what_is_not(
    stranger: Browser, language: str
) -> None:
    shown = stranger.get("/what-if", headers={"Accept-Language": language})
    assert shown.html.count('<th scope="row">') == len(THEFTS) >= 10
    first = THEFTS[0]
    assert (str(first.what) in shown.text) is (language == "en")
    assert (str(first.unseen) in shown.text) is (language == "en")
    assert ALLOWED["en"] in shown.text or language == "da"


def test_the_page_of_how_answers_are_protected_leads_there(stranger: Browser) -> None:
    assert 'href="/what-if"' in stranger.get("/privacy").html
