"""The statement of accessibility says what the last check found, in both languages."""

import pytest

from tests.web.browser import Browser
from wellbeing.web.shared.accessibility import load_accessibility_check


@pytest.mark.parametrize(("language", "says"), [("da", "fandt ingen fejl"), ("en", "no fault")])
def test_the_statement_says_what_the_last_check_found(
    stranger: Browser, language: str, says: str
) -> None:
    stranger.client.set_cookie("locale", language)
    text = stranger.get("/accessibility").text
    check = load_accessibility_check()
    assert (says in text) is (check.violations == 0)
    assert f" {check.pages} " in text
    assert str(check.checked_on.year) in text
    for gap in check.gaps_in(language):
        assert gap in text


def test_every_page_leads_there(stranger: Browser) -> None:
    assert 'href="/accessibility"' in stranger.get("/sign-in").html
