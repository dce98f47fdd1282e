"""What every request and answer keeps to, whatever the page."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cast import Cast, email_of
from tests.web.browser import Browser
from tests.web.conftest import ClientOf, Clock, MakeApp
from tests.web.test_sign_in import IssueLink, choose, gets_in, link_for
from wellbeing.domain.errors import Refused
from wellbeing.settings import Settings
from wellbeing.store.accounts import LinkPurpose, Person, RateCount, RoleGrant
from wellbeing.store.reach import Reach
from wellbeing.store.sessions import Database

__all__ = ["link_for"]

NOT_FILES = [
    "/.git/config", "/.env", "/pyproject.toml", "/wellbeing/settings.py", "/config/wellbeing.toml",
    "/static/", "/static/vendor/", "/static/../app.py", "/static/%2e%2e/app.py",
    "/static/..%2fapp.py", "/debug", "/docs", "/console",
]  # fmt: skip


@pytest.fixture
def encrypted(make_app: MakeApp) -> Browser:
    """A browser at a service that is reached encrypted."""
    return Browser(make_app(base_url="https://localhost"), base_url="https://localhost")


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_every_cookie_is_bound_to_this_host_and_kept_from_scripts(encrypted: Browser) -> None:
    answers = [
        encrypted.post("/language", {"locale": "en"}),
        encrypted.post("/sign-in", {"email": email_of("Eva"), "password": "wrong"}, 422),
        encrypted.post("/kiosk", {"go": "start"}),
        encrypted.get("/kiosk"),
        encrypted.post("/kiosk", {"go": "stop"}),
    ]
    cookies = [cookie for each in answers for cookie in each.headers.getlist("Set-Cookie")]
    assert len({cookie.split("=")[0] for cookie in cookies}) >= 3
    for cookie in cookies:
        name, *flags = cookie.split("; ")
        assert name.startswith("__Host-"), name
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags), name
        assert "Domain" not in cookie


@pytest.mark.asvs("13.4.1", "13.4.3", "13.4.5", "5.3.2")
@pytest.mark.parametrize("path", NOT_FILES)
def test_no_file_folder_or_inner_page_is_served_by_accident(stranger: Browser, path: str) -> None:
    with stranger.client.get(path) as answer:
        assert answer.status_code == 404


@pytest.mark.asvs("13.4.4")
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG"])
def test_a_method_that_pages_do_not_have_is_refused(stranger: Browser, method: str) -> None:
    assert stranger.client.open("/sign-in", method=method).status_code == 405


@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.parametrize(
    ("proxies", "sent", "counted_as_one"),
    [
        (0, ["198.51.100.1", "198.51.100.2"], True),
        (1, ["198.51.100.1", "198.51.100.2"], False),
        (1, ["203.0.113.1, 198.51.100.9", "203.0.113.2, 198.51.100.9"], True),
    ],
)
def test_an_address_counts_as_the_trusted_proxies_say_and_never_as_the_caller_does(
    make_app: MakeApp,
    database: Database,
    proxies: int,
    sent: Sequence[str],
    counted_as_one: bool,
) -> None:
    browser = Browser(make_app(proxies=proxies))
    for number, address in enumerate(sent):
        fields = {"email": email_of(f"Nobody{number}"), "password": "wrong"}
        browser.post("/sign-in", fields, 422, headers={"X-Forwarded-For": address})
    with database.reading(Reach.EVERYTHING) as session:
        counts = session.scalars(select(RateCount.count)).all()
    assert (max(counts) == 2) is counted_as_one


@pytest.mark.asvs("15.3.3")
def test_fields_that_a_form_does_not_have_change_nothing(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    surplus = {
        "status": "disabled",
        "email": "x@x.example",
        "name": "Somebody Else",
        "role": "administrator",
        "roles": "administrator",
        "person_id": str(cast.people["Tom"]),
        "id": str(cast.people["Tom"]),
    }
    before = _everybody(database)
    client_of("Eva").post("/language", {"locale": "da", **surplus})
    assert _everybody(database) == before


def _everybody(database: Database) -> list[object]:
    with database.reading(Reach.EVERYTHING) as session:
        people = session.scalars(select(Person).order_by(Person.id)).all()
        grants = session.scalars(select(RoleGrant)).all()
        return [
            [(p.id, p.name, p.email, p.language, p.status) for p in people],
            sorted((str(g.person_id), g.role) for g in grants),
        ]


@pytest.mark.asvs("6.2.6", "6.2.7")
def test_a_password_is_masked_and_password_managers_are_helped(
    stranger: Browser, link_for: IssueLink
) -> None:
    for path, kind, count in (
        ("/sign-in", "current-password", 1),
        (link_for("Ida"), "new-password", 2),
    ):
        html = stranger.get(path).html
        assert html.count('type="password"') == html.count(f'autocomplete="{kind}"') == count
        assert "onpaste" not in html


@pytest.mark.asvs("6.2.5", "6.2.8")
def test_a_password_counts_to_its_last_character_in_case_and_blanks(
    stranger: Browser, link_for: IssueLink
) -> None:
    password = ("Æøå, sol! " * 13)[:127] + "z"
    choose(stranger, link_for("Ida"), password)
    for other in (password[:-1], password[:-1] + "Z", f" {password[:-1]}", password.lower()):
        assert not gets_in(stranger, "Ida", other)
    assert gets_in(stranger, "Ida", password)


@pytest.mark.asvs("6.2.5", "6.2.10")
def test_a_password_of_one_kind_of_letter_is_good_for_years(
    stranger: Browser, link_for: IssueLink, clock: Clock
) -> None:
    choose(stranger, link_for("Eva", LinkPurpose.RESET), "xylofonhavrekiksmandag")
    clock.forward(days=3 * 365)
    assert gets_in(stranger, "Eva", "xylofonhavrekiksmandag")


@pytest.mark.asvs("1.3.10")
@pytest.mark.parametrize("typed", ["{0}", "{days}", "{a.__class__.__init__.__globals__}", "%s%n"])
def test_what_somebody_typed_is_no_format(typed: str) -> None:
    fault = Refused("There is no unit {name}.", name=typed)
    assert str(fault) == f"There is no unit {typed}."
    assert fault.in_words_of(lambda text: text) == str(fault)


@pytest.mark.asvs("5.3.1", "5.3.2")
@pytest.mark.parametrize("name", ["../../app.py", "/etc/cron.d/x.csv", "form.php", "a\0b.csv"])
def test_an_uploaded_file_lies_nowhere_on_the_disk(
    client_of: ClientOf, settings: Settings, name: str
) -> None:
    adam = client_of("Adam")
    fields = {"csrf_token": adam.fetch_token(), "file": (BytesIO(b"1;I am happy."), name)}
    before = _files(settings)
    adam.client.post("/admin/questionnaire", data=fields)
    assert _files(settings) == before


def _files(settings: Settings) -> set[Path]:
    return {p for p in settings.data.rglob("*") if not p.name.startswith("wellbeing.db")}
