"""The notice under article 13 of the GDPR: complete where the workplace has said its part."""

import pytest

from tests.cast import ORGANISATION
from tests.web.browser import Browser
from tests.web.conftest import MakeApp

SAID = {
    "controller_contact": "Torvet 1, hr@example.dk",
    "dpo_contact": "dpo@example.dk",
    "legal_basis": {"da": "artikel 6 og 9", "en": "articles 6 and 9"},
}


@pytest.mark.parametrize(
    ("language", "basis"), [("da", "artikel 6 og 9"), ("en", "articles 6 and")]
)
def test_what_the_workplace_has_said_stands_in_the_notice(
    make_app: MakeApp, language: str, basis: str
) -> None:
    browser = Browser(make_app(**SAID))
    text = browser.get("/privacy", headers={"Accept-Language": language}).text
    for said in (ORGANISATION, "Torvet 1, hr@example.dk", "dpo@example.dk", basis):
        assert said in text


def test_what_it_has_not_said_is_missing_in_plain_words(stranger: Browser) -> None:
    text = stranger.get("/privacy").text
    assert f"{ORGANISATION} skal skrive her, hvilke artikler" in text
    assert "adressen mangler her" in text
    assert "Du kan altid klage til Datatilsynet" in text
