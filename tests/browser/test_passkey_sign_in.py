"""Signing in with a passkey and with an app, in a real browser with a made-up authenticator."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pyotp import TOTP

from tests.browser.conftest import OpenWindow, Site, free_port, serving
from tests.browser.windows import TELEPHONE, Window
from tests.cast import PASSWORD, email_of
from wellbeing.demo.mail_server import mail_server
from wellbeing.store.sessions import Database

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path, now: datetime) -> Iterator[Site]:
    """The cast's organisation at a name: a passkey belongs to a name, not to a number."""
    port = free_port()
    with mail_server(tmp_path / "mail") as smtp_port:
        site = Site(sqlite_database, tmp_path, now, smtp_port, f"http://localhost:{port}")
        with serving(site.app, port):
            yield site
        site.close()


@pytest.mark.asvs("6.3.3")
def test_hr_sets_a_passkey_up_and_signs_in_with_it_alone_and_with_an_app(
    site: Site, window: OpenWindow
) -> None:
    hanne = window(None, width=TELEPHONE)
    devtools = hanne.page.context.new_cdp_session(hanne.page)
    devtools.send("WebAuthn.enable")
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    _set_a_passkey_up(hanne)
    _sign_in_with_it_alone(hanne)
    secret = _set_an_app_up(hanne, site)
    _show_it_after_the_password(hanne)
    devtools.send("WebAuthn.setUserVerified", {**added, "isUserVerified": False})
    _be_refused_and_use_the_app(hanne, site, secret)


def _check(window: Window) -> None:
    assert window.find_faults() == []


def _set_a_passkey_up(hanne: Window) -> None:
    hanne.sign_in(email_of("Hanne"), PASSWORD)
    expect(hanne.page.locator("h1")).to_have_text("Beskyt dit log ind")
    hanne.go("/hr")
    expect(hanne.page.locator("h1")).to_have_text("Log ind")
    hanne.go("/sign-in/set-up")
    _check(hanne)
    hanne.page.fill("form[data-passkey=make] [name=name]", "Min telefon")
    hanne.press("form[data-passkey=make] button")
    expect(hanne.page.locator(".codes code")).to_have_count(10)
    _check(hanne)
    hanne.page.emulate_media(media="print")
    expect(hanne.page.locator(".codes code").first).to_be_visible()
    expect(hanne.page.get_by_role("button")).to_have_count(0)
    hanne.page.emulate_media(media="screen")
    hanne.press("main a.button.primary")
    hanne.go("/hr")
    expect(hanne.page.locator("h1")).not_to_have_text("Log ind")


def _sign_in_with_it_alone(hanne: Window) -> None:
    hanne.press(".tools form[action='/sign-out'] button")
    _check(hanne)
    hanne.page.fill("[name=password]", "abc")
    show = hanne.page.get_by_role("button", name="Vis")
    show.click()
    assert hanne.page.get_attribute("[name=password]", "type") == "text"
    hanne.page.get_by_role("button", name="Skjul").click()
    assert hanne.page.get_attribute("[name=password]", "type") == "password"
    hanne.tab_to("form[data-passkey] button")
    with hanne.page.expect_navigation():
        hanne.page.keyboard.press("Enter")
    hanne.go("/hr")
    expect(hanne.page.locator("h1")).not_to_have_text("Log ind")


def _set_an_app_up(hanne: Window, site: Site) -> str:
    hanne.go("/me/security")
    _check(hanne)
    expect(hanne.page.get_by_text("Min telefon", exact=True)).to_be_visible()
    hanne.press("main a[href='/me/security/app']")
    is_drawn = "document.querySelector('img.qr').naturalWidth > 100"
    assert hanne.page.evaluate(is_drawn)
    _check(hanne)
    hanne.page.click("main details summary")
    secret = hanne.page.locator("code.code").inner_text().replace(" ", "")
    hanne.page.fill("[name=code]", TOTP(secret).at(site.clock.now()))
    hanne.press("main ol form button")
    expect(hanne.page.get_by_role("status").first).to_contain_text("Gemt")
    return secret


def _show_it_after_the_password(hanne: Window) -> None:
    hanne.press(".tools form[action='/sign-out'] button")
    hanne.sign_in(email_of("Hanne"), PASSWORD)
    expect(hanne.page.locator("h1")).to_have_text("Et trin mere")
    _check(hanne)
    hanne.press("form[data-passkey=show] button")
    hanne.go("/me/security")
    expect(hanne.page.get_by_role("rowheader", name="Chrome, Linux")).to_be_visible()
    hanne.press(".tools form[action='/sign-out'] button")


def _be_refused_and_use_the_app(hanne: Window, site: Site, secret: str) -> None:
    hanne.page.click("form[data-passkey=show] button")
    expect(hanne.page.locator("[data-failed]")).to_contain_text("intet er ændret")
    site.forward(minutes=1)
    hanne.sign_in(email_of("Hanne"), PASSWORD)
    hanne.page.fill("[name=code]", TOTP(secret).at(site.clock.now()))
    hanne.press("main form:has([name=code]) button[type=submit]")
    hanne.go("/hr")
    expect(hanne.page.locator("h1")).not_to_have_text("Log ind")
