"""The menu says where one is, for eyes and for screen readers."""

from tests.cast import Cast
from tests.web.browser import Browser
from tests.web.conftest import ClientOf


def test_the_entry_of_this_very_page_is_current(client_of: ClientOf) -> None:
    assert 'href="/me" aria-current="page"' in client_of("Eva").get("/me").html


def test_on_a_page_below_the_entry_of_its_area_is_marked(client_of: ClientOf, cast: Cast) -> None:
    page = client_of("Hanne").get(f"/teams/{cast.units['team_a']}").html
    assert 'href="/teams" aria-current="true"' in page
    assert page.count("aria-current") == 1


def test_a_stranger_has_no_menu(stranger: Browser) -> None:
    page = stranger.get("/sign-in").html
    assert "aria-current" not in page
