"""Signing in and out through the organisation's own provider, in a real browser and its rules."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import OpenWindow, Site, free_port, serving
from tests.browser.windows import TELEPHONE, Window
from tests.cast import email_of, full_name_of
from tests.oidc.running import CLIENT_ID, RunningProvider, running_provider
from wellbeing.app import create_app
from wellbeing.store.sessions import Database

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def address() -> str:
    """Where the service answers."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def provider(address: str) -> Iterator[RunningProvider]:
    """A provider that knows Eva."""
    eva = {"email": email_of("Eva"), "email_verified": True}
    with running_provider(free_port(), address, {"eva": eva}) as provider:
        yield provider


@pytest.fixture
def site(
    sqlite_database: Database, tmp_path: Path, address: str, provider: RunningProvider
) -> Iterator[Site]:
    """The cast's organisation, where people sign in with their work account."""
    site = Site(sqlite_database, tmp_path, datetime.now(UTC), 25, address)
    changes = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": "nobody else knows this",
        "oidc_label": "Østerby Kommune",
    }
    settings = site.settings.model_copy(update=changes)
    app = create_app(settings, now=site.clock.now)
    with serving(app, urlsplit(address).port or 0):
        yield site
    app.extensions["wellbeing"].database.close()
    site.close()


@pytest.mark.asvs("7.4.4", "7.6.1")
def test_eva_signs_in_and_out_through_her_provider(
    site: Site, window: OpenWindow, provider: RunningProvider
) -> None:
    eva = window(None, width=TELEPHONE)
    eva.go("/sign-in?next=/me")
    _look(eva)
    eva.press("a[href^='/sign-in/provider']")
    _log_in(eva)
    assert urlsplit(eva.page.url).path == "/me"
    assert full_name_of("Eva") in eva.page.content()
    eva.go("/sign-in/again")
    assert "det vindue, du kom fra" in eva.page.content()
    with eva.page.expect_navigation(url=f"{provider.issuer}/session/end?**"):
        eva.page.click("form[action='/sign-out'] button")
    with eva.page.expect_navigation(url="**/sign-in?left=both"):
        eva.page.click("button[value=yes]")
    assert "både her og af Østerby Kommune" in eva.page.content()
    # The provider's own page asks for a font and an icon that are not there.
    assert [error for error in eva.errors if "Failed to load resource" not in error] == []

    provider.stop()
    other = window(None, width=TELEPHONE, language="en", is_dark=True)
    other.go("/sign-in/provider/return?state=x&code=y")
    _look(other)
    other.go("/sign-in")
    _look(other)


def _log_in(eva: Window) -> None:
    eva.page.fill("[name=login]", "eva")
    eva.page.fill("[name=password]", "any")
    with eva.page.expect_navigation(url=f"{eva.address}/**"):
        eva.page.click("button[type=submit]")


def _look(window: Window) -> None:
    expected = "400 (BAD REQUEST)"  # Chromium calls an answer that says no an error
    assert [fault for fault in window.find_faults() if expected not in fault] == []
