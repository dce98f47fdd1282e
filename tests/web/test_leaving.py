"""The way out: at once, however old the page is, and without a trace on the device."""

import pytest
from flask import Flask
from pydantic import ValidationError

from tests.cast import Cast
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, MakeApp
from wellbeing.settings import Settings


@pytest.mark.asvs("14.3.1")
def test_leaving_signs_out_clears_the_device_and_goes_on_elsewhere(client_of: ClientOf) -> None:
    eva = client_of("Eva")
    shown = eva.post_as_is("/leave", {}, 200)
    assert 'content="0; url=https://www.dmi.dk/"' in shown.html
    assert "Wellbeing" not in shown.html
    assert shown.headers["Clear-Site-Data"] == '"storage"'
    assert "Eva Holm" not in eva.get("/privacy").text


def test_a_form_of_another_site_changes_nothing(app: Flask) -> None:
    shown = Browser(app).post_as_is("/leave", {}, 200)  # without a cookie, as browsers send it
    assert "Clear-Site-Data" not in shown.headers
    assert "Set-Cookie" not in shown.headers


@pytest.mark.asvs("14.3.1")
def test_signing_out_clears_the_device(client_of: ClientOf) -> None:
    assert client_of("Eva").post("/sign-out").headers["Clear-Site-Data"] == '"storage"'


def test_the_way_out_leads_where_the_workplace_wants(make_app: MakeApp, cast: Cast) -> None:
    browser = Browser(make_app(safe_exit_url="https://vejret.example/"))
    assert "url=https://vejret.example/" in browser.post_as_is("/leave", {}, 200).html


@pytest.mark.asvs("1.2.2")
def test_the_way_out_has_to_be_an_address() -> None:
    with pytest.raises(ValidationError, match="https://"):
        Settings(safe_exit_url="javascript:alert(1)")
