"""What every answer carries, how cookies travel, and forms that need their token."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.cast import PASSWORD, Cast, email_of
from tests.web.browser import Browser, Shown
from tests.web.conftest import ClientOf, MakeApp

WITHOUT_A_WAY_OUT = {"/sign-in", "/kiosk"}  # a page that signs in, and one that has signed out
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def encrypted(make_app: MakeApp) -> Browser:
    """A browser at a service that is reached encrypted."""
    address = "https://localhost"
    return Browser(make_app(base_url=address), base_url=address)


def plain_addresses(app: Flask) -> list[str]:
    """Every address without a place to fill in."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or set())
    )


def check_kind(answer: TestResponse) -> None:
    """Asserts that a body is what its header calls it, and that no other origin may read it."""
    kind, body = answer.headers["Content-Type"], answer.get_data().lstrip()
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not kind.startswith("text/") or kind.endswith("charset=utf-8")
    is_redirect = answer.status_code in {301, 302, 303, 307, 308}
    assert body.startswith(b"<!doctype html>") == kind.startswith("text/html") or is_redirect


def check_headers(shown: Shown) -> None:
    """Asserts the headers that nothing goes without."""
    assert shown.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert shown.headers["X-Frame-Options"] == "DENY"
    assert shown.headers["Cache-Control"].split(", ")[0] == "no-store"


@pytest.mark.asvs("3.4.2", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "4.1.1", "7.4.4", "14.2.3", "14.3.2")
@pytest.mark.parametrize("name", [None, "Eva", "Lis", "Hanne", "Susan", "Adam"])
def test_every_answer_carries_the_headers(
    name: str | None, app: Flask, stranger: Browser, client_of: ClientOf
) -> None:
    browser = client_of(name) if name else stranger
    for path in plain_addresses(app):
        answer = browser.client.get(path, headers={"Origin": "https://evil.example"})
        check_headers(Shown(answer))
        check_kind(answer)
        is_page = answer.status_code == 200 and answer.mimetype == "text/html"
        if name and is_page and path not in WITHOUT_A_WAY_OUT:
            assert 'action="/sign-out"' in answer.text, path


@pytest.mark.asvs("3.4.4", "3.4.6")
@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/link/x", 410)])
def test_an_error_carries_the_headers(path: str, status: int, stranger: Browser) -> None:
    check_headers(stranger.get(path, status))


def test_a_refused_form_carries_the_headers(stranger: Browser) -> None:
    check_headers(stranger.post_as_is("/sign-in", {}, 400))


def test_the_style_sheet_may_be_kept(stranger: Browser) -> None:
    shown = stranger.get("/static/wellbeing.css")
    assert "no-store" not in shown.headers.get("Cache-Control", "")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.asvs("3.4.1")
def test_browsers_are_told_to_stay_encrypted(encrypted: Browser, stranger: Browser) -> None:
    sent = encrypted.get("/privacy").headers["Strict-Transport-Security"]
    assert sent == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in stranger.get("/privacy").headers


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_the_cookie_of_a_sign_in_is_kept_from_scripts_other_sites_and_plain_http(
    encrypted: Browser,
) -> None:
    shown = encrypted.post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD})
    name, *flags = shown.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-wellbeing=")
    assert set(flags) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_cookie_works_without_encryption_where_there_is_none(stranger: Browser) -> None:
    shown = stranger.post("/sign-in", {"email": email_of("Eva"), "password": PASSWORD})
    name, *flags = shown.headers["Set-Cookie"].split("; ")
    assert name.startswith("wellbeing=")
    assert set(flags) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_cookie_of_the_language_is_as_well_kept(encrypted: Browser) -> None:
    cookies = encrypted.post("/language", {"locale": "en"}).headers.getlist("Set-Cookie")
    (language,) = (cookie for cookie in cookies if cookie.startswith("__Host-locale="))
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(language.split("; "))


def test_a_page_for_strangers_names_no_server_software(stranger: Browser) -> None:
    headers = stranger.get("/privacy").headers
    assert "X-Powered-By" not in headers


@pytest.mark.asvs("3.5.1")
def test_a_form_without_its_token_is_refused_with_a_page(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    adam = client_of("Adam")
    path = f"/admin/people/{cast.people['Tom']}/disable"
    shown = adam.post_as_is(path, {}, 400)
    assert "Siden har været åben for længe" in shown.text
    assert "Tom Bæk" in client_of("Tom").get("/privacy").text


@pytest.mark.asvs("3.5.1")
def test_a_token_of_another_browser_is_refused(client_of: ClientOf, cast: Cast) -> None:
    adam, eva = client_of("Adam"), client_of("Eva")
    path = f"/admin/people/{cast.people['Tom']}/disable"
    adam.get("/admin")
    adam.post_as_is(path, {"csrf_token": eva.fetch_token()}, 400)


@pytest.mark.asvs("3.5.1")
def test_every_form_needs_its_token_but_the_one_for_mail_programs_and_the_way_out(
    app: Flask, stranger: Browser
) -> None:
    posting = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    asked = {rule.endpoint for rule in posting if _is_refused(app, stranger, rule.endpoint)}
    # The provider's own message that somebody signed out there carries a signed token instead, and
    # the directory a token that no browser sends by itself.
    signed = {"shared.provider_ended", "provisioning.scim", "api.nothing"}
    without = {"shared.stop_reminders", "shared.leave", *signed}
    assert {rule.endpoint for rule in posting} - asked == without


def _is_refused(app: Flask, browser: Browser, endpoint: str) -> bool:
    rule = next(app.url_map.iter_rules(endpoint))
    filled = {
        name: "0" * 8 + "-0000-4000-8000-" + "0" * 12 if name.endswith("_id") else "x"
        for name in rule.arguments
    }
    with app.test_request_context():
        built = rule.build(filled)
    assert built is not None
    answer = browser.client.post(built[1])
    return answer.status_code == 400 and "Siden har været åben for længe" in answer.text
